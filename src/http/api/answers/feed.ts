/** The feed's answers. */
import * as z from "zod";
import { hookEventTypes } from "../../../domain/hooks/event-types.ts";
import type { FeedItem } from "../../../views/hooks/feed.ts";
import { callFields } from "./calls.ts";
import { count, isoTime, perhapsText, perhapsTime, uuid } from "./words.ts";

const note = z.string().optional().meta({ description: "The reason why a large body is shortened." });

const toldIds = {
  id: uuid.meta({ description: "The call's id." }),
  sequence: count.meta({ description: "Number of the event in its call, from 1 and without gaps." }),
  final: z.boolean().meta({ description: "The call's last status. A report may follow it." }),
  event_id: uuid.nullable(),
  url: perhapsText.meta({ description: "The page of the call." }),
};

/** A call as it was at the event. Numbers and texts are masked for a token without `pii:read`. */
const toldCall = z
  .strictObject({
    ...toldIds,
    try: callFields.try,
    again_of: callFields.again_of,
    status: callFields.status,
    outcome: callFields.outcome,
    outcome_raw: callFields.outcome_raw,
    reason: callFields.reason,
    reason_text: callFields.reason_text,
    will_retry: z.boolean().meta({ description: "Hookline calls again, as this call or as a further try." }),
    retry_at: perhapsTime,
    source: z.string(),
    rule: z.string(),
    rule_version: z.int(),
    mode: z.string(),
    line: perhapsText,
    order_number: perhapsText,
    record: callFields.record,
    number: perhapsText,
    about: perhapsText,
    summary: perhapsText,
    recording_url: perhapsText,
    conversation_uuid: perhapsText,
    mihu_id: perhapsText,
    created_at: isoTime,
    due_at: perhapsTime,
    placed_at: perhapsTime,
    ended_at: perhapsTime,
    duration_s: z.number().nullable(),
    note,
  })
  .meta({ id: "CallEventData", description: "The call as it was right after the event." });

/** Ids of a call whose row or whole body is not at hand. */
const toldCallIds = z.strictObject({ ...toldIds, note }).meta({ id: "CallEventIds" });

const toldTrouble = z
  .strictObject({
    line: z.string().optional(),
    source: z.string().optional(),
    hook: z.string().optional().meta({ description: "The hook's id." }),
    target: perhapsText.optional().meta({ description: "The host of the hook's target." }),
    refused: count.nullable().optional().meta({ description: "Requests that the source refused in ten minutes." }),
    accepted: count.nullable().optional(),
    reason: perhapsText,
    reason_text: perhapsText,
    detail: z.unknown(),
    since: isoTime,
    over: z.boolean().meta({ description: "The trouble has ended." }),
    note,
  })
  .meta({ id: "TroubleEventData" });

const feedItem = z
  .strictObject({
    id: z.string().meta({ description: "The event's id, which stays the same." }),
    type: z.enum(hookEventTypes),
    timestamp: isoTime,
    data: z.union([toldCall, toldCallIds, toldTrouble]),
  })
  .meta({ id: "FeedEvent", description: "The body that a hook receives, with an id." });

/** Data of an event, as a hook receives it, by the family of its type. */
export const toldData = {
  call: z.union([toldCall, toldCallIds]),
  trouble: toldTrouble,
  test: z
    .strictObject({ id: uuid, text: z.string(), sample: z.looseObject({}) })
    .meta({ id: "TestEventData", description: "`sample` is an invented event as this hook receives it." }),
};

export const feedSchema = z.strictObject({
  data: z.array(feedItem) satisfies z.ZodType<readonly Omit<FeedItem, "data">[]>,
  next: z
    .string()
    .meta({ description: "The value of `after` for the events that follow. Never null: ask again later." }),
});
