import { Hono } from "hono";
import { normaliseOrderNumber } from "../../../domain/events/order-number.ts";
import { callLookup } from "../../../views/calls/call-lookup.ts";
import { orderEvidence } from "../../../views/evidence/bundle.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { orderQuery, orderStoryQuery } from "../schemas/queries.ts";
import { query } from "../validate.ts";

/** `/v1/orders?order_number=`: events and calls of one order. */
export function orderRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/", allow("calls:read"), query(orderStoryQuery), async (c) => {
    const { order_number, zone } = c.req.valid("query");
    const { deps, reader } = c.var;
    const telling = { zone, nowMs: deps.clock.now() };
    return c.json(await callLookup(deps.stores.lookups, reader).order(order_number, telling));
  });

  app.get("/evidence", allow("calls:read"), query(orderQuery), async (c) => {
    const { order_number } = c.req.valid("query");
    const { deps, reader } = c.var;
    const { lookups, deliveries, receipts } = deps.stores;
    const day = new Date(deps.clock.now()).toISOString().slice(0, 10);
    const headers = {
      "content-type": "application/zip",
      "content-disposition": `attachment; filename="hookline-evidence-${fileWord(order_number)}-${day}.zip"`,
    };
    // A HEAD request takes no body, and a body that nobody takes would never end.
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    const made = await orderEvidence({ ...deps, lookups, deliveries, receipts }, reader, order_number);
    if (made === null) return problem("not_found", { detail: "There is no event and no call of this order number." });
    deps.holdOpen(made.ended);
    return c.body(made.body, 200, headers);
  });
  return app;
}

/** An order number as part of a file's name: letters, digits and hyphens of ASCII. */
function fileWord(orderNumber: string): string {
  return (
    normaliseOrderNumber(orderNumber)
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 60) || "order"
  );
}
