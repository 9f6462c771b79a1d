/** Replays: makes the calls in one statement. */
import { apiSource } from "../../domain/plan/direct-call.ts";
import type { ReplayAct, ReplayEnd, ReplayedEvent, ReplayStore } from "../../ports/planning/replays.ts";
import { entryReason, taskFact } from "../calls/person-acts.ts";
import { sameLines, sameSources } from "../config/versions.ts";
import { madeRow, toldField, toldVerdicts } from "../fragments/call-proof.ts";
import { countBursts, insertVerdicts, rankInBurst } from "../fragments/gates.ts";
import { carriedColumns, draftRecord, draftRow, newCallColumns } from "../fragments/new-call.ts";
import { isPaused } from "../fragments/paused.ts";
import { isSuppressed } from "../fragments/suppressed.ts";
import { withdrawnBy } from "../fragments/withdrawn.ts";
import { columns, select } from "../postgres/columns.ts";
import { asClient, asJson, isRefusal, type Sql, type Transaction } from "../postgres/connection.ts";
import { retryDeadlocks } from "../postgres/retries.ts";
import type { calls } from "../schema/calls.ts";
import { lockLoops, repeatAmong, repeatOf } from "./loops.ts";
import { readReplayPage } from "./replay-pages.ts";

/** @param sql the request's client */
export function replayStore(sql: Sql): ReplayStore {
  return {
    page: (which, limit, after) => readReplayPage(sql, which, limit, after),
    make: (events, act, isDryRun) =>
      retryDeadlocks(() => (isDryRun ? rolledBack(sql, events, act) : made(sql, events, act))),
    refuses: isRefusal,
  };
}

/**
 * The write of a replay, for a transaction of the caller. A rejection undoes only the replay.
 *
 * @param tx a deadlock undoes all of it, so the caller repeats it
 */
export function replayWrites(tx: Transaction): Pick<ReplayStore, "make" | "refuses"> {
  return {
    make: (events, act) => tx.savepoint((sp) => makeLocked(asClient(sp), events, act)),
    refuses: isRefusal,
  };
}

type Part = ReturnType<Sql>;
type Made = Awaited<ReturnType<ReplayStore["make"]>>;

/** Rolls a transaction back and carries its result out. */
class RolledBack extends Error {
  readonly ends: Made;
  constructor(ends: Made) {
    super("rolled back");
    this.ends = ends;
  }
}

/** Makes the calls and rolls back, so that a dry run has the result of the replay itself, including Postgres' gates. */
async function rolledBack(sql: Sql, events: readonly ReplayedEvent[], act: ReplayAct): Promise<Made> {
  try {
    return await sql.begin(async (tx) => {
      throw new RolledBack(await makeLocked(asClient(tx), events, act));
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.ends;
    throw error;
  }
}

async function made(sql: Sql, events: readonly ReplayedEvent[], act: ReplayAct): Promise<Made> {
  return await sql.begin((tx) => makeLocked(asClient(tx), events, act));
}

/**
 * Locks the first event of each group, then makes the calls. If two replays of one group run at once, the second sees
 * the calls of the first, because the second's statement begins later. Sources and lines are locked last, so that a
 * change of a source or line never waits for a waiting replay. Once they are locked, no change is answered before the
 * calls are made.
 */
async function makeLocked(sql: Sql, events: readonly ReplayedEvent[], act: ReplayAct): Promise<Made> {
  const direct = events.filter(({ source }) => source.slug === apiSource);
  const numbers = direct.flatMap(({ calls }) => calls.map(({ draft }) => draft.number));
  if (direct.length > 0) await lockLoops(sql, numbers);
  const ids = asJson(events.map(({ id }) => id));
  await sql`
    select f.id from events f where f.id in (
      select coalesce(e.conflict_of, e.id) from events e
      where e.id in (select g::uuid from json_array_elements_text(${ids}::text::json) g))
    order by f.id for no key update of f`;
  const sources = new Map(events.map(({ source }) => [source.slug, source]));
  const held = await sql`${sameSources(sql, [...sources.values()])}`;
  if (held.length < sources.size) return "source_changed";
  const lines = events.flatMap(({ source }) => source.lines);
  const named = new Set(events.flatMap(({ calls }) => calls.flatMap(({ draft }) => draft.line ?? [])));
  const same = new Set((await sql<{ slug: string }[]>`${sameLines(sql, lines)}`).map(({ slug }) => slug));
  if ([...named].some((slug) => !same.has(slug))) return "source_changed";
  return await make(sql, events, act);
}

const madeColumns = columns<typeof calls, Extract<ReplayEnd, { callId: string }>>({
  eventId: "event_id",
  rule: "rule",
  callId: "id",
  status: "status",
  reason: "reason",
  line: "line",
});

/**
 * Makes the calls of replays. The first event of an id and its conflicts are a group. A call is held if the same rule
 * already called its number for the group, or calls it in this statement. A direct call passes the loop gate as if it
 * were requested now.
 *
 * Steps:
 * - `given`: the events, each with its number of replays when it was read.
 * - `drafts`: the calls of the replays.
 * - `locked`: locks the events that no other replay has changed since, and whose source is not paused.
 * - `wanted`: the drafts of the locked events that no later try has overtaken, each with the event that withdrew it.
 * - `turns`: takes the turns of `once_per` keys that are free, that the event already has, or that their holder has
 *   left.
 * - `judged`: the drafts with `stopped`, the reason of the gate that stops them, and with `conflicts`, whether the
 *   draft waits for a person because the group called the number; of a direct call `repeats`, the event of the call that
 *   it repeats.
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
      -- This is the guard. If two replays run at once, the second finds another count once the first releases the row.
      select e.id, e.source, e.order_number, e.order_number_key, e.record_type, e.record_id, e.received_at, e.occurred_at,
        coalesce(e.conflict_of, e.id) as first_id
      from events e join given g on g.event_id = e.id and g.replays = e.replays
      where e.state <> 'unplanned' and e.erased_at is null and not ${isPaused(sql, sql`e.source`)}
      order by e.id for no key update of e
    ), wanted as (
      select d.*, m.source, m.order_number, m.order_number_key, m.record_type, m.record_id, m.first_id,
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
          -- A turn belongs to an event that rang or may still ring. If the event's calls ended otherwise, it has left
          -- the turn. Only turns visible to this statement count, because the calls of a turn that is being taken now
          -- are not visible yet.
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
        end as stopped,
        w.status = 'queued' and (
          row_number() over (partition by w.first_id, w.rule, w.number, w.status order by w.nth) > 1
          or exists (select 1 from events o join calls c on c.event_id = o.id
            where (o.id = w.first_id or o.conflict_of = w.first_id) and o.id <> w.event_id and c.rule = w.rule
              and c.number = w.number and c.status not in ('skipped', 'canceled', 'expired', 'rejected'))) as conflicts,
        case when w.source = ${apiSource} and w.status = 'queued' then coalesce(
          ${repeatAmong(sql, sql`wanted`, sql`w`, () => sql`now()`)}, ${repeatOf(sql, sql`w`, sql`now()`)}) end as repeats
      from wanted w
    ), counted as (${countBursts(sql)}
    ), ranked as (${rankInBurst(sql)}
    ), decided as (
      select r.*, case when conflicts or loops or position > burst_calls then 'held' else status end as end_status,
        case when conflicts then 'conflict' when loops then 'looks_like_a_loop' when position > burst_calls then 'burst'
          else reason end as end_reason,
        case when conflicts then jsonb_build_object('event_id', first_id)
          when loops then jsonb_build_object('event_id', repeats) else detail end as end_detail
      from (select *, repeats is not null and again_reason is null as loops from ranked) r
    ), made as (
      insert into calls (${newCallColumns(sql)})
      select ${carriedColumns(sql)}, try, again_of,
        case when again_of is not null then ${entryReason(act)}::text else again_reason end, end_status, end_reason, end_detail,
        to_timestamp(due_at / 1000), to_timestamp(closes_at / 1000), to_timestamp(expires_at / 1000)
      from decided where stopped is null order by nth
      on conflict (event_id, rule, try) do nothing
      returning id, event_id, rule, rule_version, try, again_of, mode, line, status, reason, due_at, content,
        ${madeRow(sql, "calls")} as proof
    ), gates as (${insertVerdicts(sql, true)}
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
        || ${taskFact(sql, act)} from replayed
      union all
      select 'call', id::text, status, ${act.actor}, reason, jsonb_build_object('event_id', event_id, 'rule', rule,
        'rule_version', rule_version, 'mode', mode, 'line', line, 'due_at', due_at, 'content', content, 'replayed', true)
        || proof || ${toldField(sql)} || ${taskFact(sql, act)}
        || jsonb_strip_nulls(jsonb_build_object('again_of', again_of, 'try', try,
          'reason', ${entryReason(act)}::text, 'ignore_expiry', ${ignored})) from made ${toldVerdicts(sql, "made")}
    )
    select ${select(sql, madeColumns, "made")} from made
    union all
    select event_id, rule, null, null, stopped, null from judged where stopped is not null`;
}
