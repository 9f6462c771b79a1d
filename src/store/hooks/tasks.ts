/** Tasks: work on many rows that goes on after the request has ended. One part is one statement. */
import type { TaskRow, TaskStore } from "../../ports/hooks/delivery-lookups.ts";
import type { Cursor, Results } from "../../ports/page.ts";
import { columns, ms, select } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import { exactMoment, page } from "../postgres/pages.ts";
import type { tasks } from "../schema/hooks.ts";

const taskColumns = columns<typeof tasks, TaskRow>({
  id: "id",
  kind: "kind",
  about: "about",
  actor: "actor",
  reason: "reason",
  state: "state",
  total: "total",
  done: "done",
  detail: "detail",
  createdAt: ms("created_at"),
  updatedAt: ms("updated_at"),
  endedAt: ms("ended_at"),
});

/** @param sql gives the client; an object's may change between statements, after a drop */
export function taskStore(sql: () => Sql): TaskStore {
  return { advance: (limit) => advance(sql(), limit) };
}

export async function tasksNewest(sql: Sql, limit: number, after: Cursor | null): Promise<Results<TaskRow>> {
  const rows = await sql<(TaskRow & { exactly: string })[]>`
    select ${select(sql, taskColumns, "t")}, ${exactMoment(sql, "t.created_at")} from tasks t
    ${after === null ? sql`` : sql`where (t.created_at, t.id) < (${after.at}::text::timestamptz, ${after.id}::text::uuid)`}
    order by t.created_at desc nulls last, t.id desc nulls last limit ${limit + 1}`;
  return page(rows, limit);
}

export async function taskById(sql: Sql, id: string): Promise<TaskRow | null> {
  const [row] = await sql<TaskRow[]>`select ${select(sql, taskColumns, "t")} from tasks t where id = ${id}`;
  return row ?? null;
}

/** A condition on `deliveries d`: a redelivery of these deliveries is wanted. Erased ones have nothing left to send. */
const isWanted = (sql: Sql, all: ReturnType<Sql>) =>
  sql`d.body is not null and (d.state in ('given_up', 'missed') or ${all} and d.state = 'delivered')`;

/** @param wish `all`: also what the receiver did get. @returns The task; null if the hook is gone. */
export async function beginRedelivery(
  sql: Sql,
  hook: string,
  { sinceMs, all }: { sinceMs: number; all: boolean },
  actor: string,
): Promise<TaskRow | null> {
  const about = { hook, since: new Date(sinceMs).toISOString(), all };
  const [row] = await sql<TaskRow[]>`
    with inserted as (
      insert into tasks (kind, about, actor, total)
      select 'redeliver', ${asJson(about)}::text::jsonb, ${actor}, (select count(*)::int from deliveries d
        where d.hook = h.id and d.created_at >= to_timestamp(${sinceMs}::float8 / 1000) and ${isWanted(sql, sql`${all}`)})
      from hooks h where h.id = ${hook} returning *
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'hook', ${hook}, 'redelivery_begun', ${actor}, jsonb_build_object('task', id, 'total', total) || about from inserted
    )
    select ${select(sql, taskColumns, "t")} from inserted t`;
  return row ?? null;
}

/**
 * Makes the next deliveries of the oldest running task due again, oldest first.
 *
 * Steps:
 * - `locked`: the task. Another dispatcher passes over it.
 * - `matching`: its next deliveries that were made before the task.
 * - `moved`: makes them due.
 * - `advanced`: counts them, and ends the task after the last part.
 */
async function advance(sql: Sql, limit: number): Promise<{ hook: string } | null> {
  const [row] = await sql<{ hook: string }[]>`
    with locked as (
      select *, (about->>'hook')::uuid as hook, (about->>'since')::timestamptz as since, (about->>'all')::boolean as all
      from tasks where state = 'running' order by created_at limit 1 for update skip locked
    ), matching as (
      select d.id, d.created_at from locked t join deliveries d on d.hook = t.hook
      where d.created_at >= t.since and d.created_at <= t.created_at and ${isWanted(sql, sql`t."all"`)}
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
        state = case when (select count(*) from matching) < ${limit} then 'done' else 'running' end,
        ended_at = case when (select count(*) from matching) < ${limit} then now() end
      from locked t where k.id = t.id
    )
    select hook from locked`;
  return row ?? null;
}
