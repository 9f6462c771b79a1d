import type { Hono } from "hono";
import { addActs } from "../forms/act.tsx";
import { show } from "../frame/response.tsx";
import { notFoundPage } from "../frame/shown-once.tsx";
import { may } from "../may.tsx";
import { askApi, type PageContext, type PageEnv, readApi } from "../page.ts";
import { isId } from "../parts/id.ts";
import { hookActs } from "./acts.tsx";
import {
  DeliveryPage,
  type DeliveryRead,
  HookPage,
  type HookRead,
  HooksPage,
  type WholeDeliveryRead,
} from "./hooks-page.tsx";

/** `/hooks`: addresses that are told. */
export function addHookPages(app: Hono<PageEnv>): void {
  const mayHooks = may("hooks:write", "admin");
  app.get("/hooks", mayHooks, async (c) => {
    const { data } = await readApi<{ data: HookRead[] }>(c, "/v1/hooks");
    return show(c, <HooksPage reader={c.var.reader} hooks={data} />);
  });
  addActs(app, hookActs);
  app.get("/hooks/:id", mayHooks, hook);
  app.get("/hooks/deliveries/:id", mayHooks, delivery);
}

async function hook(c: PageContext): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const found = isId(id) ? await askApi<HookRead>(c, { method: "GET", path: `/v1/hooks/${id}` }) : null;
  if (found === null || !found.ok) return notFoundPage(c);
  const cursor = c.req.query("cursor");
  const query = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
  const page = await readApi<{ data: DeliveryRead[]; next_cursor: string | null }>(
    c,
    `/v1/hooks/${id}/deliveries?limit=25${query}`,
  );
  return show(c, <HookPage reader={c.var.reader} hook={found.body} deliveries={page.data} next={page.next_cursor} />);
}

async function delivery(c: PageContext): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const found = isId(id) ? await askApi<WholeDeliveryRead>(c, { method: "GET", path: `/v1/deliveries/${id}` }) : null;
  if (found === null || !found.ok) return notFoundPage(c);
  return show(c, <DeliveryPage reader={c.var.reader} delivery={found.body} />);
}
