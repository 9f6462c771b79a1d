import { Hono } from "hono";
import { tokensOf } from "../../../views/actors.ts";
import { exportedReadings } from "../../../views/exports/lists.ts";
import { readingView } from "../../../views/people/reading.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { answerExport } from "../exports/answer.ts";
import { readingsExportQuery } from "../schemas/exports.ts";
import { readingsQuery } from "../schemas/people.ts";
import { query } from "../validate.ts";

/** `GET /v1/audit/readings`: who read unmasked data, newest first. `GET /v1/audit/readings/export`: the same as a file. */
export function readingRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/readings", allow("admin"), query(readingsQuery), async (c) => {
    const { limit, cursor, ...filter } = c.req.valid("query");
    const { lookups } = c.var.deps.stores;
    const { rows, next } = await lookups.readings(filter, limit, cursor === undefined ? null : Number(cursor));
    const names = await lookups.tokenNames(tokensOf(rows.map(({ actor }) => actor)));
    const data = rows.map((row) => readingView(row, names));
    return c.json({ data, next_cursor: next === null ? null : String(next) });
  });
  app.get("/readings/export", allow("admin"), query(readingsExportQuery), (c) => {
    const { format, ...filter } = c.req.valid("query");
    return answerExport(c, exportedReadings(c.var.deps.stores.lookups, filter), format);
  });
  return app;
}
