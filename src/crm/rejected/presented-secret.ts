/**
 * Evidence of a secret or token that a rejected request presented, for the signature doctor.
 *
 * Refused: storing the secret or a usable token. A secret is stored as a keyed hash. A token is stored without its
 * signature and with only the claims that explain a rejection.
 *
 * Not guaranteed: a holder of the fingerprint key can test guesses of a weak secret against its hash.
 */

import type { WebhookRequest } from "../../domain/events/webhook.ts";
import { isObject, type JsonObject, readJson, valueAt } from "../../domain/json.ts";
import { decodeBase64, decodeLooseBase64, encodeBase64, utf8 } from "../../platform/bytes.ts";
import type { Presented } from "../../ports/ingest/rejections.ts";
import { presentedTokenCharactersMax } from "../limits.ts";
import type { Chosen } from "../preset/chosen-scheme.ts";
import type { JwtRecipe, SecretLocation, SignatureRecipe } from "../preset/recipe.ts";
import { decodeBody } from "../request/body.ts";
import { afterWord, headerOf, unwrapped } from "../request/paths.ts";

/**
 * @returns Keyed hashes of the presented secret, or the token without its signature. Null for a recipe that signs,
 *   because a signature does not reveal its key and is stored as it is.
 */
export async function presentedIn(
  { recipe, body }: Pick<Chosen, "recipe" | "body">,
  request: WebhookRequest,
  fingerprint: (text: string) => Promise<string>,
): Promise<Presented | null> {
  if (recipe.family !== "secret" && recipe.family !== "jwt") return null;
  const authorization = authorizationScheme(request);
  if (recipe.family === "jwt") return { fingerprints: [], authorization, token: unsignedToken(recipe, request) };
  const texts = secretsAt(recipe.location, request, body);
  return { fingerprints: await Promise.all(texts.map(fingerprint)), authorization, token: null };
}

/** @returns The secret at a location. For Basic credentials: the pair, and the password alone. */
export function secretsAt(location: SecretLocation, request: WebhookRequest, rules: Chosen["body"]): readonly string[] {
  switch (location.in) {
    case "bearer":
      return nonEmpty(afterWord(headerOf(request.headers, "authorization"), "bearer"));
    case "basic":
      return basicCredentials(afterWord(headerOf(request.headers, "authorization"), "basic"));
    case "header":
      return nonEmpty(headerOf(request.headers, location.name));
    case "query":
      return nonEmpty(request.query === undefined ? null : headerOf(request.query, location.name));
    case "path":
      return nonEmpty(request.key);
    case "body": {
      const body = decodeBody(request, rules);
      const value = body.ok ? valueAt(unwrapped(body.value), location.path) : undefined;
      return nonEmpty(typeof value === "string" ? value : null);
    }
  }
}

/** @returns Whether the proof may be stored. A signature may; a secret or a token could be presented again. */
export function hasStorableProof(recipe: SignatureRecipe): boolean {
  return recipe.family !== "secret" && recipe.family !== "jwt";
}

function authorizationScheme({ headers }: WebhookRequest): Presented["authorization"] {
  const value = headerOf(headers, "authorization");
  if (value === null || value === "") return "none";
  const word = /^(bearer|basic) /i.exec(value)?.[1]?.toLowerCase();
  return word === "bearer" || word === "basic" ? word : "other";
}

function basicCredentials(credentials: string | null): readonly string[] {
  const bytes = credentials === null ? null : decodeBase64(credentials);
  const pair = bytes === null ? "" : new TextDecoder().decode(bytes);
  const colon = pair.indexOf(":");
  // Credentials without a colon are always rejected, so they never match a secret.
  return colon < 0 ? [] : [pair, ...nonEmpty(pair.slice(colon + 1))];
}

/**
 * Names that are stored of a token's header and of its claims. All others are dropped: monday.com puts an API
 * credential into its claims.
 */
const storedClaims = [["alg"], ["aud", "exp", "nbf", "iat"]] as const;

/** @returns A token's header and claims, reduced to {@link storedClaims}, without the signature. */
function unsignedToken({ header }: JwtRecipe, { headers }: WebhookRequest): string | null {
  const value = headerOf(headers, header) ?? "";
  if (value.length > presentedTokenCharactersMax) return null;
  const parts = /(?:^| )([\w-]+)\.([\w-]+)\.[\w-]+$/.exec(value)?.slice(1);
  return parts?.map((part, index) => storedTokenPart(part, storedClaims[index] ?? [])).join(".") ?? null;
}

function storedTokenPart(part: string, names: readonly string[]): string {
  const words = decodeTokenPart(part) ?? {};
  const kept = names.filter((name) => Object.hasOwn(words, name)).map((name) => [name, words[name]]);
  return encodeBase64(utf8(JSON.stringify(Object.fromEntries(kept))));
}

/** @returns The object in one part of a token, unverified; null if the part is no object. Never throws. */
export function decodeTokenPart(text: string): JsonObject | null {
  const bytes = decodeLooseBase64(text);
  const read = bytes === null ? null : readJson(new TextDecoder().decode(bytes));
  return read?.ok && isObject(read.value) ? read.value : null;
}

function nonEmpty(text: string | null): readonly string[] {
  return text === null || text === "" ? [] : [text];
}
