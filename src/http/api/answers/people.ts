/** Notes, review, transcripts and readings as the API answers with them. */
import * as z from "zod";
import type { EventChangesView } from "../../../views/calls/event-changes.ts";
import { type ReviewItemView, reviewDecisions } from "../../../views/people/review.ts";
import { callSchema } from "./calls.ts";
import { count, isoTime, pageOf, perhapsText, perhapsTime, uuid } from "./words.ts";

export const noteSchema = z
  .strictObject({ id: uuid, order_number: z.string(), source: perhapsText, at: isoTime })
  .meta({ id: "Note" });

const reviewItem = z
  .strictObject({
    call: callSchema,
    waiting_since: isoTime,
    age_s: count,
    overdue: z.boolean(),
    owner: perhapsText.meta({ description: "Name of the owner's token." }),
    mine: z.boolean(),
    owned_at: perhapsTime,
    decisions: z.array(z.enum(reviewDecisions)).meta({ description: "Decisions that a person may take now." }),
  })
  .meta({ id: "ReviewItem" }) satisfies z.ZodType<ReviewItemView>;

export const reviewSchema = z.strictObject({ ...pageOf(reviewItem).shape, overdue_after_s: count });

export const assignedSchema = z.strictObject({ id: uuid, owner: perhapsText });

export const transcriptSchema = z
  .strictObject({
    call_id: uuid,
    utterances: z.array(
      z.strictObject({ speaker: z.enum(["agent", "customer", "unknown"]), at: perhapsTime, text: z.string() }),
    ),
    complete: z.boolean().meta({ description: "Whether the end was read." }),
    cut: z
      .strictObject({ reason: z.enum(["long", "late", "failed"]), detail: z.string() })
      .nullable()
      .meta({ description: "Why the transcript ends before the conversation." }),
    next_cursor: perhapsText.meta({ description: "The next part begins there." }),
    only_this_call: z
      .boolean()
      .meta({ description: "`false`: the conversation may hold other calls with the same person." }),
  })
  .meta({ id: "Transcript" });

export const readingsSchema = pageOf(
  z
    .strictObject({
      id: count,
      at: isoTime,
      reader: z.string().meta({ description: "Name of the reader's token." }),
      actor: z.string(),
      action: z.string(),
      what: z.string(),
      rows: count,
      call_id: perhapsText,
      event_id: perhapsText,
    })
    .meta({ id: "Reading" }),
);

export const changesSchema = z
  .strictObject({
    event_id: uuid,
    with: z.strictObject({ event_id: uuid, received_at: isoTime }).nullable(),
    changes: z.array(z.strictObject({ path: z.string(), before: perhapsText, after: perhapsText })),
    more: z.boolean(),
  })
  .meta({ id: "EventChanges" }) satisfies z.ZodType<EventChangesView>;
