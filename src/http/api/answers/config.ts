/** Lines, sources and rules as the API answers with them. */
import * as z from "zod";
import { hookPayloads } from "../../../domain/hooks/body.ts";
import { hookFormats } from "../../../domain/hooks/hook.ts";
import { ruleModes } from "../../../domain/rules/rule.ts";
import { jsonValue } from "../json-value.ts";
import { confirmation, stoppedSchema, waitingCallsSchema } from "./stopped.ts";
import { count, isoTime, perhapsText, perhapsTime, uuid } from "./words.ts";

/** Fields of an answer to a change of the configuration. */
const change = { waiting_calls: waitingCallsSchema.optional(), stopped: stoppedSchema.optional(), ...confirmation };

export const changeSchema = z.strictObject(change).meta({
  id: "Change",
  description: "The end of a change: the calls that it stopped, and whether everybody goes by it.",
});

const hours = z.strictObject({
  days: z.string(),
  from: z.string(),
  to: z.string(),
  closed: z.array(z.string()).optional(),
});

const lineFields = {
  slug: z.string(),
  agent: z.string(),
  calls_per_minute: count,
  calls_at_once: count,
  calls_per_day: count,
  countries: z.array(z.string()).nullable(),
  hours: hours.nullable(),
  webhook_settings: z.record(z.string(), jsonValue).nullable(),
  paused: z
    .strictObject({ reason: z.string(), reason_text: z.string(), detail: perhapsText, since: isoTime })
    .nullable(),
  not_before: perhapsTime.meta({ description: "Time until which Mihu asked Hookline to wait." }),
  calls_today: count,
  pace: z.strictObject({
    last_minute: count.meta({ description: "Calls that count for `calls_per_minute` now." }),
    at_once: count.meta({ description: "Calls that count for `calls_at_once` now." }),
    waiting: count.meta({ description: "Calls in `queued`, counted to 1,000." }),
  }),
  rules: z.array(z.string()).meta({ description: "Rules that call by the line, as `source/rule`." }),
  has_webhook: z.boolean(),
  created_at: isoTime,
  updated_at: isoTime,
  warnings: z.array(z.string()),
};

export const lineSchema = z.strictObject(lineFields).meta({ id: "Line" });
export const pausedLineSchema = z.strictObject({ ...lineFields, stopped: stoppedSchema });
export const changedLineSchema = z.strictObject({ ...lineFields, ...change });

const ruleFields = {
  name: z.string(),
  mode: z.enum(ruleModes),
  on: z.array(z.string()).optional(),
  fetch: z.array(z.string()).optional(),
  when: z.string().optional(),
  withdraw: z.string().optional(),
  also: z.boolean().optional(),
  once_per: z.strictObject({ key: z.string(), in: z.string() }).optional(),
  line: z.string(),
  number: z.union([z.string(), z.array(z.string())]),
  country: z.union([z.string(), z.array(z.string())]).optional(),
  test_number: perhapsText.optional(),
  about: z.string(),
  prompt: z.union([z.string(), z.strictObject({ text: z.string(), overwrite: z.boolean().optional() })]).optional(),
  greeting: z.string().optional(),
  zone: z.string().optional(),
  expires: z.string().optional(),
  burst: z.strictObject({ calls: count, in: z.string() }).optional(),
  try_again: z.strictObject({ on: z.array(z.string()), after: z.array(z.string()) }).optional(),
};
const storedRuleFields = {
  ...ruleFields,
  position: count,
  version: z.int(),
  saved_at: isoTime,
  saved_by: z.string(),
};

export const ruleSchema = z.strictObject(storedRuleFields).meta({ id: "Rule" });
export const ruleVersionSchema = z
  .strictObject({
    ...storedRuleFields,
    by: z.string().meta({ description: "The person who saved it, by the name of their token." }),
    in_force: z.boolean().meta({ description: "Events are decided by it." }),
  })
  .meta({ id: "RuleVersion" });
export const changedRuleSchema = z.strictObject({ ...storedRuleFields, ...change });

const apiFields = z.record(z.string(), jsonValue);
const settingsFields = {
  preset: z.string(),
  tenant: perhapsText,
  country: perhapsText,
  zone: perhapsText,
  settings: z.record(z.string(), jsonValue),
  order_number: perhapsText,
  record: z.strictObject({ type: z.string(), id: z.string() }).nullable(),
  fetch: z.array(z.string()).nullable(),
  api: apiFields.nullable(),
  shards: count,
  silent_after: perhapsText.meta({ description: "Time without an event after which the source is silent." }),
};

const secret = z.strictObject({
  id: uuid,
  env: perhapsText,
  captured: z.boolean().meta({ description: "The sender handed it over at its set-up." }),
  created_at: isoTime,
  expires_at: perhapsTime,
});

const sourceFields = {
  slug: z.string(),
  ...settingsFields,
  secrets: z.array(secret).optional().meta({ description: "For administrators only; values are never shown." }),
  credential: z
    .strictObject({ id: uuid, env: perhapsText, base_url: z.string(), created_at: isoTime })
    .nullable()
    .optional(),
  rules: z.array(ruleSchema),
  path: z.string(),
  setup: z.strictObject({ url: z.string(), steps: z.array(z.string()) }),
  heard: z
    .strictObject({
      first_at: perhapsTime,
      last_at: perhapsTime,
      last_rejection_at: perhapsTime,
      events: count,
      more: z.boolean(),
      busiest: z
        .strictObject({ since: isoTime, seconds: count, events: count, requests_per_second: z.number() })
        .nullable(),
    })
    .nullable(),
  version: z.int(),
  paused: z.strictObject({ detail: perhapsText, since: isoTime, events_waiting: count.nullable() }).nullable(),
  fetching: z
    .strictObject({
      problem: z.string(),
      problem_text: z.string(),
      since: perhapsTime,
      tries: count,
      answer: z.unknown(),
      next_at: perhapsTime,
      events_waiting: count,
    })
    .nullable(),
  troubles: z.array(
    z.strictObject({ code: z.enum(["source_rejecting", "source_silent"]), sentence: z.string(), since: isoTime }),
  ),
  disconnected_at: perhapsTime,
  created_at: isoTime,
  updated_at: isoTime,
  warnings: z.array(z.string()),
  fields: z.array(
    z.strictObject({
      code: z.string(),
      rule: perhapsText,
      path: z.string(),
      since: isoTime,
      from: perhapsText,
      to: perhapsText,
      last_at: perhapsTime,
      address: perhapsText,
    }),
  ),
};

const leftSecret = z.strictObject({
  source: z.string(),
  id: uuid.nullable(),
  env: perhapsText,
  why: z.enum(["added", "ending", "ended"]),
  at: perhapsTime,
  sentence: z.string(),
});

export const sourceSchema = z.strictObject(sourceFields).meta({ id: "Source" });
export const changedSourceSchema = z.strictObject({
  ...sourceFields,
  ...change,
  left_secrets: z.array(leftSecret).optional(),
});

const namedSecret = z.union([z.strictObject({ id: uuid }), z.strictObject({ env: z.string() })]);

/** hookline.yaml as JSON. */
export const documentSchema = z
  .strictObject({
    lines: z.record(z.string(), z.record(z.string(), jsonValue)),
    sources: z.record(
      z.string(),
      z.strictObject({
        ...settingsFields,
        secrets: z.array(namedSecret),
        rules: z.array(z.strictObject({ ...ruleFields, mode: z.enum(ruleModes).optional() })),
      }),
    ),
    hooks: z
      .array(
        z.strictObject({
          target_url: z.string(),
          events: z.array(z.string()),
          when: perhapsText,
          payload: z.enum(hookPayloads),
          headers: z.record(z.string(), z.strictObject({ env: z.string() })),
          description: perhapsText,
          format: z.enum(hookFormats),
        }),
      )
      .meta({ description: "Hooks of the token's name. Values of headers are named and never shown." }),
  })
  .meta({ id: "Document" });

const mistake = z.strictObject({ path: z.array(z.union([z.string(), z.int()])), reason: z.string() });

export const appliedSchema = z
  .strictObject({
    dry_run: z.boolean(),
    changes: z.array(
      z.strictObject({
        kind: z.enum(["create", "change", "remove", "keep"]),
        what: z.enum(["line", "source", "rule", "secret", "credential", "hook"]),
        name: z.string(),
        fields: z.array(z.strictObject({ field: z.string(), from: z.unknown(), to: z.unknown() })).optional(),
      }),
    ),
    left_alone: z.strictObject({
      lines: z.array(z.string()),
      sources: z.array(z.string()),
      hooks: z.array(z.string()).meta({ description: "Target URLs of hooks of the token's name." }),
    }),
    hook_secrets: z
      .array(z.strictObject({ id: uuid, target_url: z.string(), secret: z.string() }))
      .optional()
      .meta({ description: "Of the hooks that this request made. Shown this once." }),
    left_secrets: z.array(leftSecret),
    ...change,
    confirmed: confirmation.confirmed.optional(),
    warnings: z.array(mistake),
  })
  .meta({ id: "Applied" });
