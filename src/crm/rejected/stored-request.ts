/**
 * The stored part of a rejected request: enough to verify it again once its source is corrected.
 *
 * Refused: storing anything that authenticates. Secrets, cookies, `Authorization`, the path's key and suspicious query
 * values are replaced or dropped. A body is stored only if the request carries a signature, and whole or not at all.
 *
 * Not guaranteed: a body may contain personal data. A secret is recognised by the source's own secrets, by the preset's
 * credential fields and by its name, so an unknown credential under an unsuspicious name is stored.
 */

import type { WebhookRequest } from "../../domain/events/webhook.ts";
import type { BodyKept, StoredRequest } from "../../ports/ingest/rejections.ts";
import { signatureHeaderCharactersMax } from "../limits.ts";
import { type Chosen, schemeOf } from "../preset/chosen-scheme.ts";
import type { ActiveSecret, EventReading, FullSettings, Preset, Scheme, ValueLocation } from "../preset/preset.ts";
import type { SignatureRecipe } from "../preset/recipe.ts";
import { secretHeaders } from "../preset/secret-headers.ts";
import { bodyCredentials } from "../request/credentials.ts";
import { headerOf } from "../request/paths.ts";
import { hasStorableProof, presentedIn } from "./presented-secret.ts";

/** Limits of the stored evidence: headers with their values, and characters of the URL. */
const evidenceHeadersMax = 40;
const evidenceUrlCharactersMax = 4_096;

/**
 * Largest body that is stored with a rejection. A cut body could not be verified again, so a larger one is not stored.
 */
const rejectionBodyBytesMax = 262_144;

/** Replaces a value that may be a secret. */
export const hiddenValue = "[hidden]";

/** Names of parameters whose values are treated as secrets. */
const secretName = /secret|token|key|pass|pwd|auth|credential|session|code|^k$/i;

/** Headers that are always stored. */
const plainHeaders = ["content-type", "user-agent"];

/** Headers with the address that was called. They show a wrong public URL, for senders that sign it. */
const addressHeaders = ["host", "x-forwarded-host", "x-forwarded-proto"];

/** Header names that suggest a signature, for a generic preset whose header is not configured yet. */
const signatureName = /(?:^|[-_])(?:signature|sign|sig|hmac|digest|timestamp|sha(?:1|256|512))(?:$|[-_\d])/i;

/** The source's preset and scheme, and the secrets that must not be stored. */
type EvidenceContext = {
  readonly preset: Preset;
  readonly chosen: Chosen;
  readonly secrets: readonly ActiveSecret[];
  readonly fingerprint: (text: string) => Promise<string>;
};

/**
 * Selects the parts of a rejected request that are stored. The cost is one pass over the request.
 *
 * @param reason Reason for the rejection.
 * @returns For a sender that signs: the headers that its schemes read, and the body. For a shared secret or a token:
 *   its keyed hash or its reduced claims, and no body.
 */
export async function evidenceOf(
  witness: EvidenceContext,
  request: WebhookRequest,
  reason: string,
): Promise<StoredRequest> {
  const { preset, chosen, fingerprint } = witness;
  const known = secretTexts(witness);
  const keepable = hasStorableProof(chosen.recipe);
  const headers = headerValues(
    request,
    keepable ? signedHeaders(preset, chosen, request) : unsignedHeaders(chosen),
    known,
  );
  const bodyKept = bodyRetention(witness, request, reason, known);
  return {
    method: request.method.slice(0, 16),
    // A sender that was configured to use GET puts customers' data into the query, so every value of it is hidden.
    url: redactedUrl(request, keepable && reason !== "method_not_allowed" ? chosen.recipe : null, known),
    headers,
    body: bodyKept === "whole" ? request.body : null,
    bodyKept,
    presented: await presentedIn(chosen, request, fingerprint),
  };
}

/** Rebuilds the stored request. Its verdict is the original one unless a part was not stored. */
export function restoredRequest({ method, url, headers, body }: StoredRequest): WebhookRequest {
  const at = url?.indexOf("?") ?? -1;
  const search = url === null || at < 0 ? "" : url.slice(at);
  return {
    method,
    url,
    key: null,
    headers,
    search,
    ...(search === "" ? {} : { query: Object.fromEntries(new URLSearchParams(search)) }),
    body: body ?? new Uint8Array(),
  };
}

function secretTexts({ secrets }: EvidenceContext): readonly string[] {
  return secrets.map(({ value }) => value.trim()).filter((value) => value !== "");
}

function bodyRetention(
  { preset, chosen }: EvidenceContext,
  request: WebhookRequest,
  reason: string,
  known: readonly string[],
): BodyKept {
  const { recipe } = chosen;
  if (recipe.family === "secret") return "shared_secret";
  if (recipe.family === "jwt") return "token";
  if (reason === "handshake_refused") return "handshake";
  if (!carriesSignature(preset, chosen, request)) return "unsigned";
  if (request.body.byteLength > rejectionBodyBytesMax) return "too_large";
  const text = new TextDecoder().decode(request.body);
  const names = preset.schemes.flatMap((scheme) => credentialNames(scheme, recipeOf(preset, scheme)));
  return names.some((name) => text.includes(name)) || known.some((secret) => text.includes(secret))
    ? "credentials"
    : "whole";
}

/** A request without a signature stays invalid whatever the secret, so its body is not stored. */
function carriesSignature(preset: Preset, chosen: Chosen, request: WebhookRequest): boolean {
  const names = preset.schemes.flatMap((scheme) => signatureHeaders(recipeOf(preset, scheme)));
  if ([...names, ...signatureHeaders(chosen.recipe)].some((name) => (headerOf(request.headers, name) ?? "") !== ""))
    return true;
  return (
    isGeneric(preset) && Object.keys(request.headers).some((name) => signatureName.test(name) && !secretName.test(name))
  );
}

/** Spellings of credential fields. A body that contains one of them is not stored. */
function credentialNames(scheme: Scheme, recipe: SignatureRecipe): readonly string[] {
  const credentials = bodyCredentials(scheme, recipe);
  if (credentials === null) return [];
  const last = credentials.path?.split(".").at(-1);
  return [...credentials.names, ...(last === undefined ? [] : [last])].flatMap((name) => [
    `"${name}"`,
    `<${name}`,
    `${name}=`,
  ]);
}

/** Headers that any scheme of the preset reads, because the source may be corrected to another scheme. */
function signedHeaders(preset: Preset, chosen: Chosen, request: WebhookRequest): readonly string[] {
  const names = new Set([...plainHeaders, ...addressHeaders]);
  const add = (name: string): void => void names.add(name.toLowerCase());
  for (const scheme of [chosen.scheme, ...preset.schemes]) {
    const { recipe, settings } = scheme === chosen.scheme ? chosen : chosenOf(preset, scheme);
    for (const name of headersOf(scheme, recipe, scheme.reading(settings))) add(name);
  }
  if (isGeneric(preset))
    Object.keys(request.headers)
      .filter((name) => signatureName.test(name))
      .forEach(add);
  const secret = new Set(preset.schemes.flatMap((scheme) => secretNames(scheme, recipeOf(preset, scheme))));
  return [...names].filter((name) => !secret.has(name));
}

/** Headers that may carry a secret. A signature header carries none, unless it is `Authorization` or a cookie. */
function secretNames(scheme: Scheme, recipe: SignatureRecipe): readonly string[] {
  const signatures = new Set(hasStorableProof(recipe) ? signatureHeaders(recipe) : []);
  return [...secretHeaders(scheme, recipe)].filter(
    (name) => /authorization$|^cookie$/.test(name) || !signatures.has(name),
  );
}

function unsignedHeaders({ scheme, settings, recipe }: Chosen): readonly string[] {
  const secret = secretHeaders(scheme, recipe);
  return [...plainHeaders, ...locationHeaders(scheme.reading(settings))].filter((name) => !secret.has(name));
}

/** @returns Names of all headers, in lower case, that a verdict or an event depends on. */
export function headersRead(scheme: Scheme, recipe: SignatureRecipe, settings: FullSettings): readonly string[] {
  return headersOf(scheme, recipe, scheme.reading(settings)).map((name) => name.toLowerCase());
}

function headersOf(scheme: Scheme, recipe: SignatureRecipe, reading: EventReading): readonly string[] {
  const { tenant } = scheme;
  const names = [
    ...locationHeaders(reading),
    ...(tenant !== null && "header" in tenant.place ? [tenant.place.header].flat() : []),
  ];
  if (recipe.family === "secret" || recipe.family === "jwt") return names;
  const from = recipe.timestamp?.from;
  return [
    ...names,
    ...signatureHeaders(recipe),
    ...[recipe.idHeader ?? []].flat(),
    ...(from !== undefined && "header" in from ? [from.header] : []),
  ];
}

/** @returns Names of headers, in lower case, that may carry the recipe's signature. */
function signatureHeaders(recipe: SignatureRecipe): readonly string[] {
  return recipe.family === "secret" ? [] : [recipe.header].flat().map((name) => name.toLowerCase());
}

function locationHeaders(reading: EventReading): readonly string[] {
  const inside = (place: ValueLocation): readonly string[] => {
    if ("header" in place) return [place.header.toLowerCase()];
    return "joined" in place ? place.joined.flatMap(inside) : [];
  };
  return [...reading.id, ...reading.type, ...reading.time].flatMap(inside);
}

function headerValues(
  request: WebhookRequest,
  names: readonly string[],
  known: readonly string[],
): Record<string, string> {
  const values = [...new Set(names)].flatMap((name) => {
    const value = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
    const fits = value !== undefined && value.length <= signatureHeaderCharactersMax;
    return fits && !known.some((secret) => value.includes(secret)) ? [[name, value] as const] : [];
  });
  return Object.fromEntries(values.slice(0, evidenceHeadersMax));
}

/** Redacts the URL as text, because the text is what was signed. Without a signature, every query value is hidden. */
function redactedUrl({ url }: WebhookRequest, recipe: SignatureRecipe | null, known: readonly string[]): string | null {
  if (url === null || url.length > evidenceUrlCharactersMax) return null;
  const at = url.indexOf("?");
  const path = (at < 0 ? url : url.slice(0, at)).replace(/(\/in\/+[^/?#]+\/+)[^?#]+$/, `$1${hiddenValue}`);
  if (at < 0) return path;
  const kept = recipe !== null && "bodyDigest" in recipe ? recipe.bodyDigest?.parameter : undefined;
  const parts = url.slice(at + 1).split("&");
  return `${path}?${parts.map((part) => redactedParameter(part, kept, recipe !== null, known)).join("&")}`;
}

function redactedParameter(
  part: string,
  kept: string | undefined,
  keepable: boolean,
  known: readonly string[],
): string {
  const at = part.indexOf("=");
  const [[name = "", value = ""] = []] = new URLSearchParams(part);
  if (at < 0 && keepable && !secretName.test(name) && !known.some((secret) => part.includes(secret))) return part;
  if (at < 0) return hiddenValue;
  const isSecret =
    !keepable || (secretName.test(name) && name !== kept) || known.some((secret) => value.includes(secret));
  return isSecret ? `${part.slice(0, at + 1)}${hiddenValue}` : part;
}

/** Whether the preset is the generic one, whose header and template are settings. */
function isGeneric(preset: Preset): boolean {
  return Object.hasOwn(preset.settings, "header") && Object.hasOwn(preset.settings, "template");
}

const choices = new WeakMap<Scheme, Chosen>();

/** @returns Another scheme of the preset, with default settings. */
function chosenOf(preset: Preset, scheme: Scheme): Chosen {
  const known = choices.get(scheme);
  if (known !== undefined) return known;
  const made = schemeOf(preset, { scheme: scheme.name });
  choices.set(scheme, made);
  return made;
}

function recipeOf(preset: Preset, scheme: Scheme): SignatureRecipe {
  return chosenOf(preset, scheme).recipe;
}
