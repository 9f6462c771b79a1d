/** Redeliveries: tasks of the dispatcher. One part is one statement. */
import type { RedeliveryStore } from "../../ports/hooks/delivery-lookups.ts";
import type { TaskRow } from "../../ports/tasks/tasks.ts";
import { select } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import { taskColumns } from "./task-row.ts";

/** @param sql gives the client; an object's may change between statements, after a drop */
export function redeliveryStore(sql: () => Sql): RedeliveryStore {
  return { advance: (limit) => advance(sql(), limit) };
}

/** A condition on `deliveries d`: a redelivery of these deliveries is wanted. Erased ones have nothing left to send. */
const isWanted = (sql: Sql, all: ReturnType<Sql>) =>
  sql`d.body is not null and (d.state in ('given_up', 'missed') or ${all} and d.state = 'delivered')`;

/** @param wish `all`: also what the receiver did get. @returns The task; null if the hook is gone. */
export async function beginRedelivery(
  sql: Sql,
  hook: string,
  { sinceMs, all }: { sinceMs: number; all: boolean },
  by: { actor: string; token: string },
): Promise<TaskRow | null> {
  const about = { hook, since: new Date(sinceMs).toISOString(), all };
  const [row] = await sql<TaskRow[]>`
    with inserted as (
      insert into tasks (kind, about, actor, token, total)
      select 'redeliver', ${asJson(about)}::text::jsonb, ${by.actor}, ${by.token}, (select count(*)::int from deliveries d
        where d.hook = h.id and d.created_at >= to_timestamp(${sinceMs}::float8 / 1000) and ${isWanted(sql, sql`${all}`)})
      from hooks h where h.id = ${hook} returning *
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'hook', ${hook}, 'redelivery_begun', ${by.actor}, jsonb_build_object('task', id, 'total', total) || about
      from inserted
    )
    select ${select(sql, taskColumns, "t")} from inserted t`;
  return row ?? null;
}

/**
 * Makes the next deliveries of the oldest running redelivery due again, oldest first. It stops if its token has ended.
 *
 * Steps:
 * - `locked`: the task. Another dispatcher passes over it.
 * - `matching`: its next deliveries that were made before the task.
 * - `moved`: makes them due.
 * - `advanced`: counts them, and ends the task after the last part, or if its token has ended.
 * - `audited`: the entry about the end.
 */
async function advance(sql: Sql, limit: number): Promise<{ hook: string } | null> {
  const [row] = await sql<{ hook: string }[]>`
    with locked as (
      select *, (about->>'hook')::uuid as hook, (about->>'since')::timestamptz as since, (about->>'all')::boolean as all,
        -- A task of an earlier version does not know its token.
        token is null or exists (select 1 from tokens t where t.jti = tasks.token and t.revoked_at is null
          and t.expires_at > now() and t.scopes && '{hooks:write,admin}') as allowed
      from tasks where state = 'running' order by created_at limit 1 for update skip locked
    ), matching as (
      select d.id, d.created_at from locked t join hooks h on h.id = t.hook join deliveries d on d.hook = h.id
      where t.allowed and d.created_at >= t.since and d.created_at <= t.created_at and ${isWanted(sql, sql`t."all"`)}
        and (t.mark is null or (d.created_at, d.id) > (split_part(t.mark, ' ', 1)::timestamptz, split_part(t.mark, ' ', 2)::uuid))
      order by d.created_at, d.id limit ${limit}
    ), moved as (
      update deliveries d set state = 'pending', reason = null, next_at = now(), done_at = null, lease_until = null,
        tries_before = tries
      from matching m where d.id = m.id and d.state <> 'pending' returning d.id
    ), advanced as (
      update tasks k set done = k.done + (select count(*)::int from moved), updated_at = now(),
        mark = coalesce((select to_json(created_at)#>>'{}' || ' ' || id
          from matching order by created_at desc, id desc limit 1), k.mark),
        state = case when not t.allowed then 'stopped' when (select count(*) from matching) < ${limit} then 'done'
          else 'running' end,
        detail = case when not t.allowed then 'task_token_ended' end,
        ended_at = case when (select count(*) from matching) < ${limit} then now() end
      from locked t where k.id = t.id returning k.id, k.state, k.total, k.done, k.detail
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'task', id::text, case state when 'done' then 'ended' else 'stopped' end, 'dispatcher', detail,
        jsonb_build_object('matched', total, 'done', done) from advanced where state <> 'running'
    )
    select hook from locked`;
  return row ?? null;
}
