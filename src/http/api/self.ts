import { type Context, Hono } from "hono";
import { explain } from "../../domain/reasons.ts";
import { iso } from "../../views/moment.ts";
import { actorOf } from "../../views/reader.ts";
import { allow, tokenPorts } from "../auth/authenticate.ts";
import { renewSelf } from "../auth/token.ts";
import type { AppEnv } from "../deps.ts";
import { problem } from "../problem.ts";

/**
 * `/v1/me`: the token's name and scopes. `/v1/tokens/self/renew`: a new token for its holder. `/v1/balance`: accepted events
 * against their results.
 */
export function selfRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/me", (c) => {
    const { jti, name, scopes } = c.var.reader;
    return c.json({ jti, name, scopes, mode: c.var.deps.mode });
  });
  app.post("/tokens/self/renew", renew);
  app.get("/balance", allow("calls:read"), async (c) => {
    const { stores, inboxes } = c.var.deps;
    const spills = await inboxes.spills().catch(() => null);
    if (spills === null)
      return problem("unavailable", {
        detail:
          "The inboxes do not answer, so it is unknown which events wait for Postgres. Ask again after `Retry-After`.",
      });
    const counted = await stores.lookups.balance().catch((error: unknown) => {
      if (error instanceof Error && "code" in error && timedOut.includes(String(error.code))) return null;
      throw error;
    });
    if (counted === null) return problem("unavailable", { detail: tookTooLong });
    const { events: stored, waiting, calls, gaps } = counted;
    const spilled = spills.reduce((sum, { events }) => sum + events, 0);
    const events = { ...stored, accepted: stored.accepted + spilled, spilled };
    const accounted = spilled + stored.unplanned + stored.ignored + stored.planned;
    const decisions = Object.values(calls).reduce((sum, count) => sum + count, 0);
    const balanced = events.accepted === accounted && gaps.length === 0;
    const named = gaps.map(({ code, count, rows }) => ({ code, sentence: explain(code), count, rows }));
    return c.json({ balanced, events, waiting, decisions, calls, gaps: named });
  });
  return app;
}

/** Codes of a statement that Postgres, or this request, gave up. */
const timedOut = ["57014", "STATEMENT_TIMEOUT"];

const tookTooLong =
  "Counting every event and call took longer than a request may take. `/readyz` has the gaps that the sweep has found; it checks all rows bit by bit.";

/** Renews the request's token. It gives nothing that the token does not have, so it needs no scope. */
async function renew(c: Context<AppEnv>): Promise<Response> {
  const { deps, reader } = c.var;
  if (reader.scopes.includes("admin")) return problem("forbidden", { detail: notAdmin });
  const successor = deps.identity.eventId("renewal of a token", reader.jti);
  const renewal = await renewSelf(tokenPorts(deps), reader, successor, actorOf(reader));
  switch (renewal.kind) {
    case "renewed": {
      const { token, endsAt, text } = renewal;
      const { jti, name, scopes, expiresAt } = token;
      const replaces = { jti: reader.jti, expires_at: iso(endsAt) };
      // The response is the only place that shows the token.
      return c.json({ jti, name, scopes, expires_at: iso(expiresAt), replaces, token: text }, 201);
    }
    case "admin":
      return problem("forbidden", { detail: notAdmin });
    case "successor_ended":
      return problem("forbidden", {
        detail:
          "This token was renewed, and the token that replaced it was revoked or has expired. Ask an administrator for a new one.",
      });
    case "too_early":
      return problem("not_now", {
        detail: "This token was made by a renewal less than an hour ago. Renew it after `Retry-After`.",
        retryAfterSeconds: Math.max(1, Math.ceil(renewal.waitMs / 1000)),
      });
    case "ended":
      // The cache of this isolate had accepted a token that Postgres has revoked.
      return problem("unauthenticated");
  }
}

const notAdmin =
  "A token with the scope admin cannot renew itself. Make a new one with `POST /v1/tokens` or `hookline token`.";
