/**
 * Deliveries of calls that are erased. Their bodies lose numbers and texts, and so do the receivers' answers, which may
 * repeat them. A delivery that waits keeps its id and its place: its receiver still hears, in order,
 * what became of the call.
 *
 * All statements belong to the transaction that erases the calls. That transaction has raised the outbox's version before
 * them. So deliveries that were made from unerased rows either exist by now, or are not stored (`advance` in
 * dispatch.ts).
 */
import { personalFields } from "../../domain/hooks/hook.ts";
import type { ToldReceiver } from "../../ports/people/erasures.ts";
import { type Sql, uuidArray } from "../postgres/connection.ts";
import { hookHost } from "./hook-host.ts";

/** Receivers of one call's data. */
export type ToldOfCall = { readonly call: string; readonly told: readonly ToldReceiver[] };

/** Errors of tries that sent nothing. */
const sentNothing = ["target_refused", "secret_unreadable", "mail_not_configured", "not_sendable"];

/**
 * Steps:
 * - `emptied`: deliveries that are over lose their body. Those that wait lose its number and texts.
 * - `counted`: for each call and hook, the deliveries that were sent with them, or are under way, so may be.
 *
 * @returns The receivers that have, or may have, the data of these calls.
 */
export async function eraseDeliveries(sql: Sql, calls: readonly string[]): Promise<ToldOfCall[]> {
  return await sql<ToldOfCall[]>`
    with emptied as (
      update deliveries d set personal = false,
        body = case when d.state = 'pending' then ${withoutPerson(sql, sql`d.body`)} end,
        reason = case when d.state = 'pending' then 'delivery_erased' else d.reason end
      where d.call = any(${uuidArray(sql, calls)}) and d.personal
      returning d.call, d.hook, d.lease_until is not null or d.tries > (select count(*) from delivery_tries t
        where t.delivery = d.id and t.error in ${sql(sentNothing)}) as sent
    ), counted as (
      select e.call, e.hook, count(*)::int as deliveries from emptied e where e.sent group by e.call, e.hook
    )
    select c.call, json_agg(json_build_object('hook', h.id, 'host', ${hookHost(sql, sql`h`)}, 'deliveries', c.deliveries)
      order by h.id) as told
    from counted c join hooks h on h.id = c.hook group by c.call`;
}

/**
 * Empties the receivers' answers. It follows {@link eraseDeliveries} as a statement of its own, because a try that was
 * recorded just before is visible only now. A later one stores no answer (record.ts).
 */
export async function eraseAnswers(sql: Sql, calls: readonly string[]): Promise<void> {
  await sql`
    update delivery_tries t set answer = null from deliveries d
    where d.call = any(${uuidArray(sql, calls)}) and t.delivery = d.id and t.answer is not null`;
}

/** A body of `domain/hooks/body.ts` with null for each personal field. All else stays as it is, byte for byte. */
function withoutPerson(sql: Sql, body: ReturnType<Sql>) {
  const inOrder = sql`',' order by nth`;
  const fields = sql`(select '{' || string_agg(to_json(field)::text || ':' || case when field in ${sql([...personalFields])}
      then 'null' else value::text end, ${inOrder}) || '}'
    from json_each(data) with ordinality f(field, value, nth))`;
  return sql`(select '{' || string_agg(to_json(member)::text || ':' || case when member = 'data' then ${fields}
      else data::text end, ${inOrder}) || '}'
    from json_each(${body}::json) with ordinality m(member, data, nth))`;
}
