import { groupedNumber } from "../../views/numbers.ts";
import { amount } from "../frame/notices.tsx";
import { labelOf } from "../page-words.ts";
import { Quoted, Sentence, Time } from "../parts/bits.tsx";
import { type RehearsalAnswer, rehearsedDays } from "./rule-api.ts";

/** Calls that are listed. */
const listedMax = 20;

/** The figures of a rehearsal: calls that a rule would have made of the newest events. */
export function RehearsalFigures({ name, made }: { name: string; made: RehearsalAnswer }) {
  const own = made.by_rule.find(({ rule }) => rule === name);
  const changed = "changed_calls" in made ? made.changed_calls.filter(({ rule }) => rule === name) : [];
  return (
    <section aria-labelledby="rehearsal" class="rehearsal">
      <h2 id="rehearsal">Rehearsal</h2>
      <p>
        For {amount(made.events)} of the last {rehearsedDays} days, this rule would make{" "}
        <strong>
          {groupedNumber(own?.calls ?? 0)} {own?.calls === 1 ? "call" : "calls"}
        </strong>
        {own === undefined || own.held === 0 ? "" : `, and hold ${groupedNumber(own.held)} for a person`}.
      </p>
      <p class="by">
        All rules of the source together, each that is not off as if it were live, compared with the stored ones.{" "}
        <Sentence text={made.sentence} />.
      </p>
      {made.next_cursor === null ? null : (
        <p class="by">
          These are only the first of them
          {made.to === null ? null : (
            <>
              , up to <Time at={made.to} precision="minutes" />
            </>
          )}
          .
        </p>
      )}
      {own === undefined || own.stopped.length === 0 ? null : (
        <ul class="plain counts" aria-label="Calls that would be held or not made">
          {own.stopped.map(({ reason_text, count }) => (
            <li>
              <strong>{groupedNumber(count)}</strong> <Sentence text={reason_text} />
            </li>
          ))}
        </ul>
      )}
      {changed.length <= listedMax ? null : (
        <p class="note">
          The first {listedMax} of {groupedNumber(changed.length)} calls that differ:
        </p>
      )}
      {changed.length === 0 ? null : (
        <table class="facts-table">
          <caption class="unseen">Calls that differ from the stored rule's</caption>
          <thead>
            <tr>
              <th scope="col">Call</th>
              <th scope="col">Order</th>
              <th scope="col">Event of</th>
            </tr>
          </thead>
          <tbody>
            {changed.slice(0, listedMax).map(({ change, order_number, received_at, fields }) => (
              <tr>
                <td>
                  {change}
                  {change === "changed" ? `: ${fields.map(labelOf).join(", ")}` : ""}
                </td>
                <td>
                  <Quoted text={order_number ?? "none"} />
                </td>
                <td>
                  <Time at={received_at ?? ""} precision="minutes" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
