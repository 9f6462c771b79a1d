import { type Context, Hono } from "hono";
import type { TaskKind } from "../../../domain/tasks/task.ts";
import { scrubText } from "../../../platform/log.ts";
import type { TaskRow } from "../../../ports/tasks/tasks.ts";
import { tokensOf } from "../../../views/actors.ts";
import { readCursor, writeCursor } from "../../../views/cursor.ts";
import { actorOf, type Reader, seesAll } from "../../../views/reader.ts";
import { taskView } from "../../../views/tasks/task.ts";
import { allow } from "../../auth/authenticate.ts";
import type { Scope } from "../../auth/token.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { isUuid } from "../../uuid.ts";
import { taskCancelBody, tasksQuery } from "../schemas/queries.ts";
import { jsonBody, query } from "../validate.ts";

/** Kinds of tasks about calls and events. */
const callKinds: readonly TaskKind[] = ["cancel", "release", "resolve", "replay"];

/**
 * `/v1/tasks`: work that goes on after its request.
 *
 * | reader                          | sees                               | cancels                        |
 * | ------------------------------- | ---------------------------------- | ------------------------------ |
 * | `admin`                         | every task                         | every task                     |
 * | `calls:read`                    | tasks about calls, and its own     | its own                        |
 * | `calls:write`                   | its own                            | its own                        |
 * | `calls:read` and `calls:write`  | tasks about calls, and its own     | tasks about calls, and its own |
 * | `hooks:write`                   | its own                            | its own                        |
 */
export function taskRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const maySee = allow("calls:read", "calls:write", "hooks:write", "admin");

  app.get("/", maySee, query(tasksQuery), async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const after = cursor === undefined ? null : readCursor(cursor);
    if (cursor !== undefined && after === null) return problem("cursor_invalid");
    const { reader } = c.var;
    const seen = has(reader, "admin")
      ? "all"
      : { kinds: has(reader, "calls:read") ? callKinds : [], actor: actorOf(reader) };
    const found = await c.var.deps.stores.tasks.list(seen, limit, after);
    return c.json({ data: await shown(c, found.rows), next_cursor: writeCursor(found.next) });
  });

  app.get("/:id", maySee, async (c) => {
    const task = await findTask(c);
    return task === null ? noTask() : c.json((await shown(c, [task]))[0]);
  });

  app.post("/:id/cancel", allow("calls:write", "hooks:write", "admin"), jsonBody(taskCancelBody), async (c) => {
    const task = await findTask(c);
    if (task === null) return noTask();
    const { reader } = c.var;
    const may = has(reader, "admin") || isOwn(task, reader) || (isAboutCalls(task) && has(reader, "calls:write"));
    if (!may) return noTask();
    const { reason } = c.req.valid("json");
    const { stores, taskRunner } = c.var.deps;
    const canceled = await stores.tasks.cancel(
      task.id,
      actorOf(reader),
      reason === undefined ? null : scrubText(reason),
    );
    if (canceled === null) {
      const { state } = (await findTask(c)) ?? task;
      return problem("task_state", { detail: `The task is over: ${state}.`, members: { task_state: state } });
    }
    // Lines may still have to answer for calls that the task canceled.
    await taskRunner.poke();
    return c.json((await shown(c, [canceled]))[0]);
  });
  return app;
}

function noTask(): Response {
  return problem("not_found", {
    detail: "There is no task of this id, or it is about something that this token may not see.",
  });
}

const has = ({ scopes }: Reader, scope: Scope) => scopes.includes(scope);
const isOwn = ({ actor }: TaskRow, reader: Reader) => actor === actorOf(reader);
const isAboutCalls = ({ kind }: TaskRow) => callKinds.some((one) => one === kind);

async function shown(c: Context<AppEnv>, tasks: readonly TaskRow[]) {
  const { deps, reader } = c.var;
  const names = await deps.stores.lookups.tokenNames(tokensOf(tasks.map(({ actor }) => actor)));
  return tasks.map((task) => taskView(task, names, seesAll(reader) || isOwn(task, reader)));
}

/** @returns The task of the path, if the reader may see it. */
async function findTask(c: Context<AppEnv>): Promise<TaskRow | null> {
  const { reader } = c.var;
  const id = c.req.param("id") ?? "";
  const task = isUuid(id) ? await c.var.deps.stores.tasks.find(id) : null;
  if (task === null) return null;
  const sees = has(reader, "admin") || isOwn(task, reader) || (isAboutCalls(task) && has(reader, "calls:read"));
  return sees ? task : null;
}
