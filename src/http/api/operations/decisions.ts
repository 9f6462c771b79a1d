import * as z from "zod";
import {
  bulkSchema,
  decidedCallSchema,
  erasureSchema,
  replaySchema,
  shownNewestSchema,
  suppressedSchema,
  suppressionSchema,
} from "../answers/decisions.ts";
import { taskSchema } from "../answers/tasks.ts";
import { aboutExports, exportAnswer, exportFormat } from "./exports.ts";
import type { ApiOperations } from "./operation.ts";

const id = { id: "The call's id." };
const number = { number: "A phone number as people write it, percent-encoded." };
/** A search by number would reveal whether the number was called. */
const readsNumber = { scope: "pii:read", when: "for a filter with `number`" } as const;
const again =
  "A request decides about at most 1,000 calls. If `more`, send it again with `next_cursor` as `cursor`. With `as_task` the service goes on by " +
  "itself, and `GET /v1/tasks/:id` has the progress.";
const task = { description: "With `as_task`: the task.", schema: taskSchema };
const reason = "Why. The call's timeline shows it.";
const render =
  "`shown`: the texts that were stored when the call was held. `newest`: the texts of the rule's newest version; this takes a dry run first.";
const rang = "Whether the call rang.";
const then = "If it did not ring: `close` cancels the call, `dial` places a further try.";
/** Fields of each decision about many calls. */
const many = {
  filter: "Fields of the query of `GET /v1/calls`, at least one. Either `filter` or `ids`.",
  ids: "Ids of calls, at most 1,000.",
  dry_run: "`true`: the answer has the plan, and nothing changes.",
  as_task: "`true`: the service decides about all of them in steps, also after the request. Not with `cursor`.",
  cursor: "`next_cursor` of the answer before.",
  reason,
};
const counted = "Calls that were decided (`done`), and calls that were left as they were, by reason (`skipped`).";

/** Decisions of people about calls, events and numbers. */
export const decisionOperations = {
  "POST /calls/:id/cancel": {
    id: "cancelCall",
    summary: "Cancels a call that has not begun",
    description:
      "The call is `queued` or `held`, or its line has claimed it and not sent it to Mihu. A call whose request is on its way to Mihu cannot be " +
      "stopped: the answer is 409 `call_state`, and the rule makes no further try of it all the same.",
    path: id,
    fields: { reason },
    answers: { 200: { description: "The call.", schema: decidedCallSchema } },
    problems: ["not_found", "call_state"],
  },
  "POST /calls/:id/release": {
    id: "releaseCall",
    summary: "Lets a held call ring",
    description:
      "Every check that can stop the call is made again. To use the rule's newest texts, send two requests: one with `render: newest` and " +
      "`dry_run`, whose answer has the differences and `newest_version`, then one with that version as `rule_version`. If the rule was changed in " +
      "between, the answer is 409 `rule_changed`.",
    path: id,
    fields: {
      reason,
      render,
      rule_version: "`newest_version` of the answer to the dry run. Only with `render: newest`.",
      dry_run: "`true`: the answer has the differences, and nothing changes.",
    },
    answers: {
      200: {
        description: "A dry run: the differences between the stored texts and the newest.",
        schema: shownNewestSchema,
      },
      202: { description: "The call.", schema: decidedCallSchema },
    },
    problems: ["not_found", "call_state", "call_stopped", "rule_changed"],
  },
  "POST /calls/:id/resolve": {
    id: "resolveCall",
    summary: "Records whether a call in `review` rang",
    path: id,
    fields: {
      rang,
      conversation_uuid: "If it rang: its conversation at Mihu. Required if Mihu gave no id for the call.",
      then,
      reason: "If it did not ring: why. The call's timeline shows it.",
    },
    answers: {
      200: { description: "The call: `placed` if it rang, `canceled` if not.", schema: decidedCallSchema },
      202: { description: "The further try, which is a separate call.", schema: decidedCallSchema },
    },
    problems: ["not_found", "call_state", "call_stopped", "conversation_taken"],
  },
  "POST /calls/:id/again": {
    id: "callAgain",
    summary: "Places a further try of a call that is over",
    description:
      "The call is `ended`, `rejected`, `expired` or `canceled`. If its further try exists already, the answer is that try, with `duplicate: true`.",
    path: id,
    fields: { reason },
    answers: { 202: { description: "The further try, which is a separate call.", schema: decidedCallSchema } },
    problems: ["not_found", "call_state", "call_stopped"],
  },
  "POST /calls/cancel": {
    id: "cancelCalls",
    summary: "Cancels all calls of a filter",
    description: again,
    fields: many,
    alsoNeeds: readsNumber,
    answers: { 200: { description: counted, schema: bulkSchema }, 202: task },
    problems: ["cursor_invalid"],
  },
  "POST /calls/release": {
    id: "releaseCalls",
    summary: "Lets all held calls of a filter ring",
    description: again,
    fields: {
      ...many,
      render,
      rule_versions: "`rule_versions` of the answer to the dry run. Only with `render: newest`.",
    },
    alsoNeeds: readsNumber,
    answers: { 200: { description: counted, schema: bulkSchema }, 202: task },
    problems: ["cursor_invalid"],
  },
  "POST /calls/resolve": {
    id: "resolveCalls",
    summary: "Records whether the calls of a filter that are in `review` rang",
    description: again,
    fields: { ...many, rang, then },
    alsoNeeds: readsNumber,
    answers: { 200: { description: counted, schema: bulkSchema }, 202: task },
    problems: ["cursor_invalid"],
  },
  "GET /calls/:id/receipt": {
    id: "getReceipt",
    summary: "A signed receipt of a call",
    description: "A JWS over the call and its entries in the audit chain. `hookline verify-receipt` checks it offline.",
    path: id,
    answers: { 200: { description: "The receipt.", schema: z.string(), type: "application/jose" } },
    problems: ["not_found", "call_differs", "unavailable"],
  },
  "POST /events/replay": {
    id: "replayEvents",
    summary: "Plans stored events again, by today's rules",
    description:
      "A customer who was called is not called again, and calls that are too old by their rule's `expires` are not made. If `more`, send the request " +
      "again with `next_cursor` as `cursor`. With `as_task` the service goes on by itself.",
    fields: {
      ids: "Ids of events, at most 200, with `as_task` at most 1,000. Either `ids` or `filter`.",
      filter:
        "Events of a `source`, also by `type`, `state`, `reason`, `rule`, `order_number`, `record_type`, `record_id`, `from`, `to`.",
      rule: "Only calls of this rule.",
      dry_run: "`true`: the answer has the plan, and nothing is stored.",
      as_task:
        "`true`: the service replays all of them in steps, also after the request. Needs a `reason`; not with `cursor`.",
      even_if_called: "`true`: also calls customers who were called. Needs a `reason`.",
      ignore_expiry: "`true`: `expires` counts from now. Needs a `reason`.",
      reason: "Why. It is stored with each call.",
      cursor: "`next_cursor` of the answer before.",
    },
    answers: { 200: { description: "Counts, and a few of the calls.", schema: replaySchema }, 202: task },
    problems: ["cursor_invalid", "not_found"],
  },
  "POST /erasures": {
    id: "erase",
    summary: "Erases the data of a person, or of one event",
    description:
      "The body has `number`, or `source` and `event`. Numbers, texts and bodies are removed; status, times, outcome and order number stay. Calls in " +
      "flight are not erased: the answer counts them in `waiting`, and the request can be repeated once they are over. Repeat it also if `more`.",
    alsoNeeds: { scope: "pii:read", when: "for a number" },
    fields: {
      number: "Phone number of the person.",
      source: "Name of the event's source.",
      event: "The event's id: Hookline's, or the sender's.",
      reason: "Why. It is stored in audit entries.",
    },
    answers: {
      200: {
        description: "Counts. `not_searched` says which stored events were not searched and may name the person too.",
        schema: erasureSchema,
      },
    },
    problems: ["not_found"],
  },
  "GET /suppressions": {
    id: "listSuppressions",
    summary: "Numbers that no line calls",
    answers: { 200: { description: "All of them.", schema: z.strictObject({ data: z.array(suppressionSchema) }) } },
  },
  "GET /suppressions/export": {
    id: "exportSuppressions",
    summary: "Suppressions as a file, by number",
    description: aboutExports,
    fields: { format: exportFormat },
    answers: { 200: exportAnswer },
  },
  "POST /suppressions": {
    id: "suppress",
    summary: "Suppresses a number and cancels its waiting calls",
    fields: {
      number: "Phone number as people write it.",
      reason: "Why the number must not be called.",
      until: "End of the suppression. Null: no end.",
    },
    alsoNeeds: { scope: "pii:read" },
    answers: {
      201: { description: "The suppression, and the calls that it canceled or stopped.", schema: suppressedSchema },
    },
  },
  "DELETE /suppressions/:number": {
    id: "releaseNumber",
    summary: "Ends the suppression of a number",
    alsoNeeds: { scope: "pii:read" },
    path: number,
    answers: { 204: { description: "The number is not suppressed any more.", schema: null } },
    problems: ["not_found", "invalid"],
  },
} as const satisfies ApiOperations;
