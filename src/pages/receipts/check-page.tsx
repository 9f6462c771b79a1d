import type { CheckedReceipt } from "../../views/evidence/checked-receipt.ts";
import { groupedNumber } from "../../views/numbers.ts";
import type { Reader } from "../../views/reader.ts";
import { Trail } from "../forms/act.tsx";
import { FieldRow } from "../forms/fields.tsx";
import { Layout } from "../frame/layout.tsx";
import { Quoted, Reason, Sentence } from "../parts/bits.tsx";
import { Moment } from "../parts/moment.tsx";
import { RowsTable } from "../parts/rows.tsx";

type Props = { reader: Reader; jws: string; checked: CheckedReceipt | null };

/** A receipt and the facts that it proves. */
export function CheckPage({ reader, jws, checked }: Props) {
  return (
    <Layout title="Check a receipt" reader={reader}>
      <Trail path="/people/audit" name="Audit log">
        {checked?.ok === true ? <a href={`/calls/${encodeURIComponent(checked.callId)}`}>The call</a> : null}
      </Trail>
      <h1>Check a receipt</h1>
      <p class="lead">
        A receipt is a signed statement about one call. Hookline checks it here with its own public keys. To check one
        without trusting this service, use the evidence bundle of its order, or{" "}
        <code>npm run hookline -- verify-receipt</code>.
      </p>
      {checked === null ? null : checked.ok ? <Proven checked={checked} /> : <Refused reason={checked.reason} />}
      <form class="field-row" method="post" action="/receipts/check">
        <FieldRow
          field={{
            ...{ kind: "text", name: "receipt", label: "Receipt", rows: 6, code: true, required: true, value: jws },
            hint: "The text of the receipt's file.",
          }}
          mistake={null}
        />
        <div class="buttons">
          <button type="submit">Check the receipt</button>
        </div>
      </form>
    </Layout>
  );
}

function Refused({ reason }: { reason: string }) {
  return (
    <div class="refused" role="alert">
      <p>
        <strong>It is not valid:</strong> <Quoted text={reason} />.
      </p>
    </div>
  );
}

function Proven({ checked }: { checked: Extract<CheckedReceipt, { ok: true }> }) {
  const { status, outcome, orderNumber, signedAt, key, heads, entries, hasContent, more } = checked;
  return (
    <section aria-labelledby="proven">
      <h2 id="proven">It is valid</h2>
      <ul class="plain">
        <li>
          Signed by key <code>{key}</code> at <Moment at={signedAt} />: the call
          {orderNumber === null ? "" : " about order "}
          {orderNumber === null ? null : <Quoted text={orderNumber} />} is{" "}
          <strong>
            <Quoted text={[status, outcome].filter((one) => one !== null).join(", ")} />
          </strong>
          .
        </li>
        {heads.map(({ position, at }) => (
          <li>
            The chain's head at position {groupedNumber(position)} was signed at <Moment at={at} />, and follows from
            the entries.
          </li>
        ))}
        <li>
          {hasContent
            ? "Number and texts are those that the call's making committed to."
            : "Number and texts are not in it: they are masked, erased, or were never written."}
        </li>
        {more ? <li>The call has more entries than a receipt may contain.</li> : null}
      </ul>
      <RowsTable
        label="Proven entries"
        columns={["Position", "Entry", "At"]}
        rows={entries.map(({ position, at, action, reason }) => ({
          cells: [
            groupedNumber(position),
            <>
              <Sentence text={action.replaceAll("_", " ")} />
              {reason === null ? null : (
                <span class="reason">
                  <Reason code={reason} />
                </span>
              )}
            </>,
            <Moment at={at} />,
          ],
        }))}
      />
    </section>
  );
}
