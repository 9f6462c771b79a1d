/**
 * JSON Web Tokens (RFC 7519) that a sender puts into a header.
 *
 * Refused:
 * - an algorithm other than the recipe's (RFC 8725, section 3.1; OWASP ASVS 5.0, 9.1.2). `none` is never the recipe's
 * - keys that the token brings or names itself (`jwk`, `jku`, `x5u`): only the source's secrets are tried (ASVS 9.1.3)
 * - a token outside `exp` and `nbf`, or for another `aud`, if the recipe asks for one (RFC 7519, section 4.1; ASVS
 *   9.2.1, 9.2.3)
 * - a registered claim of the wrong type, such as an `aud` nested in an array
 *
 * Not guaranteed: the integrity of the body, unless the recipe names a claim that holds its digest. Without one, a
 * stolen token authenticates any body until it expires. `jti` is not checked, so a token may be used more than once.
 */

import { errors, type JWTPayload, jwtVerify } from "jose";
import type { Rejected, VerifyResult } from "../../domain/events/webhook.ts";
import { decodeHex, equalDigests } from "../../platform/bytes.ts";
import { hashBytes } from "../../platform/signature/digest.ts";
import { claimOfWrongType } from "../../platform/signature/jwt-claims.ts";
import { hmacKey } from "../../platform/signature/keys.ts";
import { presentedTokenCharactersMax } from "../limits.ts";
import type { ActiveSecret } from "../preset/preset.ts";
import type { JwtRecipe } from "../preset/recipe.ts";
import { afterWord, headerOf, looksDoubled } from "../request/paths.ts";
import { publicKey } from "./public-keys.ts";
import { reject } from "./reject.ts";
import type { SignedRequest } from "./signed-request.ts";

const compact = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Verifies the token of a request.
 *
 * @returns The secret that signed it, or the reason for the rejection. Never throws because of a request.
 */
export async function verifyJwt(recipe: JwtRecipe, evidence: SignedRequest): Promise<VerifyResult> {
  const token = tokenOf(recipe, evidence);
  if (typeof token !== "string") return token;
  const audience = audienceOf(recipe, evidence.url);
  if (audience !== undefined && typeof audience !== "string") return audience;
  let usable = 0;
  for (const secret of evidence.secrets) {
    const key = await keyOf(recipe, secret);
    if (key === null) continue;
    usable++;
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [recipe.algorithm],
        currentDate: new Date(evidence.nowMs),
        clockTolerance: recipe.toleranceSeconds,
        requiredClaims: recipe.expiryRequired ? ["exp"] : [],
        ...(audience === undefined ? {} : { audience }),
      });
      const wrong = claimOfWrongType(payload);
      if (wrong !== null) return malformed(mistyped(wrong));
      return bodyRefusal(recipe, payload, evidence.request.body) ?? { ok: true, secretId: secret.id };
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) continue;
      return refusalOf(recipe, error);
    }
  }
  if (usable === 0) return reject("no_secrets", `No active secret of this source fits ${recipe.algorithm}.`);
  return reject(
    "token_wrong",
    "No active secret verifies the token's signature: the sender uses another secret, or the token was changed.",
  );
}

function tokenOf(recipe: JwtRecipe, { request }: SignedRequest): string | Rejected {
  const value = headerOf(request.headers, recipe.header);
  if (value === null || value === "")
    return reject("signature_missing", `The request has no token: the ${recipe.header} header is missing or empty.`);
  if (value.length > presentedTokenCharactersMax) return malformed("it is too long");
  if (looksDoubled(value)) return reject("signature_doubled", `The ${recipe.header} header came more than once.`);
  const token = recipe.scheme === null ? value : afterWord(value, recipe.scheme);
  if (token === null)
    return reject(
      "signature_missing",
      `The request has no token: the ${recipe.header} header lacks the word ${recipe.scheme}.`,
    );
  return compact.test(token) ? token : malformed("it is no JSON Web Token");
}

function audienceOf({ audience }: JwtRecipe, url: string | null): string | undefined | Rejected {
  if (audience === null) return undefined;
  if ("text" in audience) return audience.text;
  return (
    url ??
    reject("url_unknown", "The token is for a URL, and Hookline does not know its own: set PUBLIC_URL or settings.url.")
  );
}

function keyOf({ algorithm }: JwtRecipe, { value }: ActiveSecret): Promise<CryptoKey | null> {
  switch (algorithm) {
    case "HS256":
      return hmacKey(value, "utf8", "sha256");
    case "HS384":
      return hmacKey(value, "utf8", "sha384");
    case "HS512":
      return hmacKey(value, "utf8", "sha512");
    case "RS256":
      return publicKey(value, "spki", "rsa-pkcs1-sha256");
    case "ES256":
      return publicKey(value, "spki", "ecdsa-p256-sha256");
  }
}

function refusalOf(recipe: JwtRecipe, error: unknown): Rejected {
  if (error instanceof errors.JWTExpired)
    return reject("token_expired", `The token expired more than ${recipe.toleranceSeconds} s ago.`);
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.reason === "invalid" ? malformed(mistyped(error.claim)) : claimRefusal(error.claim);
  if (error instanceof errors.JOSEAlgNotAllowed)
    return reject("token_wrong", `The token does not name the algorithm ${recipe.algorithm}.`);
  if (error instanceof errors.JOSEError) return malformed("it does not follow RFC 7519");
  throw error;
}

const mistyped = (claim: string) => `its claim ${claim} has another type than RFC 7519 gives it`;

function claimRefusal(claim: string): Rejected {
  switch (claim) {
    case "aud":
      return reject("audience_wrong", "The token is for another address than the source's.");
    case "exp":
      return reject("token_malformed", "The token has no exp, so it would never expire.");
    case "nbf":
      return reject("timestamp_outside_tolerance", "The token is not valid yet (nbf).");
    default:
      return malformed("one of its claims is invalid");
  }
}

/** Compares the body's SHA-256 with the digest in the recipe's claim. */
function bodyRefusal(recipe: JwtRecipe, payload: JWTPayload, body: Uint8Array): Rejected | null {
  if (recipe.bodyHashClaim === undefined) return null;
  const claim = Object.hasOwn(payload, recipe.bodyHashClaim) ? payload[recipe.bodyHashClaim] : undefined;
  const given = typeof claim === "string" ? decodeHex(claim) : null;
  if (given === null)
    return reject("body_digest_wrong", `The token's claim ${recipe.bodyHashClaim} is no SHA-256 in hex.`);
  if (equalDigests(given, hashBytes("sha256", body))) return null;
  return reject("body_digest_wrong", "The token is for another body: the body was changed on its way.");
}

function malformed(why: string): Rejected {
  return reject("token_malformed", `The token cannot be read: ${why}.`);
}
