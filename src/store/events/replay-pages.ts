/** Events of a requested replay, with all their tries. */
import { commitBytesMax } from "../../domain/limits.ts";
import type { Cursor } from "../../ports/page.ts";
import type { ReplayEvent, ReplayPage, ReplaySelection } from "../../ports/planning/replays.ts";
import { isPaused } from "../fragments/paused.ts";
import { storedEventFields } from "../fragments/stored-event.ts";
import { columns, exact, isSet, jsonFields } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import { exactly } from "../postgres/pages.ts";
import type { calls } from "../schema/calls.ts";
import type { events } from "../schema/events.ts";

/** Events that one request of a replay reads to find the events of its filter. The next request continues. */
const eventsWalkedPerReplayMax = 5_000;

type Part = ReturnType<Sql>;

const eventColumns = columns<
  typeof events,
  Pick<ReplayEvent, "state" | "reason" | "erased" | "orderNumber" | "replays"> & { stored: string | null }
>({
  stored: "fetched",
  state: "state",
  reason: "reason",
  erased: isSet("erased_at"),
  orderNumber: "order_number",
  replays: "replays",
});

const cursorColumns = columns<typeof events, Cursor>({ at: exact("received_at"), id: "id" });
const tryColumns = columns<typeof calls, Omit<ReplayEvent["tries"][number], "also">>({
  id: "id",
  rule: "rule",
  try: "try",
  status: "status",
});

/**
 * Reads at most `limit` events, oldest first, and no more bytes of events than one request can hold, but at least one
 * event.
 */
export async function readReplayPage(
  sql: Sql,
  which: ReplaySelection,
  limit: number,
  after: Cursor | null,
): Promise<ReplayPage> {
  type Row = {
    events: (Omit<ReplayEvent, "cursor"> & { exactly: string; stored: string | null })[] | null;
    matching: number;
    walked: number;
    walkedTo: Cursor | null;
  };
  const [row] = await sql<[Row]>`
    with walked as materialized (${walk(sql, which, after)}
    ), matching as materialized (
      select w.id, w.received_at from walked w where ${matches(sql, which)} order by w.received_at, w.id limit ${limit + 1}
    ), fitting as (
      select * from (
        select e.*, row_number() over oldest as number,
          coalesce(sum(octet_length(e.body) + coalesce(octet_length(e.fetched), 0))
            over (oldest rows between unbounded preceding and 1 preceding), 0) as before
        from matching join events e on e.id = matching.id window oldest as (order by e.received_at, e.id)
      ) numbered
      where number <= ${limit} and before < ${commitBytesMax}
    )
    select (select json_agg(json_build_object(${storedEventFields(sql, "fitting")}, ${jsonFields(sql, eventColumns, "fitting")},
          'paused', ${isPaused(sql, sql`fitting.source`)}, 'exactly', ${exactly(sql, sql`received_at`)},
          'firstUnplanned', exists (select 1 from events f where f.id = fitting.conflict_of and f.state = 'unplanned'),
          'tries', (
            select coalesce(json_agg(json_build_object(${jsonFields(sql, tryColumns, "c")},
              'also', coalesce((r.definition->>'also')::boolean, false)) order by c.rule, c.try), '[]')
            from calls c left join rules r on r.source = c.source and r.name = c.rule and r.version = c.rule_version
            where c.event_id = fitting.id)) order by received_at, id) from fitting) as events,
      (select count(*)::int from matching) as matching, (select count(*)::int from walked) as walked,
      (select json_build_object(${jsonFields(sql, cursorColumns, "walked")}) from walked
        order by received_at desc, id desc limit 1) as "walkedTo"`;
  const found = row.events ?? [];
  const last = found.at(-1);
  const next =
    last !== undefined && found.length < row.matching
      ? { at: last.exactly, id: last.id }
      : row.walked === eventsWalkedPerReplayMax
        ? row.walkedTo
        : null;
  const asked = "ids" in which && after === null ? new Set(which.ids).size : row.walked;
  const events = found.map(({ exactly: at, stored, ...event }) => ({
    ...event,
    ...(stored === null ? {} : { fetched: JSON.parse(stored) }),
    cursor: { at, id: event.id },
  }));
  return { events, missing: asked - row.walked, next };
}

/** The events of a filter's index from a cursor on, the oldest first, up to the bound. */
const walk = (sql: Sql, which: ReplaySelection, after: Cursor | null): Part => sql`
      select e.id, e.received_at, e.type, e.state, e.reason, e.order_number_key, e.record_type, e.record_id from events e
      where ${indexed(sql, which)}
        ${after === null ? sql`` : sql`and (e.received_at, e.id) > (${after.at}::text::timestamptz, ${after.id}::text::uuid)`}
      -- Nulls are first because this reads the index of a source's newest events backwards.
      order by e.received_at nulls first, e.id nulls first limit ${eventsWalkedPerReplayMax}`;

/** Ids of the next events of a filter, oldest first. @returns `next`: null at the end. */
export async function replayableIds(
  sql: Sql,
  which: ReplaySelection,
  after: Cursor | null,
): Promise<{ ids: string[]; next: Cursor | null }> {
  const [row] = await sql<[{ ids: string[]; walked: number; walkedTo: Cursor | null }]>`
    with walked as materialized (${walk(sql, which, after)})
    select (select coalesce(json_agg(w.id), '[]') from walked w where ${matches(sql, which)}) as ids,
      (select count(*)::int from walked) as walked,
      (select json_build_object(${jsonFields(sql, cursorColumns, "walked")}) from walked
        order by received_at desc, id desc limit 1) as "walkedTo"`;
  return { ids: row.ids, next: row.walked === eventsWalkedPerReplayMax ? row.walkedTo : null };
}

/**
 * The condition that an index serves. The rest of the filter is checked on the rows that the index finds, a bounded
 * number at a time.
 */
function indexed(sql: Sql, which: ReplaySelection): Part {
  if ("ids" in which)
    return sql`e.id in (select g::uuid from json_array_elements_text(${asJson(which.ids)}::text::json) g)`;
  const { source, from, to } = which.filter;
  const moment = (comparison: string, value: number | undefined) =>
    value === undefined
      ? sql``
      : sql`and e.received_at ${sql.unsafe(comparison)} to_timestamp(${value}::float8 / 1000)`;
  return sql`e.source = ${source} ${moment(">=", from)} ${moment("<", to)}`;
}

function matches(sql: Sql, which: ReplaySelection): Part {
  if ("ids" in which) return sql`true`;
  const { type, state, reason, rule, orderNumberKey, recordType, recordId } = which.filter;
  const same = (column: string, value: string | undefined) =>
    value === undefined ? sql`` : sql`and ${sql.unsafe(column)} = ${value}`;
  const call = sql`exists (select 1 from calls c where c.event_id = w.id ${same("c.rule", rule)} ${same("c.reason", reason)})`;
  const about =
    reason === undefined
      ? rule === undefined
        ? sql``
        : sql`and ${call}`
      : rule === undefined
        ? sql`and (w.reason = ${reason} or ${call})`
        : sql`and ${call}`;
  return sql`true ${same("w.type", type)} ${same("w.state", state)} ${same("w.order_number_key", orderNumberKey)}
    ${same("w.record_type", recordType)} ${same("w.record_id", recordId)} ${about}`;
}
