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
import type { ApiOperations } from "./operation.ts";

const id = { id: "The call's id." };
const number = { number: "A phone number as people write it, percent-encoded." };
/** A search by number would reveal whether the number was called. */
const readsNumber = { scope: "pii:read", when: "for a filter with `number`" } as const;
const again = "If `more`, send the request again with `next_cursor`.";

/** Decisions of people about calls, events and numbers. */
export const decisionOperations = {
  "POST /calls/:id/cancel": {
    id: "cancelCall",
    summary: "Cancels a call that has not begun",
    path: id,
    answers: { 200: { description: "The call.", schema: decidedCallSchema } },
    problems: ["not_found", "call_state"],
  },
  "POST /calls/:id/release": {
    id: "releaseCall",
    summary: "Lets a held call ring",
    description:
      "The call uses the texts that were shown, or those of today's rule (`render: newest`). With `dry_run` the answer has the difference, and nothing changes.",
    path: id,
    answers: {
      200: { description: "A dry run: the call beside the same call by today's rule.", schema: shownNewestSchema },
      202: { description: "The call. Every check that can stop it is made again.", schema: decidedCallSchema },
    },
    problems: ["not_found", "call_state", "call_stopped", "rule_changed"],
  },
  "POST /calls/:id/resolve": {
    id: "resolveCall",
    summary: "Records whether a call in `review` rang",
    path: id,
    answers: {
      200: { description: "The call: `placed` if it rang, `canceled` if not.", schema: decidedCallSchema },
      202: { description: "The further try, which is a separate call.", schema: decidedCallSchema },
    },
    problems: ["not_found", "call_state", "call_stopped", "conversation_taken"],
  },
  "POST /calls/:id/again": {
    id: "callAgain",
    summary: "Places a further try of a call that is over",
    path: id,
    answers: { 202: { description: "The further try, which is a separate call.", schema: decidedCallSchema } },
    problems: ["not_found", "call_state", "call_stopped"],
  },
  "POST /calls/cancel": {
    id: "cancelCalls",
    summary: "Cancels all calls of a filter",
    description: again,
    alsoNeeds: readsNumber,
    answers: { 200: { description: "Calls decided, and calls skipped with the reasons.", schema: bulkSchema } },
    problems: ["cursor_invalid"],
  },
  "POST /calls/release": {
    id: "releaseCalls",
    summary: "Lets all held calls of a filter ring",
    description: again,
    alsoNeeds: readsNumber,
    answers: { 200: { description: "Calls decided, and calls skipped with the reasons.", schema: bulkSchema } },
    problems: ["cursor_invalid"],
  },
  "POST /calls/resolve": {
    id: "resolveCalls",
    summary: "Records whether the calls of a filter that are in `review` rang",
    description: again,
    alsoNeeds: readsNumber,
    answers: { 200: { description: "Calls decided, and calls skipped with the reasons.", schema: bulkSchema } },
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
    description: again,
    answers: { 200: { description: "Counts, and a few of the calls.", schema: replaySchema } },
    problems: ["cursor_invalid", "not_found"],
  },
  "POST /erasures": {
    id: "erase",
    summary: "Erases the data of a person, or of one event",
    description: "The calls' history stays.",
    alsoNeeds: { scope: "pii:read", when: "for a number" },
    answers: { 200: { description: "Counts of what is erased, and of what waits.", schema: erasureSchema } },
    problems: ["not_found"],
  },
  "GET /suppressions": {
    id: "listSuppressions",
    summary: "Numbers that no line calls",
    answers: { 200: { description: "All of them.", schema: z.strictObject({ data: z.array(suppressionSchema) }) } },
  },
  "POST /suppressions": {
    id: "suppress",
    summary: "Suppresses a number and cancels its waiting calls",
    alsoNeeds: { scope: "pii:read" },
    answers: { 201: { description: "The suppression, and the calls that it stopped.", schema: suppressedSchema } },
  },
  "DELETE /suppressions/:number": {
    id: "releaseNumber",
    summary: "Ends the suppression of a number",
    alsoNeeds: { scope: "pii:read" },
    path: number,
    answers: { 204: { description: "It is not suppressed any more.", schema: null } },
    problems: ["not_found", "invalid"],
  },
} as const satisfies ApiOperations;
