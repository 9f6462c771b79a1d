/** Entries about people who read data that is masked for others: written before it is given, and listed. */
import { readings } from "../../domain/audit/receipt.ts";
import type { EntryRow, ReadingLog, ReadingLookups, ReadingsFilter } from "../../ports/lookups/entries.ts";
import { entryColumns } from "../fragments/call-entries.ts";
import { select } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";

/** The actions as literals: Postgres takes the partial indexes only for these. */
const listed = readings.map((action) => `'${action}'`).join(", ");

/** Tokens of one name whose readings are looked up. */
const tokensOfNameMax = 200;

/** @param sql the request's client */
export function readingLog(sql: Sql): ReadingLog & ReadingLookups {
  return {
    readings: (filter, limit, before) => listReadings(sql, filter, limit, before),
    async noteRead({ subject, subjectId, action, actor, reason, data }) {
      await sql`insert into entries (subject, subject_id, action, actor, reason, data)
        values (${subject}, ${subjectId}, ${action}, ${actor}, ${reason}, ${asJson(data)}::text::jsonb)`;
    },
  };
}

/** A walk along the index of readings; of one reader, along the index by actor. */
async function listReadings(sql: Sql, filter: ReadingsFilter, limit: number, before: number | null) {
  const { reader, from, to } = filter;
  const moment = (comparison: string, value: number | undefined) =>
    value === undefined ? sql`` : sql`and at ${sql.unsafe(comparison)} to_timestamp(${value}::float8 / 1000)`;
  const ofReader =
    reader === undefined
      ? sql``
      : sql`and actor = any(array(
          select 'token:' || jti from tokens where name = ${reader} order by expires_at desc limit ${tokensOfNameMax}))`;
  const rows = await sql<EntryRow[]>`
    select ${select(sql, entryColumns, "entries")} from entries
    where action in (${sql.unsafe(listed)}) ${ofReader} ${moment(">=", from)} ${moment("<", to)}
      ${before === null ? sql`` : sql`and id < ${before}`}
    order by id desc limit ${limit + 1}`;
  const shown = rows.slice(0, limit);
  return { rows: shown, next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}
