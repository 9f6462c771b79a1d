import type { Hono } from "hono";
import { addActs } from "../forms/act.tsx";
import { wholeDays } from "../forms/day-filter.tsx";
import { download } from "../frame/download.ts";
import { show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { askApi, has, type PageContext, type PageEnv, PageProblem, readApi } from "../page.ts";
import { viewerOf } from "../viewer.ts";
import { peopleActs, type TokenRead } from "./acts.tsx";
import { AuditPage, type HeadRead } from "./audit-page.tsx";
import { PeoplePage, type SuppressionRead } from "./people-page.tsx";
import { type ReadingRead, type ReadingsAsked, ReadingsPage } from "./readings-page.tsx";

/** `/people`: suppressions, erasures, tokens. `/people/audit`: the signed heads of the audit log. */
export function addPeoplePages(app: Hono<PageEnv>): void {
  app.get("/people", may("calls:write", "admin"), people);
  app.get("/people/audit", may("calls:read", "admin"), audit);
  app.get("/people/readings", may("admin"), readings);
  app.get("/people/readings/export", may("admin"), readingsFile);
  addActs(app, peopleActs);
}

async function people(c: PageContext): Promise<Response> {
  const [suppressions, tokens] = await Promise.all([
    has(c, "calls:read") ? readApi<{ data: SuppressionRead[] }>(c, "/v1/suppressions") : null,
    has(c, "admin") ? readApi<{ data: TokenRead[] }>(c, "/v1/tokens") : null,
  ]);
  const now = c.var.page.clock.now();
  const valid = tokens?.data.filter(
    ({ revoked_at, expires_at }) => revoked_at === null && Date.parse(expires_at) > now,
  );
  return show(c, <PeoplePage reader={c.var.reader} suppressions={suppressions?.data ?? null} tokens={valid ?? null} />);
}

async function audit(c: PageContext): Promise<Response> {
  const { data } = await readApi<{ data: HeadRead[] }>(c, "/v1/audit/heads");
  return show(c, <AuditPage reader={c.var.reader} heads={data} />);
}

const readingFilters = ["reader", "from", "to"] as const;

/** @returns The filter of the address, and the API's query. */
function readingsAsked(c: PageContext): { asked: ReadingsAsked; query: URLSearchParams; wanted: URLSearchParams } {
  const asked = Object.fromEntries(readingFilters.map((name) => [name, (c.req.query(name) ?? "").trim()]));
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== ""));
  const wanted = wholeDays(query, viewerOf(c).zone);
  return { asked: { reader: asked.reader ?? "", from: asked.from ?? "", to: asked.to ?? "" }, query, wanted };
}

async function readings(c: PageContext): Promise<Response> {
  const { asked, query, wanted } = readingsAsked(c);
  const cursor = c.req.query("cursor");
  if (cursor !== undefined) wanted.set("cursor", cursor);
  type List = { data: ReadingRead[]; next_cursor: string | null };
  const answer = await askApi<List>(c, { method: "GET", path: `/v1/audit/readings?${wanted}` });
  if (!answer.ok && answer.problem.status !== 422) throw new PageProblem(answer.problem);
  const page = (
    <ReadingsPage
      reader={c.var.reader}
      readings={answer.ok ? answer.body.data : []}
      asked={asked}
      query={query.toString()}
      next={answer.ok ? answer.body.next_cursor : null}
      problem={answer.ok ? null : answer.problem.detail}
    />
  );
  return show(c, page, answer.ok ? 200 : 422);
}

async function readingsFile(c: PageContext): Promise<Response> {
  const { wanted } = readingsAsked(c);
  wanted.set("format", c.req.query("format") === "jsonl" ? "jsonl" : "csv");
  return await download(c, `/v1/audit/readings/export?${wanted}`);
}
