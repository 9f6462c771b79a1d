import type { EventKey, EventReading, Scheme, ValueLocation } from "./preset.ts";
import type { HmacRecipe, Templated } from "./recipe.ts";

/**
 * The most common recipe: an HMAC-SHA256 of the body, in hex, in a header without a prefix. A preset overrides what
 * differs.
 */
export function bodyHmac(header: string, deviation: Partial<HmacRecipe> = {}): HmacRecipe {
  return {
    family: "hmac",
    algorithm: "sha256",
    key: "utf8",
    digest: "hex",
    template: "{body}",
    header,
    ...deviation,
  };
}

/** Defaults of most schemes: JSON, every field inside the signed body, one account per secret, the default response. */
export const plainScheme = {
  tenant: null,
  unsignedFields: [],
  formats: ["json"],
  answer: null,
} as const satisfies Partial<Scheme>;

/**
 * Dedupe key for ids that the person who configures the sender writes. Such an id often names a record instead of an
 * event, so two types under one id are two events. An `Idempotency-Key` header is the whole key.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header
 */
export const ownKey: EventKey = {
  of: "id_type",
  headerAlone: true,
  source: "https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header",
};

const standardWebhooksSpec =
  "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md";

/**
 * Standard Webhooks with any kind of key. Id, timestamp and body are signed, and the header lists one signature per
 * active key.
 *
 * @param prefix Prefix of the three headers: `webhook`, `svix`, or the sender's own.
 * @param version Signatures of the list that count: `v1` are HMACs, `v1a` Ed25519.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function standardWebhook(prefix: string, version: "v1" | "v1a"): Templated {
  return {
    template: "{id}.{timestamp}.{body}",
    digest: "base64",
    header: `${prefix}-signature`,
    list: { item: " ", pair: ",", signature: version },
    idHeader: `${prefix}-id`,
    timestamp: { from: { header: `${prefix}-timestamp` }, format: "s", toleranceSeconds: 300 },
  };
}

/** Event fields of Standard Webhooks: the id comes from a signed header, type and time from the body. */
export function standardEvent(prefix: string): EventReading {
  return {
    split: "",
    id: [{ header: `${prefix}-id` }],
    type: [{ path: "type" }, { path: "event_type" }, { path: "eventType" }],
    key: { of: "id", source: standardWebhooksSpec },
    typeDefault: "event",
    time: [{ path: "timestamp" }, { path: "created_at" }],
  };
}

/** An id joined from several fields of the payload, for senders whose events have none. */
export function joinedPaths(...paths: readonly string[]): ValueLocation {
  return { joined: paths.map((path) => ({ path })), by: "/" };
}
