import * as z from "zod";
import { callStatuses } from "../../domain/call.ts";
import { line, moment, slug } from "./words.ts";

export const pageRowsMax = 200;
export const pageRowsDefault = 50;

const limit = z.coerce
  .number()
  .int("must be a whole number")
  .min(1, "must be at least 1")
  .max(pageRowsMax, `must be at most ${pageRowsMax}`)
  .default(pageRowsDefault);
const cursor = z.string().max(200).optional();

/** A value that somebody types; a blank one is a mistake and not "all". */
const typed = line(200);

export const callsQuery = z.strictObject({
  order_number: typed.optional(),
  record_type: typed.optional(),
  record_id: typed.optional(),
  number: typed.optional(),
  conversation: typed.optional(),
  status: z.enum(callStatuses, `must be one of: ${callStatuses.join(", ")}`).optional(),
  source: slug.optional(),
  rule: slug.optional(),
  line: slug.optional(),
  from: moment.optional(),
  to: moment.optional(),
  limit,
  cursor,
});

export const eventsQuery = z.strictObject({
  source: slug.optional(),
  order_number: typed.optional(),
  state: z.enum(["unplanned", "planned", "ignored"], "must be one of: unplanned, planned, ignored").optional(),
  limit,
  cursor,
});

export const orderQuery = z.strictObject({ order_number: typed });
export const configQuery = z.strictObject({
  dry_run: z.enum(["true", "false"], "must be true or false").default("false"),
});
