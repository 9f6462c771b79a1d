import { Hono } from "hono";
import { actorName, tokensOf } from "../../../views/actors.ts";
import { iso } from "../../../views/moment.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { readingsQuery } from "../schemas/people.ts";
import { query } from "../validate.ts";

/** `GET /v1/audit/readings`: who read unmasked data, newest first. */
export function readingRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/readings", allow("admin"), query(readingsQuery), async (c) => {
    const { limit, cursor, ...filter } = c.req.valid("query");
    const { lookups } = c.var.deps.stores;
    const { rows, next } = await lookups.readings(filter, limit, cursor === undefined ? null : Number(cursor));
    const names = await lookups.tokenNames(tokensOf(rows.map(({ actor }) => actor)));
    const data = rows.map(({ id, at, subject, subjectId, action, actor, data: about }) => ({
      id,
      at: iso(at),
      reader: actorName(actor, names),
      actor,
      action,
      what: typeof about.what === "string" ? about.what : subject,
      rows: typeof about.rows === "number" ? about.rows : 1,
      call_id: subject === "call" ? subjectId : null,
      event_id: subject === "event" ? subjectId : null,
    }));
    return c.json({ data, next_cursor: next === null ? null : String(next) });
  });
  return app;
}
