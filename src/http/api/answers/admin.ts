/** The token itself, the balance, tokens, presets and the audit chain. */
import * as z from "zod";
import { callStatuses } from "../../../domain/calls/call.ts";
import { scopes } from "../../auth/token.ts";
import { confirmation } from "./stopped.ts";
import { count, isoTime, perhapsText, perhapsTime, uuid } from "./words.ts";

const scopeNames = z.array(z.enum(scopes));

export const selfSchema = z.strictObject({
  jti: uuid,
  name: z.string(),
  scopes: scopeNames,
  mode: z.enum(["local", "production"]),
});

export const balanceSchema = z
  .strictObject({
    balanced: z.boolean().meta({ description: "Every accepted event has exactly one end." }),
    events: z.strictObject({ accepted: count, unplanned: count, ignored: count, planned: count, spilled: count }),
    waiting: z.unknown(),
    decisions: count,
    calls: z.partialRecord(z.enum(callStatuses), count),
    gaps: z.array(z.strictObject({ code: z.string(), sentence: z.string(), count, rows: z.array(z.unknown()) })),
  })
  .meta({ id: "Balance" });

export const tokensSchema = z.strictObject({
  data: z.array(
    z.strictObject({
      jti: uuid,
      name: z.string(),
      scopes: scopeNames,
      created_at: isoTime,
      created_by: z.string(),
      expires_at: isoTime,
      revoked_at: perhapsTime,
      replaced_by: uuid.nullable().meta({ description: "A token of the same name that is valid for longer." }),
      ends_soon: z.boolean().meta({
        description: "Whether it ends within 14 days, and no token of the same name is valid for longer.",
      }),
    }),
  ),
});

export const mintedTokenSchema = z.strictObject({
  jti: uuid,
  name: z.string(),
  scopes: scopeNames,
  expires_at: isoTime,
  token: z.string().meta({ description: "Shown this once." }),
});

export const renewedTokenSchema = mintedTokenSchema.extend({
  replaces: z
    .strictObject({ jti: uuid, expires_at: isoTime })
    .meta({ description: "The token of this request, and its end." }),
});

export const presetSchema = z
  .strictObject({
    name: z.string(),
    title: z.string(),
    schemes: z.array(
      z.strictObject({
        name: z.string(),
        title: z.string(),
        family: z.enum(["hmac", "hash", "asymmetric", "jwt", "secret"]),
        signs: perhapsText,
        tenant: z.enum(["mandatory", "when_named", "optional", "none"]),
        unsigned_fields: z.array(z.string()),
      }),
    ),
    settings: z.array(
      z.strictObject({
        name: z.string(),
        kind: z.string(),
        about: z.string(),
        default: z.string(),
        choices: z.array(z.string()).optional(),
      }),
    ),
    steps: z.array(z.string()),
    tenant_mandatory: z.boolean(),
  })
  .meta({ id: "Preset" });

export const headsSchema = z.strictObject({
  data: z.array(z.strictObject({ position: count, hash: z.string(), at: isoTime, kid: z.string(), jws: z.string() })),
  problem: z.looseObject({ since: isoTime }).nullable(),
});

export const restoredSchema = z.looseObject({});

export const resealedSchema = z.strictObject({
  kid: z.string(),
  resealed: count,
  unreadable: z.array(z.unknown()),
  more: z.boolean(),
  next_cursor: perhapsText,
  ...confirmation,
});
