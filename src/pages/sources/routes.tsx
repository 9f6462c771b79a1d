import type { Hono } from "hono";
import { ErrorPage } from "../frame/error-page.tsx";
import { show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import type { PageContext, PageEnv } from "../page.ts";
import { SourcePage, SourcesPage } from "./sources-page.tsx";

/** `/sources`: where webhooks come from. */
export function addSourcePages(app: Hono<PageEnv>): void {
  app.get("/sources", may("calls:read"), sources);
  app.get("/sources/:slug", may("calls:read"), source);
}

async function sources(c: PageContext): Promise<Response> {
  const { page: deps, reader } = c.var;
  const [list, readiness] = await Promise.all([deps.sources(reader).list(), deps.readiness()]);
  return show(c, <SourcesPage reader={reader} readiness={readiness} sources={list} />);
}

async function source(c: PageContext): Promise<Response> {
  const { page: deps, reader } = c.var;
  const slug = c.req.param("slug") ?? "";
  // Postgres rejects NUL, and no source's name contains another control character.
  const story = /\p{Cc}/u.test(slug) ? null : await deps.sources(reader).story(slug);
  if (story === null) return show(c, <ErrorPage failure="not_found" reader={reader} />, 404);
  return show(c, <SourcePage reader={reader} story={story} />);
}
