import { directoryObject } from "./objects/directory/directory.ts";
import { dispatcherObject } from "./objects/dispatcher/dispatcher.ts";
import { inboxObject } from "./objects/inbox/inbox.ts";
import { lineObject } from "./objects/line/line.ts";
import { notaryObject } from "./objects/notary/notary.ts";
import { notifierObject } from "./objects/notifier/notifier.ts";
import { taskRunnerObject } from "./objects/task-runner/task-runner.ts";
import { directoryDeps } from "./wiring/directory.ts";
import { dispatcherDeps } from "./wiring/dispatcher.ts";
import { inboxDeps } from "./wiring/inbox.ts";
import { lineDeps } from "./wiring/line.ts";
import { notaryDeps } from "./wiring/notary.ts";
import { notifierDeps } from "./wiring/notifier.ts";
import { fetchHandler } from "./wiring/requests.ts";
import { runSweep } from "./wiring/sweep.ts";
import { taskRunnerDeps } from "./wiring/task-runner.ts";

export default {
  fetch: fetchHandler,
  scheduled: (_controller: unknown, env: unknown, context: ExecutionContext) =>
    context.waitUntil(runSweep(env, context)),
};

export const Directory = directoryObject(directoryDeps);
export const Inbox = inboxObject(inboxDeps);
export const Line = lineObject(lineDeps);
export const Notary = notaryObject(notaryDeps);
export const Dispatcher = dispatcherObject(dispatcherDeps);
export const Notifier = notifierObject(notifierDeps);
export const TaskRunner = taskRunnerObject(taskRunnerDeps);
