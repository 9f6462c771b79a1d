import { Hono } from "hono";
import { callLookup } from "../../../views/calls/call-lookup.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { orderQuery } from "../schemas/queries.ts";
import { query } from "../validate.ts";

/** `/v1/orders?order_number=`: events and calls of one order. */
export function orderRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/", allow("calls:read"), query(orderQuery), async (c) => {
    const { order_number } = c.req.valid("query");
    return c.json(await callLookup(c.var.deps.stores.lookups, c.var.reader).order(order_number));
  });
  return app;
}
