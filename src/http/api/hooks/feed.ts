import { Hono } from "hono";
import { readFeed } from "../../../views/hooks/feed.ts";
import { allow, lacking } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { feedQuery } from "../schemas/feed.ts";
import { query } from "../validate.ts";

/** `/v1/feed`: the events that hooks receive, for clients that cannot be called. */
export function feedRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/", allow("calls:read", "admin"), query(feedQuery), async (c) => {
    const { events = null, after = null, limit } = c.req.valid("query");
    const { stores, mode, publicUrl } = c.var.deps;
    const own = publicUrl ?? (mode === "local" ? new URL(c.req.url).origin : null);
    const deps = { outbox: stores.outbox, lookups: stores.lookups, publicUrl: own };
    const answer = await readFeed(deps, c.var.reader, { events, after, limit });
    switch (answer.kind) {
      case "page":
        return c.json(answer.page);
      case "cursor_invalid":
        return problem("cursor_invalid");
      case "lacks":
        return lacking([answer.scope]);
    }
  });
  return app;
}
