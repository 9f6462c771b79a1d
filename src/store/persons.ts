/**
 * What people decide about calls. Each decision is one statement with its entry in it, under the guard of the status that it may be
 * made from; no row back means that somebody else was first.
 */
import { type DecidedCall, type DialTimes, decidable } from "../domain/decision.ts";
import type { PersonAct, PersonStore } from "../ports/persons.ts";
import { asJson, type Sql } from "./connection.ts";
import { isSuppressed } from "./suppressed.ts";

export function personStore(sql: Sql): PersonStore {
  return {
    call: (id) => call(sql, id),
    cancel: (id, act) => cancel(sql, id, act),
    release: (id, times, turn, act) => release(sql, id, times, turn, act),
    rang: (id, conversationUuid, actor) => rang(sql, id, conversationUuid, actor),
    close: (id, act) => close(sql, id, act),
    again: (id, decision, times, act) => again(sql, id, decision, times, act),
  };
}

async function call(sql: Sql, id: string): Promise<DecidedCall | null> {
  const [row] = await sql<DecidedCall[]>`
    select c.id, c.status, c.source, c.rule, c.rule_version as "ruleVersion", c.mode, c.line, c.number, c.about, c.prompt,
      c.greeting, to_json(coalesce(c.zones, '{}')) as zones, c.conversation_uuid as "conversationUuid", c.mihu_id as "mihuId",
      s.country, r.definition,
      -- The body of a call that was asked for directly is the service's own text.
      coalesce(r.definition->>'expires', case when c.source = 'api' then e.body::json->>'expires' end) as expires,
      json_build_object('id', e.id, 'externalId', e.external_id, 'type', e.type, 'occurredAt',
        (extract(epoch from e.occurred_at) * 1000)::float8, 'body', e.body) as event
    from calls c join events e on e.id = c.event_id join sources s on s.slug = e.source
      left join rules r on r.source = c.source and r.name = c.rule and r.version = c.rule_version
    where c.id = ${id}`;
  return row ?? null;
}

async function cancel(sql: Sql, id: string, act: PersonAct): Promise<boolean> {
  const rows = await sql`
    with canceled as (
      update calls c set status = 'canceled', reason = 'canceled', detail = ${detailWith(sql, act)}
      where c.id = ${id} and c.status in ${sql(decidable.cancel)} returning c.id
    ), told as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, 'canceled', ${act.actor}, 'canceled', jsonb_build_object('reason', ${act.reason}::text) from canceled
    )
    select id from canceled`;
  return rows.length > 0;
}

async function close(sql: Sql, id: string, act: PersonAct): Promise<boolean> {
  const rows = await sql`
    with closed as (
      update calls c set status = 'canceled', reason = 'canceled', detail = ${detailWith(sql, act)}
      where c.id = ${id} and c.status = 'review' returning c.id
    ), told as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, 'canceled', ${act.actor}, 'canceled', jsonb_build_object('rang', false, 'then', 'close',
        'reason', ${act.reason}::text) from closed
    )
    select id from closed`;
  return rows.length > 0;
}

async function release(
  sql: Sql,
  id: string,
  times: DialTimes,
  turn: { key: string; until: number } | null,
  act: PersonAct,
): ReturnType<PersonStore["release"]> {
  type Row = { held: boolean; suppressed: boolean; released: boolean };
  const [row] = await sql<[Row]>`
    with mine as (
      select c.id, c.source, c.rule, c.event_id, ${isSuppressed(sql, sql`c.number`)} as suppressed from calls c
      where c.id = ${id} and c.status = 'held' for no key update of c
    ), turn as (
      -- The call's own turn is prolonged, and one whose time is up is taken over; another event's turn stays as it is.
      insert into once (source, rule, key, event_id, until)
      select source, rule, ${turn?.key ?? null}::text, event_id, to_timestamp(${turn?.until ?? null}::float8 / 1000) from mine
      where not suppressed and ${turn !== null}::boolean
      on conflict (source, rule, key) do update set event_id = excluded.event_id, until = greatest(once.until, excluded.until)
        where once.until <= now() or once.event_id = excluded.event_id
      returning event_id
    ), released as (
      update calls c set status = 'queued', reason = null, detail = null, ${newTimes(sql, times)}
      from mine where c.id = mine.id and c.status = 'held' and not mine.suppressed
        and (${turn === null}::boolean or exists (select 1 from turn))
      returning c.id, c.due_at
    ), gates as (${gatesOf(sql, times, sql`released`)}), told as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'call', id::text, 'released', ${act.actor}, jsonb_strip_nulls(jsonb_build_object('due_at', due_at,
        'reason', ${act.reason}::text)) from released
    )
    select exists (select 1 from mine) as held, exists (select 1 from mine where suppressed) as suppressed,
      exists (select 1 from released) as released`;
  if (row.released) return "released";
  if (!row.held) return "moved";
  return row.suppressed ? "suppressed" : "once_per";
}

async function rang(
  sql: Sql,
  id: string,
  conversationUuid: string | null,
  actor: string,
): ReturnType<PersonStore["rang"]> {
  type Row = { review: boolean; placed: boolean };
  const [row] = await sql<[Row]>`
    with mine as (
      select c.id, exists (select 1 from calls o where o.conversation_uuid = ${conversationUuid}::text and o.id <> c.id
        and o.mihu_id is not distinct from c.mihu_id) as taken
      from calls c where c.id = ${id} and c.status = 'review' for no key update of c
    ), placed as (
      -- It rang when it was claimed, whenever a person says so: Mihu's report is found by that. It is asked for at once.
      update calls c set status = 'placed', reason = null, conversation_uuid = ${conversationUuid}::text,
        placed_at = coalesce(c.claimed_at, now()), polls = 0, poll_at = now()
      from mine where c.id = mine.id and c.status = 'review' and not mine.taken
      returning c.id, c.conversation_uuid
    ), told as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'call', id::text, 'placed', ${actor}, jsonb_strip_nulls(jsonb_build_object('rang', true,
        'conversation_uuid', conversation_uuid)) from placed
    )
    select exists (select 1 from mine) as review, exists (select 1 from placed) as placed`;
  if (row.placed) return "placed";
  return row.review ? "taken" : "moved";
}

async function again(
  sql: Sql,
  id: string,
  decision: "again" | "resolve",
  times: DialTimes,
  act: PersonAct,
): ReturnType<PersonStore["again"]> {
  type Row = { there: boolean; suppressed: boolean; made: string | null };
  const [row] = await sql<[Row]>`
    with mine as (
      select c.*, ${isSuppressed(sql, sql`c.number`)} as suppressed from calls c
      where c.id = ${id} and c.status in ${sql(decidable[decision])} for no key update of c
    ), canceled as (
      update calls c set status = 'canceled', reason = 'canceled', detail = ${detailWith(sql, act)}
      from mine where c.id = mine.id and c.status = 'review' and not mine.suppressed
      returning c.id
    ), made as (
      insert into calls (event_id, source, rule, rule_version, try, again_of, mode, line, status, order_number,
        order_number_key, record_type, record_id, number, country, about, prompt, prompt_overwrite, greeting, zones, due_at, closes_at,
        expires_at)
      select event_id, source, rule, rule_version, try + 1, id, mode, line, 'queued', order_number, order_number_key,
        record_type, record_id, number, country, about, prompt, prompt_overwrite, greeting, zones, ${moment(sql, times.dueAt)},
        ${moment(sql, times.closesAt)}, ${moment(sql, times.expiresAt)}
      from mine where not suppressed
      on conflict (event_id, rule, try) do nothing
      returning id, again_of, due_at, try
    ), gates as (${gatesOf(sql, times, sql`made`)}), told as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, 'canceled', ${act.actor}, 'canceled', jsonb_build_object('rang', false, 'then', 'dial',
        'reason', ${act.reason}::text) from canceled
      union all
      select 'call', id::text, 'queued', ${act.actor}, null, jsonb_build_object('again_of', again_of, 'try', try,
        'due_at', due_at, 'reason', ${act.reason}::text) from made
    )
    select exists (select 1 from mine) as there, exists (select 1 from mine where suppressed) as suppressed,
      (select id from made) as made`;
  if (!row.there) return "moved";
  if (row.suppressed) return "suppressed";
  if (row.made !== null) return { callId: row.made, duplicate: false };
  // The one that is there may have been committed while the statement waited for it, so a statement of its own looks.
  const [other] = await sql<{ id: string }[]>`
    select n.id from calls c join calls n on n.event_id = c.event_id and n.rule = c.rule and n.try = c.try + 1 where c.id = ${id}`;
  if (other === undefined) throw new Error("a further try was neither made nor found");
  return { callId: other.id, duplicate: true };
}

const moment = (sql: Sql, ms: number | null) => sql`to_timestamp(${ms}::float8 / 1000)`;

const newTimes = (sql: Sql, { dueAt, closesAt, expiresAt }: DialTimes) =>
  sql`due_at = ${moment(sql, dueAt)}, closes_at = ${moment(sql, closesAt)}, expires_at = ${moment(sql, expiresAt)}`;

/** What was known of the call stays beside the person's reason. */
const detailWith = (sql: Sql, { reason }: PersonAct) =>
  sql`coalesce(c.detail, '{}') || jsonb_build_object('reason', ${reason}::text)`;

/** What the gates answered, kept for the call that goes on. */
const gatesOf = (sql: Sql, { verdicts }: DialTimes, goesOn: ReturnType<Sql>) => sql`
  insert into verdicts (call_id, gate, verdict, inputs)
  select id, v.gate, v.verdict, v.inputs from ${goesOn} cross join
    json_to_recordset(${asJson(verdicts)}::text::json) as v(gate text, verdict text, inputs jsonb)`;
