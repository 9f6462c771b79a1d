import type { Hono } from "hono";
import { orderNumberCharactersMax } from "../../domain/limits.ts";
import type { OrderView } from "../../views/calls/call-lookup.ts";
import { leaveFor, show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { type PageContext, type PageEnv, readApi } from "../page.ts";
import { OrderPage } from "./order-page.tsx";

/** `/orders?order_number=`: everything about one order. */
export function addOrderPages(app: Hono<PageEnv>): void {
  app.get("/orders", may("calls:read"), order);
}

async function order(c: PageContext): Promise<Response> {
  const { page: deps, reader } = c.var;
  const wanted = (c.req.query("order_number") ?? "").trim().slice(0, orderNumberCharactersMax);
  if (wanted === "") return leaveFor(c, "/");
  const [found, readiness] = await Promise.all([
    readApi<OrderView>(c, `/v1/orders?order_number=${encodeURIComponent(wanted)}`),
    deps.readiness(),
  ]);
  return show(c, <OrderPage reader={reader} readiness={readiness} order={found} />);
}
