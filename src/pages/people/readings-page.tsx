import type { Reader } from "../../views/reader.ts";
import { Trail } from "../forms/act.tsx";
import { Layout } from "../frame/layout.tsx";
import { Quoted, Time } from "../parts/bits.tsx";
import { NoValue, OlderLink, RowsTable } from "../parts/rows.tsx";

/** A reading of unmasked data, as `GET /v1/audit/readings` has it. */
export type ReadingRead = {
  readonly at: string;
  readonly reader: string;
  readonly what: string;
  readonly rows: number;
  readonly call_id: string | null;
};
type Props = { reader: Reader; readings: readonly ReadingRead[]; next: string | null };

/** Readers of numbers, texts and recordings, the newest first. */
export function ReadingsPage({ reader, readings, next }: Props) {
  return (
    <Layout title="Readings" reader={reader}>
      <Trail path="/people" name="People" />
      <h1>Readings</h1>
      <p class="lead">Each reading of numbers, texts or recordings is an entry of the audit log.</p>
      {readings.length === 0 ? (
        <p class="empty">Nobody has read unmasked data yet.</p>
      ) : (
        <RowsTable
          label="Readings"
          columns={["Reader", "Read", "Rows", "Call", "Time"]}
          rows={readings.map(({ at, reader: name, what, rows, call_id }) => ({
            cells: [
              <Quoted text={name} />,
              <Quoted text={what.replaceAll("_", " ")} />,
              rows.toLocaleString("en-US"),
              call_id === null ? <NoValue /> : <a href={`/calls/${call_id}`}>call {call_id.slice(0, 8)}</a>,
              <Time at={at} />,
            ],
          }))}
        />
      )}
      <OlderLink path="/people/readings" next={next} />
    </Layout>
  );
}
