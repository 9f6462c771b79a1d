import * as z from "zod";
import {
  changedRuleSchema,
  changedSourceSchema,
  changeSchema,
  ruleSchema,
  ruleVersionSchema,
  sourceSchema,
} from "../answers/config.ts";
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
const waiting = "`cancel`: waiting calls that no longer ring are canceled. `keep`: they still ring.";
const why = "Why. The audit entry has it.";
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
    description:
      "Without `secrets` the stored secrets stay. Given `secrets` replace them. While a secret is rotated, the retiring and the new secret stay in " +
      "any case, and the answer lists them in `left_secrets`.",
    path: slug,
    fieldsAt: "configure.md#sources",
    answers: {
      200: { description: "The source was changed, or is as it was.", schema: changedSourceSchema },
      201: { description: "The source was made.", schema: changedSourceSchema },
    },
    problems: ["reserved"],
  },
  "DELETE /sources/:slug": {
    id: "closeSource",
    summary: "Closes a source: its address answers 404",
    description: "Its events and calls stay.",
    path: slug,
    fields: { waiting },
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
    description:
      "Each save is a version. `position` is the rule's place in the source's list; without it a new rule is last.",
    path: ruleNames,
    fields: {
      if_version:
        "Saves only if this is the rule's version still; 0 if there is no rule of this name yet. If it is not, the answer is 409 `rule_changed`.",
      waiting,
    },
    fieldsAt: "mapping.md#fields-of-a-rule",
    answers: {
      200: { description: "The rule was changed, or is as it was.", schema: changedRuleSchema },
      201: { description: "The rule was made.", schema: changedRuleSchema },
    },
    problems: ["not_found", "reserved", "rule_invalid", "rule_changed"],
  },
  "DELETE /sources/:slug/rules/:name": {
    id: "removeRule",
    summary: "Removes a rule",
    path: ruleNames,
    fields: { waiting },
    answers: {
      200: {
        description: "The rule is removed. Calls of it waited, or the change is not confirmed yet.",
        schema: changeSchema,
      },
      204: { description: "The rule is removed.", schema: null },
    },
    problems: ["not_found", "reserved", "rule_invalid"],
  },
  "GET /sources/:slug/rules/:name/versions": {
    id: "listRuleVersions",
    summary: "The newest versions of a rule, the newest first",
    description: "At most 50. A removed rule has no version in force.",
    path: ruleNames,
    answers: { 200: { description: "Versions.", schema: z.strictObject({ data: z.array(ruleVersionSchema) }) } },
    problems: ["not_found", "invalid", "reserved"],
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
    fields: {
      ids: "Ids of rejections. Either `ids` or `all`.",
      all: "`true`: all rejections that verify now.",
      reason: "Why. The audit entry has it.",
      dry_run: "`true`: the answer has the results, and nothing is accepted.",
    },
    answers: { 200: { description: "The result of each.", schema: acceptedRejectionsSchema } },
    problems: ["not_found", "reserved"],
  },
  "POST /sources/:slug/verify": {
    id: "verifyWebhook",
    summary: "Whether a saved webhook would be accepted, and if not, why",
    description: "The request is not stored, and nobody is called.",
    path: slug,
    fields: {
      method: "Method of the request.",
      url: "Address that the sender has, or its path.",
      headers: "Headers by name.",
      body: "The unchanged text of the body.",
      body_base64: "The bytes of the body, in place of `body`.",
      at: "Time of the request's arrival, to which the signature's time is compared: ISO 8601, or milliseconds since 1970.",
    },
    answers: { 200: { description: "The verdict, with advice.", schema: verdictSchema } },
    problems: ["not_found", "reserved"],
  },
  "POST /sources/:slug/preview": {
    id: "previewEvent",
    summary: "The decision of each rule about a webhook or a stored event",
    description:
      "Nothing is stored, and no call is made. Without `pii:read`, suppressions and `once_per` are not checked: `not_asked` lists the reasons.",
    path: slug,
    fields: {
      body: "Payload as the sender would send it, unsigned. Either `body` or `event_id`.",
      headers: "Headers by name.",
      type: "Event type, if the payload has none.",
      event_id: "Id of a stored event.",
      rule: "Name of one rule, or an unsaved rule that replaces the stored one of its name.",
      rules: "All rules of the source, in place of the stored ones.",
      record: "Fetched records, as `record.<name>` of the texts.",
    },
    answers: { 200: { description: "Each event with each rule.", schema: previewSchema } },
    problems: ["not_found", "reserved", "rule_invalid"],
  },
  "POST /sources/:slug/rehearse": {
    id: "rehearseRules",
    summary: "The calls that rules would have made of the newest events",
    description:
      "Nothing is stored, and no call is made. If the answer has `next_cursor`, send the request again with it alone. Without `pii:read`, " +
      "suppressions and `once_per` are not checked.",
    path: slug,
    fields: {
      last: "Number of newest events.",
      days: "Events of so many days.",
      rules: "All rules of the source, in place of the stored ones. The answer then has the changes.",
      as_of: "Time at which the rules decide: that of the `event`, or `now`.",
      cursor: "`next_cursor` of the answer before.",
    },
    answers: { 200: { description: "Counts, and the calls.", schema: rehearsalSchema } },
    problems: ["not_found", "reserved", "rule_invalid", "cursor_invalid"],
  },
  "POST /sources/:slug/pause": {
    id: "pauseSource",
    summary: "Pauses a source: its webhooks are stored and not planned",
    path: slug,
    fields: { reason: "Why. `/readyz` and the source show it." },
    answers: { 200: { description: "The source.", schema: changedSourceSchema } },
    problems: ["not_found", "reserved"],
  },
  "POST /sources/:slug/resume": {
    id: "resumeSource",
    summary: "Resumes a paused source: its waiting events are planned in their order",
    path: slug,
    fields: { reason: why },
    answers: { 200: { description: "The source.", schema: changedSourceSchema } },
    problems: ["not_found", "reserved"],
  },
  "POST /sources/:slug/fetch-now": {
    id: "fetchNow",
    summary: "Retries the fetches of waiting events at once",
    path: slug,
    fields: { reason: why },
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
    fields: {
      value: "The secret.",
      env: "Name of its environment variable in hookline.yaml.",
      retire_others_in: "Duration for which the other secrets still verify: `24h`. Without it they stay.",
    },
    answers: { 201: { description: "The source.", schema: changedSourceSchema } },
    problems: ["not_found", "reserved"],
  },
  "DELETE /sources/:slug/secrets/:id": {
    id: "removeSecret",
    summary: "Removes a secret, which no longer verifies webhooks",
    fields: { force: "`true`: removes even the last secret. The source then refuses every webhook." },
    path: { ...slug, id: "The secret's id." },
    answers: { 200: { description: "The source.", schema: changedSourceSchema } },
    problems: ["not_found", "last_secret", "reserved"],
  },
} as const satisfies ApiOperations;
