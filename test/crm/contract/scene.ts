/**
 * Scene of the contract tests: sources as their inbox stores them, with sealed secrets, and the registry's own port
 * over them.
 */

import { schemeOf } from "../../../src/crm/preset/chosen-scheme.ts";
import type { Preset, Scheme } from "../../../src/crm/preset/preset.ts";
import type { SignatureRecipe } from "../../../src/crm/preset/recipe.ts";
import { findPreset } from "../../../src/crm/presets/index.ts";
import { webhooks } from "../../../src/crm/webhooks.ts";
import type { WebhookRequest } from "../../../src/domain/events/webhook.ts";
import { type JsonObject, type JsonValue, valueAt } from "../../../src/domain/json.ts";
import { createSealer } from "../../../src/platform/seal.ts";
import type { SourceCopy } from "../../../src/ports/source-copy.ts";
import type { CrmFixture, Sending, Sent } from "../fixture.ts";
import { nowMs } from "../requests.ts";

/** The URL as registered with the sender. */
export const sourceAddress = "https://hooks.example.com/in/acme";

export const sealer = createSealer([{ kid: "contract", k: Buffer.alloc(32, 7).toString("base64url") }]);

/** The port that flows know. */
export const crmWebhooks = webhooks(sealer);

/** How a source deviates from the fixture's own. */
export type SourceDeviation = {
  readonly secrets?: readonly { readonly id: string; readonly value: string }[];
  readonly tenant?: string | null;
  readonly settings?: Readonly<Record<string, string>>;
};

export type Chosen = { readonly preset: Preset; readonly scheme: Scheme; readonly recipe: SignatureRecipe };

/** @returns A fixture's preset and scheme from the registry. Throws if there is none. */
export function chosenBy(fixture: CrmFixture): Chosen {
  const preset = findPreset(fixture.preset);
  if (preset === null) throw new Error(`no preset ${fixture.preset}`);
  const { scheme, recipe } = schemeOf(preset, { ...fixture.settings, scheme: fixture.scheme });
  if (scheme.name !== fixture.scheme) throw new Error(`${preset.name} has no scheme ${fixture.scheme}`);
  return { preset, scheme, recipe };
}

/** The source that receives the fixture's requests. It has no rules, so no event type is wanted. */
export async function sourceOf(fixture: CrmFixture, deviation: SourceDeviation = {}): Promise<SourceCopy> {
  const own = fixture.secret === null ? [] : [{ id: "s1", value: fixture.secret }];
  const secrets: SourceCopy["secrets"] = [];
  for (const { id, value } of deviation.secrets ?? own) secrets.push({ id, sealed: await sealer.seal(value) });
  return {
    slug: "acme",
    version: 1,
    shards: 1,
    preset: fixture.preset,
    tenant: deviation.tenant === undefined ? fixture.tenant : deviation.tenant,
    country: "US",
    zone: null,
    settings: { ...fixture.settings, scheme: fixture.scheme, ...deviation.settings },
    orderNumber: null,
    recordType: null,
    recordId: null,
    secrets,
    rules: [],
  };
}

/** The fixture's request: sent now and signed with the source's own secret, unless the test says otherwise. */
export function sentBy(fixture: CrmFixture, sending: Partial<Sending> = {}): Sent {
  return fixture.send({ secret: fixture.secret ?? "", at: nowMs, url: sourceAddress, ...sending });
}

/** Converts a sent request to the form of a received webhook. */
export function requestFrom(sent: Sent): WebhookRequest {
  const at = sent.url.indexOf("?");
  const search = at < 0 ? "" : sent.url.slice(at);
  return {
    method: sent.method,
    url: sent.url,
    key: sent.key ?? null,
    headers: Object.fromEntries(new Headers(sent.headers)),
    search,
    ...(at < 0 ? {} : { query: Object.fromEntries(new URLSearchParams(search)) }),
    body: new TextEncoder().encode(sent.body),
  };
}

/** A request of the sender's, see `sentBy`. */
export function requestBy(fixture: CrmFixture, sending: Partial<Sending> = {}): WebhookRequest {
  return requestFrom(sentBy(fixture, sending));
}

export function withHeader(request: WebhookRequest, name: string, value: string | null): WebhookRequest {
  const rest = Object.fromEntries(Object.entries(request.headers).filter(([known]) => known !== name));
  return { ...request, headers: value === null ? rest : { ...rest, [name]: value } };
}

export function withBody(request: WebhookRequest, body: string | Uint8Array): WebhookRequest {
  return { ...request, body: typeof body === "string" ? new TextEncoder().encode(body) : body };
}

/** @returns The fixture's own source's verdict about a request. */
export async function verifySent(
  fixture: CrmFixture,
  request: WebhookRequest,
  deviation: SourceDeviation = {},
  at = nowMs,
) {
  return await crmWebhooks.verify(await sourceOf(fixture, deviation), request, at);
}

/** @returns The result of reading a request by the fixture's own source. */
export async function readSent(fixture: CrmFixture, request: WebhookRequest, at = nowMs) {
  return await crmWebhooks.read(await sourceOf(fixture), request, at);
}

/** @returns The events of a request that must be readable. */
export async function eventsRead(fixture: CrmFixture, request: WebhookRequest, at = nowMs) {
  const answer = await readSent(fixture, request, at);
  if (!answer.ok) throw new Error(`unreadable: ${answer.reason}, ${answer.detail}`);
  return answer.events;
}

export function textOf(request: WebhookRequest): string {
  return new TextDecoder().decode(request.body);
}

/** Location of a request's proof: its signature, its token or its secret. */
export function proofOf(fixture: CrmFixture, request: WebhookRequest): string {
  const place = proofPlace(fixture);
  if (place.in === "path") return request.key ?? "";
  if (place.in === "query") return request.query?.[place.name] ?? "";
  if (place.in === "body") return String(valueAt(JSON.parse(textOf(request)), place.path) ?? "");
  for (const name of place.names) if (request.headers[name] !== undefined) return request.headers[name];
  return "";
}

/** The same request with another proof; null removes the proof. */
export function presenting(fixture: CrmFixture, request: WebhookRequest, value: string | null): WebhookRequest {
  const place = proofPlace(fixture);
  if (place.in === "path") return { ...request, key: value };
  if (place.in === "query") {
    const { [place.name]: _gone, ...query } = request.query ?? {};
    return { ...request, query: value === null ? query : { ...query, [place.name]: value } };
  }
  if (place.in === "body")
    return withBody(request, JSON.stringify(replaced(JSON.parse(textOf(request)), place.path, value)));
  const [first = "", ...others] = place.names;
  return others.reduce((left, name) => withHeader(left, name, null), withHeader(request, first, value));
}

type ProofPlace =
  | { readonly in: "headers"; readonly names: readonly string[] }
  | { readonly in: "query"; readonly name: string }
  | { readonly in: "path" }
  | { readonly in: "body"; readonly path: string };

function proofPlace(fixture: CrmFixture): ProofPlace {
  const { recipe } = chosenBy(fixture);
  if (recipe.family !== "secret")
    return { in: "headers", names: [recipe.header].flat().map((name) => name.toLowerCase()) };
  const { location } = recipe;
  if (location.in === "bearer" || location.in === "basic") return { in: "headers", names: ["authorization"] };
  return location.in === "header" ? { in: "headers", names: [location.name.toLowerCase()] } : location;
}

function replaced(json: JsonObject, path: string, value: string | null): JsonObject {
  const [step = "", ...rest] = path.split(".");
  if (rest.length > 0) return { ...json, [step]: replaced(asObject(json[step]), rest.join("."), value) };
  const { [step]: _gone, ...others } = json;
  return value === null ? others : { ...others, [step]: value };
}

function asObject(json: JsonValue | undefined): JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};
}
