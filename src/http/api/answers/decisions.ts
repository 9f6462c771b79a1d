/** Decisions of people about calls and events. */
import * as z from "zod";
import { callStatuses } from "../../../domain/calls/call.ts";
import { callFields, warningSchema } from "./calls.ts";
import { stoppedSchema } from "./stopped.ts";
import { count, isoTime, perhapsText, perhapsTime, reasonCount, uuid } from "./words.ts";

/** A call after a decision. `duplicate`: an earlier request made the same decision. */
export const decidedCallSchema = z.strictObject({ ...callFields, duplicate: z.boolean() }).meta({ id: "DecidedCall" });

const newestFields = {
  call_id: uuid,
  source: z.string(),
  rule: z.string(),
  rule_version: z.int(),
  newest_version: z.int().nullable(),
  would: z.enum(["ring", "stay held"]),
  reason: perhapsText,
  reason_text: perhapsText,
  warnings: z.array(warningSchema),
  differences: z.array(z.strictObject({ field: z.string(), from: z.unknown(), to: z.unknown() })),
};

/** A held call beside the same call by today's rule. */
const newest = z.strictObject(newestFields).meta({ id: "Newest" });
export const shownNewestSchema = z.strictObject({ dry_run: z.literal(true), ...newestFields });

const countedWarning = z.strictObject({ ...warningSchema.shape, count });

const statuses = z.array(z.strictObject({ status: z.enum(callStatuses), count, ids: z.array(uuid) }));

/** The result of a decision about many calls, or of its dry run. */
export const bulkSchema = z
  .discriminatedUnion("dry_run", [
    z.strictObject({
      dry_run: z.literal(true),
      matching: count,
      more: z.boolean(),
      statuses,
      skipped: z.array(reasonCount),
      stopped: z.array(reasonCount).meta({ deprecated: true, description: "The former name of `skipped`." }),
      warnings: z.array(countedWarning).optional(),
      rule_versions: z.record(z.string(), z.int()).optional(),
      differences: z.array(newest).optional(),
    }),
    z.strictObject({
      dry_run: z.literal(false),
      done: count,
      skipped: z.array(reasonCount),
      warnings: z.array(countedWarning).optional(),
      stopped: stoppedSchema.optional(),
      more: z.boolean(),
      next_cursor: perhapsText,
    }),
  ])
  .meta({ id: "BulkAnswer" });

const replaySample = z
  .strictObject({
    event_id: uuid,
    type: z.string(),
    order_number: perhapsText,
    received_at: isoTime,
    call_id: uuid.nullable(),
    rule: z.string(),
    rule_version: z.int(),
    line: perhapsText,
    try: z.int(),
    again_of: uuid.nullable(),
    status: perhapsText,
    reason: perhapsText,
    number: perhapsText,
    about: perhapsText,
    prompt: perhapsText,
    greeting: perhapsText,
    due_at: perhapsTime,
    expires_at: perhapsTime,
  })
  .meta({ id: "ReplaySample" });

export const replaySchema = z
  .strictObject({
    dry_run: z.boolean(),
    events: count,
    would_call: count.optional(),
    called: count.optional(),
    held: count,
    already_called: count,
    owed: count,
    too_old: count,
    expiry: z.string(),
    skipped: z.array(reasonCount),
    samples: z.array(replaySample),
    more: z.boolean(),
    next_cursor: perhapsText,
  })
  .meta({ id: "ReplayAnswer" });

export const erasureSchema = z
  .strictObject({
    erased: z.strictObject({ calls: count, events: count, canceled_calls: count }),
    waiting: z.strictObject({
      calls: count,
      named: z.array(z.strictObject({ id: uuid, status: z.enum(callStatuses) })),
      unplanned_events: z.array(uuid),
    }),
    told: z.array(z.strictObject({ hook: uuid, host: z.string(), deliveries: count })).meta({
      description:
        "Hooks whose receivers were sent numbers or texts that are erased now: ask them too. Deliveries older than 30 days and removed hooks are not known.",
    }),
    more: z.boolean(),
    not_searched: perhapsText,
  })
  .meta({ id: "ErasureAnswer" });

export const suppressionSchema = z
  .strictObject({
    number: z.string().nullable(),
    reason: perhapsText,
    until: perhapsTime,
    created_at: isoTime,
    created_by: z.string(),
  })
  .meta({ id: "Suppression" });

export const suppressedSchema = z.strictObject({
  number: z.string(),
  reason: z.string(),
  until: perhapsTime,
  canceled_calls: count,
  remaining_calls: count,
  stopped: stoppedSchema,
});
