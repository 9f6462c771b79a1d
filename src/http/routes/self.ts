import { Hono } from "hono";
import { allow } from "../auth.ts";
import type { AppEnv } from "../parts.ts";

/** `/v1/me`: who this token is. `/v1/balance`: the books. */
export function selfRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/me", (c) => {
    const { jti, name, scopes } = c.var.reader;
    return c.json({ jti, name, scopes, mode: c.var.parts.mode });
  });
  app.get("/balance", allow("calls:read"), async (c) => {
    const { events, calls, gaps } = await c.var.parts.stores.lookups.balance();
    const accounted = events.spilled + events.unplanned + events.ignored + events.planned;
    const decisions = Object.values(calls).reduce((sum, count) => sum + count, 0);
    const balanced = events.accepted === accounted && gaps.length === 0;
    return c.json({ balanced, events, decisions, calls, gaps });
  });
  return app;
}
