import type { Hono } from "hono";
import type { CallView } from "../../views/calls/call.ts";
import type { PageView } from "../../views/calls/call-lookup.ts";
import { CallPage } from "../call/call-page.tsx";
import { TranscriptPage, type TranscriptView } from "../call/transcript-page.tsx";
import { addActs, shownStatus } from "../forms/act.tsx";
import { download } from "../frame/download.ts";
import { ErrorPage, statusOf } from "../frame/error-page.tsx";
import { leaveFor, leaveTo, show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { askApi, has, type PageContext, type PageEnv, PageProblem, readApi } from "../page.ts";
import { isId } from "../parts/id.ts";
import { viewerOf } from "../viewer.ts";
import { callActs } from "./acts.tsx";
import { CallsPage } from "./calls-page.tsx";
import { listPath, readFilter, setFields } from "./filter.ts";

/** Calls per page. */
const callsPerPage = 50;

/** `/` and `/calls`: calls, newest first. `/calls/:id`: one call, its decisions and its recording. */
export function addCallPages(app: Hono<PageEnv>): void {
  app.get("/", may("calls:read", "hooks:write", "admin"), async (c) => {
    const { scopes } = c.var.reader;
    return scopes.includes("calls:read") ? await calls(c) : leaveFor(c, "/hooks");
  });
  app.get("/calls", may("calls:read"), calls);
  app.get("/calls/export", may("calls:read"), exported);
  addActs(app, callActs);
  app.get("/calls/:id", may("calls:read"), call);
  app.get("/calls/:id/recording", may("calls:read"), recording);
  app.get("/calls/:id/listen", may("pii:read"), listen);
  app.get("/calls/:id/transcript", may("pii:read"), transcript);
  app.get("/calls/:id/receipt", may("calls:read"), (c) => download(c, `/v1/calls/${c.req.param("id")}/receipt`));
}

async function calls(c: PageContext): Promise<Response> {
  const { page: deps, reader } = c.var;
  const query = new URL(c.req.url).searchParams;
  const order = query.get("order_number");
  if (c.req.path === "/" && order !== null) return leaveFor(c, `/orders?order_number=${encodeURIComponent(order)}`);
  const filter = readFilter(query, viewerOf(c).zone);
  const cursor = query.get("cursor");
  // A form sends its blank fields, and times without a zone. The address is shorter, and means the same to everybody.
  const isCanonical = setFields(filter).every(([name, value]) => query.get(name) === value);
  const isBare = [...query].every(([, value]) => value !== "");
  if (!isCanonical || !isBare) return leaveFor(c, listPath(filter, cursor ? { cursor } : {}));
  const path = listPath(filter, { limit: String(callsPerPage), ...(cursor === null ? {} : { cursor }) }, "/v1/calls");
  const [answer, readiness] = await Promise.all([
    askApi<PageView<CallView>>(c, { method: "GET", path }),
    deps.readiness(),
  ]);
  const common = { reader, readiness, filter, cursor, mode: deps.mode };
  if (answer.ok) return show(c, <CallsPage {...common} page={answer.body} refused={null} />);
  const { problem } = answer;
  // An unreadable cursor is usually a truncated address, so the first page is shown.
  if (problem.code === "cursor_invalid") return leaveFor(c, listPath(filter));
  if (problem.status !== 422 && problem.status !== 403) throw new PageProblem(problem);
  const none = { data: [], next_cursor: null, searched_to: null };
  return show(c, <CallsPage {...common} page={none} refused={problem.detail} />, shownStatus(problem.status));
}

/** All calls of a filter as a file, straight from the API. */
async function exported(c: PageContext): Promise<Response> {
  const query = new URL(c.req.url).searchParams;
  const format = query.get("format") ?? "csv";
  return await download(c, listPath(readFilter(query, "UTC"), { format }, "/v1/calls/export"));
}

async function call(c: PageContext): Promise<Response> {
  const { page: deps, reader } = c.var;
  const id = c.req.param("id") ?? "";
  const story = isId(id) ? await deps.lookups(reader).call(id.toLowerCase()) : null;
  if (story === null) return show(c, <ErrorPage failure="not_found" reader={reader} />, 404);
  return show(
    c,
    <CallPage
      reader={reader}
      story={story}
      allowLink={deps.allowLink}
      service={serviceOf(c)}
      mayDecide={has(c, "calls:write")}
    />,
  );
}

/** @returns The service's address for requests of other programs. */
function serviceOf(c: PageContext): string {
  return c.var.page.publicUrl ?? new URL(c.req.url).origin;
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

/** Redirects to the address at which a call can be heard while it goes on. */
async function listen(c: PageContext): Promise<Response> {
  const answer = await askApi(c, { method: "GET", path: `/v1/calls/${c.req.param("id")}/listen` });
  if (!answer.ok) throw new PageProblem(answer.problem);
  return await leaveTo(c, answer.headers.get("location") ?? "/");
}

async function transcript(c: PageContext): Promise<Response> {
  const cursor = c.req.query("cursor");
  const from = cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
  const found = await readApi<TranscriptView>(c, `/v1/calls/${c.req.param("id")}/transcript${from}`);
  return show(c, <TranscriptPage reader={c.var.reader} transcript={found} />);
}
