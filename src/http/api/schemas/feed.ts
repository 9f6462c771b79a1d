import * as z from "zod";
import { patternMistakes } from "../../../domain/hooks/event-types.ts";
import { cursor, limit } from "./queries.ts";

/** Characters of `events`. */
const eventsCharactersMax = 1_000;

/** Names of events, or `call.*` and the like, with commas between them. */
const patterns = z
  .string()
  .min(1, "must not be empty")
  .max(eventsCharactersMax, `must have at most ${eventsCharactersMax} characters`)
  .transform((text) => text.split(",").map((name) => name.trim()))
  .superRefine((names, context) => {
    for (const { reason } of patternMistakes(names).slice(0, 1)) context.addIssue({ code: "custom", message: reason });
  });

/** `GET /v1/feed`. */
export const feedQuery = z.strictObject({ events: patterns.optional(), after: cursor, limit });
