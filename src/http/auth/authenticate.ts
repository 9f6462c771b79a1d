/** Authentication and scopes, before every route of the API. */
import type { MiddlewareHandler } from "hono";
import { seldom } from "../../platform/log.ts";
import type { Reader } from "../../views/reader.ts";
import type { ApiDeps, AppEnv } from "../deps.ts";
import { problem } from "../problem.ts";
import { checkToken, isSigned, type Scope, type TokenPorts } from "./token.ts";

/** RFC 6750, section 2.1. The scheme's case does not matter (RFC 9110, section 11.1). */
const bearer = /^bearer +([\w.~+/-]+=*) *$/i;

/** Time between two log lines about refused tokens. Anybody can send them. */
const refusedLineEveryMs = 1_000;
const noteRefused = seldom(refusedLineEveryMs);

/** The ports of a token's check. The store is opened for a token with our signature only. */
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

/** The reader of a request, `null` if it carries no valid token. Throws while Postgres is down. */
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

/** Whether a request carries a token that we signed. Does not check for revocation, so that it works while Postgres is down. */
export async function carriesSigned(c: Parameters<MiddlewareHandler<AppEnv>>[0]): Promise<boolean> {
  const token = bearer.exec(c.req.header("authorization") ?? "")?.[1];
  return token !== undefined && (await isSigned(c.var.deps, token));
}

/** Lets a request with a valid token pass, and sets its reader. Every failure has the same response. */
export const authenticate: MiddlewareHandler<AppEnv> = async function authenticate(c, next) {
  const reader = await readerOf(c);
  if (reader === null) {
    const challenge = c.req.header("authorization") === undefined ? "" : ', error="invalid_token"';
    return problem("unauthenticated", { headers: { "www-authenticate": `Bearer realm="hookline"${challenge}` } });
  }
  c.set("reader", reader);
  await next();
  return;
};

/** Lets a reader with one of the scopes pass. */
export function allow(...anyOf: readonly Scope[]): MiddlewareHandler<AppEnv> {
  return async function allowed(c, next) {
    const { scopes } = c.var.reader;
    if (!anyOf.some((scope) => scopes.includes(scope))) return lacking(anyOf);
    await next();
    return;
  };
}

/** The response to a reader without any of these scopes. It names them: a token's holder may know its scopes. */
export function lacking(anyOf: readonly Scope[]): Response {
  const detail = `This needs the scope ${anyOf.join(" or ")}.`;
  const challenge = `Bearer realm="hookline", error="insufficient_scope", scope="${anyOf.join(" ")}"`;
  return problem("forbidden", { detail, headers: { "www-authenticate": challenge } });
}

/** The response to a reader that wants to give scopes which its own token does not have. */
export function mayNotGive(scopes: readonly Scope[]): Response {
  const named = scopes.join(", ");
  const detail =
    `A token can give only scopes that it has, and this one lacks ${named}. ` +
    "Ask with a token that has them; the owner of the database makes one with `hookline token --recover`.";
  const challenge = `Bearer realm="hookline", error="insufficient_scope", scope="${scopes.join(" ")}"`;
  const errors = [{ path: ["scopes"], reason: `this token lacks ${named}` }];
  return problem("forbidden", { detail, errors, headers: { "www-authenticate": challenge } });
}
