/** Finds the rows of a task, in bounded parts. */
import { itemsPerSearchMax, itemsPerTaskMax } from "../../domain/tasks/task.ts";
import type { CallFilter } from "../../ports/lookups/calls.ts";
import type { Cursor } from "../../ports/page.ts";
import type { ReplaySelection } from "../../ports/planning/replays.ts";
import { replayableIds } from "../events/replay-pages.ts";
import { callList } from "../lookups/call-list.ts";
import { asJson, type Sql, uuidArray } from "../postgres/connection.ts";

/** The search of a task that goes on behind a cursor. */
export type TaskSearch = { readonly after: Cursor | null } & (
  | { readonly of: "calls"; readonly filter: CallFilter }
  | ({ readonly of: "events" } & Extract<ReplaySelection, { filter: unknown }>)
);

/** Adds the next rows to a task. @param sql a transaction, with the task locked */
export async function searchOnce(sql: Sql, task: string, search: TaskSearch): Promise<void> {
  const { ids, next } = await nextOf(sql, search);
  const added = await addRows(sql, task, search.of, ids);
  const going = next === null ? null : asJson({ ...search, after: next });
  await sql`
    update tasks set total = total + ${added}, more = total + ${added} >= ${itemsPerTaskMax} and ${going !== null},
      search = case when total + ${added} >= ${itemsPerTaskMax} then null else ${going}::text::jsonb end,
      updated_at = clock_timestamp()
    where id = ${task}`;
}

async function nextOf(sql: Sql, search: TaskSearch): Promise<{ ids: readonly string[]; next: Cursor | null }> {
  if (search.of === "events") return await replayableIds(sql, { filter: search.filter }, search.after);
  type Row = { id: string };
  const page = await callList<Row>(sql, sql`c.id`, search.filter, itemsPerSearchMax, search.after);
  return { ids: page.rows.map(({ id }) => id), next: page.next };
}

/** Adds rows by their ids. @returns how many there are */
async function addRows(sql: Sql, task: string, of: TaskSearch["of"], ids: readonly string[]): Promise<number> {
  const table = sql.unsafe(of === "calls" ? "calls" : "events");
  const at = sql.unsafe(of === "calls" ? "created_at" : "received_at");
  const added = await sql`
    insert into task_items (task, at, item) select ${task}, r.${at}, r.id from ${table} r where r.id = any(${uuidArray(sql, ids)})
    on conflict do nothing`;
  return added.count;
}

/** Adds named rows. An id without a row keeps its place, so that a step counts it. @returns how many there are */
export async function addNamed(sql: Sql, task: string, of: TaskSearch["of"], ids: readonly string[]): Promise<number> {
  const table = sql.unsafe(of === "calls" ? "calls" : "events");
  const at = sql.unsafe(of === "calls" ? "created_at" : "received_at");
  const added = await sql`
    insert into task_items (task, at, item)
    select ${task}, coalesce(r.${at}, now()), g.id
    from (select distinct id::uuid as id from json_array_elements_text(${asJson(ids)}::text::json) one(id)) g
      left join ${table} r on r.id = g.id`;
  return added.count;
}
