import type { Hono } from "hono";
import type { EventView } from "../../views/calls/event.ts";
import { addActs, shownStatus } from "../forms/act.tsx";
import { wholeDays } from "../forms/day-filter.tsx";
import { readForm } from "../forms/form.ts";
import { ErrorPage } from "../frame/error-page.tsx";
import { show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { type ApiProblem, askApi, type PageContext, type PageEnv, PageProblem, readApi } from "../page.ts";
import { viewerOf } from "../viewer.ts";
import { apiPath, pagePath, sourceActs } from "./acts.tsx";
import type { RejectionList, VerifyVerdict } from "./api-types.ts";
import { type EventsAsked, EventsPage } from "./events-page.tsx";
import { RejectionsPage } from "./rejections-page.tsx";
import { SourcePage } from "./source-page.tsx";
import { SourcesPage } from "./sources-page.tsx";
import { VerifyPage } from "./verify-page.tsx";

/** `/sources`: where webhooks come from. */
export function addSourcePages(app: Hono<PageEnv>): void {
  app.get("/sources", may("calls:read"), sources);
  app.get("/sources/:slug", may("calls:read"), source);
  app.get("/sources/:slug/rejections", may("calls:read"), rejections);
  app.get("/sources/:slug/events", may("calls:read"), events);
  app.get("/sources/:slug/events/export", may("calls:read"), exported);
  app.get("/sources/:slug/verify", may("admin"), (c) => verifyForm(c));
  app.post("/sources/:slug/verify", may("admin"), verify);
  addActs(app, sourceActs);
}

async function sources(c: PageContext): Promise<Response> {
  const { page: deps, reader } = c.var;
  const [list, readiness] = await Promise.all([deps.sources(reader).list(), deps.readiness()]);
  return show(c, <SourcesPage reader={reader} readiness={readiness} sources={list} />);
}

function slugOf(c: PageContext): string {
  return c.req.param("slug") ?? "";
}

const notFound = (c: PageContext) => show(c, <ErrorPage failure="not_found" reader={c.var.reader} />, 404);

async function source(c: PageContext): Promise<Response> {
  const { page: deps, reader } = c.var;
  // Postgres rejects NUL, and no source's name contains another control character.
  const story = /\p{Cc}/u.test(slugOf(c)) ? null : await deps.sources(reader).story(slugOf(c));
  return story === null ? notFound(c) : show(c, <SourcePage reader={reader} story={story} />);
}

async function rejections(c: PageContext): Promise<Response> {
  const { data } = await readApi<RejectionList>(c, apiPath(c, "/rejections"));
  return show(c, <RejectionsPage reader={c.var.reader} slug={slugOf(c)} rejections={data} />);
}

const filters = ["type", "state", "reason", "from", "to"] as const;

/** @returns The filter of the address as the API's query. */
function filterOf(c: PageContext): { asked: EventsAsked; query: URLSearchParams } {
  const asked = Object.fromEntries(filters.map((name) => [name, (c.req.query(name) ?? "").trim()])) as EventsAsked;
  const query = new URLSearchParams();
  for (const name of filters) if (asked[name] !== "") query.set(name, asked[name]);
  return { asked, query };
}

/** @returns The query for the API. */
function apiQuery(c: PageContext, query: URLSearchParams): URLSearchParams {
  const full = wholeDays(query, viewerOf(c).zone);
  full.set("source", slugOf(c));
  return full;
}

async function events(c: PageContext): Promise<Response> {
  await readApi(c, apiPath(c));
  const { asked, query } = filterOf(c);
  const cursor = c.req.query("cursor");
  const wanted = and(apiQuery(c, query), cursor);
  type List = { data: readonly EventView[]; next_cursor: string | null };
  const answer = await askApi<List>(c, { method: "GET", path: `/v1/events?${wanted}` });
  const isMistake = !answer.ok && (answer.problem.status === 400 || answer.problem.status === 422);
  if (!answer.ok && !isMistake) throw new PageProblem(answer.problem);
  const base = pagePath(c, "/events");
  const at = (more: URLSearchParams) => (more.size === 0 ? base : `${base}?${more}`);
  const next = answer.ok ? answer.body.next_cursor : null;
  const page = (
    <EventsPage
      reader={c.var.reader}
      slug={slugOf(c)}
      events={answer.ok ? answer.body.data : []}
      asked={asked}
      here={at(and(query, cursor))}
      next={next === null ? null : at(and(query, next))}
      first={cursor === undefined ? null : at(query)}
      query={query.toString()}
      problem={answer.ok ? null : answer.problem.detail}
    />
  );
  return show(c, page, answer.ok ? 200 : shownStatus(answer.problem.status));
}

function and(query: URLSearchParams, cursor: string | undefined): URLSearchParams {
  const full = new URLSearchParams(query);
  if (cursor !== undefined) full.set("cursor", cursor);
  return full;
}

/** The list as a file, streamed by the API. */
async function exported(c: PageContext): Promise<Response> {
  const wanted = apiQuery(c, filterOf(c).query);
  wanted.set("format", c.req.query("format") === "jsonl" ? "jsonl" : "csv");
  const answer = await c.var.page.download(
    c.var.reader,
    new Request(new URL(`/v1/events/export?${wanted}`, c.req.url)),
  );
  if (!answer.ok) throw new PageProblem((await answer.json()) as ApiProblem);
  return answer;
}

function verifyForm(c: PageContext): Promise<Response> {
  const empty = new URLSearchParams();
  return show(c, <VerifyPage reader={c.var.reader} slug={slugOf(c)} form={empty} verdict={null} problem={null} />);
}

async function verify(c: PageContext): Promise<Response> {
  const form = await readForm(c.req.raw);
  if (form === null) return show(c, <ErrorPage failure="too_large" reader={c.var.reader} />, 413);
  const url = (form.get("url") ?? "").trim();
  const body = {
    headers: headersOf(form.get("headers") ?? ""),
    body: form.get("body") ?? "",
    ...(url === "" ? {} : { url }),
  };
  const answer = await askApi<VerifyVerdict>(c, { method: "POST", path: apiPath(c, "/verify"), body });
  const shown = {
    reader: c.var.reader,
    slug: slugOf(c),
    form,
    verdict: answer.ok ? answer.body : null,
    problem: answer.ok ? null : answer.problem,
  };
  return show(c, <VerifyPage {...shown} />, answer.ok ? 200 : shownStatus(answer.problem.status));
}

/** @returns Headers of a pasted request, by name. A name that came twice has both values. */
function headersOf(text: string): Record<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf(":", 1);
    if (at < 0) continue;
    const name = line.slice(0, at).trim();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(at + 1).trim()]);
  }
  return Object.fromEntries(headers);
}
