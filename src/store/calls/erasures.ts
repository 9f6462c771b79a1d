/**
 * Erasure: personal data is removed, the facts of the call stay.
 * - A call loses its number, texts, summary, addresses, evidence and salt.
 * - An event loses body, headers, and the columns with hashes of its body.
 * - Status, times, outcome, reason, order number and record stay.
 * - Entries contain no personal data, so the chain verifies as before. The entry of a call's erasure names the
 *   receivers that were told before.
 * - The notes on an order lose their texts if a call or an event of the order is erased. A note that names a source is
 *   about that source's order only. An order with an erased call or event takes no notes afterwards (`people/notes.ts`).
 * - Deliveries to hooks lose the data too (`hooks/erased-deliveries.ts`).
 *
 * Not removed: Hookline's id of an event. If the sender gave no id, or if the event is a conflict, that id is derived from
 * a hash of the body. Anybody who guesses the whole body can recognise the id.
 */

import { erasable, waitingStatuses } from "../../domain/calls/call.ts";
import { statementTimeoutMs } from "../../domain/limits.ts";
import type {
  ErasedBatch,
  ErasureStore,
  ErasureTarget,
  ErasureWaiting,
  Known,
  NamedEvent,
} from "../../ports/people/erasures.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import { eventIdOf } from "../fragments/event-id.ts";
import { eraseAnswers, eraseDeliveries, type ToldOfCall } from "../hooks/erased-deliveries.ts";
import { columns, jsonFields } from "../postgres/columns.ts";
import { asClient, asJson, type Sql, uuidArray } from "../postgres/connection.ts";
import { retryDeadlocks } from "../postgres/retries.ts";
import type { calls } from "../schema/calls.ts";

/** Statuses of calls that an erasure empties. A waiting call is canceled, because a call without a number cannot be placed. */
const emptied: readonly string[] = [...erasable, ...waitingStatuses];

/** @param sql the request's client */
export function erasureStore(sql: Sql): ErasureStore {
  return {
    erase: (target, limit, act) => retryDeadlocks(() => sql.begin((tx) => erase(asClient(tx), target, limit, act))),
    waiting: (target, named) => waiting(sql, target, named),
    knows: (target) => knows(sql, target),
    sentAs: (source, externalId) => sentAs(sql, source, externalId),
  };
}

/** Events that one id of a sender may mean: one for each event type. */
const sentAsMax = 1_000;

type Part = ReturnType<Sql>;

/** A condition: whether the call `c` is a target. */
function callsOf(sql: Sql, target: ErasureTarget): Part {
  if ("number" in target) return sql`c.number = ${target.number}`;
  // The source is part of the condition, so that an event of another source is never erased by mistake.
  return sql`c.source = ${target.source} and c.event_id in ${sql([...target.eventIds])}`;
}

/**
 * Ids of target events, besides the events of the target calls. Empty if the target is a number, because no index finds
 * a number in a body.
 */
function eventsOf(sql: Sql, target: ErasureTarget): Part {
  if ("number" in target) return sql`select null::uuid where false`;
  return sql`select n.id from events n where n.source = ${target.source} and n.id in ${sql([...target.eventIds])}`;
}

/** The namespace of the advisory locks of {@link lockOrders}. */
const ordersLock = 726_574_006;

/**
 * Lets one transaction at a time erase an order or note something on it. It is a statement of its own: only a later
 * statement sees what the transaction before has committed. Each transaction takes the locks in the order of the hashes,
 * so that two of them do not deadlock.
 *
 * If the connection is cut behind this statement, Postgres ends the transaction after the deadline of a statement.
 *
 * Steps:
 * - `given`: bounds the transaction.
 *
 * @param orders Rows with an `order_number_key`.
 */
export async function lockOrders(tx: Sql, orders: Part): Promise<void> {
  const limit = String(statementTimeoutMs);
  await tx`
    with given as materialized (
      select set_config('idle_in_transaction_session_timeout', ${limit}, true), set_config('lock_timeout', ${limit}, true)
    )
    select pg_advisory_xact_lock(${ordersLock}::int, h) from (
      select distinct hashtext(o.order_number_key) as h from given, (${orders}) o
      where o.order_number_key is not null order by h offset 0
    ) in_order`;
}

/**
 * Erases in one transaction. Its statements see each other's rows, and those of everybody who held a lock before.
 *
 * 1. The calls are locked, and the outbox's version is raised, so that no delivery is made of their former rows.
 * 2. Their orders are locked, so that a note which is being added is seen.
 * 3. The deliveries are emptied. The receivers that were told stand in the calls' entries.
 * 4. The calls, their events and the notes on their orders are emptied.
 * 5. The receivers' answers are emptied.
 */
async function erase(sql: Sql, target: ErasureTarget, limit: number, act: PersonAct): Promise<ErasedBatch> {
  const calls = await lock(sql, target, limit);
  await lockOrders(sql, ordersOf(sql, target, calls));
  const told = calls.length === 0 ? [] : await eraseDeliveries(sql, calls);
  const erased = await eraseLocked(sql, target, { calls, told }, act);
  if (calls.length > 0) await eraseAnswers(sql, calls);
  return { ...erased, told: told.flatMap((one) => one.told) };
}

/** The orders that the target calls and events name, and the conflicts of these events. */
function ordersOf(sql: Sql, target: ErasureTarget, calls: readonly string[]): Part {
  const these: Part = sql`
    select c.event_id from calls c where c.id = any(${uuidArray(sql, calls)}) union ${eventsOf(sql, target)}`;
  return sql`select order_number_key from calls where id = any(${uuidArray(sql, calls)})
        union select order_number_key from events where id in (${these})
        union select order_number_key from events where conflict_of in (${these})`;
}

/**
 * Steps:
 * - `locked`: locks target calls that may be erased.
 * - `raised`: raises the outbox's version.
 *
 * @returns Ids of the calls.
 */
async function lock(sql: Sql, target: ErasureTarget, limit: number): Promise<string[]> {
  const [row] = await sql<[{ calls: string[] }]>`
    with locked as materialized (
      select c.id from calls c
      where c.id in (
          select c.id from calls c
          where ${callsOf(sql, target)} and c.erased_at is null and c.status in ${sql(emptied)}
          -- Waiting calls are first, because each may ring until it is canceled.
          order by (c.status in ${sql(waitingStatuses)}) desc, c.id limit ${limit})
        and c.erased_at is null and c.status in ${sql(emptied)}
      -- Every erasure locks in this order, so that two erasures of the same calls do not deadlock.
      order by c.id for no key update of c
    ), raised as (
      update outbox set version = version + 1 where exists (select 1 from locked)
    )
    select coalesce(json_agg(id), '[]') as calls from locked`;
  return row.calls;
}

/**
 * Steps:
 * - `locked`: the locked calls.
 * - `erased`: empties the calls, and cancels those that wait.
 * - `matching`: the events of the calls and the target events.
 * - `locked_events`: locks these events and their conflicts, except events without a plan.
 * - `emptied`: empties the events.
 * - `notes_emptied`: empties the notes on the orders of the calls and the events.
 * - `turns_deleted`: deletes the turns of the events.
 * - `reports_deleted`: deletes the reports of the calls' conversations.
 * - `audited`: inserts the entries.
 */
async function eraseLocked(
  sql: Sql,
  target: ErasureTarget,
  { calls, told }: { calls: readonly string[]; told: readonly ToldOfCall[] },
  act: PersonAct,
): Promise<Omit<ErasedBatch, "told">> {
  const [row] = await sql<[Omit<ErasedBatch, "told">]>`
    with locked as (
      select c.id, c.status from calls c
      where c.id = any(${uuidArray(sql, calls)})
    ), erased as (
      update calls c set erased_at = now(), number = null, about = null, prompt = null, greeting = null, salt = null,
        summary = null, recording_url = null, record_url = null, listen_url = null, contact_uuid = null, detail = null,
        status = case when c.status in ${sql(waitingStatuses)} then 'canceled' else c.status end,
        reason = case when c.status in ${sql(waitingStatuses)} then 'erased' else c.reason end
      from locked where c.id = locked.id and c.erased_at is null and c.status in ${sql(emptied)}
      returning c.id, c.event_id, c.source, c.order_number_key, c.conversation_uuid,
        locked.status in ${sql(waitingStatuses)} as waited
    ), matching as (
      select event_id as id from erased union ${eventsOf(sql, target)}
    ), locked_events as (
      select e.id from events e
      -- The ids are one set, because Postgres would read every event for two sets with or between them.
      where e.id in (select id from matching union select c.id from events c where c.conflict_of in (select id from matching))
        and e.erased_at is null
        and e.state <> 'unplanned'
      order by e.id for no key update of e
    ), emptied as (
      -- A redelivery is recognised by the event's id. The new key is random, so that no sender can use it beforehand.
      -- The new key begins with the part made from the sender's id, so that the event can still be found by that id.
      update events e set erased_at = now(), body = '{}', headers = '{}', body_hash = '', body_key = null, external_id = null,
        detail = null, fetched = null,
        dedupe_key = concat('erased:', ${eventIdOf(sql, sql`e.source`, sql`e.external_id`)} || ':', gen_random_uuid())
      from locked_events where e.id = locked_events.id
      returning e.id, e.source, e.order_number_key
    ), notes_emptied as (
      update notes n set text = null, salt = null, erased_at = now()
      from (select source, order_number_key from erased union select source, order_number_key from emptied) o
      where n.order_number_key = o.order_number_key and coalesce(n.source, o.source) = o.source and n.erased_at is null
      returning n.id
    ), turns_deleted as (
      -- A key of once_per may be the customer's name.
      delete from once where event_id in (select id from emptied)
    ), reports_deleted as (
      delete from reports where conversation_uuid in (select conversation_uuid from erased)
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, 'canceled', ${act.actor}, 'erased', '{}'::jsonb from erased where waited
      union all
      select 'call', id::text, 'erased', ${act.actor}, null,
        jsonb_strip_nulls(jsonb_build_object('reason', ${act.reason}::text, 'told', t.told))
      from erased left join json_to_recordset(${asJson(told)}::text::json) as t(call uuid, told jsonb) on t.call = id
      union all
      select 'event', id::text, 'erased', ${act.actor}, null, jsonb_build_object('reason', ${act.reason}::text) from emptied
      union all
      select 'note', id::text, 'erased', ${act.actor}, null, jsonb_build_object('reason', ${act.reason}::text) from notes_emptied
    )
    select (select count(*)::int from erased) as calls, (select count(*)::int from erased where waited) as canceled,
      (select count(*)::int from emptied) as events, exists (select 1 from calls c
        where ${callsOf(sql, target)} and c.erased_at is null and c.status in ${sql(emptied)}
          and not exists (select 1 from locked where locked.id = c.id)) as more`;
  return row;
}

const waitingColumns = columns<typeof calls, ErasureWaiting["calls"][number]>({ id: "id", status: "status" });

async function waiting(sql: Sql, target: ErasureTarget, named: number): Promise<ErasureWaiting> {
  const [row] = await sql<[ErasureWaiting]>`
    with waiting as (
      select c.id, c.status, c.created_at from calls c
      where ${callsOf(sql, target)} and c.erased_at is null and c.status not in ${sql([...erasable])}
    )
    select (select coalesce(json_agg(json_build_object(${jsonFields(sql, waitingColumns, "first")})), '[]')
        from (select * from waiting order by created_at, id limit ${named}) first) as calls,
      (select count(*)::int from waiting) as "callsCount",
      (select coalesce(json_agg(id), '[]') from events e
        where e.id in (${eventsOf(sql, target)}) and e.state = 'unplanned') as events`;
  return row;
}

async function knows(sql: Sql, target: NamedEvent): Promise<Known> {
  const [row] = await sql<[{ event: boolean; source: boolean }]>`
    select exists (${eventsOf(sql, target)}) as event, exists (select from sources where slug = ${target.source}) as source`;
  if (row.event) return "known";
  return row.source ? "no_event" : "no_source";
}

/**
 * Events with a sender's id. No index covers it, because only this query needs it: every event of the source is read.
 */
async function sentAs(sql: Sql, source: string, externalId: string): Promise<string[]> {
  const erased: Part = sql`'erased:' || ${eventIdOf(sql, sql`${source}::text`, sql`${externalId}::text`)} || ':%'`;
  const rows = await sql<{ id: string }[]>`
    select e.id from events e where e.source = ${source} and (e.external_id = ${externalId} or e.dedupe_key like ${erased})
    order by e.id limit ${sentAsMax}`;
  return rows.map(({ id }) => id);
}
