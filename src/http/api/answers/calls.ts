/** Calls, events and orders as the API answers with them. */
import * as z from "zod";
import { callStatuses, outcomes } from "../../../domain/calls/call.ts";
import { deliveryStates } from "../../../domain/hooks/hook.ts";
import type { CallView } from "../../../views/calls/call.ts";
import type { CallStory, OrderView } from "../../../views/calls/call-lookup.ts";
import type { EventView } from "../../../views/calls/event.ts";
import { orderStepKinds } from "../../../views/calls/order-timeline.ts";
import { count, facts, isoTime, perhapsText, perhapsTime, searchedPageOf, uuid } from "./words.ts";

const record = z.strictObject({ type: z.string(), id: z.string() }).meta({ id: "Record" });

const wait = z
  .strictObject({
    reason: z.string(),
    reason_text: z.string(),
    detail: perhapsText,
    since: perhapsTime,
    until: perhapsTime,
  })
  .meta({ id: "Wait", description: "The reason for which a queued call, or an event without a plan, waits now." });

export const warningSchema = z
  .strictObject({ reason: z.enum(["anyway_closed", "anyway_rule_off"]), sentence: z.string() })
  .meta({
    id: "Warning",
    description: "The rule or the source would not make this call now, but the call still rings.",
  });

/** Numbers and texts are masked for a token without `pii:read`. */
export const callFields = {
  id: uuid,
  try: z.int().min(1).meta({ description: "Number of this try: 1, then 2, and so on. Each try is a separate call." }),
  again_of: uuid.nullable().meta({ description: "Id of the call that was tried before this one." }),
  again_reason: perhapsText.meta({
    description: "A person's reason for this further try, or the reason that a direct call with `again` gave.",
  }),
  status: z.enum(callStatuses),
  outcome: z.enum(outcomes).nullable(),
  outcome_raw: perhapsText.meta({ description: "The outcome in Mihu's own word." }),
  reason: perhapsText.meta({ description: "A code of the closed list of reasons." }),
  reason_text: perhapsText.meta({ description: "The reason as a sentence." }),
  detail: facts.nullable(),
  source: z.string(),
  rule: z.string(),
  rule_version: z.int(),
  mode: z.string(),
  event_id: uuid,
  line: perhapsText,
  order_number: perhapsText,
  record: record.nullable(),
  number: perhapsText,
  about: perhapsText,
  prompt: perhapsText,
  prompt_overwrite: z.boolean(),
  greeting: perhapsText,
  zones: z.array(z.string()).meta({ description: "Time zones in which the number may be." }),
  conversation_uuid: perhapsText,
  contact_uuid: perhapsText,
  mihu_id: perhapsText,
  listen_url: perhapsText,
  record_url: perhapsText,
  recording_url: perhapsText,
  created_at: isoTime,
  due_at: perhapsTime,
  closes_at: perhapsTime,
  expires_at: perhapsTime,
  claimed_at: perhapsTime,
  placed_at: perhapsTime,
  ended_at: perhapsTime,
  erased_at: perhapsTime,
  duration_s: z.number().nullable(),
  summary: perhapsText,
  next_look_at: perhapsTime.meta({
    description: "Time of the next look-up at Mihu, while it is unknown whether the call rang.",
  }),
  waits: wait.nullable(),
  warnings: z.array(warningSchema),
};

export const callSchema = z.strictObject(callFields).meta({ id: "Call" }) satisfies z.ZodType<CallView>;

const eventFields = {
  id: uuid,
  source: z.string(),
  external_id: perhapsText.meta({ description: "The sender's id." }),
  type: z.string(),
  order_number: perhapsText,
  record: record.nullable(),
  occurred_at: perhapsTime,
  received_at: isoTime,
  planned_at: perhapsTime,
  state: z.enum(["unplanned", "planned", "ignored"]),
  reason: perhapsText,
  reason_text: perhapsText,
  detail: facts.nullable(),
  conflict_of: uuid.nullable().meta({ description: "The event whose id came first with other bytes." }),
  conflicts: count.meta({ description: "Other bytes under the same id, each counted once." }),
  conflict_at: perhapsTime,
  erased_at: perhapsTime,
  fetch: z.strictObject({ tries: count, next_at: perhapsTime }).nullable(),
  waits: wait.nullable(),
  notes: z.array(z.strictObject({ note: z.string(), sentence: z.string() })),
  call_counts: z.strictObject({ made: count, skipped: count }).meta({
    description: "Its calls: those that were made, tries included, and those that a rule or a gate decided against.",
  }),
};

const event = z.strictObject(eventFields).meta({ id: "Event" }) satisfies z.ZodType<EventView>;

export const wholeEventSchema = z
  .strictObject({
    ...eventFields,
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    fetched: z.unknown(),
    calls: z.array(callSchema),
  })
  .meta({ id: "WholeEvent" });

const step = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("entry"),
      at: isoTime,
      subject: z.string(),
      action: z.string(),
      actor: z.string(),
      by: z.string().meta({ description: "The actor in words. A person is the name of their token." }),
      reason: perhapsText,
      reason_text: perhapsText,
      data: facts,
    }),
    z.strictObject({
      kind: z.literal("verdict"),
      at: isoTime,
      gate: z.string(),
      verdict: z.enum(["pass", "stop"]),
      inputs: facts,
    }),
  ])
  .meta({ id: "Step", description: "An entry of the audit log, or the verdict of one gate." });

export const callStorySchema = z
  .strictObject({
    ...callFields,
    event: event.nullable(),
    timeline: z.array(step),
    reports: z.array(z.strictObject({ event: z.string(), received_at: isoTime, body: z.unknown() })),
    conversation: z.strictObject({ uuid: z.string(), calls: z.array(uuid) }).nullable(),
    told: z.array(
      z.strictObject({
        ...{ delivery_id: uuid, hook_id: uuid, type: z.string(), state: z.enum(deliveryStates), tries: count },
        at: isoTime.meta({ description: "When the delivery ended; until then when it was made." }),
        sentence: z.string(),
      }),
    ),
  })
  .meta({ id: "CallStory" }) satisfies z.ZodType<Omit<CallStory, "call">>;

export const callsSchema = searchedPageOf(callSchema);
export const eventsSchema = searchedPageOf(event);

const orderStep = z
  .strictObject({
    at: isoTime,
    kind: z.enum(orderStepKinds),
    sentence: z.string(),
    by: perhapsText.meta({
      description: "The person, the line or the part that did it. A person is the name of their token.",
    }),
    source: z.string(),
    call_id: uuid.nullable(),
    event_id: uuid.nullable(),
    rule: perhapsText.meta({ description: "The rule that made the step's call." }),
    verdict: z.enum(["pass", "stop"]).nullable().meta({ description: "The verdict of a gate." }),
    quote: perhapsText.meta({ description: "Words of a person or of Mihu, as stored." }),
    gap_s: count.nullable().meta({ description: "Seconds since the step before." }),
    gap_reason: perhapsText.meta({ description: "The reason of that wait, if it is known." }),
    provisional: z.boolean().meta({ description: "Whether another step of the same call can still follow." }),
  })
  .meta({ id: "OrderStep" });

export const orderSchema = z
  .strictObject({
    order_number: z.string(),
    answer: z.string().meta({ description: "One sentence: whether a call was made, and its outcome." }),
    sources: z.array(z.strictObject({ source: z.string(), events: z.array(event), calls: z.array(callSchema) })),
    events: z.array(event),
    calls: z.array(callSchema),
    timeline: z.array(orderStep).meta({ description: "Everything about the order, oldest first." }),
    next: z
      .strictObject({ at: perhapsTime, call_id: uuid, sentence: z.string() })
      .nullable()
      .meta({ description: "The next thing that happens by itself." }),
    more: z.boolean(),
  })
  .meta({ id: "Order" }) satisfies z.ZodType<OrderView>;
