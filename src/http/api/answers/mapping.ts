/** Rules tried out, and webhooks explained. */
import * as z from "zod";
import { callStatuses } from "../../../domain/calls/call.ts";
import { count, facts, isoTime, perhapsText, perhapsTime, reasonCount, uuid } from "./words.ts";

const record = z.strictObject({ type: z.string(), id: z.string() });

const previewedCallFields = {
  status: z.enum(callStatuses),
  line: perhapsText,
  number: perhapsText,
  country: perhapsText,
  about: perhapsText,
  prompt: perhapsText,
  prompt_overwrite: z.boolean(),
  greeting: perhapsText,
  due_at: perhapsTime,
  closes_at: perhapsTime,
  expires_at: perhapsTime,
};

const rulePreview = z
  .strictObject({
    rule: z.string(),
    version: z.int().nullable(),
    mode: perhapsText,
    as_live: z.unknown(),
    call: z.strictObject(previewedCallFields).optional(),
    reason: z.string().optional(),
    reason_text: z.string().optional(),
    detail: facts.nullable().optional(),
    won_by: z.string().optional(),
    when: z.unknown(),
    withdraw: z.unknown(),
    numbers: z.array(
      z.strictObject({
        value: perhapsText,
        number: perhapsText,
        country: perhapsText,
        read_as: perhapsText,
        read_from: z.unknown(),
        detail: perhapsText,
      }),
    ),
    zones: z.strictObject({ possible: z.array(z.string()), used: z.unknown(), from: z.unknown() }),
    texts: z.record(
      z.string(),
      z.strictObject({
        text: perhapsText,
        problem: z.string().optional(),
        path: perhapsText.optional(),
        detail: perhapsText.optional(),
      }),
    ),
    broken: z.unknown(),
    read: z.array(
      z.strictObject({
        path: z.string(),
        by: z.array(z.string()),
        type: perhapsText,
        values: z.array(z.unknown()),
        more: z.boolean(),
      }),
    ),
    warnings: z.array(z.strictObject({ code: z.string(), field: z.string(), path: perhapsText, sentence: z.string() })),
  })
  .meta({ id: "RulePreview" });

const notAsked = z
  .array(z.string())
  .optional()
  .meta({ description: "Reasons that the answer leaves out for a token without `pii:read`." });

export const previewSchema = z
  .strictObject({
    as_of: isoTime,
    events: z.array(
      z.strictObject({
        event: z.strictObject({
          id: perhapsText,
          external_id: perhapsText,
          type: z.string(),
          occurred_at: perhapsTime,
          order_number: perhapsText,
          record: record.nullable(),
          unreadable: z.unknown(),
          notes: z.array(z.unknown()),
        }),
        rules: z.array(rulePreview),
      }),
    ),
    left_out: z.unknown(),
    not_asked: notAsked,
  })
  .meta({ id: "PreviewAnswer" });

const reportFields = {
  events: count,
  calls: count,
  customers: count,
  customers_more_than_once: count,
  calls_per_customer_max: count,
  outside_hours: count,
  held: count,
  without_number: count,
  not_fetched: count,
  already_called: count,
  too_old: count,
  by_reason: z.array(reasonCount),
  by_rule: z.array(z.strictObject({ rule: z.string(), calls: count, held: count, stopped: z.array(reasonCount) })),
  placeholders: z.array(z.looseObject({ event_ids: z.array(uuid) })),
};

const rehearsedFields = {
  event_id: uuid,
  type: z.string(),
  received_at: isoTime,
  order_number: perhapsText,
  rule: z.string(),
  ...previewedCallFields,
  reason: perhapsText,
  field: z.unknown().optional(),
  path: z.unknown().optional(),
  waits: z.unknown(),
  already: z.unknown(),
};
const rehearsedCall = z.strictObject(rehearsedFields).meta({ id: "RehearsedCall" });

export const rehearsalSchema = z
  .strictObject({
    as_of: z.union([z.string(), z.number()]),
    sentence: z.string(),
    from: perhapsTime,
    to: perhapsTime,
    passed_over: z.unknown(),
    expiry: z.string(),
    ...reportFields,
    stored: z.strictObject(reportFields).optional(),
    changes: z.strictObject({ gained: count, lost: count, changed: count }).optional(),
    changed_calls: z
      .array(
        z.strictObject({
          change: z.enum(["gained", "lost", "changed"]),
          ...rehearsedFields,
          fields: z.unknown(),
          before: rehearsedCall.nullable(),
        }),
      )
      .optional(),
    would_call: z.array(rehearsedCall).optional(),
    next_cursor: perhapsText,
    not_asked: notAsked,
  })
  .meta({ id: "RehearsalAnswer" });

const rejection = z
  .strictObject({
    id: uuid,
    at: isoTime,
    code: z.string(),
    detail: perhapsText,
    headers: z.array(z.string()).meta({ description: "The names of the request's headers, without their values." }),
    body_bytes: count,
    kept: z.boolean(),
    body_kept: z.unknown(),
    verifies_now: z.boolean().nullable(),
    reason_now: perhapsText,
    advice: perhapsText,
    accepted_at: perhapsTime,
    accepted_events: z.unknown(),
  })
  .meta({ id: "Rejection" });

export const rejectionsSchema = z.strictObject({
  data: z.array(rejection),
  minutes: z.array(z.strictObject({ at: isoTime, refused: count, failed_signatures: count, not_stored: count })),
});

export const acceptedRejectionsSchema = z.strictObject({
  dry_run: z.boolean(),
  accepted: count,
  refused: count,
  data: z.array(
    z.strictObject({
      id: uuid,
      result: z.string(),
      events: z.array(z.strictObject({ id: uuid, duplicate: z.boolean() })).optional(),
      reason: z.string().optional(),
      detail: perhapsText.optional(),
      advice: perhapsText.optional(),
    }),
  ),
});

export const verdictSchema = z.strictObject({
  ok: z.boolean(),
  reason: perhapsText,
  detail: perhapsText,
  advice: perhapsText,
  scheme: perhapsText,
  secret: perhapsText,
  handshake: z.boolean(),
  events_count: count,
  events: z.array(
    z.strictObject({ external_id: perhapsText, type: z.string(), occurred_at: perhapsTime, readable: z.boolean() }),
  ),
});
