import type { Sql } from "../postgres/connection.ts";
import { decidedAt } from "./stopped.ts";

type Part = ReturnType<Sql>;

/**
 * An expression: whether one event is later than another. If both have a time of the sender's clock, those times decide, capped at the
 * times of arrival. Otherwise the times of arrival decide. Events may be delivered and planned in either order.
 *
 * @param one a table with `occurred_at` and `received_at`
 */
export function isLater(sql: Sql, one: Part, other: Part) {
  return sql`case when ${one}.occurred_at is null or ${other}.occurred_at is null then ${one}.received_at > ${other}.received_at
    else least(${one}.occurred_at, ${one}.received_at) > least(${other}.occurred_at, ${other}.received_at) end`;
}

/** An expression: the event that withdrew a rule's calls for the record of an earlier event; `null` if no event did. */
export function withdrawnBy(sql: Sql, rule: Part, event: Part) {
  return sql`(select x.event_id from withdrawals x where x.source = ${event}.source and x.rule = ${rule}
    and x.record_type = ${event}.record_type and x.record_id = ${event}.record_id and ${isLater(sql, sql`x`, event)})`;
}

/**
 * An expression: whether a call was withdrawn but the withdrawing statement did not see the call. Either the call's
 * plan was not visible yet, or the previous try ended meanwhile and made this further try. Further tries that were
 * decided after the withdrawal was planned are exempt.
 *
 * @param call Alias of `calls` in the statement.
 */
export function isWithdrawn(sql: Sql, call: Part) {
  return sql`exists (select 1 from withdrawals x join events e on e.id = ${call}.event_id
    where x.source = ${call}.source and x.rule = ${call}.rule and x.record_type = ${call}.record_type
      and x.record_id = ${call}.record_id and ${isLater(sql, sql`x`, sql`e`)} and (${call}.try = 1
        or (select p.planned_at from events p where p.id = x.event_id) > ${decidedAt(sql, call)}))`;
}
