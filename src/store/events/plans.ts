/** Plans: one statement writes the ends of events, their calls and verdicts, and withdraws calls of their records. */
import { waitingStatuses } from "../../domain/calls/call.ts";
import type { StoredEvent } from "../../domain/events/event.ts";
import { commitBytesMax, statementTimeoutMs } from "../../domain/limits.ts";
import { apiSource } from "../../domain/plan/direct-call.ts";
import type { EventPlan } from "../../domain/plan/plan.ts";
import type { PlannedBy, PlannedLine, PlanStore } from "../../ports/planning/plans.ts";
import { queuePlaces, sameLines } from "../config/versions.ts";
import { madeRow, saidRow, toldColumns, toldField, toldVerdicts } from "../fragments/call-proof.ts";
import { countBursts, insertVerdicts, rankInBurst } from "../fragments/gates.ts";
import { carriedColumns, draftRecord, draftRow, newCallColumns } from "../fragments/new-call.ts";
import { isPaused } from "../fragments/paused.ts";
import { stopAssignments } from "../fragments/stopped.ts";
import { storedEventColumns } from "../fragments/stored-event.ts";
import { isSuppressed } from "../fragments/suppressed.ts";
import { isLater, withdrawnBy } from "../fragments/withdrawn.ts";
import { asClient, asJson, isRefusal, type Sql } from "../postgres/connection.ts";
import type { KeptClient } from "../postgres/kept-client.ts";
import { lockLoops, repeatAmong, repeatOf } from "./loops.ts";

/** @param client the inbox's kept client */
export function planStore(client: KeptClient): PlanStore {
  return {
    plan: (plans, by) =>
      client.within(statementTimeoutMs, async (sql) => {
        if (by.slug !== apiSource) return await writePlans(sql, plans, by);
        return await sql.begin(async (tx) => {
          await lockLoops(
            tx,
            plans.flatMap(({ calls }) => calls.map(({ number }) => number)),
          );
          return await writePlans(asClient(tx), plans, by);
        });
      }),
    unplanned: (source, limit) => client.within(statementTimeoutMs, (sql) => unplanned(sql, source, limit)),
    refuses: isRefusal,
  };
}

/**
 * Writes the plans of events that have none.
 *
 * Steps:
 * - `async_commit`: lets the commit return before the plan is on disk.
 * - `given`: the plans.
 * - `drafts`: the calls of the plans.
 * - `same_turn`: waits behind a waiting change of the source or of a line.
 * - `source_version`: locks the source, if the plans were made by its present version and the source is not paused.
 * - `same_lines`: locks the lines of the calls, if the plans were made by their present versions.
 * - `view_holds`: whether the source and every line are locked.
 * - `locked`: locks the events that still have no plan.
 * - `planned`: moves the events to the end of their plan.
 * - `wanted`: the drafts of the planned events, each with the event that withdrew it.
 * - `turns`: takes the free turns of `once_per` keys.
 * - `judged`: the drafts with `stopped`, the reason of the gate that stops them. Direct calls also with `repeats`, the
 *   event of the call that they repeat.
 * - `counted`: counts the drafts in the windows of their burst gates.
 * - `ranked`: the drafts with their position in the window.
 * - `decided`: the drafts with their final status, reason and detail.
 * - `made`: inserts the calls.
 * - `gates`: inserts the verdicts of the calls.
 * - `withdraws`: the records whose calls the plans withdraw.
 * - `withdrawals_noted`: notes the records, for calls that are planned later.
 * - `withdrawn`: cancels calls that wait, and stops further tries of calls under way.
 * - `withdrawal_gates`: inserts the verdicts of the calls that are canceled.
 * - `audited`: inserts the entries.
 */
async function writePlans(sql: Sql, plans: EventPlan[], by: PlannedBy): ReturnType<PlanStore["plan"]> {
  const isDirect = by.slug === apiSource;
  // The statement of every other source has none of these parts.
  const forDirect = (part: ReturnType<Sql>): ReturnType<Sql> => (isDirect ? part : sql``);
  const given = plans.map(({ eventId, state, reason, detail, fetched }) => {
    const head = { event_id: eventId, state, reason, detail };
    return fetched === undefined ? head : { ...head, fetched: JSON.stringify(fetched) };
  });
  const drafts = plans.flatMap((one) => one.calls.map((draft) => ({ event_id: one.eventId, draft }))).map(draftRow);
  const withdraws = plans.flatMap((one) =>
    one.withdraw.map(({ rule, record }) => ({
      event_id: one.eventId,
      rule,
      record_type: record.type,
      record_id: record.id,
    })),
  );
  const receipt = (draft: ReturnType<Sql>): ReturnType<Sql> => sql`${draft}.received_at`;
  const waits: ReturnType<Sql> = sql`c.status in ${sql(waitingStatuses)}`;
  const [written] = await sql<[{ lines: PlannedLine[] | null; planned: boolean }]>`
    with async_commit as (
      -- The commit does not wait for the disk, because a plan that a crash of Postgres loses is made again. A claim
      -- commits after the plan that it claims from, and flushes the plan first.
      select set_config('synchronous_commit', 'off', true)
    ), given as (
      select g.* from async_commit, json_to_recordset(${asJson(given)}::text::json)
        as g(event_id uuid, state text, reason text, detail jsonb, fetched text)
    ), drafts as (
      select * from json_to_recordset(${asJson(drafts)}::text::json) as d(${draftRecord(sql)})
    ), same_turn as (${queuePlaces(sql, { sources: [by.slug], lines: by.lines.map(({ slug }) => slug) }, "shared")}
    ), source_version as (
      -- The answer to a change promises that nothing is planned by the older version. The lock waits for a change that
      -- is being committed. The source is locked before events and calls, as in the change itself.
      select slug from same_turn cross join sources
      where places > 0 and slug = ${by.slug} and version = ${by.version}::bigint and paused_at is null for share of sources
    ), same_lines as (${sameLines(sql, by.lines, sql`source_version`)}
    ), view_holds as (
      select slug from source_version
      where not exists (select 1 from drafts d where d.line is not null and d.line not in (select slug from same_lines))
    ), locked as (
      -- Every plan has this order, so that two planners of the same events do not deadlock.
      select e.id from view_holds s join given g on true join events e on e.id = g.event_id and e.source = s.slug
      where e.state = 'unplanned' order by e.id for no key update of e
    ), planned as (
      -- This is the guard: an event is planned once, even if another planner is planning it now.
      update events e set state = g.state, reason = g.reason, detail = g.detail, fetched = coalesce(g.fetched, e.fetched),
        planned_at = now()
      from locked join given g on g.event_id = locked.id where e.id = locked.id and e.state = 'unplanned'
      returning e.id, e.source, e.order_number, e.order_number_key, e.record_type, e.record_id,
        e.received_at, e.occurred_at
    ), wanted as (
      select d.*, p.source, p.order_number, p.order_number_key, p.record_type, p.record_id,${forDirect(sql` p.received_at,`)}
        case when d.status in ('queued', 'held') then ${withdrawnBy(sql, sql`d.rule`, sql`p`)} end as withdrawn_by
      from drafts d join planned p on p.id = d.event_id
    ), turns as (
      insert into once (source, rule, key, event_id, until)
      select distinct on (w.source, w.rule, w.once_key)
        w.source, w.rule, w.once_key, w.event_id, to_timestamp(w.once_until / 1000)
      from wanted w
      where w.once_key is not null and w.status = 'queued' and w.withdrawn_by is null
        and not ${isSuppressed(sql, sql`w.number`)}
      order by w.source, w.rule, w.once_key, w.nth
      on conflict (source, rule, key) do update set event_id = excluded.event_id, until = excluded.until
        where once.until <= now()
      returning source, rule, key, event_id, until
    ), judged as (
      select w.*,${forDirect(sql` l.repeats,`)} case
          when w.withdrawn_by is not null then 'withdrawn'
          when w.status <> 'queued' then null
          when ${isSuppressed(sql, sql`w.number`)} then 'suppressed'
          when w.once_key is not null and not exists (
            select 1 from turns t
            where t.source = w.source and t.rule = w.rule and t.key = w.once_key and t.event_id = w.event_id) then 'once_per'
          ${forDirect(sql`when l.repeats is not null and w.again_reason is null then 'looks_like_a_loop'`)}
        end as stopped
      from wanted w ${forDirect(sql`cross join lateral (select coalesce(${repeatAmong(sql, sql`wanted`, sql`w`, receipt)},
        ${repeatOf(sql, sql`w`, receipt(sql`w`))}) as repeats) l`)}
    ), counted as (${countBursts(sql)}
    ), ranked as (${rankInBurst(sql)}
    ), decided as (
      select r.*,
        case when stopped = 'withdrawn' then 'canceled'
          ${forDirect(sql`when stopped = 'looks_like_a_loop' then 'held'`)} when stopped is not null then 'skipped'
          when position > burst_calls then 'held' else status end as end_status,
        case when stopped is not null then stopped when position > burst_calls then 'burst' else reason end as end_reason,
        case when stopped = 'withdrawn' then jsonb_build_object('event_id', withdrawn_by)
          ${forDirect(sql`when stopped = 'looks_like_a_loop' then jsonb_build_object('event_id', repeats)`)}
          else detail end as end_detail
      from ranked r
    ), made as (
      insert into calls (${newCallColumns(sql)})
      select ${carriedColumns(sql)}, 1, null, again_reason, end_status, end_reason, end_detail,
        to_timestamp(due_at / 1000), to_timestamp(closes_at / 1000), to_timestamp(expires_at / 1000)
      from decided order by nth
      on conflict (event_id, rule, try) do nothing
      returning id, event_id, rule, rule_version, mode, line, status, reason, due_at, content,${forDirect(sql` again_reason,`)}
        ${madeRow(sql, "calls")} as proof, case when reason = 'withdrawn' then detail->>'event_id' end as withdrawn_by
    ), gates as (${insertVerdicts(sql, isDirect)}
    ), withdraws as (
      select w.rule, w.record_type, w.record_id, p.id as event_id, p.source, p.received_at, p.occurred_at
      from json_to_recordset(${asJson(withdraws)}::text::json) as w(event_id uuid, rule text, record_type text, record_id text)
        join planned p on p.id = w.event_id
    ), withdrawals_noted as (
      -- Another inbox may have yet to plan an earlier event of the record.
      insert into withdrawals (source, rule, record_type, record_id, event_id, received_at, occurred_at)
      select distinct on (source, rule, record_type, record_id)
        source, rule, record_type, record_id, event_id, received_at, occurred_at
      from withdraws order by source, rule, record_type, record_id, least(occurred_at, received_at) desc, event_id
      on conflict (source, rule, record_type, record_id) do update
        set event_id = excluded.event_id, received_at = excluded.received_at, occurred_at = excluded.occurred_at
        where least(withdrawals.occurred_at, withdrawals.received_at) < least(excluded.occurred_at, excluded.received_at)
    ), withdrawn as (
      -- One update covers waiting calls and calls under way, so that it waits for a claim that is taking one.
      update calls c set ${stopAssignments(sql, "withdrawn", waits, true)},
        detail = case when ${waits} then jsonb_build_object('event_id', w.event_id) else c.detail end
      from withdraws w
      where c.source = w.source and c.rule = w.rule and c.record_type = w.record_type and c.record_id = w.record_id
        and (${waits}
          or (c.status in ('dialing', 'unknown', 'placed', 'review') and c.again_stopped is null))
        -- The withdrawing event may arrive late, so a call of a later event stays.
        and not exists (select 1 from events e where e.id = c.event_id and ${isLater(sql, sql`e`, sql`w`)})
      returning c.id, c.event_id, w.event_id as by_event, c.status, c.line, ${saidRow(sql, "c")} as said
    ), withdrawal_gates as (
      insert into verdicts (call_id, gate, verdict, inputs)
      select id, 'withdraw', 'stop', jsonb_build_object('event_id', by_event) from withdrawn where status = 'canceled'
      returning ${toldColumns(sql)}
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, status, 'plan', reason, jsonb_build_object('event_id', event_id, 'rule', rule,
        'rule_version', rule_version, 'mode', mode, 'line', line, 'due_at', due_at, 'content', content)
        || proof || ${toldField(sql)} || jsonb_strip_nulls(jsonb_build_object('withdrawn_by', withdrawn_by
          ${forDirect(sql`, 'again', case when again_reason is not null then true end, 'reason', again_reason`)}))
        from made ${toldVerdicts(sql, "made")}
      union all
      select 'call', id::text, case status when 'canceled' then 'canceled' else 'further_tries_stopped' end, 'plan', 'withdrawn',
        jsonb_build_object('event_id', by_event)
          || case status when 'canceled' then jsonb_build_object('row', said) || ${toldField(sql)} else '{}' end
        from withdrawn ${toldVerdicts(sql, "withdrawn", "withdrawal_gates")}
    )
    select exists (select 1 from view_holds) as planned,
      (select json_agg(json_build_object('line', line, 'withdrawn', withdrawn)) from (
        select distinct line, false as withdrawn from made where status = 'queued'
        union select line, true from withdrawn where status = 'dialing') concerned) as lines`;
  return written.planned ? (written.lines ?? []) : "source_changed";
}

/** The oldest events without a plan: at most `limit`, and as many bytes as an object can hold, but at least one event. */
async function unplanned(sql: Sql, source: string, limit: number): Promise<StoredEvent[]> {
  return await sql<StoredEvent[]>`
    select ${storedEventColumns(sql, "e")}
    from (
      select *, sum(octet_length(body)) over (order by received_at, nth, id) - octet_length(body) as before
      from (select * from events where source = ${source} and state = 'unplanned' and fetch_at is null
          and not ${isPaused(sql, sql`${source}`)}
        order by received_at, nth, id limit ${limit}) oldest
    ) e
    where before < ${commitBytesMax} order by received_at, nth, id`;
}
