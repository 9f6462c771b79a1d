import * as z from "zod";
import {
  callSchema,
  callStorySchema,
  callsSchema,
  eventsSchema,
  orderSchema,
  wholeEventSchema,
} from "../answers/calls.ts";
import { draftSchema } from "../answers/drafts.ts";
import { idempotencyKey } from "../schemas/call.ts";
import type { ApiOperations } from "./operation.ts";

const id = { id: "The call's id." };

/** Look-ups, and direct calls. */
export const callOperations = {
  "GET /calls": {
    id: "listCalls",
    summary: "Calls, newest first",
    alsoNeeds: { scope: "pii:read", when: "for a search by `number`" },
    answers: { 200: { description: "A page of calls.", schema: callsSchema } },
    problems: ["cursor_invalid"],
  },
  "GET /calls/:id": {
    id: "getCall",
    summary: "One call with its event, its timeline and Mihu's reports",
    path: id,
    answers: { 200: { description: "The call.", schema: callStorySchema } },
    problems: ["not_found"],
  },
  "GET /calls/:id/recording": {
    id: "getRecording",
    summary: "The recording of a call",
    description: "Each request is an entry of the audit log.",
    path: id,
    answers: { 302: { description: "`Location` is the recording at Mihu.", schema: null } },
    problems: ["not_found", "no_recording", "link_not_allowed"],
  },
  "POST /calls": {
    id: "placeCall",
    summary: "Places a call that passes every check",
    description:
      "The call is durable before the answer. With an `Idempotency-Key` the request can be sent again: the same key with the same body " +
      "places one call. Without one, each request is another call. A request for a number that was called about the same order or " +
      "record within the last 15 minutes is held as `looks_like_a_loop`, unless it has `again: true` and a `reason`.",
    headers: {
      "Idempotency-Key": {
        description: "An opaque text of the client, for tokens of one name.",
        schema: idempotencyKey,
      },
    },
    answers: {
      200: {
        description: "A dry run: the call that would be placed. Nothing is stored.",
        schema: z.strictObject({ dry_run: z.literal(true), call: draftSchema }),
      },
      202: {
        description: "The call; `id` is null while it waits for its plan.",
        schema: z.union([callSchema, z.strictObject({ id: z.null(), status: z.null(), event_id: z.uuid() })]),
      },
    },
    problems: ["idempotency_conflict", "unavailable"],
  },
  "GET /orders": {
    id: "getOrder",
    summary: "Everything about one order number",
    answers: { 200: { description: "Its events and calls, of all sources.", schema: orderSchema } },
  },
  "GET /events": {
    id: "listEvents",
    summary: "Events, newest first",
    answers: { 200: { description: "A page of events.", schema: eventsSchema } },
    problems: ["cursor_invalid"],
  },
  "GET /events/:id": {
    id: "getEvent",
    summary: "One event with its body and its calls",
    path: { id: "The event's id." },
    answers: { 200: { description: "The event.", schema: wholeEventSchema } },
    problems: ["not_found"],
  },
} as const satisfies ApiOperations;
