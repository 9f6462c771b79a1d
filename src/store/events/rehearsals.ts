/** Stored events as previews and rehearsals read them. Nothing here writes. */
import { bodyNotesHeader } from "../../domain/events/body-notes.ts";
import { commitBytesMax } from "../../domain/limits.ts";
import type { Cursor } from "../../ports/page.ts";
import type { RehearsalRow, RehearsalSpan, RehearsalStore, RehearsalWindow } from "../../ports/planning/rehearsals.ts";
import { storedEventFields } from "../fragments/stored-event.ts";
import { isSuppressed } from "../fragments/suppressed.ts";
import { columns, exact, isSet, jsonFields, parsed, select } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import { exactly } from "../postgres/pages.ts";
import type { calls } from "../schema/calls.ts";
import type { events } from "../schema/events.ts";
import type { once } from "../schema/gates.ts";
import { repeatNow } from "./loops.ts";

/** The ids before and after every id of one moment. */
const firstId = "00000000-0000-0000-0000-000000000000";
const lastId = "ffffffff-ffff-ffff-ffff-ffffffffffff";
const beginning = { at: "1970-01-01T00:00:00.000000Z", id: firstId };

type Turn = Awaited<ReturnType<RehearsalStore["taken"]>>[number];
const turnColumns = columns<typeof once, Turn>({ rule: "rule", key: "key" });
const cursorColumns = columns<typeof events, Cursor>({ at: exact("received_at"), id: "id" });

/** @param sql the request's client */
export function rehearsalStore(sql: Sql): RehearsalStore {
  return {
    span: (source, window) => span(sql, source, window),
    page: (source, within, limit) => page(sql, source, within, limit),
    event: (source, id) => event(sql, source, id),
    async suppressed(numbers) {
      if (numbers.length === 0) return [];
      const rows = await sql<{ number: string }[]>`
        select n.number from json_array_elements_text(${asJson(numbers)}::text::json) as n(number)
        where ${isSuppressed(sql, sql`n.number`)}`;
      return rows.map(({ number }) => number);
    },
    repeated: (asked) => repeatNow(sql, asked),
    async taken(source, turns) {
      if (turns.length === 0) return [];
      return await sql<Turn[]>`
        select ${select(sql, turnColumns, "o")} from once o
          join json_to_recordset(${asJson(turns)}::text::json) as t(rule text, key text) on t.rule = o.rule and t.key = o.key
        where o.source = ${source} and o.until > now()`;
    },
  };
}

async function span(sql: Sql, source: string, window: RehearsalWindow): Promise<RehearsalSpan | null> {
  const newest = (skipped: number) => sql`
    select ${select(sql, cursorColumns, "e")} from events e where e.source = ${source}
    order by e.received_at desc nulls last, e.id desc nulls last offset ${skipped} limit 1`;
  const [until] = await sql<Cursor[]>`${newest(0)}`;
  if (until === undefined) return null;
  if ("from" in window) {
    // The span includes events of the moment `from`.
    const before: ReturnType<Sql> = sql`to_timestamp(${window.from}::float8 / 1000) - interval '1 microsecond'`;
    const [after] = await sql<[Cursor]>`select ${exactly(sql, before)} as at, ${lastId}::text as id`;
    return { after, until };
  }
  const [before] = await sql<Cursor[]>`${newest(window.last)}`;
  return { after: before ?? beginning, until };
}

async function page(
  sql: Sql,
  source: string,
  { after, until }: RehearsalSpan,
  limit: number,
): ReturnType<RehearsalStore["page"]> {
  type Row = { events: RehearsalRow[] | null; matching: number };
  const [row] = await sql<[Row]>`
    with matching as materialized (
      select e.id, e.received_at from events e
      where e.source = ${source}
        and (e.received_at, e.id) > (${after.at}::text::timestamptz, ${after.id}::text::uuid)
        and (e.received_at, e.id) <= (${until.at}::text::timestamptz, ${until.id}::text::uuid)
      -- Nulls are first because this reads the index of a source's newest events backwards.
      order by e.received_at nulls first, e.id nulls first limit ${limit + 1}
    ), fitting as (
      select * from (
        select e.*, row_number() over oldest as number,
          coalesce(sum(octet_length(e.body)) over (oldest rows between unbounded preceding and 1 preceding), 0) as before
        from matching join events e on e.id = matching.id window oldest as (order by e.received_at, e.id)
      ) numbered
      where number <= ${limit} and before < ${commitBytesMax}
    )
    select (select json_agg(${rehearsalRow(sql, "fitting")} order by fitting.received_at, fitting.id) from fitting) as events,
      (select count(*)::int from matching) as matching`;
  const found = row.events ?? [];
  const last = found.at(-1);
  const more = last !== undefined && found.length < row.matching;
  return {
    events: found,
    next: more ? { after: { at: last.exactly, id: last.id }, until } : null,
  };
}

async function event(sql: Sql, source: string, id: string): Promise<RehearsalRow | null> {
  const [row] = await sql<{ event: RehearsalRow; notes: string | null }[]>`
    select ${rehearsalRow(sql, "e")} as event, e.headers ->> ${bodyNotesHeader}::text as notes
    from events e where e.id = ${id} and e.source = ${source}`;
  return row === undefined ? null : { ...row.event, notes: row.notes };
}

const eventColumns = columns<typeof events, Pick<RehearsalRow, "reason" | "erased" | "orderNumber" | "fetched">>({
  reason: "reason",
  erased: isSet("erased_at"),
  orderNumber: "order_number",
  fetched: parsed("fetched"),
});
const tryColumns = columns<typeof calls, RehearsalRow["tries"][number]>({ rule: "rule", status: "status" });

/** An expression: a `RehearsalRow` as JSON. @param table the alias of `events` in the statement */
function rehearsalRow(sql: Sql, table: string) {
  const e = sql.unsafe(table);
  return sql`json_build_object(${storedEventFields(sql, table)}, ${jsonFields(sql, eventColumns, table)},
    'bytes', octet_length(${e}.body), 'exactly', ${exactly(sql, sql`${e}.received_at`)},
    'tries', (select coalesce(json_agg(json_build_object(${jsonFields(sql, tryColumns, "c")})), '[]') from (
      select distinct on (rule) rule, status from calls where event_id = ${e}.id order by rule, try desc) c))`;
}
