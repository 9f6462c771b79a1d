/** Tasks as people begin, see and cancel them. */
import type { TaskRow, TaskStore, TaskWish } from "../../ports/tasks/tasks.ts";
import { taskColumns } from "../hooks/task-row.ts";
import { select } from "../postgres/columns.ts";
import { asClient, asJson, type Sql } from "../postgres/connection.ts";
import { exactMoment, page } from "../postgres/pages.ts";
import { endIfOver } from "./ends.ts";
import { addNamed, searchOnce, type TaskSearch } from "./search.ts";

/** @param sql the request's client */
export function taskStore(sql: Sql): TaskStore {
  return {
    begin: (wish) => begin(sql, wish),
    async list(seen, limit, after) {
      const mine = seen === "all" ? sql`true` : sql`(t.kind in ${sql(["", ...seen.kinds])} or t.actor = ${seen.actor})`;
      const rows = await sql<(TaskRow & { exactly: string })[]>`
        select ${select(sql, taskColumns, "t")}, ${exactMoment(sql, "t.created_at")} from tasks t where ${mine}
          ${after === null ? sql`` : sql`and (t.created_at, t.id) < (${after.at}::text::timestamptz, ${after.id}::text::uuid)`}
        order by t.created_at desc nulls last, t.id desc nulls last limit ${limit + 1}`;
      return page(rows, limit);
    },
    find: (id) => find(sql, id),
    cancel: (id, actor, reason) => cancel(sql, id, actor, reason),
  };
}

async function find(sql: Sql, id: string): Promise<TaskRow | null> {
  const [row] = await sql<TaskRow[]>`select ${select(sql, taskColumns, "t")} from tasks t where id = ${id}`;
  return row ?? null;
}

async function begin(sql: Sql, { kind, about, actor, token, needs, reason, which }: TaskWish): Promise<TaskRow> {
  const id = await sql.begin(async (tx) => {
    const client = asClient(tx);
    const [made] = await client<[{ id: string; nowMs: number }]>`
      insert into tasks (kind, about, actor, token, needs, reason, state, total)
      values (${kind}, ${asJson(about)}::text::jsonb, ${actor}, ${token},
        array(select json_array_elements_text(${asJson(needs)}::text::json)), ${reason}, 'stepping', 0)
      returning id, (extract(epoch from created_at) * 1000)::float8 as "nowMs"`;
    await findRows(client, made, which);
    await client`
      insert into entries (subject, subject_id, action, actor, data)
      select 'task', id::text, 'begun', ${actor}, jsonb_strip_nulls(jsonb_build_object('kind', kind, 'reason', reason,
        'matched', case when search is null then total end, 'more', more, 'about', about)) from tasks where id = ${made.id}`;
    await endIfOver(client, made.id);
    return made.id;
  });
  const task = await find(sql, id);
  if (task === null) throw new Error("the new task is gone");
  return task;
}

/** Rows of a filter with a number are found at once: what goes on is stored, and a number may not be. */
async function findRows(sql: Sql, { id, nowMs }: { id: string; nowMs: number }, which: TaskWish["which"]) {
  if ("ids" in which) {
    const total = await addNamed(sql, id, which.of, which.ids);
    await sql`update tasks set total = ${total} where id = ${id}`;
    return;
  }
  // Events that arrive later are left out. Calls are found from the newest on.
  let search: TaskSearch | null =
    which.of === "calls"
      ? { ...which, after: null }
      : { ...which, filter: { ...which.filter, to: Math.min(which.filter.to ?? nowMs, nowMs) }, after: null };
  const isWhole = which.of === "calls" && which.filter.number !== undefined;
  do {
    await searchOnce(sql, id, search);
    const [row] = await sql<{ search: TaskSearch | null }[]>`select search from tasks where id = ${id}`;
    search = row?.search ?? null;
  } while (isWhole && search !== null);
}

/**
 * Steps:
 * - `canceled`: ends the task, unless it is over.
 * - `items_deleted`: deletes the rows that it has not worked on.
 * - `audited`: inserts the entry, with what was done.
 */
async function cancel(sql: Sql, id: string, actor: string, reason: string | null): Promise<TaskRow | null> {
  const [row] = await sql<TaskRow[]>`
    with canceled as (
      update tasks set state = 'canceled', search = null, updated_at = now(), ended_at = now()
      where id = ${id} and state in ('running', 'stepping') returning *
    ), items_deleted as (
      delete from task_items where task in (select id from canceled)
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'task', id::text, 'canceled', ${actor}, jsonb_strip_nulls(jsonb_build_object('kind', kind, 'matched', total,
        'done', done, 'refused', refused, 'reason', ${reason}::text)) from canceled
    )
    select ${select(sql, taskColumns, "t")} from canceled t`;
  return row ?? null;
}
