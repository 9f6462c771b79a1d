/**
 * The loop gate of direct calls. An automation that hears of a call and then asks for a call would never stop, so a
 * direct call is held if a call to its number about its subject was made within the last 15 minutes.
 *
 * - Every source's calls count, except those that ended without ringing.
 * - Times of receipt are compared, so a late plan gives the same verdict as a prompt one. A call that was itself planned
 *   late counts from its creation, because nobody could hear of it earlier.
 * - Plans and replays of direct calls lock their numbers by {@link lockLoops} first and read afterwards, so of two
 *   requests at once for one number the second sees the call of the first. Calls of other sources take no lock: a call of a rule that is planned at the same
 *   instant may be missed. It cannot have caused the request, because nobody has heard of it.
 */
import { loopWindowMs, statementTimeoutMs } from "../../domain/limits.ts";
import type { AskedSubject } from "../../ports/planning/rehearsals.ts";
import { asJson, type Queries, type Sql } from "../postgres/connection.ts";

type Part = ReturnType<Sql>;

/** The namespace of the advisory locks of {@link lockLoops}, and the one lock of all numbers of the version before it. */
const loopLock = 726_574_004;

/**
 * Lets one transaction at a time decide about direct calls to a number. The locks are taken before all others, and in a
 * statement of their own: only a later statement sees what the transaction before has committed. Each transaction takes
 * them in the order of the numbers' hashes, so that two of them do not deadlock. A transaction has at most 200 numbers.
 *
 * Steps:
 * - `given`: bounds the transaction, and waits for the version before.
 *
 * If the connection is cut behind this statement, Postgres ends the transaction after the deadline of a statement.
 * Otherwise the locks would stop direct calls to these numbers until Postgres notices the cut, which may take hours.
 *
 * @param numbers numbers of the direct calls; others are nobody's business here
 */
export async function lockLoops(tx: Queries, numbers: readonly (string | null)[]): Promise<void> {
  const limit = String(statementTimeoutMs);
  const known = [...new Set(numbers)].filter((number) => number !== null);
  // The shared lock waits for a Worker of the version before, which during a deploy still locks all numbers at once.
  await tx`
    with given as materialized (
      select set_config('idle_in_transaction_session_timeout', ${limit}, true), set_config('lock_timeout', ${limit}, true),
        pg_advisory_xact_lock_shared(${loopLock}::bigint)
    )
    select pg_advisory_xact_lock(${loopLock}::int, h) from (
      select distinct hashtext(n) as h from given, json_array_elements_text(${asJson(known)}::text::json) n
      order by h offset 0
    ) in_order`;
}

const windowOf = (sql: Queries) => sql`${loopWindowMs}::float8 * interval '1 millisecond'`;

/** A condition: whether a call, or a draft, rang or may still ring. */
const mayRing = (sql: Queries, row: Part) => sql`${row}.status not in ('skipped', 'canceled', 'expired', 'rejected')`;

/**
 * A condition: whether two rows are about the same. Order numbers are compared if both rows have one, else records if
 * both have one. Otherwise only two rows without any subject are alike.
 */
function sameSubject(sql: Queries, one: Part, other: Part): Part {
  return sql`case
      when ${one}.order_number_key is not null and ${other}.order_number_key is not null
        then ${one}.order_number_key = ${other}.order_number_key
      when ${one}.record_id is not null and ${other}.record_id is not null
        then ${one}.record_type = ${other}.record_type and ${one}.record_id = ${other}.record_id
      else num_nonnulls(${one}.order_number_key, ${one}.record_id, ${other}.order_number_key, ${other}.record_id) = 0
    end`;
}

/**
 * An expression: the event of the newest call that a direct call repeats; null if there is none.
 *
 * @param asked a row with `number`, `event_id`, `order_number_key`, `record_type` and `record_id`
 * @param at the time of its request
 */
export function repeatOf(sql: Queries, asked: Part, at: Part): Part {
  // `created_at` bounds the part of the index `calls_by_number` that is read: no call is older than its event.
  return sql`(select c.event_id from calls c join events o on o.id = c.event_id
      where c.number = ${asked}.number and c.event_id is distinct from ${asked}.event_id
        and c.created_at > ${at} - ${windowOf(sql)} and ${mayRing(sql, sql`c`)}
        and (c.created_at <= ${at}
          or o.received_at between ${at} - ${windowOf(sql)} and ${at} + ${windowOf(sql)})
        and ${sameSubject(sql, sql`c`, asked)}
      order by c.created_at desc, c.id desc limit 1)`;
}

/**
 * An expression: the event of an earlier draft of the same statement that a draft repeats; null if there is none. A
 * statement does not see its own new calls.
 *
 * @param drafts the step of the drafts, with `nth`
 * @param asked one of them
 * @param timeOf the time of a draft's request
 */
export function repeatAmong(sql: Queries, drafts: Part, asked: Part, timeOf: (draft: Part) => Part): Part {
  const [time, before] = [timeOf(asked), timeOf(sql`b`)];
  return sql`(select b.event_id from ${drafts} b
      where b.nth < ${asked}.nth and b.event_id <> ${asked}.event_id and b.number = ${asked}.number
        and ${mayRing(sql, sql`b`)} and ${sameSubject(sql, sql`b`, asked)}
        and ${before} between ${time} - ${windowOf(sql)} and ${time} + ${windowOf(sql)}
      order by b.nth desc limit 1)`;
}

/** @returns the event of the call that a direct call would repeat if it were made now; null if there is none */
export async function repeatNow(sql: Sql, asked: AskedSubject): Promise<string | null> {
  const [row] = await sql<[{ repeats: string | null }]>`
    select ${repeatOf(sql, sql`a`, sql`now()`)} as repeats
    from (select ${asked.number}::text as number, null::uuid as event_id, ${asked.orderNumberKey}::text as order_number_key,
      ${asked.record?.type ?? null}::text as record_type, ${asked.record?.id ?? null}::text as record_id) a`;
  return row.repeats;
}
