/** Ends of tasks, each with its entry. */
import type { ReasonCode } from "../../domain/reasons.ts";
import type { Sql } from "../postgres/connection.ts";

/** The actor of entries about ends that no person asked for. */
const taskRunner = "task_runner";

/** Ends a task that has no rows left and waits for no line. */
export async function endIfOver(sql: Sql, id: string): Promise<void> {
  await sql`
    with ended as (
      update tasks set state = 'done', updated_at = clock_timestamp(), ended_at = clock_timestamp()
      where id = ${id} and state = 'stepping' and search is null and unconfirmed is null
        and not exists (select 1 from task_items i where i.task = tasks.id)
      returning id, kind, total, done, refused
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'task', id::text, 'ended', ${taskRunner}, jsonb_build_object('kind', kind, 'matched', total, 'done', done,
      'refused', refused) from ended`;
}

/** Ends a task before its work is done. @param state `stopped`: its token has ended; `failed`: a bug holds it up */
export async function endEarly(
  sql: Sql,
  id: string,
  state: "stopped" | "failed",
  reason: Extract<ReasonCode, `task_${string}`>,
): Promise<void> {
  await sql`
    with ended as (
      update tasks set state = ${state}, detail = ${reason}, search = null, updated_at = clock_timestamp(),
        ended_at = clock_timestamp()
      where id = ${id} and state = 'stepping' returning id, kind, total, done, refused
    ), items_deleted as (
      delete from task_items where task in (select id from ended)
    )
    insert into entries (subject, subject_id, action, actor, reason, data)
    select 'task', id::text, case when ${state === "stopped"} then 'stopped' else 'failed' end, ${taskRunner}, ${reason}::text,
      jsonb_build_object('kind', kind, 'matched', total, 'done', done, 'refused', refused) from ended`;
}
