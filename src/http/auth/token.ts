/**
 * API tokens: JWTs that this service issues (RFC 7519), HS256 under a key named by `kid`.
 *
 * Refused:
 * - another algorithm, `none` included (RFC 8725, section 3.1; OWASP ASVS 5.0, 9.1.2), and an unknown `kid` (9.1.3)
 * - another issuer or audience (RFC 8725, sections 3.8 and 3.9; ASVS 9.2.3)
 * - a missing or expired `exp`, and a lifetime of over 90 days (ASVS 9.2.1)
 * - a `jti` that was never issued or was revoked, and scopes beyond the stored ones
 *
 * Not guaranteed:
 * - a revocation takes up to 30 s to reach an isolate that has just checked the token
 * - a stolen token works from anywhere until it expires or is revoked: it is not bound to a client (RFC 6750, section
 *   5.2)
 */
import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { dayMs, tokenDaysMax } from "../../domain/limits.ts";
import { keyBytes } from "../../platform/hashes.ts";
import { lru } from "../../platform/lru.ts";
import { claimOfWrongType } from "../../platform/signature/jwt-claims.ts";
import type { Renewal, TokenRow, TokenStore } from "../../ports/config/access.ts";
import type { Clock, SecretKey } from "../../ports/runtime.ts";
import type { Reader } from "../../views/reader.ts";
import { isUuid } from "../uuid.ts";

/**
 * Time for which an isolate accepts a token again without asking Postgres. A revocation may take as long to reach it.
 */
const tokenFreshMs = 30_000;

export const scopes = ["calls:read", "calls:write", "pii:read", "hooks:write", "admin"] as const;
export type Scope = (typeof scopes)[number];

const issuer = "hookline";
const audience = "hookline-api";

/** Tolerance for an issuer's clock that runs ahead. */
const skewSeconds = 5;

/** Tokens in an isolate's cache. */
const rememberedMax = 1_000;

/** Longer texts are not parsed. */
const apiTokenCharactersMax = 4_096;

/** A JWS in compact serialization (RFC 7515, section 7.1). Other texts are not parsed. */
const compactForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Rows are cached, never promises of them: a promise belongs to the request that created it. */
const remembered = lru<{ row: TokenRow | null; atMs: number }>(rememberedMax);

export type TokenPorts = { clock: Clock; tokens: TokenStore; tokenKeys: readonly SecretKey[] };

/** `reason` is for the log. The client gets one sentence for all reasons. */
type CheckedToken =
  | { readonly ok: true; readonly reader: Reader; readonly expiresAt: number }
  | { readonly ok: false; readonly reason: "malformed" | "signature" | "claims" | "expired" | "unknown" | "revoked" };

/**
 * Checks a token. The store is asked only after the signature and the claims.
 *
 * @returns The reader with its scopes, and the token's end in epoch milliseconds; or the reason of the refusal.
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
  // A scope counts only if both the token and its stored row have it. A leaked key alone cannot widen an issued token.
  const granted = scope.split(" ").filter((one) => row.scopes.includes(one));
  return { ok: true, reader: { jti, name: row.name, scopes: granted }, expiresAt: Math.min(exp * 1000, row.expiresAt) };
}

/**
 * Whether a token has a valid signature and has not expired. Revocation is stored in Postgres and is not checked.
 * Callers may show counts on this basis, and nothing else.
 */
export async function isSigned(ports: Pick<TokenPorts, "clock" | "tokenKeys">, token: string): Promise<boolean> {
  return typeof (await verify(ports.tokenKeys, token, ports.clock.now())) !== "string";
}

/**
 * @returns Wanted scopes that the reader lacks. A token can grant only scopes that it has (least privilege). `admin`
 *   may do all that `hooks:write` may, so it can grant it.
 */
export function scopesNotHad(reader: Reader, wanted: readonly Scope[]): Scope[] {
  const isHad = (scope: Scope) =>
    reader.scopes.includes(scope) || (scope === "hooks:write" && reader.scopes.includes("admin"));
  return [...new Set(wanted)].filter((scope) => !isHad(scope));
}

/**
 * Issues a token and stores its id.
 *
 * @param giver Id of the token that grants it.
 * @returns The token, which is not stored; null if the granting token may not grant it, or no longer may.
 */
export async function issueToken(
  ports: TokenPorts,
  wanted: { jti: string; name: string; scopes: readonly Scope[]; expiresAt: number },
  actor: string,
  giver?: string,
): Promise<string | null> {
  const token = await signed(ports, wanted);
  const added = await ports.tokens.add({ ...wanted, scopes: [...wanted.scopes] }, actor, giver);
  remembered.delete(wanted.jti);
  return added === false ? null : token;
}

/** A token as its holder gets it. Its id and its scopes are stored apart. */
async function signed(
  { clock, tokenKeys }: Pick<TokenPorts, "clock" | "tokenKeys">,
  wanted: { readonly jti: string; readonly scopes: readonly string[]; readonly expiresAt: number },
): Promise<string> {
  const [key] = tokenKeys;
  if (key === undefined) throw new Error("there is no token key");
  return await new SignJWT({ scope: wanted.scopes.join(" ") })
    .setProtectedHeader({ alg: "HS256", kid: key.kid, typ: "JWT" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(wanted.jti)
    .setJti(wanted.jti)
    .setIssuedAt(Math.floor(clock.now() / 1000))
    .setExpirationTime(Math.floor(wanted.expiresAt / 1000))
    .sign(keyBytes(key.k));
}

/** Result of a renewal with the signed token. */
type Renewed =
  | (Extract<Renewal, { kind: "renewed" }> & { readonly text: string })
  | Exclude<Renewal, { kind: "renewed" }>;

/**
 * Renews a token for its holder. The successor has the scopes that the reader has.
 *
 * @param successor Id of the successor. It follows from the token's id.
 */
export async function renewSelf(ports: TokenPorts, reader: Reader, successor: string, actor: string): Promise<Renewed> {
  const wish = { jti: reader.jti, successor, scopes: reader.scopes, nowMs: ports.clock.now() };
  const renewal = await ports.tokens.renew(wish, actor);
  forgetToken(reader.jti);
  if (renewal.kind !== "renewed") return renewal;
  forgetToken(successor);
  return { ...renewal, text: await signed(ports, renewal.token) };
}

/** Removes a token from this isolate's cache, so that a revocation takes effect here at once. */
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
    // In this issuer's tokens the scope is a text too (RFC 8693, section 4.2), and the subject equals the id.
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
