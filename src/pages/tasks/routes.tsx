import type { Hono } from "hono";
import { addActs } from "../forms/act.tsx";
import { show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { type PageContext, type PageEnv, readApi } from "../page.ts";
import { taskActs } from "./acts.tsx";
import { TaskPage } from "./task-page.tsx";
import { type TaskRead, TasksPage } from "./tasks-page.tsx";

/** Scopes of which one suffices to see tasks. The API decides which ones. */
const anyOf = ["calls:read", "calls:write", "hooks:write", "admin"];

/** `/tasks`: work that goes on after its request. `/calls/decide`: begins one about all calls of a list. */
export function addTaskPages(app: Hono<PageEnv>): void {
  app.get("/tasks", may(...anyOf), tasks);
  app.get("/tasks/:id", may(...anyOf), task);
  addActs(app, taskActs);
}

async function tasks(c: PageContext): Promise<Response> {
  const cursor = c.req.query("cursor");
  const query = cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
  const page = await readApi<{ data: TaskRead[]; next_cursor: string | null }>(c, `/v1/tasks${query}`);
  return show(c, <TasksPage reader={c.var.reader} tasks={page.data} next={page.next_cursor} />);
}

async function task(c: PageContext): Promise<Response> {
  const found = await readApi<TaskRead>(c, `/v1/tasks/${encodeURIComponent(c.req.param("id") ?? "")}`);
  return show(c, <TaskPage reader={c.var.reader} task={found} />);
}
