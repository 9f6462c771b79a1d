/**
 * API tokens: JWTs of our own (RFC 7519), HS256 under a key named by `kid`.
 *
 * Refused are: another algorithm, an unknown key, a missing or over-long `exp`, a `jti` that was never issued or was revoked.
 * Not guaranteed: an isolate that has just seen a token may accept it for 30 s after it was revoked.
 */
import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { dayMs, tokenDaysMax } from "../../domain/limits.ts";
import { keyBytes } from "../../platform/hashes.ts";
import { lru } from "../../platform/lru.ts";
import { claimOfWrongType } from "../../platform/signature/jwt-claims.ts";
import type { TokenRow, TokenStore } from "../../ports/config/access.ts";
import type { Clock, SecretKey } from "../../ports/runtime.ts";
import type { Reader } from "../../views/reader.ts";
import { isUuid } from "../uuid.ts";

/** Time for which a Worker that has just checked a token accepts it without asking Postgres. A revoked token may last as long. */
const tokenFreshMs = 30_000;

export const scopes = ["calls:read", "calls:write", "pii:read", "admin"] as const;
export type Scope = (typeof scopes)[number];

const issuer = "hookline";
const audience = "hookline-api";

/** Tolerance for clocks of issuers that run ahead of ours. */
const skewSeconds = 5;

/** Tokens in an isolate's cache. */
const rememberedMax = 1_000;

/** A longer text is no token of ours, and is not parsed. */
const apiTokenCharactersMax = 4_096;

/** A JWS in compact form (RFC 7515, section 7.1). Any other text is no token of ours, and is not parsed either. */
const compactForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** A cache of rows, never of promises: a promise belongs to the request that made it. */
const remembered = lru<{ row: TokenRow | null; atMs: number }>(rememberedMax);

export type TokenPorts = { clock: Clock; tokens: TokenStore; tokenKeys: readonly SecretKey[] };

/** `reason` is for the log. The client gets one sentence for all reasons. */
type CheckedToken =
  | { readonly ok: true; readonly reader: Reader; readonly expiresAt: number }
  | { readonly ok: false; readonly reason: "malformed" | "signature" | "claims" | "expired" | "unknown" | "revoked" };

/**
 * Checks a token. Asks the store only if signature and claims are right.
 *
 * @returns the reader with its scopes, and the end of the token in epoch milliseconds; or the reason of a refusal
 */
export async function checkToken(ports: TokenPorts, token: string): Promise<CheckedToken> {
  const nowMs = ports.clock.now();
  const verified = await verify(ports.tokenKeys, token, nowMs);
  if (typeof verified === "string") return { ok: false, reason: verified };
  const { jti, exp = 0, iat = 0, scope } = verified;
  if (jti === undefined || !isUuid(jti) || typeof scope !== "string") return { ok: false, reason: "claims" };
  if ((exp - iat) * 1000 > tokenDaysMax * dayMs) return { ok: false, reason: "claims" };
  const row = await rowOf(ports.tokens, jti, nowMs);
  if (row === null) return { ok: false, reason: "unknown" };
  if (row.revokedAt !== null) return { ok: false, reason: "revoked" };
  if (row.expiresAt <= nowMs) return { ok: false, reason: "expired" };
  // A scope counts if both the token and its stored row have it: a token cannot claim more than was issued.
  const granted = scope.split(" ").filter((one) => row.scopes.includes(one));
  return { ok: true, reader: { jti, name: row.name, scopes: granted }, expiresAt: Math.min(exp * 1000, row.expiresAt) };
}

/**
 * Whether a token is signed by us and has not expired. Revocation is stored in Postgres, so this is the most that can be checked
 * while it is down. Good enough for counts only.
 */
export async function isSigned(ports: Pick<TokenPorts, "clock" | "tokenKeys">, token: string): Promise<boolean> {
  return typeof (await verify(ports.tokenKeys, token, ports.clock.now())) !== "string";
}

/** Scopes that a reader wants to give to another token and does not have. Rights only shrink: a token gives only what it has. */
export function scopesNotHad(reader: Reader, wanted: readonly Scope[]): Scope[] {
  return [...new Set(wanted)].filter((scope) => !reader.scopes.includes(scope));
}

/**
 * Makes a token and stores its id.
 *
 * @param giver the id of the token that gives it
 * @returns the token, which is not stored; `null` if the giver may not give it (any more)
 */
export async function issueToken(
  ports: TokenPorts,
  wanted: { jti: string; name: string; scopes: readonly Scope[]; expiresAt: number },
  actor: string,
  giver?: string,
): Promise<string | null> {
  const [key] = ports.tokenKeys;
  if (key === undefined) throw new Error("there is no token key");
  const token = await new SignJWT({ scope: wanted.scopes.join(" ") })
    .setProtectedHeader({ alg: "HS256", kid: key.kid, typ: "JWT" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(wanted.jti)
    .setJti(wanted.jti)
    .setIssuedAt(Math.floor(ports.clock.now() / 1000))
    .setExpirationTime(Math.floor(wanted.expiresAt / 1000))
    .sign(keyBytes(key.k));
  const added = await ports.tokens.add({ ...wanted, scopes: [...wanted.scopes] }, actor, giver);
  remembered.delete(wanted.jti);
  return added === false ? null : token;
}

/** Drops a token from this isolate's cache, so that a revocation holds here at once. */
export function forgetToken(jti: string): void {
  remembered.delete(jti);
}

async function verify(
  keys: readonly SecretKey[],
  token: string,
  nowMs: number,
): Promise<JWTPayload | "malformed" | "signature" | "claims" | "expired"> {
  if (token.length > apiTokenCharactersMax || !compactForm.test(token)) return "malformed";
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = keys.find((one) => one.kid === kid);
        if (key === undefined) throw new errors.JWKSNoMatchingKey();
        return keyBytes(key.k);
      },
      {
        algorithms: ["HS256"],
        issuer,
        audience,
        requiredClaims: ["exp", "iat", "jti"],
        currentDate: new Date(nowMs),
        clockTolerance: skewSeconds,
        maxTokenAge: `${tokenDaysMax}d`,
      },
    );
    // Of this issuer's tokens, the scope is a text as well (RFC 8693, section 4.2), and the subject is the id.
    const { scope, sub, jti } = payload;
    return claimOfWrongType(payload) !== null || typeof scope !== "string" || (sub !== undefined && sub !== jti)
      ? "claims"
      : payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) return "expired";
    if (error instanceof errors.JWTClaimValidationFailed) return "claims";
    if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
      return "signature";
    if (error instanceof errors.JOSEError) return "malformed";
    throw error;
  }
}

async function rowOf(tokens: TokenStore, jti: string, nowMs: number): Promise<TokenRow | null> {
  const known = remembered.get(jti);
  if (known !== undefined && nowMs - known.atMs < tokenFreshMs) return known.row;
  const row = await tokens.find(jti);
  remembered.set(jti, { row, atMs: nowMs });
  return row;
}
