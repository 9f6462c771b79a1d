import { feedSchema } from "../answers/feed.ts";
import {
  deliveriesSchema,
  deliverySchema,
  hookSchema,
  hooksSchema,
  savedHookSchema,
  wholeDeliverySchema,
} from "../answers/hooks.ts";
import { taskSchema } from "../answers/tasks.ts";
import { aboutExports, exportAnswer, exportFormat } from "./exports.ts";
import type { ApiOperations } from "./operation.ts";

const id = { id: "The hook's id." };
const page = { limit: "Rows of a page.", cursor: "`next_cursor` of the page before." };
/** Fields that a hook has from its request. */
const settings = {
  events: "Names of events, or wildcards: `call.ended`, `call.*`.",
  when: "Condition in CEL over the body that the hook receives.",
  payload: "`full`: without personal data. `full_with_pii`: with it. `thin`: ids and a link.",
  headers: "Headers of each request, by name. Their values are never shown.",
  description: "A note for people.",
};
const alsoNeeds = { scope: "pii:read", when: "for `payload: full_with_pii`" } as const;

/** Hooks and their deliveries. */
export const hookOperations = {
  "GET /hooks": {
    id: "listHooks",
    summary: "Hooks of the token's name; with `admin`, of all names",
    answers: { 200: { description: "The hooks.", schema: hooksSchema } },
  },
  "POST /hooks": {
    id: "saveHook",
    summary: "Makes the hook of the token's name and this URL, or changes it",
    description:
      "A token's name and a URL have one hook, however often the request is sent. `secret` is in the answer that makes the hook, and in an " +
      "answer to `new_secret: true`, which rotates it: for 24 hours both secrets sign. Events of lines, sources and hooks, " +
      "and messages to people (`format`), need `admin`.",
    alsoNeeds,
    fields: {
      target_url: "Address of the receiver, by https.",
      ...settings,
      format: "`webhook`, or a message to people: `slack`, `email`.",
      new_secret: "`true`: the hook gets a new secret, which the answer shows.",
    },
    answers: {
      200: { description: "The hook was there. It was changed, or is as it was.", schema: savedHookSchema },
      201: { description: "The hook was made.", schema: savedHookSchema },
    },
    problems: ["too_many_hooks", "hook_changed", "secret_unreadable"],
  },
  "DELETE /hooks": {
    id: "removeHookByUrl",
    summary: "Removes the hook of the token's name and this URL",
    fields: { target_url: "Address of the receiver." },
    answers: { 204: { description: "There is no such hook, any more or at all.", schema: null } },
  },
  "GET /hooks/:id": {
    id: "getHook",
    summary: "One hook",
    path: id,
    answers: { 200: { description: "The hook.", schema: hookSchema } },
    problems: ["not_found"],
  },
  "PATCH /hooks/:id": {
    id: "changeHook",
    summary: "Changes a hook; fields that are left out stay",
    path: id,
    fields: settings,
    alsoNeeds,
    answers: { 200: { description: "The hook.", schema: savedHookSchema } },
    problems: ["not_found", "hook_changed", "secret_unreadable"],
  },
  "DELETE /hooks/:id": {
    id: "removeHook",
    summary: "Removes a hook and its deliveries",
    path: id,
    answers: { 204: { description: "There is no such hook, any more or at all.", schema: null } },
  },
  "POST /hooks/:id/rotate": {
    id: "rotateHookSecret",
    summary: "Gives a hook a new secret",
    description: "For 24 hours the former secret signs too.",
    path: id,
    answers: { 200: { description: "The hook with its new secret.", schema: savedHookSchema } },
    problems: ["not_found", "hook_changed", "secret_unreadable"],
  },
  "POST /hooks/:id/pause": {
    id: "pauseHook",
    summary: "Pauses a hook: its deliveries wait",
    path: id,
    fields: { reason: "Why. The hook shows it." },
    answers: { 200: { description: "The hook.", schema: savedHookSchema } },
    problems: ["not_found"],
  },
  "POST /hooks/:id/resume": {
    id: "resumeHook",
    summary: "Resumes a paused or disabled hook",
    description: "Events that it missed while it was disabled are delivered by `redeliver`.",
    path: id,
    answers: { 200: { description: "The hook.", schema: savedHookSchema } },
    problems: ["not_found"],
  },
  "POST /hooks/:id/test": {
    id: "testHook",
    summary: "Sends a `hook.test` with made-up data",
    path: id,
    answers: { 202: { description: "The delivery. Ask for it to see the receiver's answer.", schema: deliverySchema } },
    problems: ["not_found"],
  },
  "POST /hooks/:id/redeliver": {
    id: "redeliverSince",
    summary: "Delivers again the events that a hook missed since a time",
    description: "Each delivery keeps its `webhook-id`.",
    path: id,
    fields: {
      since: "Time from which on events are delivered again.",
      all: "`true`: also events that the receiver got.",
    },
    answers: { 202: { description: "The task. Ask for it to see its progress.", schema: taskSchema } },
    problems: ["not_found"],
  },
  "GET /hooks/:id/deliveries": {
    id: "listDeliveries",
    summary: "Deliveries of a hook, newest first",
    path: id,
    fields: { state: "State of the delivery.", ...page },
    answers: { 200: { description: "A page of deliveries.", schema: deliveriesSchema } },
    problems: ["not_found", "cursor_invalid"],
  },
  "GET /hooks/:id/deliveries/export": {
    id: "exportDeliveries",
    summary: "Deliveries of a hook as a file, newest first",
    description: aboutExports,
    path: id,
    fields: { state: "State of the delivery.", format: exportFormat },
    answers: { 200: exportAnswer },
    problems: ["not_found"],
  },
  "GET /deliveries/:id": {
    id: "getDelivery",
    summary: "One delivery with its body and its tries",
    path: { id: "The delivery's id." },
    answers: { 200: { description: "The delivery.", schema: wholeDeliverySchema } },
    problems: ["not_found"],
  },
  "POST /deliveries/:id/redeliver": {
    id: "redeliver",
    summary: "Sends a delivery that is over once more",
    path: { id: "The delivery's id." },
    answers: { 202: { description: "The delivery.", schema: deliverySchema } },
    problems: ["not_found", "delivery_state"],
  },
  "GET /feed": {
    id: "readFeed",
    summary: "Events of calls, lines, sources and hooks, oldest first",
    description:
      "The events that hooks receive, for programs that cannot receive hooks and for the sample lists of automation tools. Events of calls need " +
      "`calls:read`. All others need `admin`, and are left out for a token without it.",
    fields: {
      events: "Names of events or wildcards, with commas between them: `call.ended,call.rejected`, `call.*`.",
      after: "`next` of the last answer. Without it the answer has the newest events.",
      limit: page.limit,
    },
    answers: { 200: { description: "A page of events. Events of one call are in their order.", schema: feedSchema } },
    problems: ["cursor_invalid"],
  },
} as const satisfies ApiOperations;
