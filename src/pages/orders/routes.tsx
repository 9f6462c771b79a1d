import type { Hono } from "hono";
import { orderNumberCharactersMax } from "../../domain/limits.ts";
import type { OrderView } from "../../views/calls/call-lookup.ts";
import { addActs } from "../forms/act.tsx";
import { download } from "../frame/download.ts";
import { leaveFor, show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { has, type PageContext, type PageEnv, readApi } from "../page.ts";
import { viewerOf } from "../viewer.ts";
import { orderActs } from "./acts.tsx";
import { OrderPage } from "./order-page.tsx";

/** `/orders?order_number=`: everything about one order, its evidence bundle, notes and calls by hand. */
export function addOrderPages(app: Hono<PageEnv>): void {
  app.get("/orders", may("calls:read"), order);
  app.get("/orders/evidence", may("calls:read"), (c) =>
    download(c, `/v1/orders/evidence?order_number=${encodeURIComponent(c.req.query("order_number") ?? "")}`),
  );
  addActs(app, orderActs);
}

async function order(c: PageContext): Promise<Response> {
  const { page: deps, reader } = c.var;
  const wanted = (c.req.query("order_number") ?? "").trim().slice(0, orderNumberCharactersMax);
  if (wanted === "") return leaveFor(c, "/");
  const [found, readiness] = await Promise.all([
    readApi<OrderView>(c, `/v1/orders?${new URLSearchParams({ order_number: wanted, zone: viewerOf(c).zone })}`),
    deps.readiness(),
  ]);
  const page = { reader, readiness, order: found, newestFirst: c.req.query("newest") === "first" };
  return show(c, <OrderPage {...page} mayWrite={has(c, "calls:write")} />);
}
