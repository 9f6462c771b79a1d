/**
 * Authentication and authorization of API requests, in front of every route.
 *
 * Refused:
 * - a request without exactly one Bearer token in `Authorization` (RFC 6750, section 2.1). Tokens in the query or the
 *   body are ignored: URLs end up in logs (section 2.3; OWASP ASVS 5.0, 14.2.1)
 * - an invalid token, with one response for all reasons (section 3.1). The reason goes to the log only
 * - a reader without one of the route's scopes, with 403 and `insufficient_scope`
 *
 * Not guaranteed: while Postgres is down, no token can be checked for revocation, so the API answers 503. Only counts
 * are shown for a token whose signature is valid ({@link carriesSigned}).
 */
import type { MiddlewareHandler } from "hono";
import { seldom } from "../../platform/log.ts";
import type { Reader } from "../../views/reader.ts";
import type { ApiDeps, AppEnv } from "../deps.ts";
import { problem } from "../problem.ts";
import { carrying } from "../route-parts.ts";
import { checkToken, isSigned, type Scope, type TokenPorts } from "./token.ts";

/** RFC 6750, section 2.1. The scheme is case-insensitive (RFC 9110, section 11.1). */
const bearer = /^bearer +([\w.~+/-]+=*) *$/i;

/** Minimum time between two log lines about refused tokens, because anybody can send them. */
const refusedLineEveryMs = 1_000;
const noteRefused = seldom(refusedLineEveryMs);

/**
 * Ports for checking a token. The store is opened only for a token with a valid signature, so guesses cost no
 * connection.
 */
export function tokenPorts(deps: ApiDeps): TokenPorts {
  const { clock, tokenKeys } = deps;
  return {
    clock,
    tokenKeys,
    get tokens() {
      return deps.stores.tokens;
    },
  };
}

/** @returns The reader of a request; null without a valid token. Throws while Postgres is down. */
export async function readerOf(c: Parameters<MiddlewareHandler<AppEnv>>[0]): Promise<Reader | null> {
  const token = bearer.exec(c.req.header("authorization") ?? "")?.[1];
  if (token === undefined) return null;
  const { deps } = c.var;
  const checked = await checkToken(tokenPorts(deps), token);
  if (checked.ok) return checked.reader;
  const { reason } = checked;
  noteRefused(reason, deps.clock.now(), (more) => deps.log.info("a token was refused", { reason, ...more }));
  return null;
}

/**
 * Whether a request carries a token with a valid signature. Revocation is not checked, so this works while Postgres is
 * down.
 */
export async function carriesSigned(c: Parameters<MiddlewareHandler<AppEnv>>[0]): Promise<boolean> {
  const token = bearer.exec(c.req.header("authorization") ?? "")?.[1];
  return token !== undefined && (await isSigned(c.var.deps, token));
}

/**
 * Sets the request's reader, or responds with 401 (RFC 6750, section 3). Every failure has the same response. A request
 * of the pages has its reader already (inner-api.ts).
 */
export const authenticate: MiddlewareHandler<AppEnv> = async function authenticate(c, next) {
  const reader = "reader" in c.var ? c.var.reader : await readerOf(c);
  if (reader === null) {
    const challenge = c.req.header("authorization") === undefined ? "" : ', error="invalid_token"';
    return problem("unauthenticated", { headers: { "www-authenticate": `Bearer realm="hookline"${challenge}` } });
  }
  c.set("reader", reader);
  await next();
  return;
};

/** Lets a reader with at least one of the scopes pass. */
export function allow(...anyOf: readonly Scope[]): MiddlewareHandler<AppEnv> {
  const allowed: MiddlewareHandler<AppEnv> = async (c, next) => {
    const { scopes } = c.var.reader;
    if (!anyOf.some((scope) => scopes.includes(scope))) return lacking(anyOf);
    await next();
    return;
  };
  return carrying(allowed, { kind: "scopes", anyOf });
}

/** The response to a reader without any of these scopes. It may name them: they are no secret to a token's holder. */
export function lacking(anyOf: readonly Scope[]): Response {
  const detail = `This needs a token with the scope ${anyOf.join(" or ")}.`;
  const challenge = `Bearer realm="hookline", error="insufficient_scope", scope="${anyOf.join(" ")}"`;
  return problem("forbidden", { detail, headers: { "www-authenticate": challenge } });
}

/** The response to a reader that tries to grant scopes which its own token lacks. */
export function mayNotGive(scopes: readonly Scope[]): Response {
  const named = scopes.join(", ");
  const detail =
    `A token can give only scopes that it has, and this one lacks ${named}. ` +
    "Ask with a token that has them; the owner of the database makes one with `hookline token --recover`.";
  const challenge = `Bearer realm="hookline", error="insufficient_scope", scope="${scopes.join(" ")}"`;
  const errors = [{ path: ["scopes"], reason: `this token lacks ${named}` }];
  return problem("forbidden", { detail, errors, headers: { "www-authenticate": challenge } });
}
