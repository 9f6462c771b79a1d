import { inboxObject } from "./objects/inbox/inbox.ts";
import { lineObject } from "./objects/line/line.ts";
import { notaryObject } from "./objects/notary/notary.ts";
import { fetchHandler, inboxDeps, lineDeps, notaryDeps, runSweep } from "./wiring/entry-points.ts";

export default {
  fetch: fetchHandler,
  scheduled: (_controller: unknown, env: unknown, context: ExecutionContext) => context.waitUntil(runSweep(env)),
};

export const Inbox = inboxObject(inboxDeps);
export const Line = lineObject(lineDeps);
export const Notary = notaryObject(notaryDeps);
