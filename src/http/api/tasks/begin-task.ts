/** Begins a task for a request about many calls or events. */
import type { Context } from "hono";
import type { BulkKind } from "../../../domain/tasks/task.ts";
import { scrubText } from "../../../platform/log.ts";
import type { TaskSelection } from "../../../ports/tasks/tasks.ts";
import { notable } from "../../../views/notable.ts";
import { actorOf } from "../../../views/reader.ts";
import { taskView } from "../../../views/tasks/task.ts";
import type { AppEnv } from "../../deps.ts";

/** The part of a request that its task needs. */
type Asked = {
  readonly which: TaskSelection;
  readonly filter?: Readonly<Record<string, unknown>> | undefined;
  readonly reason?: string | undefined;
};

/** @param about the request's other fields */
export async function beginTask(
  c: Context<AppEnv>,
  kind: BulkKind,
  about: Readonly<Record<string, unknown>>,
  { which, filter = {}, reason }: Asked,
): Promise<Response> {
  const { stores, taskRunner } = c.var.deps;
  const { reader } = c.var;
  const task = await stores.tasks.begin({
    kind,
    about: { ...about, ...("ids" in which ? { ids: which.ids.length } : { filter: notable(filter) }) },
    actor: actorOf(reader),
    token: reader.jti,
    needs: ["calls:write", ...(filter.number === undefined ? [] : ["pii:read"])],
    // A task is never erased, so a number in a reason is replaced.
    reason: reason === undefined ? null : scrubText(reason),
    which,
  });
  await taskRunner.poke();
  return c.json(taskView(task, new Map([[reader.jti, reader.name]]), true), 202);
}
