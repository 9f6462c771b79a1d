/**
 * Events: the two hot statements of the way in, and what a crash needs.
 *
 * Each is one prepared, autocommitted statement over one JSON parameter: one round trip for a batch of any size.
 */

import { contentText } from "../../domain/audit/call-content.ts";
import type { NewEvent, StoredEvent } from "../../domain/events/event.ts";
import { commitBytesMax, statementTimeoutMs } from "../../domain/limits.ts";
import type { EventPlan } from "../../domain/plan/plan.ts";
import { commitment, randomText } from "../../platform/hashes.ts";
import type { LinePoke } from "../../ports/calling/line.ts";
import type { Committed, EventStore, Foresight, SpilledEvent } from "../../ports/ingest/inbox.ts";
import { linesVersion } from "../config/lines.ts";
import { isPaused } from "../config/source-pauses.ts";
import { isSuppressed } from "../fragments/suppressed.ts";
import { isLater, withdrawnBy } from "../fragments/withdrawn.ts";
import { asJson, errorCode, isAway, isNotNow, isRefusal } from "../postgres/connection.ts";
import type { KeptClient } from "../postgres/kept-client.ts";
import { fetchQueue } from "./fetches.ts";

/**
 * @param client the inbox's kept client
 * @param timeoutMs how long a commit may take
 */
export function eventStore(client: KeptClient, timeoutMs: number): EventStore {
  return {
    accept: (source, events, foresight = nothingForeseen) =>
      client.within(timeoutMs, (sql) => accept(sql, source, events, foresight)),
    drain: (source, events, foresight = nothingForeseen) =>
      client.within(statementTimeoutMs, (sql) => accept(sql, source, events, foresight)),
    answers: async () => void (await client.within(timeoutMs, (sql) => sql`select 1`)),
    plan: (plans) => client.within(statementTimeoutMs, (sql) => plan(sql, plans)),
    refuses: isRefusal,
    isAway,
    isNotNow,
    unplanned: (source, limit) => client.within(statementTimeoutMs, (sql) => unplanned(sql, source, limit)),
    ...fetchQueue(client),
  };
}

/** Races with other batches that one batch may lose in a row. */
const racesMax = 10;

const nothingForeseen: Foresight = { sourceVersion: 0, ends: new Map() };

type Sql = ReturnType<KeptClient["sql"]>;

/** An event of a batch, and the hashes of all bodies that came with its id: its own is the first. */
type Given = { event: NewEvent | SpilledEvent; index: number; hashes: string[] };

async function accept(sql: Sql, source: string, events: Given["event"][], foresight: Foresight): Promise<Committed> {
  // One key twice in a statement is an error (21000), and twice in a batch is a redelivery like any other.
  const first = new Map<string, Given>();
  for (const [index, event] of events.entries()) {
    const seen = first.get(event.id);
    if (seen === undefined) first.set(event.id, { event, index, hashes: [event.bodyHash] });
    else seen.hashes.push(event.bodyHash);
  }
  // In one order everywhere: two batches that share events must not wait for each other.
  const rows = [...first.values()].sort((a, b) => (a.event.id < b.event.id ? -1 : 1));
  const written = await writeRaced(sql, source, rows, foresight);
  const kept = new Map((written.kept ?? []).map((row) => [row.id, row]));
  const acceptances = events.map(({ id, bodyHash }, index) => {
    // Nothing is told of an event that was here before with the bytes that the first of this batch has.
    const row = kept.get(id);
    return {
      id,
      // The second of two in one batch is as much a redelivery as one that comes a day later.
      duplicate: row?.fresh !== true || first.get(id)?.index !== index,
      conflict: (row?.hash ?? first.get(id)?.event.bodyHash) !== bodyHash,
      ...(row?.replayed === true ? { replayed: true as const } : {}),
    };
  });
  return { acceptances, sourceVersion: written.version, linesVersion: written.lines, receivedAt: written.now };
}

type Written = {
  /** Events that were made, and those that other bytes came for; with the hash of the bytes that are kept. */
  kept: { id: string; fresh: boolean; replayed: boolean; hash: string }[] | null;
  version: number;
  lines: string;
  now: number;
};

/**
 * Where another batch commits one of these events at this very moment, Postgres may meet the other unique key first and refuse the
 * whole statement (23505). By then that event is there to be seen, so the next time goes the way of every redelivery. Two batches that
 * hold the same bytes under other ids may wait for each other (40P01): one of them goes again.
 */
const racedCodes: ReadonlySet<string | null> = new Set(["23505", "40P01"]);

async function writeRaced(sql: Sql, source: string, rows: Given[], foresight: Foresight): Promise<Written> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await writeEvents(sql, source, rows, foresight);
    } catch (error) {
      if (!racedCodes.has(errorCode(error)) || attempt === racesMax) throw error;
    }
  }
}

async function writeEvents(sql: Sql, source: string, rows: Given[], foresight: Foresight): Promise<Written> {
  const [answer] = await sql<[Written]>`
    with given as (
      select * from json_to_recordset(${asJson(rows.map((row) => eventRow(row, foresight)))}::text::json) as g(
        id uuid, dedupe_key text, external_id text, type text, occurred_at float8, order_number text,
        order_number_key text, record_type text, record_id text, headers jsonb, body text, body_hash text, body_key uuid,
        hashes jsonb, conflicts int, nth int, foreseen text, received_at float8)
    ), known as (
      -- What was foreseen from an older version of the source is planned like everything else.
      select version::float8 as version, coalesce(version = ${foresight.sourceVersion}::bigint, true) as holds from sources where slug = ${source}
    ), made as (
      insert into events (id, source, dedupe_key, external_id, type, occurred_at, order_number, order_number_key,
        record_type, record_id, headers, body, body_hash, body_key, conflicts, conflict_at, nth, received_at, state, reason, planned_at)
      select id, ${source}, dedupe_key, external_id, type, to_timestamp(occurred_at / 1000), order_number,
        order_number_key, record_type, record_id, headers, body, body_hash, body_key, conflicts,
        case when conflicts > 0 then now() end, nth, coalesce(to_timestamp(received_at / 1000), now()),
        case when holds and foreseen is not null then 'ignored' else 'unplanned' end,
        case when holds then foreseen end, case when holds and foreseen is not null then now() end
      from given left join known on true
      on conflict do nothing
      returning id, conflicts, body_hash, body_key
    ), met as (
      -- Here before, also if it is being committed at this moment; or else its bytes were, under another id: then it ends at once.
      insert into events (id, source, dedupe_key, external_id, type, occurred_at, order_number, order_number_key,
        record_type, record_id, headers, body, body_hash, conflicts, conflict_at, nth, received_at, state, reason, detail, planned_at)
      select id, ${source}, dedupe_key, external_id, type, to_timestamp(occurred_at / 1000), order_number,
        order_number_key, record_type, record_id, headers, body, body_hash, conflicts, case when conflicts > 0 then now() end, nth,
        coalesce(to_timestamp(received_at / 1000), now()), 'ignored', 'replayed',
        jsonb_strip_nulls(jsonb_build_object('event_id', coalesce(
          (select e.id from events e where e.body_key = given.body_key),
          (select m.id from made m where m.body_key = given.body_key)))), now()
      from given where id not in (select id from made)
      -- The same id with other bytes: the first are kept, and each that differs from them is counted.
      on conflict (id) do update set conflict_at = now(), conflicts = events.conflicts + greatest(1, (
          select count(*) from given g cross join jsonb_array_elements_text(g.hashes) as h
          where g.id = excluded.id and h <> events.body_hash))
        where events.erased_at is null and (events.body_hash <> excluded.body_hash or excluded.conflicts > 0)
      returning id, conflicts, body_hash, xmax::text = '0' as fresh
    ), kept as (
      select id, conflicts, body_hash, true as fresh, false as replayed from made
      union all
      select id, conflicts, body_hash, fresh, fresh from met
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'event', id::text, 'conflict', 'source:' || ${source}, 'the same id came with other bytes',
        jsonb_build_object('conflicts', conflicts) from kept where conflicts > 0
    )
    select (select json_agg(json_build_object('id', id, 'fresh', fresh, 'replayed', replayed, 'hash', body_hash)) from kept) as kept,
      (select version from known) as version, ${linesVersion(sql)} as lines, (extract(epoch from now()) * 1000)::float8 as now`;
  return answer;
}

function eventRow({ event, index, hashes }: Given, foresight: Foresight) {
  return {
    id: event.id,
    dedupe_key: event.dedupeKey,
    external_id: event.externalId,
    type: event.type,
    occurred_at: event.occurredAt,
    order_number: event.orderNumber,
    order_number_key: event.orderNumberKey,
    record_type: event.record?.type ?? null,
    record_id: event.record?.id ?? null,
    headers: event.headers,
    body: event.body,
    body_hash: event.bodyHash,
    body_key: event.bodyKey ?? null,
    hashes: hashes.length === 1 ? null : hashes,
    conflicts: hashes.filter((hash) => hash !== event.bodyHash).length,
    // What waited in a spill keeps the time and the order in which it was acknowledged.
    nth: "seq" in event ? event.seq : index,
    received_at: "receivedAt" in event ? event.receivedAt : null,
    foreseen: foresight.ends.get(event.id) ?? null,
  };
}

async function plan(sql: Sql, plans: EventPlan[]): Promise<LinePoke[]> {
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
  const poked = await sql<{ line: LinePoke }[]>`
    with quick as (
      -- A plan that a crash of Postgres takes with it is made again: nobody has to wait for the disk. Whatever is claimed of it
      -- is committed after it, and has it written first.
      select set_config('synchronous_commit', 'off', true)
    ), given as (
      select g.* from quick, json_to_recordset(${asJson(given)}::text::json)
        as g(event_id uuid, state text, reason text, detail jsonb, fetched text)
    ), drafts as (
      select * from json_to_recordset(${asJson(drafts)}::text::json) as d(
        event_id uuid, nth int, rule text, rule_version int, mode text, line text, status text, reason text, detail jsonb,
        number text, country text, about text, prompt text, prompt_overwrite boolean, greeting text, zones text[], due_at float8,
        closes_at float8, expires_at float8, once_key text, once_until float8, burst_calls int, burst_window float8,
        verdicts jsonb, salt text, content text)
    ), locked as (
      -- In one order everywhere: two planners of the same events must not wait for each other.
      select e.id from events e join given g on g.event_id = e.id where e.state = 'unplanned'
        -- Whoever paused a source was told that nothing more is planned, whatever is under way.
        and not ${isPaused(sql, sql`e.source`)}
      order by e.id for no key update of e
    ), planned as (
      -- The guard: an event is planned once, whoever else plans it at this moment.
      update events e set state = g.state, reason = g.reason, detail = g.detail, fetched = coalesce(g.fetched, e.fetched),
        planned_at = now()
      from locked join given g on g.event_id = locked.id where e.id = locked.id and e.state = 'unplanned'
      returning e.id, e.source, e.order_number, e.order_number_key, e.record_type, e.record_id,
        e.received_at, e.occurred_at
    ), wanted as (
      select d.*, p.source, p.order_number, p.order_number_key, p.record_type, p.record_id,
        case when d.status in ('queued', 'held') then ${withdrawnBy(sql, sql`d.rule`, sql`p`)} end as withdrawn_by
      from drafts d join planned p on p.id = d.event_id
    ), turns as (
      insert into once (source, rule, key, event_id, until)
      select distinct on (w.source, w.rule, w.once_key) w.source, w.rule, w.once_key, w.event_id, to_timestamp(w.once_until / 1000)
      from wanted w
      where w.once_key is not null and w.status = 'queued' and w.withdrawn_by is null
        and not ${isSuppressed(sql, sql`w.number`)}
      order by w.source, w.rule, w.once_key, w.nth
      on conflict (source, rule, key) do update set event_id = excluded.event_id, until = excluded.until
        where once.until <= now()
      returning source, rule, key, event_id, until
    ), judged as (
      select w.*, case
          when w.withdrawn_by is not null then 'withdrawn'
          when w.status <> 'queued' then null
          when ${isSuppressed(sql, sql`w.number`)}
            then 'suppressed'
          when w.once_key is not null and not exists (
            select 1 from turns t
            where t.source = w.source and t.rule = w.rule and t.key = w.once_key and t.event_id = w.event_id) then 'once_per'
        end as stopped
      from wanted w
    ), counted as (
      insert into bursts (source, rule, "window", calls)
      select source, rule, to_timestamp(burst_window / 1000), count(*) from judged
      where status = 'queued' and stopped is null and burst_calls is not null
      group by 1, 2, 3 order by 1, 2, 3
      on conflict (source, rule, "window") do update set calls = bursts.calls + excluded.calls
      returning source, rule, "window", calls
    ), ranked as (
      select j.*, b.calls - count(*) over whole_window + row_number() over window_in_order as position
      from judged j left join counted b on b.source = j.source and b.rule = j.rule
        and b."window" = to_timestamp(j.burst_window / 1000) and j.status = 'queued' and j.stopped is null
      window whole_window as (partition by j.source, j.rule, j.burst_window, j.status = 'queued' and j.stopped is null),
        window_in_order as (partition by j.source, j.rule, j.burst_window, j.status = 'queued' and j.stopped is null order by j.nth)
    ), decided as (
      select r.*,
        case when stopped = 'withdrawn' then 'canceled' when stopped is not null then 'skipped' when position > burst_calls then 'held' else status end as end_status,
        case when stopped is not null then stopped when position > burst_calls then 'burst' else reason end as end_reason,
        case when stopped = 'withdrawn' then jsonb_build_object('event_id', withdrawn_by) else detail end as end_detail
      from ranked r
    ), made as (
      insert into calls (event_id, source, rule, rule_version, mode, line, status, reason, detail, order_number,
        order_number_key, record_type, record_id, number, country, about, prompt, prompt_overwrite, greeting, salt, content, zones,
        due_at, closes_at, expires_at)
      select event_id, source, rule, rule_version, mode, line, end_status, end_reason, end_detail, order_number,
        order_number_key, record_type, record_id, number, country, about, prompt, prompt_overwrite, greeting, salt, content, zones,
        to_timestamp(due_at / 1000), to_timestamp(closes_at / 1000), to_timestamp(expires_at / 1000)
      from decided order by nth
      on conflict (event_id, rule, try) do nothing
      returning id, event_id, rule, rule_version, mode, line, status, reason, due_at, content,
        case when reason = 'withdrawn' then detail->>'event_id' end as withdrawn_by
    ), gates as (
      insert into verdicts (call_id, gate, verdict, inputs)
      select m.id, v.gate, v.verdict, v.inputs
      from made m join decided d on d.event_id = m.event_id and d.rule = m.rule
        cross join lateral jsonb_to_recordset(d.verdicts || ${judgements(sql)}) as v(gate text, verdict text, inputs jsonb)
    ), withdraws as (
      select w.rule, w.record_type, w.record_id, p.id as event_id, p.source, p.received_at, p.occurred_at
      from json_to_recordset(${asJson(withdraws)}::text::json) as w(event_id uuid, rule text, record_type text, record_id text)
        join planned p on p.id = w.event_id
    ), marked as (
      -- Another inbox may have yet to plan an earlier event of the record.
      insert into withdrawals (source, rule, record_type, record_id, event_id, received_at, occurred_at)
      select distinct on (source, rule, record_type, record_id) source, rule, record_type, record_id, event_id, received_at, occurred_at
      from withdraws order by source, rule, record_type, record_id, least(occurred_at, received_at) desc, event_id
      on conflict (source, rule, record_type, record_id) do update
        set event_id = excluded.event_id, received_at = excluded.received_at, occurred_at = excluded.occurred_at
        where least(withdrawals.occurred_at, withdrawals.received_at) < least(excluded.occurred_at, excluded.received_at)
    ), withdrawn as (
      -- One update for calls that wait and for those under way: a claim that takes one at this moment is seen when it is through.
      update calls c set status = case when c.status in ('queued', 'held') then 'canceled' else c.status end,
        reason = case when c.status in ('queued', 'held') then 'withdrawn' else c.reason end,
        detail = case when c.status in ('queued', 'held') then jsonb_build_object('event_id', w.event_id) else c.detail end,
        again_stopped = 'withdrawn'
      from withdraws w
      where c.source = w.source and c.rule = w.rule and c.record_type = w.record_type and c.record_id = w.record_id
        and (c.status in ('queued', 'held') or (c.status in ('dialing', 'unknown', 'placed', 'review') and c.again_stopped is null))
        -- A call of a later event is owed all the same: what withdraws may come late.
        and not exists (select 1 from events e where e.id = c.event_id and ${isLater(sql, sql`e`, sql`w`)})
      returning c.id, c.event_id, w.event_id as by_event, c.status
    ), withdrawal_gates as (
      insert into verdicts (call_id, gate, verdict, inputs)
      select id, 'withdraw', 'stop', jsonb_build_object('event_id', by_event) from withdrawn where status = 'canceled'
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, status, 'plan', reason, jsonb_build_object('event_id', event_id, 'rule', rule,
        'rule_version', rule_version, 'mode', mode, 'line', line, 'due_at', due_at, 'content', content)
        || jsonb_strip_nulls(jsonb_build_object('withdrawn_by', withdrawn_by)) from made
      union all
      select 'call', id::text, case status when 'canceled' then 'canceled' else 'further_tries_stopped' end, 'plan', 'withdrawn',
        jsonb_build_object('event_id', by_event) from withdrawn
    )
    select distinct line from made where status = 'queued'`;
  return poked.map(({ line }) => line);
}

/**
 * What the gates answered that only Postgres can ask, of a row `d` of the plan: each that was asked, in the order in which they are
 * asked. A key may be a customer's number, and a verdict is never erased: so it says whose turn it is and not for what.
 */
export function judgements(sql: Sql) {
  const said = (gate: string, stops: ReturnType<Sql>, inputs: ReturnType<Sql>) => sql`
    jsonb_build_array(jsonb_build_object('gate', ${gate}::text, 'verdict', case when ${stops} then 'stop' else 'pass' end,
      'inputs', jsonb_strip_nulls(${inputs})))`;
  return sql`(case
      when d.stopped = 'withdrawn' then ${said("withdraw", sql`true`, sql`jsonb_build_object('event_id', d.withdrawn_by)`)}
      when d.status <> 'queued' then '[]'::jsonb
      else ${said("suppression", sql`d.stopped is not distinct from 'suppressed'`, sql`'{}'::jsonb`)}
        || case when d.once_key is null or d.stopped is not distinct from 'suppressed' then '[]'::jsonb
          else ${said(
            "once_per",
            sql`d.stopped is not distinct from 'once_per'`,
            sql`coalesce(
              (select jsonb_build_object('event_id', t.event_id, 'until', t.until) from turns t
                where t.source = d.source and t.rule = d.rule and t.key = d.once_key),
              (select jsonb_build_object('event_id', o.event_id, 'until', o.until) from once o
                where o.source = d.source and o.rule = d.rule and o.key = d.once_key), '{}')`,
          )} end
        || case when d.burst_calls is null or d.stopped is not null then '[]'::jsonb
          else ${said(
            "burst",
            sql`d.position > d.burst_calls`,
            sql`jsonb_build_object('calls', d.position, 'allowed', d.burst_calls)`,
          )} end
    end)`;
}

/** A draft as a statement takes it. `nth`: its place among those of the statement. */
export function draftRow({ event_id, draft }: { event_id: string; draft: EventPlan["calls"][number] }, nth: number) {
  const salt = randomText();
  return {
    event_id,
    nth,
    rule: draft.rule,
    rule_version: draft.ruleVersion,
    mode: draft.mode,
    line: draft.line,
    status: draft.status,
    reason: draft.reason,
    detail: draft.detail,
    number: draft.number,
    country: draft.country,
    about: draft.about,
    prompt: draft.prompt,
    prompt_overwrite: draft.promptOverwrite,
    greeting: draft.greeting,
    zones: draft.zones,
    due_at: draft.dueAt,
    closes_at: draft.closesAt,
    expires_at: draft.expiresAt,
    once_key: draft.once?.key ?? null,
    once_until: draft.once?.until ?? null,
    salt,
    content: commitment(salt, contentText(draft)),
    burst_calls: draft.burst?.calls ?? null,
    burst_window: draft.burst?.window ?? null,
    verdicts: draft.verdicts,
  };
}

/** The oldest first, as many as are asked for and as an object can hold: at least one, whatever its size. */
async function unplanned(sql: Sql, source: string, limit: number): Promise<StoredEvent[]> {
  return await sql<StoredEvent[]>`
    select id, source, external_id as "externalId", type, (extract(epoch from occurred_at) * 1000)::float8 as "occurredAt",
      (extract(epoch from received_at) * 1000)::float8 as "receivedAt", body, body_key is not null as "bodyOnce",
      case when record_type is not null then json_build_object('type', record_type, 'id', record_id) end as record
    from (
      select *, sum(octet_length(body)) over (order by received_at, nth, id) - octet_length(body) as before
      from (select * from events where source = ${source} and state = 'unplanned' and fetch_at is null
          and not ${isPaused(sql, sql`${source}`)}
        order by received_at, nth, id limit ${limit}) oldest
    ) e
    where before < ${commitBytesMax} order by received_at, nth, id`;
}
