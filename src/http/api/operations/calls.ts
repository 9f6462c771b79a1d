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
import { foundSchema } from "../answers/find.ts";
import { statisticsSchema } from "../answers/statistics.ts";
import { idempotencyKey } from "../schemas/call.ts";
import { aboutExports, exportAnswer, exportFormat } from "./exports.ts";
import type { ApiOperations } from "./operation.ts";

const id = { id: "The call's id." };

/** Fields of lists with pages. */
const page = {
  limit: "Rows of a page.",
  cursor: "`next_cursor` of the page before.",
};

/** Fields that narrow a list of calls. */
const callFields = {
  order_number: "Order number, in any spelling: `#1001`, `1001` and `№ 1001` are the same.",
  record_type: "Type of the record, such as `ticket`.",
  record_id: "Id of the record.",
  number: "Phone number as people write it.",
  conversation: "Id of the conversation at Mihu.",
  status: "Status of the call, or several: `held,review`.",
  outcome: "Outcome of the call.",
  reason: "Code of the reason that the call shows.",
  mode: "Mode of the rule when it made the call.",
  source: "Name of the source.",
  rule: "Name of the rule.",
  line: "Name of the line.",
  from: "Calls that were created at this time or later.",
  to: "Calls that were created before this time.",
};

/** Fields that narrow a list of events. */
const eventFields = {
  source: "Name of the source.",
  order_number: "Order number, in any spelling.",
  state: "`unplanned`: waits for its plan. `planned`: has calls. `ignored`: has none, and `reason` says why.",
  type: "Type of the event, in the sender's words.",
  reason: "Code of the reason for which it has no call.",
  record_type: "Type of the record, such as `ticket`.",
  record_id: "Id of the record.",
  from: "Events that were received at this time or later.",
  to: "Events that were received before this time.",
};

/** Look-ups, and direct calls. */
export const callOperations = {
  "GET /calls": {
    id: "listCalls",
    summary: "Calls, newest first",
    alsoNeeds: { scope: "pii:read", when: "for a search by `number`" },
    fields: { ...callFields, ...page },
    answers: { 200: { description: "A page of calls.", schema: callsSchema } },
    problems: ["cursor_invalid"],
  },
  "GET /calls/export": {
    id: "exportCalls",
    summary: "Calls as a file, newest first",
    description: aboutExports,
    alsoNeeds: { scope: "pii:read", when: "for a search by `number`" },
    fields: { ...callFields, format: exportFormat },
    answers: { 200: exportAnswer },
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
    summary: "Redirects to the recording of a call",
    description:
      "Each request writes an audit entry. Recordings at hosts other than Mihu's and those of `LINK_HOSTS` are refused.",
    path: id,
    answers: { 302: { description: "`Location` is the address of the recording.", schema: null } },
    problems: ["not_found", "no_recording", "link_not_allowed"],
  },
  "POST /calls": {
    id: "placeCall",
    summary: "Places a call that passes every check",
    description:
      "The call is stored before the answer, and placed by its line. Every limit of the line applies. The texts are used as given: they are " +
      "no templates, and nothing in them is quoted. With an `Idempotency-Key` the request can be repeated: the same key with the same body " +
      "places one call. Without a key, each request places a call. A request for a number that was called about the same order or record within " +
      "the last 15 minutes, by any source, is `held` as `looks_like_a_loop`. Calls without an order number and record are about the same. " +
      "`again: true` with a `reason` lets the call ring.",
    fields: {
      line: "Name of the line that calls.",
      number: "Phone number. Without a calling code it is a number of `DEFAULT_COUNTRY`.",
      about: "The agent's knowledge about the call.",
      prompt: "Addition to the agent's own prompt. With `overwrite` it replaces that prompt.",
      greeting: "The agent's first sentence.",
      order_number: "Order number by which the call can be found.",
      record: "Record by which the call can be found.",
      due_at: "Time from which the call may ring, at most 366 days ahead.",
      expires: "Time for which the call may wait, in open hours of the line: `4h`, `1d`.",
      again: "`true`: the call rings even if it repeats a call of the last 15 minutes.",
      reason: "Why the customer is called again. `again_reason` of the call has it.",
      dry_run:
        "`true`: the answer is the call that would be placed. Nothing is stored, and suppressions are not checked.",
    },
    headers: {
      "Idempotency-Key": {
        description: "Any text that is new for each call. Tokens of one name share their keys.",
        schema: idempotencyKey,
      },
    },
    answers: {
      200: {
        description: "A dry run: the call that would be placed. Nothing is stored.",
        schema: z.strictObject({ dry_run: z.literal(true), call: draftSchema }),
      },
      202: {
        description: "The call. Its `id` is null if Postgres is down: the call is stored, and gets its id later.",
        schema: z.union([callSchema, z.strictObject({ id: z.null(), status: z.null(), event_id: z.uuid() })]),
      },
    },
    problems: ["idempotency_conflict", "unavailable"],
  },
  "GET /find": {
    id: "find",
    summary: "Finds anything by any id",
    description:
      "`q` may be an order number or its beginning, a record (`987`, `order 987`, `order:987`), the id of an event, of a call, of a " +
      "conversation or of a call at Mihu, the sender's id of an event, a phone number, or a URL that contains one of these. The best match " +
      "comes first. Order numbers that begin with `q` come last, in the order of their characters, at most 8. `not_tried` lists the kinds " +
      "that were left out, and why: without `pii:read`, numbers are never looked up, so the answer says nothing about them.",
    fields: { q: "The text to find, at most 500 characters." },
    answers: { 200: { description: "The matches, the best first.", schema: foundSchema } },
  },
  "GET /orders": {
    id: "getOrder",
    summary: "Everything about one order number, by source",
    fields: {
      order_number: "Order number, in any spelling: `#1001`, `1001` and `№ 1001` are the same.",
      zone: "IANA zone of the times in `answer`. UTC by default, which the sentence names.",
    },
    answers: {
      200: {
        description: "The events and calls of all sources, with one sentence about them in `answer`.",
        schema: orderSchema,
      },
    },
  },
  "GET /orders/evidence": {
    id: "getEvidence",
    summary: "An evidence bundle of one order number: a zip that verifies itself offline",
    description:
      "`verify.html` opens in a browser without a network, and verifies the receipts and the other files. `timeline.json` and " +
      "`timeline.html` have everything about the order, `receipts/` a receipt of each call, `heads.json` the heads that they refer to, " +
      "`keys.json` the public keys, and `manifest.jws` the signed hashes of these files. At most 50 calls and 50 events are in it, the newest " +
      "ones; it says if there are more, and what is masked. An audit entry names the order number and the calls.",
    fields: { order_number: "Order number, in any spelling: `#1001`, `1001` and `№ 1001` are the same." },
    answers: { 200: { description: "The bundle.", schema: z.string(), type: "application/zip" } },
    problems: ["not_found"],
  },
  "GET /statistics": {
    id: "getStatistics",
    summary: "Rings, outcomes and waiting times by hour or day",
    description:
      "Counted from the audit log, so an erasure changes nothing. The newest hour grows until it is over. After the first start on an existing " +
      "database, the sweep counts its older entries bit by bit, the newest first: `complete_from` says how far it came. Hours and days are in UTC.",
    fields: {
      from: "Begin of the range. Default: a day before `to`.",
      to: "End of the range. Default: now. At most 31 days by hour, 92 by day.",
      by: "`hour` or `day`.",
    },
    answers: { 200: { description: "The figures, oldest first.", schema: statisticsSchema } },
  },
  "GET /events": {
    id: "listEvents",
    summary: "Events, newest first",
    fields: { ...eventFields, ...page },
    answers: { 200: { description: "A page of events.", schema: eventsSchema } },
    problems: ["cursor_invalid"],
  },
  "GET /events/export": {
    id: "exportEvents",
    summary: "Events as a file, newest first",
    description: aboutExports,
    fields: { ...eventFields, format: exportFormat },
    answers: { 200: exportAnswer },
  },
  "GET /events/:id": {
    id: "getEvent",
    summary: "One event with its body and its calls",
    description: "`notes` say what Hookline changed or left out when it read the request.",
    path: { id: "The event's id." },
    answers: { 200: { description: "The event.", schema: wholeEventSchema } },
    problems: ["not_found"],
  },
} as const satisfies ApiOperations;
