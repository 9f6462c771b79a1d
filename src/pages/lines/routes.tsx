import type { Hono } from "hono";
import { zonesOfCountry } from "../../domain/people/zones.ts";
import type { LineView } from "../../views/lines/line.ts";
import { addActs } from "../forms/act.tsx";
import { ErrorPage } from "../frame/error-page.tsx";
import { show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { type PageContext, type PageEnv, readApi } from "../page.ts";
import { viewerOf } from "../viewer.ts";
import { lineActs, lineOf } from "./acts.tsx";
import { LinePage } from "./line-page.tsx";
import { LinesPage } from "./lines-page.tsx";

/** `/lines`: agents with their pace. */
export function addLinePages(app: Hono<PageEnv>): void {
  app.get("/lines", may("calls:read", "admin"), list);
  addActs(app, lineActs);
  app.get("/lines/:slug", may("calls:read", "admin"), one);
}

async function list(c: PageContext): Promise<Response> {
  const { page, reader } = c.var;
  const [lines, readiness] = await Promise.all([readApi<{ data: LineView[] }>(c, "/v1/lines"), page.readiness()]);
  return show(c, <LinesPage reader={reader} readiness={readiness} lines={lines.data} />);
}

async function one(c: PageContext): Promise<Response> {
  const { page, reader } = c.var;
  const [line, readiness] = await Promise.all([lineOf(c), page.readiness()]);
  if (line === null) return show(c, <ErrorPage failure="not_found" reader={reader} />, 404);
  const own = viewerOf(c).zone;
  const there = (line.countries ?? []).flatMap(zonesOfCountry).sort();
  const zones = [...new Set([own, ...there, "UTC"])];
  const asked = c.req.query("zone") ?? "";
  const zone = zones.includes(asked) ? asked : there.length === 1 ? (there[0] ?? own) : own;
  return show(c, <LinePage reader={reader} readiness={readiness} line={line} zone={zone} zones={zones} />);
}
