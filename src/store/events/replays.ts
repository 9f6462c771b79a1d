/** Replays: reads the chosen events with all their tries, and makes the calls in one statement. */
import type { TransactionSql } from "postgres";
import { commitBytesMax } from "../../domain/limits.ts";
import type { Cursor } from "../../ports/page.ts";
import type {
  ReplayAct,
  ReplayEnd,
  ReplayEvent,
  ReplayedEvent,
  ReplayPage,
  ReplaySelection,
  ReplayStore,
} from "../../ports/planning/replays.ts";
import { entryReason } from "../calls/decisions.ts";
import { countBursts, insertVerdicts, rankInBurst } from "../fragments/gates.ts";
import { carriedColumns, draftRecord, draftRow, newCallColumns } from "../fragments/new-call.ts";
import { isPaused } from "../fragments/paused.ts";
import { storedEventFields } from "../fragments/stored-event.ts";
import { isSuppressed } from "../fragments/suppressed.ts";
import { withdrawnBy } from "../fragments/withdrawn.ts";
import { columns, isSet, jsonFields } from "../postgres/columns.ts";
import { asJson, isRefusal, type Sql } from "../postgres/connection.ts";
import { exactly } from "../postgres/pages.ts";
import { retryDeadlocks } from "../postgres/retries.ts";
import type { events } from "../schema/events.ts";

/** Events that one request of a replay reads to find those of its filter. The next request continues. */
const eventsWalkedPerReplayMax = 5_000;

/** @param sql the request's client */
export function replayStore(sql: Sql): ReplayStore {
  return {
    page: (which, limit, after) => readPage(sql, which, limit, after),
    make: (events, act, isDryRun) =>
      retryDeadlocks(() => (isDryRun ? dryRun(sql, events, act) : make(sql, events, act))),
    refuses: isRefusal,
  };
}

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

async function readPage(sql: Sql, which: ReplaySelection, limit: number, after: Cursor | null): Promise<ReplayPage> {
  type Row = {
    events: (Omit<ReplayEvent, "cursor"> & { exactly: string; stored: string | null })[] | null;
    matching: number;
    walked: number;
    walkedTo: Cursor | null;
  };
  const [row] = await sql<[Row]>`
    with walked as materialized (
      select e.id, e.received_at, e.type, e.state, e.reason, e.order_number_key from events e
      where ${indexed(sql, which)}
        ${after === null ? sql`` : sql`and (e.received_at, e.id) > (${after.at}::text::timestamptz, ${after.id}::text::uuid)`}
      -- Nulls first: the index of a source's newest, read backwards.
      order by e.received_at nulls first, e.id nulls first limit ${eventsWalkedPerReplayMax}
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
          'tries', (
            select coalesce(json_agg(json_build_object('id', c.id, 'rule', c.rule, 'try', c.try, 'status', c.status,
              'also', coalesce((r.definition->>'also')::boolean, false)) order by c.rule, c.try), '[]')
            from calls c left join rules r on r.source = c.source and r.name = c.rule and r.version = c.rule_version
            where c.event_id = fitting.id)) order by received_at, id) from fitting) as events,
      (select count(*)::int from matching) as matching, (select count(*)::int from walked) as walked,
      (select json_build_object('at', ${exactly(sql, sql`received_at`)}, 'id', id) from walked
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

/** The condition that an index serves. The rest of a filter is checked on its rows, a bounded number at a time. */
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
  const { type, state, reason, rule, orderNumberKey } = which.filter;
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
  return sql`true ${same("w.type", type)} ${same("w.state", state)} ${same("w.order_number_key", orderNumberKey)} ${about}`;
}

/** Rolls a transaction back and carries its answer out. */
class RolledBack extends Error {
  readonly ends: ReplayEnd[];
  constructor(ends: ReplayEnd[]) {
    super("rolled back");
    this.ends = ends;
  }
}

/** Makes the calls and rolls back: the answer of a dry run is the answer of the replay itself, gates of Postgres included. */
async function dryRun(sql: Sql, events: readonly ReplayedEvent[], act: ReplayAct): Promise<ReplayEnd[]> {
  try {
    return await sql.begin(async (tx) => {
      throw new RolledBack(await make(sameClient(tx), events, act));
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.ends;
    throw error;
  }
}

/** A transaction runs every statement that its client runs. No statement of this file begins another transaction. */
function sameClient(tx: TransactionSql): Sql {
  return tx as unknown as Sql;
}

/**
 * Makes the calls of replays.
 *
 * Steps:
 * - `given`: the events, with the number of replays that each was read with.
 * - `drafts`: the calls of the replays.
 * - `locked`: locks the events that no other replay has changed since, and whose source is not paused.
 * - `wanted`: the drafts of those events that no later try has overtaken, with the event that withdrew them.
 * - `turns`: takes the turns of `once_per` keys that are free, that the event has, or that its holder has left.
 * - `judged`: the drafts with `stopped`, the reason of the gate that stops them.
 * - `counted`: counts the drafts in the windows of their burst gates.
 * - `ranked`: the drafts with their position in the window.
 * - `decided`: the drafts with their final status and reason.
 * - `made`: inserts the calls of the drafts that nothing stops.
 * - `gates`: inserts the verdicts of the calls.
 * - `replayed`: counts the replay of each event that has a new call, and moves the event to `planned`.
 * - `audited`: inserts the entries.
 */
async function make(sql: Sql, events: readonly ReplayedEvent[], act: ReplayAct): Promise<ReplayEnd[]> {
  const given = events.map(({ id, replays, fetched }) => ({
    event_id: id,
    replays,
    fetched: fetched === undefined ? null : JSON.stringify(fetched),
  }));
  const drafts = events
    .flatMap(({ id, calls }) => calls.map((call) => ({ event_id: id, call })))
    .map(({ event_id, call }, nth) => ({
      ...draftRow({ event_id, draft: call.draft }, nth),
      try: call.try,
      again_of: call.againOf,
    }));
  const ignored: Part = act.ignoresExpiry === true ? sql`true` : sql`null::boolean`;
  return await sql<ReplayEnd[]>`
    with given as (
      select * from json_to_recordset(${asJson(given)}::text::json) as g(event_id uuid, replays int, fetched text)
    ), drafts as (
      select * from json_to_recordset(${asJson(drafts)}::text::json)
        as d(${draftRecord(sql)}, try int, again_of uuid)
    ), locked as (
      -- The guard: of two concurrent replays the second finds another count, once the first releases the row.
      select e.id, e.source, e.order_number, e.order_number_key, e.record_type, e.record_id, e.received_at, e.occurred_at
      from events e join given g on g.event_id = e.id and g.replays = e.replays
      where e.state <> 'unplanned' and e.erased_at is null and not ${isPaused(sql, sql`e.source`)}
      order by e.id for no key update of e
    ), wanted as (
      select d.*, m.source, m.order_number, m.order_number_key, m.record_type, m.record_id,
        ${withdrawnBy(sql, sql`d.rule`, sql`m`)} as withdrawn_by
      from drafts d join locked m on m.id = d.event_id
      -- A further try by a person or by the rule may have been made since the event was read.
      where not exists (select 1 from calls c where c.event_id = d.event_id and c.rule = d.rule and c.try >= d.try)
    ), turns as (
      insert into once (source, rule, key, event_id, until)
      select distinct on (w.source, w.rule, w.once_key)
        w.source, w.rule, w.once_key, w.event_id, to_timestamp(w.once_until / 1000)
      from wanted w
      where w.once_key is not null and w.status = 'queued' and w.withdrawn_by is null
        and not ${isSuppressed(sql, sql`w.number`)}
      order by w.source, w.rule, w.once_key, w.nth
      on conflict (source, rule, key) do update set event_id = excluded.event_id, until = greatest(once.until, excluded.until)
        where once.until <= now() or once.event_id = excluded.event_id
          -- A turn belongs to an event that rang, or may yet. An event whose calls ended otherwise has left it. Only a turn as
          -- this statement sees it: the calls of a turn that is taken at this moment are not visible yet.
          or (not exists (select 1 from calls c where c.event_id = once.event_id and c.rule = once.rule
              and c.status not in ('skipped', 'canceled', 'expired', 'rejected'))
            and exists (select 1 from once o where o.source = once.source and o.rule = once.rule and o.key = once.key
              and o.event_id = once.event_id and o.until = once.until))
      returning source, rule, key, event_id, until
    ), judged as (
      select w.*, case
          when w.withdrawn_by is not null then 'withdrawn'
          when ${isSuppressed(sql, sql`w.number`)} then 'suppressed'
          when w.status = 'queued' and w.once_key is not null and not exists (
            select 1 from turns t
            where t.source = w.source and t.rule = w.rule and t.key = w.once_key and t.event_id = w.event_id) then 'once_per'
        end as stopped
      from wanted w
    ), counted as (${countBursts(sql)}
    ), ranked as (${rankInBurst(sql)}
    ), decided as (
      select r.*, case when position > burst_calls then 'held' else status end as end_status,
        case when position > burst_calls then 'burst' else reason end as end_reason
      from ranked r
    ), made as (
      insert into calls (${newCallColumns(sql)})
      select ${carriedColumns(sql)}, try, again_of, case when again_of is not null then ${entryReason(act)}::text end,
        end_status, end_reason, detail,
        to_timestamp(due_at / 1000), to_timestamp(closes_at / 1000), to_timestamp(expires_at / 1000)
      from decided where stopped is null order by nth
      on conflict (event_id, rule, try) do nothing
      returning id, event_id, rule, rule_version, try, again_of, mode, line, status, reason, due_at, content
    ), gates as (${insertVerdicts(sql)}
    ), replayed as (
      update events e set replays = e.replays + 1, state = 'planned', reason = null,
        planned_at = case when e.state = 'ignored' then now() else e.planned_at end,
        detail = case when e.state = 'ignored' then null else e.detail end, fetched = coalesce(m.fetched, e.fetched)
      from (select made.event_id, g.fetched, count(*) as calls
        from made join given g on g.event_id = made.event_id group by 1, 2) m
      where e.id = m.event_id
      returning e.id, m.calls
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'event', id::text, 'replayed', ${act.actor}, null,
        jsonb_strip_nulls(jsonb_build_object('calls', calls, 'reason', ${entryReason(act)}::text, 'ignore_expiry', ${ignored}))
        from replayed
      union all
      select 'call', id::text, status, ${act.actor}, reason, jsonb_build_object('event_id', event_id, 'rule', rule,
        'rule_version', rule_version, 'mode', mode, 'line', line, 'due_at', due_at, 'content', content, 'replayed', true)
        || jsonb_strip_nulls(jsonb_build_object('again_of', again_of, 'try', try, 'reason', ${entryReason(act)}::text,
          'ignore_expiry', ${ignored})) from made
    )
    select event_id as "eventId", rule, id as "callId", status, reason, line from made
    union all
    select event_id, rule, null, null, stopped, null from judged where stopped is not null`;
}
