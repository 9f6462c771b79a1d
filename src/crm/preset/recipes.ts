import type { EventKey, EventReading, Scheme, ValueLocation } from "./preset.ts";
import type { HmacRecipe, Templated } from "./recipe.ts";

/** What most senders do: an HMAC-SHA256 of the body, in hex, bare in a header. A preset says how its sender deviates. */
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

/** What most schemes are: JSON with everything in the signed body, of one account, answered as Hookline does. */
export const plainScheme = {
  tenant: null,
  unsignedFields: [],
  formats: ["json"],
  answer: null,
} as const satisfies Partial<Scheme>;

/**
 * The key of events whose id is written by whoever set the sender up: it names a record as often as an event, so two types under it are
 * two events. An `Idempotency-Key` is alone.
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
 * Standard Webhooks, whatever its key is: the id, the time and the body are signed, and the header lists one signature for each key.
 *
 * @param prefix Of the three headers: `webhook`, `svix`, or the sender's own.
 * @param version Which of the list's signatures count: `v1` are HMACs, `v1a` Ed25519.
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

/** How Standard Webhooks names an event: its id is signed, its type and time are the body's. */
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

/** An id made of several fields of the payload, for senders whose events have none. */
export function joinedPaths(...paths: readonly string[]): ValueLocation {
  return { joined: paths.map((path) => ({ path })), by: "/" };
}
