/** Requests about notes, review and readings. */
import * as z from "zod";
import { cursor, limit, orderNumber } from "./queries.ts";
import { line, moment, slug } from "./words.ts";

/** Characters of a note. */
const noteCharactersMax = 2_000;

/** `POST /v1/orders/notes`. */
export const noteBody = z.strictObject({
  order_number: orderNumber,
  source: slug.optional(),
  text: line(noteCharactersMax).refine((text) => text.trim() !== "", "must not be blank"),
});

const reviewStatuses = ["held", "review", "unknown"] as const;

/** `GET /v1/review`. */
export const reviewQuery = z.strictObject({
  status: z.enum(reviewStatuses, `must be one of: ${reviewStatuses.join(", ")}`).optional(),
  reason: z
    .string()
    .regex(/^[a-z][a-z_]{0,63}$/, "must be a reason's code")
    .optional(),
  source: slug.optional(),
  line: slug.optional(),
  owner: z.enum(["me", "none"], "must be me or none").optional(),
  limit,
  cursor,
});

/** `POST /v1/calls/:id/assign`. */
export const assignBody = z.strictObject({
  owner: z.literal("me", "must be me, or null to give the call back").nullable(),
  take_from_other: z.boolean("must be true or false").default(false),
});

/** `GET /v1/audit/readings`. */
export const readingsQuery = z.strictObject({
  reader: line(200).optional(),
  from: moment.optional(),
  to: moment.optional(),
  limit,
  cursor: z
    .string()
    .regex(/^\d{1,18}$/, "must be a cursor of this list")
    .optional(),
});

/** `GET /v1/events/:id/changes`. */
export const changesQuery = z.strictObject({ with: z.uuid("must be an event's id").optional() });

/** `GET /v1/calls/:id/transcript`. */
export const transcriptQuery = z.strictObject({
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, "must be next_cursor of a transcript")
    .default("1"),
});
