import * as z from "zod";
import {
  balanceSchema,
  headsSchema,
  mintedTokenSchema,
  presetSchema,
  renewedTokenSchema,
  resealedSchema,
  restoredSchema,
  selfSchema,
  tokensSchema,
} from "../answers/admin.ts";
import {
  appliedSchema,
  changedLineSchema,
  changeSchema,
  documentSchema,
  lineSchema,
  pausedLineSchema,
} from "../answers/config.ts";
import { confirmation, stoppedSchema } from "../answers/stopped.ts";
import type { ApiOperations } from "./operation.ts";

const slug = { slug: "The line's name." };
const whyPaused = { reason: "Why. `/readyz` and the line show it." };
const whyResumed = { reason: "Why. The audit entry has it." };

/** Lines, the whole configuration, tokens, presets and the audit chain. */
export const adminOperations = {
  "GET /me": {
    id: "getSelf",
    summary: "The token's own name and scopes",
    answers: { 200: { description: "The token.", schema: selfSchema } },
  },
  "GET /balance": {
    id: "getBalance",
    summary: "Counts of events and calls by state, and `gaps`: rows that are overdue or that nothing explains",
    answers: { 200: { description: "The counts.", schema: balanceSchema } },
    problems: ["unavailable"],
  },
  "GET /lines": {
    id: "listLines",
    summary: "All lines",
    answers: { 200: { description: "Lines with their state.", schema: z.strictObject({ data: z.array(lineSchema) }) } },
  },
  "GET /lines/:slug": {
    id: "getLine",
    summary: "One line",
    path: slug,
    answers: { 200: { description: "The line.", schema: lineSchema } },
    problems: ["not_found", "invalid"],
  },
  "PUT /lines/:slug": {
    id: "saveLine",
    summary: "Makes or changes a line",
    path: slug,
    fieldsAt: "configure.md#lines",
    answers: {
      200: { description: "The line was changed, or is as it was.", schema: changedLineSchema },
      201: { description: "The line was made.", schema: changedLineSchema },
    },
    problems: ["reserved"],
  },
  "DELETE /lines/:slug": {
    id: "removeLine",
    summary: "Removes a line that no rule and no call names",
    path: slug,
    answers: {
      200: { description: "The line is removed. The change is not confirmed yet.", schema: changeSchema },
      204: { description: "The line is removed.", schema: null },
    },
    problems: ["not_found", "in_use", "invalid"],
  },
  "POST /lines/:slug/pause": {
    id: "pauseLine",
    summary: "Pauses a line: it begins no calls",
    path: slug,
    fields: whyPaused,
    answers: { 200: { description: "The line, and the calls that it had claimed.", schema: pausedLineSchema } },
    problems: ["not_found"],
  },
  "POST /lines/:slug/resume": {
    id: "resumeLine",
    summary: "Resumes a paused line",
    path: slug,
    fields: whyResumed,
    answers: { 200: { description: "The line.", schema: changedLineSchema } },
    problems: ["not_found"],
  },
  "POST /lines/pause": {
    id: "pauseLines",
    summary: "Pauses all lines",
    fields: whyPaused,
    answers: {
      200: {
        description: "Each line with the calls that it had claimed.",
        schema: z.strictObject({
          data: z.array(z.strictObject({ line: z.string(), reason: z.string(), stopped: stoppedSchema })),
        }),
      },
    },
  },
  "POST /lines/resume": {
    id: "resumeLines",
    summary: "Resumes all paused lines",
    fields: whyResumed,
    answers: {
      200: {
        description: "Each line that was resumed.",
        schema: z.strictObject({ data: z.array(z.strictObject({ line: z.string(), ...confirmation })) }),
      },
    },
  },
  "POST /lines/:slug/connect": {
    id: "connectLine",
    summary: "Registers the line's outcome webhook with Mihu",
    path: slug,
    fields: { rotate: "`true`: makes a new address and secret even if the registered webhook works." },
    answers: {
      200: {
        description: "The changes at Mihu.",
        schema: z.strictObject({ line: z.string(), did: z.string(), ...confirmation }),
      },
    },
    problems: ["not_found", "no_public_url", "webhook_limit_reached", "mihu_refused"],
  },
  "POST /lines/:slug/webhook": {
    id: "renewLineWebhook",
    summary: "Makes a new address and secret for Mihu's outcome webhooks",
    description: "The earlier address and secret end.",
    path: slug,
    answers: {
      200: {
        description: "Path and secret, shown this once.",
        schema: z.strictObject({ path: z.string(), secret: z.string(), ...confirmation }),
      },
    },
    problems: ["not_found", "invalid"],
  },
  "GET /config": {
    id: "getConfig",
    summary: "The configuration as JSON, in the form of hookline.yaml",
    answers: { 200: { description: "The configuration. Applying it changes nothing.", schema: documentSchema } },
  },
  "PUT /config": {
    id: "applyConfig",
    summary: "Applies a configuration in the form of hookline.yaml as JSON",
    description:
      "Lines, sources and hooks that the configuration does not name are left alone. Its hooks are made and changed for the token's name. A hook with " +
      "`payload: full_with_pii` needs `pii:read`.",
    fields: {
      dry_run: "`true`: the answer has the changes, and nothing changes.",
      waiting: "`cancel`: waiting calls that no longer ring are canceled. `keep`: they still ring.",
      lines: "[Lines](configure.md#lines) by name.",
      sources: "[Sources](configure.md#sources) by name, each with its `rules`.",
      hooks: "[Hooks](hooks.md) by name.",
    },
    answers: { 200: { description: "The changes.", schema: appliedSchema } },
    problems: ["config_invalid", "hook_changed", "too_many_hooks"],
  },
  "GET /tokens": {
    id: "listTokens",
    summary: "All tokens, without their values",
    answers: { 200: { description: "Tokens.", schema: tokensSchema } },
  },
  "POST /tokens": {
    id: "mintToken",
    summary: "Makes a token",
    description: "A token can give only scopes that it has.",
    fields: {
      name: "Name of the token. The audit log has it.",
      scopes: "Rights of the token.",
      days: "Days until the token expires.",
    },
    answers: { 201: { description: "The token.", schema: mintedTokenSchema } },
  },
  "POST /tokens/self/renew": {
    id: "renewToken",
    summary: "Gives the holder of a token without `admin` a new token",
    description:
      "The new token has the name, the scopes and the lifetime of the one that asks. The old one stays valid for 24 hours, or to its own " +
      "end if that is sooner, and ends once the new one is renewed. Until then it gets the same new token again, so a lost answer is " +
      "no loss. A token that came from a renewal is renewed at most once an hour.",
    answers: { 201: { description: "The new token.", schema: renewedTokenSchema } },
    problems: ["forbidden", "not_now"],
  },
  "DELETE /tokens/:jti": {
    id: "revokeToken",
    summary: "Revokes a token",
    path: { jti: "The token's id." },
    answers: { 204: { description: "The token is revoked.", schema: null } },
    problems: ["not_found"],
  },
  "GET /presets": {
    id: "listPresets",
    summary: "The supported CRMs",
    answers: { 200: { description: "Presets.", schema: z.strictObject({ data: z.array(presetSchema) }) } },
  },
  "GET /presets/:name": {
    id: "getPreset",
    summary: "One CRM: how it signs, and its set-up step by step",
    path: { name: "The preset's name." },
    answers: { 200: { description: "The preset.", schema: presetSchema } },
    problems: ["not_found"],
  },
  "GET /audit/heads": {
    id: "listHeads",
    summary: "Signed heads of the audit chain",
    answers: { 200: { description: "Heads, and what is wrong with the stored chain.", schema: headsSchema } },
  },
  "POST /audit/restored": {
    id: "acceptRestored",
    summary: "Accepts the audit chain of a restored database",
    fields: { reason: "Why. The signed head has it." },
    answers: { 200: { description: "The accepted chain.", schema: restoredSchema } },
    problems: ["chain_is_signed"],
  },
  "POST /reseal": {
    id: "reseal",
    summary: "Encrypts every stored secret of an older key with the newest key",
    description: "If `more`, send the request again with `next_cursor` as `cursor`.",
    fields: { cursor: "`next_cursor` of the answer before." },
    answers: { 200: { description: "Counts.", schema: resealedSchema } },
  },
} as const satisfies ApiOperations;
