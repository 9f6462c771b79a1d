import { apiSource } from "../../domain/plan/direct-call.ts";
import type { CallView } from "../../views/calls/call.ts";
import { Quoted, Status } from "../parts/bits.tsx";
import { Moment } from "../parts/moment.tsx";

const columns = [
  ["Order", "c-order"],
  ["Status", "c-status"],
  ["Number", "c-number"],
  ["Source and rule", "c-origin"],
  ["Line", "c-line"],
  ["Made", "c-made"],
] as const;

/**
 * Calls, newest first.
 *
 * @param label Name of the table for screen readers.
 */
export function CallsTable({ calls, label }: { calls: readonly CallView[]; label: string }) {
  return (
    <table class="calls one-line" aria-label={label}>
      <thead>
        <tr>
          {columns.map(([column, width]) => (
            <th scope="col" class={width}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <CallRow call={call} />
        ))}
      </tbody>
    </table>
  );
}

function CallRow({ call }: { call: CallView }) {
  return (
    <tr>
      <td class="order">
        <a class="row-link" href={`/calls/${encodeURIComponent(call.id)}`}>
          {call.order_number === null ? "no order" : <Quoted text={call.order_number} />}
        </a>
        {call.try > 1 ? <span class="try">try {call.try}</span> : null}
      </td>
      <td class="state">
        <Status call={call} />
      </td>
      <td class="number">{call.number === null ? <None /> : <Quoted text={call.number} />}</td>
      <td class="origin">
        {call.source === apiSource ? (
          "a program or a person"
        ) : (
          <>
            <Quoted text={call.source} />{" "}
            <span class="rule">
              <Quoted text={call.rule} />
            </span>
          </>
        )}
      </td>
      <td class="line">{call.line === null ? <None /> : <Quoted text={call.line} />}</td>
      <td class="when">
        <Moment at={call.created_at} />
      </td>
    </tr>
  );
}

function None() {
  return (
    <>
      <span aria-hidden="true">–</span>
      <span class="unseen">none</span>
    </>
  );
}
