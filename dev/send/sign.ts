import { createHmac } from "node:crypto";
import type { GivenSettings, Preset } from "../../src/crm/preset/preset.ts";

/** A request to sign, and its sender. */
type Unsigned = {
  readonly preset: Preset;
  readonly settings: GivenSettings;
  readonly secret: string;
  readonly body: string;
  readonly id: string;
  readonly type: string;
  /** For presets that send it. */
  readonly tenant?: string;
};

/** Whether {@link signedRequest} knows how the preset's sender signs; the others' senders are in `dev/send/senders.ts`. */
export function canSign(preset: string): boolean {
  return ["generic", "shopify", "bearer"].includes(preset);
}

/**
 * Signs a webhook as its sender would, for `npm run send` and the tests. Written against the senders' documentation with
 * `node:crypto` alone: it shares nothing with the verifier, so that a mistake of the one shows in the other.
 *
 * @returns The headers to send with exactly this body; for a secret in the path, also the `key` of `/in/:source/:key`.
 */
export function signedRequest(unsigned: Unsigned): { headers: Record<string, string>; key: string | null } {
  switch (unsigned.preset.name) {
    case "generic":
      return signGeneric(unsigned);
    case "shopify":
      return signShopify(unsigned);
    case "bearer":
      return presentSecret(unsigned);
    default:
      throw new Error(`Hookline cannot sign as the sender of the preset ${unsigned.preset.name}.`);
  }
}

function signGeneric({ settings, secret, body, id, type }: Unsigned): ReturnType<typeof signedRequest> {
  const mac = createHmac(settings.hash ?? "sha256", secret).update(body, "utf8");
  const digest = settings.encoding === "base64" ? mac.digest("base64") : mac.digest("hex");
  const headers = {
    "content-type": "application/json",
    [settings.header ?? "x-hookline-signature"]: (settings.prefix ?? "") + digest,
    [settings.dedupe_header ?? "idempotency-key"]: id,
    [settings.type_header ?? "x-event-type"]: type,
  };
  return { headers, key: null };
}

function signShopify({ secret, body, id, type, tenant }: Unsigned): ReturnType<typeof signedRequest> {
  const headers = {
    "content-type": "application/json",
    "X-Shopify-Topic": type,
    "X-Shopify-Hmac-Sha256": createHmac("sha256", secret).update(body, "utf8").digest("base64"),
    "X-Shopify-Shop-Domain": tenant ?? "hookline-demo.myshopify.com",
    "X-Shopify-API-Version": "2026-10",
    "X-Shopify-Webhook-Id": `delivery-of-${id}`,
    "X-Shopify-Event-Id": id,
  };
  return { headers, key: null };
}

function presentSecret({ settings, secret, id, type }: Unsigned): ReturnType<typeof signedRequest> {
  const plain = { "content-type": "application/json", "Idempotency-Key": id, "X-Event-Type": type };
  switch (settings.location ?? "bearer") {
    case "basic":
      return { headers: { ...plain, Authorization: `Basic ${btoaUtf8(pairOf(secret))}` }, key: null };
    case "header":
      return { headers: { ...plain, [settings.header ?? "X-Api-Key"]: secret }, key: null };
    case "path":
      return { headers: plain, key: secret };
    default:
      return { headers: { ...plain, Authorization: `Bearer ${secret}` }, key: null };
  }
}

function pairOf(secret: string): string {
  return secret.includes(":") ? secret : `hookline:${secret}`;
}

function btoaUtf8(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
