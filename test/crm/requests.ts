import orderJson from "../../dev/samples/shopify-order.json" with { type: "json" };
import { signedRequest } from "../../dev/sign.ts";
import { findPreset } from "../../src/crm/registry.ts";
import { verifySignature } from "../../src/crm/verify.ts";
import type { Preset, SourceSettings, VerifyResult, WebhookRequest } from "../../src/domain/source.ts";

/** The clock of every test that does not say otherwise: 2026-11-02T15:04:10Z. */
export const nowMs = 1_793_631_850_000;

/** One way in which one preset is set up, with a right request for it. */
export type Fixture = {
  readonly name: string;
  readonly preset: Preset;
  readonly settings: SourceSettings;
  readonly secret: string;
  readonly body: string;
};

export const shopifyBody = JSON.stringify(orderJson);

export const fixtures: readonly Fixture[] = [
  fixture("generic", {}),
  fixture("generic", { hash: "sha1", encoding: "base64", header: "X-Acme-Signature" }),
  fixture("generic", { hash: "sha512", prefix: "sha512=" }),
  fixture("shopify", {}),
  fixture("bearer", {}),
  fixture("bearer", { location: "basic" }),
  fixture("bearer", { location: "header", header: "X-Acme-Key" }),
  fixture("bearer", { location: "path" }),
];

export const hmacFixtures = fixtures.filter(({ preset }) => preset.name !== "bearer");

/** The header that carries the signature or the secret; null for a secret in the path. */
export function proofHeader({ preset, settings }: Fixture): string | null {
  if (preset.name === "shopify") return "x-shopify-hmac-sha256";
  if (preset.name === "generic") return (settings.header ?? "x-hookline-signature").toLowerCase();
  if (settings.location === "path") return null;
  return settings.location === "header" ? (settings.header ?? "x-api-key").toLowerCase() : "authorization";
}

/** A request that its sender signed with the fixture's secret, or with another. */
export function requestOf(fixture: Fixture, secret = fixture.secret, body = fixture.body): WebhookRequest {
  const signed = signedRequest({ ...fixture, secret, body, id: "evt-1", type: "orders/updated" });
  return makeRequest(body, signed.headers, signed.key);
}

export function makeRequest(
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  key: string | null = null,
): WebhookRequest {
  return {
    method: "POST",
    key,
    // As the Worker makes them: names in lower case, values joined.
    headers: Object.fromEntries(new Headers(headers)),
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
  };
}

export function withHeader(request: WebhookRequest, name: string, value: string | null): WebhookRequest {
  const rest = Object.fromEntries(Object.entries(request.headers).filter(([known]) => known !== name));
  return { ...request, headers: value === null ? rest : { ...rest, [name]: value } };
}

/** Verifies with one secret and no tenant, unless the test says otherwise. */
export function verify(
  fixture: Fixture,
  request: WebhookRequest,
  secrets: readonly { id: string; value: string }[] = [{ id: "s1", value: fixture.secret }],
  tenant: string | null = null,
): Promise<VerifyResult> {
  const { preset, settings } = fixture;
  return verifySignature({ preset, settings, tenant, secrets, request, nowMs });
}

export function presetNamed(name: string): Preset {
  const preset = findPreset(name);
  if (preset === null) throw new Error(`no preset ${name}`);
  return preset;
}

function fixture(name: string, settings: SourceSettings): Fixture {
  const preset = presetNamed(name);
  const body = name === "shopify" ? shopifyBody : JSON.stringify(preset.sample?.body);
  const said = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return { name: [name, ...said].join(" "), preset, settings, secret: "k3y-of-the-Test-source", body };
}
