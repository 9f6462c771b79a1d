import { groupedNumber } from "../../views/numbers.ts";
import type { Reader } from "../../views/reader.ts";
import { Trail } from "../forms/act.tsx";
import { DayFilter } from "../forms/day-filter.tsx";
import { Layout } from "../frame/layout.tsx";
import { Quoted, Time } from "../parts/bits.tsx";
import { ExportNote, NoValue, OlderLink, RowsTable } from "../parts/rows.tsx";

/** A reading of unmasked data, as `GET /v1/audit/readings` has it. */
export type ReadingRead = {
  readonly at: string;
  readonly reader: string;
  readonly what: string;
  readonly rows: number;
  readonly call_id: string | null;
};

/** Filters in the address. */
export type ReadingsAsked = { readonly reader: string; readonly from: string; readonly to: string };

type Props = {
  reader: Reader;
  readings: readonly ReadingRead[];
  asked: ReadingsAsked;
  /** The filters of the address as a query; empty without one. */
  query: string;
  next: string | null;
  problem: string | null;
};

/** Readers of numbers, texts and recordings, the newest first. */
export function ReadingsPage({ reader, readings, asked, query, next, problem }: Props) {
  return (
    <Layout title="Readings" reader={reader}>
      <Trail path="/people" name="People" />
      <h1>Readings</h1>
      <p class="lead">Each reading of numbers, texts or recordings is an entry of the audit log.</p>
      <DayFilter asked={asked} problem={problem}>
        <p>
          <label for="reader">Reader</label>
          <input id="reader" name="reader" value={asked.reader} autocomplete="off" />
        </p>
      </DayFilter>
      {readings.length === 0 ? (
        <p class="empty">{query === "" ? "Nobody has read unmasked data yet." : "No reading matches."}</p>
      ) : (
        <RowsTable
          label="Readings"
          columns={["Reader", "Read", "Rows", "Call", "Time"]}
          rows={readings.map(({ at, reader: name, what, rows, call_id }) => ({
            cells: [
              <Quoted text={name} />,
              <Quoted text={what.replaceAll("_", " ")} />,
              groupedNumber(rows),
              call_id === null ? <NoValue /> : <a href={`/calls/${call_id}`}>call {call_id.slice(0, 8)}</a>,
              <Time at={at} />,
            ],
          }))}
        />
      )}
      <OlderLink path="/people/readings" query={query} next={next} />
      {readings.length === 0 ? null : <ExportNote path="/people/readings/export" query={query} />}
    </Layout>
  );
}
