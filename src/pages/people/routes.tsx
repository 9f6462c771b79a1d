import type { Hono } from "hono";
import { addActs } from "../forms/act.tsx";
import { show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { has, type PageContext, type PageEnv, readApi } from "../page.ts";
import { peopleActs, type TokenRead } from "./acts.tsx";
import { AuditPage, type HeadRead } from "./audit-page.tsx";
import { PeoplePage, type SuppressionRead } from "./people-page.tsx";
import { type ReadingRead, ReadingsPage } from "./readings-page.tsx";

/** `/people`: suppressions, erasures, tokens. `/people/audit`: the signed heads of the audit log. */
export function addPeoplePages(app: Hono<PageEnv>): void {
  app.get("/people", may("calls:write", "admin"), people);
  app.get("/people/audit", may("calls:read", "admin"), audit);
  app.get("/people/readings", may("admin"), readings);
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

async function readings(c: PageContext): Promise<Response> {
  const cursor = c.req.query("cursor");
  const query = cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
  const page = await readApi<{ data: ReadingRead[]; next_cursor: string | null }>(c, `/v1/audit/readings${query}`);
  return show(c, <ReadingsPage reader={c.var.reader} readings={page.data} next={page.next_cursor} />);
}
