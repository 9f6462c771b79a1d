import { feedSchema } from "../answers/feed.ts";
import type { ApiOperations } from "./operation.ts";

/** Hooks, and their events for clients that cannot be called. */
export const hookOperations = {
  "GET /feed": {
    id: "readFeed",
    summary: "Events of calls, lines, sources and hooks, oldest first",
    description:
      "The events that hooks receive. Without `after` the answer has the newest ones; then ask with `after` set to `next` of the last answer. " +
      "`events` has names or wildcards (`call.*`) with commas between them. Events of calls need `calls:read`. All others need `admin`, and " +
      "are left out for a token without it.",
    answers: { 200: { description: "A page of events. Events of one call are in their order.", schema: feedSchema } },
    problems: ["cursor_invalid"],
  },
} as const satisfies ApiOperations;
