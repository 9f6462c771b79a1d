import { Hono } from "hono";
import { explain } from "../../domain/reasons.ts";
import { allow } from "../auth/authenticate.ts";
import type { AppEnv } from "../deps.ts";
import { problem } from "../problem.ts";

/** `/v1/me`: the token's name and scopes. `/v1/balance`: accepted events against their results. */
export function selfRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/me", (c) => {
    const { jti, name, scopes } = c.var.reader;
    return c.json({ jti, name, scopes, mode: c.var.deps.mode });
  });
  app.get("/balance", allow("calls:read"), async (c) => {
    const { stores, inboxes } = c.var.deps;
    const spills = await inboxes.spills().catch(() => null);
    if (spills === null)
      return problem("unavailable", {
        detail:
          "The inboxes do not answer, so it is unknown which events wait for Postgres. Ask again after `Retry-After`.",
      });
    const { events: stored, waiting, calls, gaps } = await stores.lookups.balance();
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
