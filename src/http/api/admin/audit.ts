import { Hono } from "hono";
import { iso } from "../../../views/moment.ts";
import { actorOf } from "../../../views/reader.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { restoredBody } from "../schemas/access.ts";
import { jsonBody } from "../validate.ts";

/**
 * `/v1/audit/heads`: the signed heads that the notary stores outside Postgres, and whether the stored chain matches
 * them. Heads contain positions and hashes, and nothing about a call, so every reader of calls may archive them.
 */
export function auditRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();

  app.get("/heads", allow("calls:read", "admin"), async (c) => {
    const { heads, problem } = await c.var.deps.notary.state();
    const data = heads.map(({ position, hash, at, kid, jws }) => ({ position, hash, at: iso(at), kid, jws }));
    return c.json({ data, problem: problem === null ? null : { ...problem, since: iso(problem.since) } });
  });

  app.post("/restored", allow("admin"), jsonBody(restoredBody), async (c) => {
    const { reason } = c.req.valid("json");
    const done = await c.var.deps.notary.restored(actorOf(c.var.reader), reason);
    return done === null ? problem("chain_is_signed") : c.json(done);
  });
  return app;
}
