import * as z from "zod";
import { changedRuleSchema, changedSourceSchema, changeSchema, ruleSchema, sourceSchema } from "../answers/config.ts";
import {
  acceptedRejectionsSchema,
  previewSchema,
  rehearsalSchema,
  rejectionsSchema,
  verdictSchema,
} from "../answers/mapping.ts";
import { confirmation } from "../answers/stopped.ts";
import { count } from "../answers/words.ts";
import type { ApiOperations } from "./operation.ts";

const slug = { slug: "The source's name." };
const ruleNames = { ...slug, name: "The rule's name." };

/** Senders of webhooks with their rules. */
export const sourceOperations = {
  "GET /sources": {
    id: "listSources",
    summary: "All sources",
    answers: { 200: { description: "Sources.", schema: z.strictObject({ data: z.array(sourceSchema) }) } },
  },
  "GET /sources/:slug": {
    id: "getSource",
    summary: "One source with its rules and warnings",
    path: slug,
    answers: { 200: { description: "The source.", schema: sourceSchema } },
    problems: ["not_found", "invalid", "reserved"],
  },
  "PUT /sources/:slug": {
    id: "saveSource",
    summary: "Makes, changes or reopens a source",
    path: slug,
    answers: {
      200: { description: "The source was changed, or is as it was.", schema: changedSourceSchema },
      201: { description: "The source was made.", schema: changedSourceSchema },
    },
    problems: ["reserved"],
  },
  "DELETE /sources/:slug": {
    id: "closeSource",
    summary: "Closes a source: its address answers 404",
    path: slug,
    answers: { 200: { description: "The closed source, and the calls that waited.", schema: changedSourceSchema } },
    problems: ["not_found", "reserved"],
  },
  "GET /sources/:slug/rules": {
    id: "listRules",
    summary: "The rules of a source, in their order",
    path: slug,
    answers: { 200: { description: "Rules.", schema: z.strictObject({ data: z.array(ruleSchema) }) } },
    problems: ["not_found", "invalid", "reserved"],
  },
  "GET /sources/:slug/rules/:name": {
    id: "getRule",
    summary: "One rule",
    path: ruleNames,
    answers: { 200: { description: "The rule.", schema: ruleSchema } },
    problems: ["not_found", "invalid", "reserved"],
  },
  "PUT /sources/:slug/rules/:name": {
    id: "saveRule",
    summary: "Makes or changes a rule",
    path: ruleNames,
    answers: {
      200: { description: "The rule was changed, or is as it was.", schema: changedRuleSchema },
      201: { description: "The rule was made.", schema: changedRuleSchema },
    },
    problems: ["not_found", "reserved", "rule_invalid"],
  },
  "DELETE /sources/:slug/rules/:name": {
    id: "removeRule",
    summary: "Removes a rule",
    path: ruleNames,
    answers: {
      200: { description: "It is removed; calls waited, or not everybody confirmed it.", schema: changeSchema },
      204: { description: "It is removed.", schema: null },
    },
    problems: ["not_found", "reserved", "rule_invalid"],
  },
  "GET /sources/:slug/rejections": {
    id: "listRejections",
    summary: "The newest rejected webhooks, each with advice",
    path: slug,
    answers: { 200: { description: "Rejections, and counts by the minute.", schema: rejectionsSchema } },
    problems: ["not_found", "invalid", "reserved"],
  },
  "POST /sources/:slug/rejections/accept": {
    id: "acceptRejections",
    summary: "Accepts rejected webhooks that verify now",
    path: slug,
    answers: { 200: { description: "The end of each.", schema: acceptedRejectionsSchema } },
    problems: ["not_found", "reserved"],
  },
  "POST /sources/:slug/verify": {
    id: "verifyWebhook",
    summary: "Whether a pasted webhook would be accepted, and if not, why",
    path: slug,
    answers: { 200: { description: "The verdict, with advice.", schema: verdictSchema } },
    problems: ["not_found", "reserved"],
  },
  "POST /sources/:slug/preview": {
    id: "previewEvent",
    summary: "The decision of each rule about a webhook or a stored event",
    description: "Nothing is stored, and no call is made.",
    path: slug,
    answers: { 200: { description: "Each event with each rule.", schema: previewSchema } },
    problems: ["not_found", "reserved", "rule_invalid"],
  },
  "POST /sources/:slug/rehearse": {
    id: "rehearseRules",
    summary: "The calls that rules would have made of the newest events",
    description: "If there is a `next_cursor`, send the request again with it.",
    path: slug,
    answers: { 200: { description: "Counts, and the calls.", schema: rehearsalSchema } },
    problems: ["not_found", "reserved", "rule_invalid", "cursor_invalid"],
  },
  "POST /sources/:slug/pause": {
    id: "pauseSource",
    summary: "Pauses a source: its webhooks are accepted but not planned",
    path: slug,
    answers: { 200: { description: "The source.", schema: changedSourceSchema } },
    problems: ["not_found", "reserved"],
  },
  "POST /sources/:slug/resume": {
    id: "resumeSource",
    summary: "Resumes a paused source: its waiting events are planned in their order",
    path: slug,
    answers: { 200: { description: "The source.", schema: changedSourceSchema } },
    problems: ["not_found", "reserved"],
  },
  "POST /sources/:slug/fetch-now": {
    id: "fetchNow",
    summary: "Retries the fetches of waiting events at once",
    path: slug,
    answers: {
      202: {
        description: "The events that wait for a record.",
        schema: z.strictObject({
          source: z.string(),
          events: count,
          paused: z.boolean(),
          ...confirmation,
          detail: z.string(),
        }),
      },
    },
    problems: ["not_found", "reserved"],
  },
  "POST /sources/:slug/secrets": {
    id: "addSecret",
    summary: "Adds a secret, which verifies webhooks from now on",
    path: slug,
    answers: { 201: { description: "The source.", schema: changedSourceSchema } },
    problems: ["not_found", "reserved"],
  },
  "DELETE /sources/:slug/secrets/:id": {
    id: "removeSecret",
    summary: "Removes a secret, which no longer verifies webhooks",
    path: { ...slug, id: "The secret's id." },
    answers: { 200: { description: "The source.", schema: changedSourceSchema } },
    problems: ["not_found", "last_secret", "reserved"],
  },
} as const satisfies ApiOperations;
