import { Hono } from "hono";
import { findAnything } from "../../../views/calls/find.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { findQuery } from "../schemas/queries.ts";
import { query } from "../validate.ts";

/** `/v1/find?q=`: anything by any id. */
export function findRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/", allow("calls:read"), query(findQuery), async (c) => {
    const { deps, reader } = c.var;
    return c.json(await findAnything(deps.stores.lookups, reader, c.req.valid("query").q, deps.defaultCountry));
  });
  return app;
}
