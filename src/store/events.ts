/**
 * Events: the two hot statements of the way in, and what a crash needs.
 *
 * Each is one prepared, autocommitted statement over one JSON parameter: one round trip for a batch of any size.
 */
import type { NewEvent } from "../domain/event.ts";
import { commitBytesMax, statementTimeoutMs } from "../domain/limits.ts";
import type { EventPlan } from "../domain/plan.ts";
import type { Committed, EventStore, Foresight, StoredEvent } from "../ports/inbox.ts";
import type { LinePoke } from "../ports/line.ts";
import { asJson, errorCode, isRefusal } from "./connection.ts";
import type { KeptClient } from "./kept.ts";
import { linesVersion } from "./lines.ts";
import { isSuppressed } from "./suppressed.ts";

/**
 * @param client the inbox's kept client
 * @param timeoutMs how long a commit may take
 */
export function eventStore(client: KeptClient, timeoutMs: number): EventStore {
  return {
    accept: (source, events, foresight = nothingForeseen) =>
      client.within(timeoutMs, (sql) => accept(sql, source, events, foresight)),
    plan: (plans) => client.within(statementTimeoutMs, (sql) => plan(sql, plans)),
    refuses: isRefusal,
    unplanned: (source, limit) => client.within(statementTimeoutMs, (sql) => unplanned(sql, source, limit)),
  };
}

/** Races with other batches that one batch may lose in a row. */
const racesMax = 10;

const nothingForeseen: Foresight = { sourceVersion: 0, ends: new Map() };

type Sql = ReturnType<KeptClient["sql"]>;

/** An event of a batch, and how many others of the batch have its id and other bytes. */
type Given = { event: NewEvent; index: number; conflicts: number };

async function accept(sql: Sql, source: string, events: NewEvent[], foresight: Foresight): Promise<Committed> {
  // One key twice in a statement is an error (21000), and twice in a batch is a redelivery like any other.
  const first = new Map<string, Given>();
  for (const [index, event] of events.entries()) {
    const seen = first.get(event.id);
    if (seen === undefined) first.set(event.id, { event, index, conflicts: 0 });
    else if (seen.event.bodyHash !== event.bodyHash) seen.conflicts++;
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
    };
  });
  return { acceptances, sourceVersion: written.version, linesVersion: written.lines, receivedAt: written.now };
}

type Written = {
  /** Events that were made, and those that other bytes came for; with the hash of the bytes that are kept. */
  kept: { id: string; fresh: boolean; hash: string }[] | null;
  version: number;
  lines: string;
  now: number;
};

/**
 * Where another batch commits one of these events at this very moment, Postgres may meet the other unique key first and refuse the
 * whole statement (23505). By then that event is there to be seen, so the next time goes the way of every redelivery.
 */
async function writeRaced(sql: Sql, source: string, rows: Given[], foresight: Foresight): Promise<Written> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write(sql, source, rows, foresight);
    } catch (error) {
      if (errorCode(error) !== "23505" || attempt === racesMax) throw error;
    }
  }
}

async function write(sql: Sql, source: string, rows: Given[], foresight: Foresight): Promise<Written> {
  const [answer] = await sql<[Written]>`
    with given as (
      select * from json_to_recordset(${asJson(rows.map((row) => eventRow(row, foresight)))}::text::json) as g(
        id uuid, dedupe_key text, external_id text, type text, occurred_at float8, order_number text,
        order_number_key text, record_type text, record_id text, headers jsonb, body text, body_hash text, conflicts int,
        nth int, foreseen text)
    ), known as (
      -- What was foreseen from an older version of the source is planned like everything else.
      select version::float8 as version, version = ${foresight.sourceVersion}::bigint as holds from sources where slug = ${source}
    ), kept as (
      insert into events (id, source, dedupe_key, external_id, type, occurred_at, order_number, order_number_key,
        record_type, record_id, headers, body, body_hash, conflicts, nth, state, reason, planned_at)
      select id, ${source}, dedupe_key, external_id, type, to_timestamp(occurred_at / 1000), order_number,
        order_number_key, record_type, record_id, headers, body, body_hash, conflicts, nth,
        case when holds and foreseen is not null then 'ignored' else 'unplanned' end,
        case when holds then foreseen end, case when holds and foreseen is not null then now() end
      from given left join known on true
      -- The same id with other bytes: the first are kept, also when they are being committed at this moment.
      on conflict (id) do update set conflicts = events.conflicts + greatest(1, excluded.conflicts)
        where events.body_hash <> excluded.body_hash or excluded.conflicts > 0
      returning id, conflicts, body_hash, xmax::text = '0' as fresh
    ), told as (
      insert into entries (subject, subject_id, action, actor, reason)
      select 'event', id::text, 'conflict', 'source:' || ${source}, 'the same id came with other bytes' from kept
      where conflicts > 0
    )
    select (select json_agg(json_build_object('id', id, 'fresh', fresh, 'hash', body_hash)) from kept) as kept,
      (select version from known) as version, ${linesVersion(sql)} as lines, (extract(epoch from now()) * 1000)::float8 as now`;
  return answer;
}

function eventRow({ event, index, conflicts }: Given, foresight: Foresight) {
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
    conflicts,
    nth: index,
    foreseen: foresight.ends.get(event.id) ?? null,
  };
}

async function plan(sql: Sql, plans: EventPlan[]): Promise<LinePoke[]> {
  const given = plans.map(({ eventId, state, reason, detail }) => ({ event_id: eventId, state, reason, detail }));
  const drafts = plans.flatMap((one) => one.calls.map((draft) => ({ event_id: one.eventId, draft }))).map(draftRow);
  const withdraws = plans.flatMap((one) =>
    one.withdraw.map(({ rule, record }) => ({
      event_id: one.eventId,
      rule,
      record_type: record.type,
      record_id: record.id,
    })),
  );
  return await sql<LinePoke[]>`
    with quick as (
      -- A plan that a crash of Postgres takes with it is made again: nobody has to wait for the disk. Whatever is claimed of it
      -- is committed after it, and has it written first.
      select set_config('synchronous_commit', 'off', true)
    ), given as (
      select g.* from quick, json_to_recordset(${asJson(given)}::text::json)
        as g(event_id uuid, state text, reason text, detail jsonb)
    ), drafts as (
      select * from json_to_recordset(${asJson(drafts)}::text::json) as d(
        event_id uuid, nth int, rule text, rule_version int, mode text, line text, status text, reason text, detail jsonb,
        number text, country text, about text, prompt text, prompt_overwrite boolean, greeting text, zones text[], due_at float8,
        closes_at float8, expires_at float8, once_key text, once_until float8, burst_calls int, burst_window float8,
        verdicts jsonb)
    ), mine as (
      -- In one order everywhere: two planners of the same events must not wait for each other.
      select e.id from events e join given g on g.event_id = e.id where e.state = 'unplanned'
      order by e.id for no key update of e
    ), planned as (
      -- The guard: an event is planned once, whoever else plans it at this moment.
      update events e set state = g.state, reason = g.reason, detail = g.detail, planned_at = now()
      from mine join given g on g.event_id = mine.id where e.id = mine.id and e.state = 'unplanned'
      returning e.id, e.source, e.order_number, e.order_number_key, e.record_type, e.record_id
    ), wanted as (
      select d.*, p.source, p.order_number, p.order_number_key, p.record_type, p.record_id
      from drafts d join planned p on p.id = d.event_id
    ), turns as (
      insert into once (source, rule, key, event_id, until)
      select distinct on (w.source, w.rule, w.once_key) w.source, w.rule, w.once_key, w.event_id, to_timestamp(w.once_until / 1000)
      from wanted w
      where w.once_key is not null and w.status = 'queued'
        and not ${isSuppressed(sql, sql`w.number`)}
      order by w.source, w.rule, w.once_key, w.nth
      on conflict (source, rule, key) do update set event_id = excluded.event_id, until = excluded.until
        where once.until <= now()
      returning source, rule, key, event_id
    ), judged as (
      select w.*, case
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
      select j.*, b.calls - count(*) over mine + row_number() over mine_in_order as position
      from judged j left join counted b on b.source = j.source and b.rule = j.rule
        and b."window" = to_timestamp(j.burst_window / 1000) and j.status = 'queued' and j.stopped is null
      window mine as (partition by j.source, j.rule, j.burst_window, j.status = 'queued' and j.stopped is null),
        mine_in_order as (partition by j.source, j.rule, j.burst_window, j.status = 'queued' and j.stopped is null order by j.nth)
    ), decided as (
      select r.*,
        case when stopped is not null then 'skipped' when position > burst_calls then 'held' else status end as end_status,
        case when stopped is not null then stopped when position > burst_calls then 'burst' else reason end as end_reason
      from ranked r
    ), made as (
      insert into calls (event_id, source, rule, rule_version, mode, line, status, reason, detail, order_number,
        order_number_key, record_type, record_id, number, country, about, prompt, prompt_overwrite, greeting, zones, due_at, closes_at,
        expires_at)
      select event_id, source, rule, rule_version, mode, line, end_status, end_reason, detail, order_number,
        order_number_key, record_type, record_id, number, country, about, prompt, prompt_overwrite, greeting, zones,
        to_timestamp(due_at / 1000), to_timestamp(closes_at / 1000), to_timestamp(expires_at / 1000)
      from decided order by nth
      on conflict (event_id, rule, try) do nothing
      returning id, event_id, rule, rule_version, mode, line, status, reason, due_at
    ), gates as (
      insert into verdicts (call_id, gate, verdict, inputs)
      select m.id, v.gate, v.verdict, v.inputs
      from made m join decided d on d.event_id = m.event_id and d.rule = m.rule
        cross join lateral jsonb_to_recordset(d.verdicts || case
          when d.stopped = 'suppressed' then '[{"gate": "suppression", "verdict": "stop", "inputs": {}}]'::jsonb
          when d.stopped = 'once_per' then '[{"gate": "once_per", "verdict": "stop", "inputs": {}}]'::jsonb
          when d.position > d.burst_calls then jsonb_build_array(jsonb_build_object('gate', 'burst', 'verdict', 'stop',
            'inputs', jsonb_build_object('calls', d.position, 'allowed', d.burst_calls)))
          else '[]'::jsonb end) as v(gate text, verdict text, inputs jsonb)
    ), withdrawn as (
      update calls c set status = 'canceled', reason = 'withdrawn', detail = jsonb_build_object('event_id', w.event_id)
      from json_to_recordset(${asJson(withdraws)}::text::json) as w(event_id uuid, rule text, record_type text, record_id text)
        join planned p on p.id = w.event_id
      where c.source = p.source and c.rule = w.rule and c.record_type = w.record_type and c.record_id = w.record_id
        and c.status in ('queued', 'held')
      returning c.id, c.event_id, w.event_id as by_event
    ), told as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, status, 'plan', reason, jsonb_build_object('event_id', event_id, 'rule', rule,
        'rule_version', rule_version, 'mode', mode, 'line', line, 'due_at', due_at) from made
      union all
      select 'call', id::text, 'canceled', 'plan', 'withdrawn', jsonb_build_object('event_id', by_event) from withdrawn
    )
    select line, (extract(epoch from min(due_at)) * 1000)::float8 as "dueAt" from made where status = 'queued' group by line`;
}

function draftRow({ event_id, draft }: { event_id: string; draft: EventPlan["calls"][number] }, nth: number) {
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
    burst_calls: draft.burst?.calls ?? null,
    burst_window: draft.burst?.window ?? null,
    verdicts: draft.verdicts,
  };
}

/** The oldest first, as many as are asked for and as an object can hold: at least one, whatever its size. */
async function unplanned(sql: Sql, source: string, limit: number): Promise<StoredEvent[]> {
  return await sql<StoredEvent[]>`
    select id, source, external_id as "externalId", type, (extract(epoch from occurred_at) * 1000)::float8 as "occurredAt",
      (extract(epoch from received_at) * 1000)::float8 as "receivedAt", body,
      case when record_type is not null then json_build_object('type', record_type, 'id', record_id) end as record
    from (
      select *, sum(octet_length(body)) over (order by received_at, nth, id) - octet_length(body) as before
      from (select * from events where source = ${source} and state = 'unplanned' order by received_at, nth, id limit ${limit}) oldest
    ) e
    where before < ${commitBytesMax} order by received_at, nth, id`;
}
