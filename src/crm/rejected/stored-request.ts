/** What is kept of a refused request: enough to judge it again once its source is mended, and nothing that anybody could use. */

import type { WebhookRequest } from "../../domain/events/webhook.ts";
import type { BodyKept, KeptRequest } from "../../ports/ingest/rejections.ts";
import { signatureHeaderCharactersMax } from "../limits.ts";
import { type Chosen, schemeOf } from "../preset/chosen-scheme.ts";
import type { ActiveSecret, EventReading, FullSettings, Preset, Scheme, ValueLocation } from "../preset/preset.ts";
import type { SignatureRecipe } from "../preset/recipe.ts";
import { secretHeaders } from "../preset/secret-headers.ts";
import { bodyCredentials } from "../request/credentials.ts";
import { headerOf } from "../request/paths.ts";
import { hasStorableProof, presentedIn } from "./presented-secret.ts";

/** Headers whose values are stored with a refused request, and characters of its URL. */
const evidenceHeadersMax = 40;
const evidenceUrlCharactersMax = 4_096;

/** Largest body that is stored with a rejection. A larger one is not stored at all, because half a body cannot be verified again. */
export const rejectionBodyBytesMax = 262_144;

/** What stands in place of a value that may be a secret. */
export const hiddenValue = "[hidden]";

/** Parameters whose values are taken for secrets. */
const secretName = /secret|token|key|pass|pwd|auth|credential|session|code|^k$/i;

/** Headers that say where a request went, and what wrote it. */
const plainHeaders = ["content-type", "user-agent"];
const addressHeaders = ["host", "x-forwarded-host", "x-forwarded-proto"];

/** A header that may carry a signature, for senders whose header nobody has said yet. */
const signatureName = /(?:^|[-_])(?:signature|sign|sig|hmac|digest|timestamp|sha(?:1|256|512))(?:$|[-_\d])/i;

/** Whose request it is, and what must not be found in what is kept. */
export type EvidenceContext = {
  readonly preset: Preset;
  readonly chosen: Chosen;
  readonly secrets: readonly ActiveSecret[];
  readonly fingerprint: (text: string) => Promise<string>;
};

/**
 * @param reason Why it was refused.
 * @returns Of a sender that signs: its headers as far as they matter, and its body whole or not at all. Of one that presents a secret
 *   or a token: a keyed hash, or what the token claims. Costs no more for a large request than looking once through it.
 */
export async function evidenceOf(
  witness: EvidenceContext,
  request: WebhookRequest,
  reason: string,
): Promise<KeptRequest> {
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
    url: redactedUrl(request, chosen.recipe, known),
    headers,
    body: bodyKept === "whole" ? request.body : null,
    bodyKept,
    presented: await presentedIn(chosen, request, fingerprint),
  };
}

/** @returns The request as far as it was kept: its verdict is the one of then wherever nothing of it is missing. */
export function restoredRequest({ method, url, headers, body }: KeptRequest): WebhookRequest {
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

/** Whoever sends nothing that could be a signature is a stranger, and no mended secret makes its request a right one. */
function carriesSignature(preset: Preset, chosen: Chosen, request: WebhookRequest): boolean {
  const names = preset.schemes.flatMap((scheme) => signatureHeaders(recipeOf(preset, scheme)));
  if ([...names, ...signatureHeaders(chosen.recipe)].some((name) => (headerOf(request.headers, name) ?? "") !== ""))
    return true;
  return (
    isGeneric(preset) && Object.keys(request.headers).some((name) => signatureName.test(name) && !secretName.test(name))
  );
}

/** Fields whose mere name in a body is enough: it is kept whole or not at all. */
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

/** Whatever one of the preset's schemes reads: the source may have to be told of another one. */
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

/** A signature is no secret; what stands in Authorization may be, and so may whatever a sender presents instead of signing. */
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

/** @returns Names of headers, in lower case, in which a signature is looked for. */
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

/** By text, as it was signed. Of a sender that does not sign no value of the query is kept. */
function redactedUrl({ url }: WebhookRequest, recipe: SignatureRecipe, known: readonly string[]): string | null {
  if (url === null || url.length > evidenceUrlCharactersMax) return null;
  const at = url.indexOf("?");
  const path = (at < 0 ? url : url.slice(0, at)).replace(/(\/in\/[^/?#]+\/)[^?#]+$/, `$1${hiddenValue}`);
  if (at < 0) return path;
  const kept = hasStorableProof(recipe) && "bodyDigest" in recipe ? recipe.bodyDigest?.parameter : undefined;
  const parts = url.slice(at + 1).split("&");
  return `${path}?${parts.map((part) => redactedParameter(part, kept, hasStorableProof(recipe), known)).join("&")}`;
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

/** A preset of settings, whose sender nobody knows beforehand. */
function isGeneric(preset: Preset): boolean {
  return Object.hasOwn(preset.settings, "header") && Object.hasOwn(preset.settings, "template");
}

const choices = new WeakMap<Scheme, Chosen>();

/** With the settings' defaults: what another scheme of the preset would read. */
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
