/**
 * Shared secrets that a request presents in clear: a Bearer token (RFC 6750, section 2.1), Basic credentials (RFC 7617,
 * section 2), a header, a query parameter, the last part of the path, or a field of the body.
 *
 * Refused: a missing secret, another secret, and a header that came twice. Both sides are hashed and the digests
 * compared in constant time (OWASP ASVS 5.0, 11.2.4), so timing shows neither the secret's length nor a matching
 * prefix.
 *
 * Not guaranteed:
 * - integrity or freshness: nothing is signed. A holder of the secret can send any event, and a captured request can be
 *   replayed
 * - confidentiality of a secret in a URL: proxies and access logs store URLs (ASVS 14.2.1)
 */

import type { Rejected, VerifyResult, WebhookRequest } from "../../domain/events/webhook.ts";
import { type JsonValue, valueAt } from "../../domain/json.ts";
import { decodeBase64, equalDigests } from "../../platform/bytes.ts";
import { sha256 } from "../../platform/hashes.ts";
import type { ActiveSecret } from "../preset/preset.ts";
import type { SecretLocation, SecretRecipe } from "../preset/recipe.ts";
import { afterWord, headerOf, looksDoubled, unwrapped } from "../request/paths.ts";
import { reject } from "./reject.ts";
import type { SignedRequest } from "./signed-request.ts";

/**
 * Verifies the secret that a request presents.
 *
 * @returns The secret that was presented, or the reason for the rejection. Never throws.
 */
export async function verifySharedSecret(recipe: SecretRecipe, evidence: SignedRequest): Promise<VerifyResult> {
  const { secrets } = evidence;
  const presented = presentedSecret(recipe.location, evidence);
  if (!presented.ok) return presented;
  const found = secretOf(presented, secrets) ?? inAddress(recipe.location, presented, secrets);
  if (found !== null) return { ok: true, secretId: found.id };
  if (presented.doubled)
    return reject("signature_doubled", `The secret came more than once (${where(recipe.location)}).`);
  return reject(
    "secret_wrong",
    `The request's secret is not an active secret of this source (${where(recipe.location)}).`,
  );
}

function secretOf({ secret: text, password }: PresentedText, secrets: readonly ActiveSecret[]): ActiveSecret | null {
  const digest = sha256(text);
  const passwordDigest = password === null ? null : sha256(password);
  for (const secret of secrets) {
    const wanted = sha256(secret.value);
    // A source may store only the password of Basic credentials. A stored secret with a colon is the whole pair.
    const offered = passwordDigest !== null && !secret.value.includes(":") ? passwordDigest : digest;
    if (equalDigests(wanted, offered)) return secret;
  }
  return null;
}

/**
 * Finds a secret that was damaged when it was pasted into a URL: a `+` of base64 arrives as a blank, tools append a
 * slash or a line break, or encode the text twice. Each spelling is compared as a whole, so a part of the secret is
 * never enough.
 */
function inAddress(
  location: SecretLocation,
  presented: PresentedText,
  secrets: readonly ActiveSecret[],
): ActiveSecret | null {
  if (location.in !== "query" && location.in !== "path") return null;
  for (const secret of addressSpellings(presented.secret)) {
    const found = secretOf({ ...presented, secret }, secrets);
    if (found !== null) return found;
  }
  return null;
}

function addressSpellings(text: string): readonly string[] {
  const spellings = new Set([text]);
  for (const spell of [trimmed, withoutOuterSlashes, decodedOnceMore, withPluses])
    for (const one of [...spellings]) spellings.add(spell(one));
  spellings.delete(text);
  return [...spellings];
}

const trimmed = (text: string): string => text.trim();
const withoutOuterSlashes = (text: string): string => text.replace(/^\/+/, "").replace(/\/+$/, "");
const withPluses = (text: string): string => text.replaceAll(" ", "+");

function decodedOnceMore(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

type PresentedText = {
  readonly ok: true;
  readonly secret: string;
  readonly password: string | null;
  readonly doubled: boolean;
};

function presentedSecret(location: SecretLocation, { request, body }: SignedRequest): PresentedText | Rejected {
  switch (location.in) {
    case "bearer":
      return afterScheme(location, request, "bearer");
    case "basic":
      return basicPair(afterScheme(location, request, "basic"), location);
    case "header":
      return whole(location, headerOf(request.headers, location.name));
    case "query":
      return whole(location, request.query === undefined ? null : headerOf(request.query, location.name));
    case "path":
      return whole(location, request.key);
    case "body":
      return inBody(location, valueAt(unwrapped(body() ?? null), location.path));
  }
}

function whole(location: SecretLocation, value: string | null): PresentedText | Rejected {
  if (value === null || value === "") return reject("secret_missing", `No secret came (${where(location)}).`);
  return { ok: true, secret: value, password: null, doubled: location.in !== "path" && looksDoubled(value) };
}

/** A field of a body has one value, so a comma in it does not mean that the secret came twice. */
function inBody(location: SecretLocation, value: JsonValue | undefined): PresentedText | Rejected {
  if (typeof value !== "string" || value === "")
    return reject("secret_missing", `No secret came (${where(location)}).`);
  return { ok: true, secret: value.trim(), password: null, doubled: false };
}

function afterScheme(location: SecretLocation, { headers }: WebhookRequest, scheme: string): PresentedText | Rejected {
  return whole(location, afterWord(headerOf(headers, "authorization"), scheme));
}

/** Decodes Basic credentials (RFC 7617, section 2): base64 of `user:password` in UTF-8. */
function basicPair(presented: PresentedText | Rejected, location: SecretLocation): PresentedText | Rejected {
  if (!presented.ok || presented.doubled) return presented;
  const bytes = decodeBase64(presented.secret);
  if (bytes === null) return reject("secret_wrong", `The credentials are not base64 (${where(location)}).`);
  // `echo user:password | base64` includes a line break.
  const pair = new TextDecoder().decode(bytes).replace(/[\r\n]+$/, "");
  const colon = pair.indexOf(":");
  if (colon < 0) return reject("secret_wrong", `The credentials are not a user and password (${where(location)}).`);
  return { ...presented, secret: pair, password: pair.slice(colon + 1) };
}

function where(location: SecretLocation): string {
  switch (location.in) {
    case "bearer":
      return "looked for in Authorization: Bearer";
    case "basic":
      return "looked for in Authorization: Basic";
    case "header":
      return `looked for in the ${location.name} header`;
    case "query":
      return `looked for in the query parameter ${location.name}`;
    case "path":
      return "looked for as the last part of the path";
    case "body":
      return `looked for in the body at ${location.path}`;
  }
}
