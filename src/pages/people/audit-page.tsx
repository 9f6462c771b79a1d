import { groupedNumber } from "../../views/numbers.ts";
import type { Reader } from "../../views/reader.ts";
import { Trail } from "../forms/act.tsx";
import { Layout } from "../frame/layout.tsx";
import { Time } from "../parts/bits.tsx";
import { RowsTable } from "../parts/rows.tsx";

export type HeadRead = { readonly position: number; readonly hash: string; readonly at: string };

/** Heads that are listed, the newest first. */
const headsShownMax = 20;

/** The signed heads of the audit log, and how to verify it. */
export function AuditPage({ reader, heads }: { reader: Reader; heads: readonly HeadRead[] }) {
  const newest = [...heads].sort((one, other) => other.position - one.position).slice(0, headsShownMax);
  return (
    <Layout title="Audit log" reader={reader}>
      <Trail path="/health" name="Health" />
      <h1>Audit log</h1>
      <p class="lead">Every change has an entry. Entries are a chain, and its head is signed outside of Postgres.</p>
      <h2>How to verify</h2>
      <ul class="plain">
        <li>
          The whole chain, against the signed heads: <code>npm run hookline -- verify-audit</code>
        </li>
        <li>
          One call's receipt: <a href="/receipts/check">check it here</a>, or offline with{" "}
          <code>npm run hookline -- verify-receipt receipt.jws</code>
        </li>
      </ul>
      <h2>Signed heads</h2>
      {newest.length === 0 ? (
        <p class="empty">No head is signed yet.</p>
      ) : (
        <RowsTable
          label="Signed heads"
          columns={["Position", "Signed", "Hash"]}
          rows={newest.map(({ position, at, hash }) => ({
            cells: [groupedNumber(position), <Time at={at} />, <code>{hash}</code>],
          }))}
        />
      )}
    </Layout>
  );
}
