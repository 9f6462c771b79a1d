import type { Hono } from "hono";
import { CallPage } from "../call/call-page.tsx";
import { addActs } from "../forms/act.tsx";
import { ErrorPage, statusOf } from "../frame/error-page.tsx";
import { leaveFor, leaveTo, show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import type { PageContext, PageEnv } from "../page.ts";
import { isId } from "../parts/id.ts";
import { callActs } from "./acts.tsx";
import { CallsPage } from "./calls-page.tsx";

/** Calls per page. */
const callsPerPage = 50;

/** `/` and `/calls`: calls, newest first. `/calls/:id`: one call, its decisions and its recording. */
export function addCallPages(app: Hono<PageEnv>): void {
  app.get("/", may("calls:read"), calls);
  app.get("/calls", may("calls:read"), calls);
  addActs(app, callActs);
  app.get("/calls/:id", may("calls:read"), call);
  app.get("/calls/:id/recording", may("calls:read"), recording);
}

async function calls(c: PageContext): Promise<Response> {
  const { page: deps, reader } = c.var;
  const order = c.req.query("order_number");
  if (order !== undefined) return leaveFor(c, `/orders?order_number=${encodeURIComponent(order)}`);
  const cursor = c.req.query("cursor") ?? null;
  const [page, readiness] = await Promise.all([deps.lookups(reader).calls({}, callsPerPage, cursor), deps.readiness()]);
  // An unreadable cursor is usually a truncated URL, so the first page is shown.
  if (page === null) return leaveFor(c, "/");
  return show(c, <CallsPage reader={reader} readiness={readiness} page={page} cursor={cursor} mode={deps.mode} />);
}

async function call(c: PageContext): Promise<Response> {
  const { page: deps, reader } = c.var;
  const id = c.req.param("id") ?? "";
  const story = isId(id) ? await deps.lookups(reader).call(id.toLowerCase()) : null;
  if (story === null) return show(c, <ErrorPage failure="not_found" reader={reader} />, 404);
  return show(c, <CallPage reader={reader} story={story} allowLink={deps.allowLink} />);
}

/** Redirects to a recording. */
async function recording(c: PageContext): Promise<Response> {
  const { page: deps, reader } = c.var;
  const id = c.req.param("id") ?? "";
  const found = isId(id) ? await deps.lookups(reader).recording(id.toLowerCase(), deps.allowLink) : null;
  if (found?.kind === "found") return leaveTo(c, found.url);
  const failure =
    found === null || found.kind === "no_call" ? "not_found" : found.kind === "may_not" ? "may_not_listen" : found.kind;
  return show(c, <ErrorPage failure={failure} reader={reader} />, statusOf(failure));
}
