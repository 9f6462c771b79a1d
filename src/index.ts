import { inboxObject } from "./objects/inbox/inbox.ts";
import { lineObject } from "./objects/line/line.ts";
import { notaryObject } from "./objects/notary/notary.ts";
import { answer, inboxParts, lineParts, notaryParts, runSweep } from "./wiring/entry-points.ts";

export default {
  fetch: answer,
  scheduled: (_controller: unknown, env: unknown, context: ExecutionContext) => context.waitUntil(runSweep(env)),
};

export const Inbox = inboxObject(inboxParts);
export const Line = lineObject(lineParts);
export const Notary = notaryObject(notaryParts);
