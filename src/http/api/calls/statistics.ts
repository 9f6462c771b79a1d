import { Hono } from "hono";
import { dayMs } from "../../../domain/limits.ts";
import { statisticsView } from "../../../views/statistics.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { statisticsDaysMax, statisticsQuery } from "../schemas/queries.ts";
import { query } from "../validate.ts";

/** `/v1/statistics`: figures by hour or day. */
export function statisticsRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/", allow("calls:read"), query(statisticsQuery), async (c) => {
    const { deps } = c.var;
    const { by, to = deps.clock.now(), from = to - dayMs } = c.req.valid("query");
    const days = statisticsDaysMax[by];
    const reason =
      from >= to ? "must be before to" : to - from > days * dayMs ? `must be at most ${days} days before to` : null;
    if (reason !== null) return problem("invalid", { detail: `from: ${reason}`, errors: [{ path: ["from"], reason }] });
    return c.json(await statisticsView(deps.stores.lookups, { from, to, by }));
  });
  return app;
}
