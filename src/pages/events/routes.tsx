import type { Hono } from "hono";
import type { EventChangesView } from "../../views/calls/event-changes.ts";
import { addActs } from "../forms/act.tsx";
import { ErrorPage } from "../frame/error-page.tsx";
import { show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { askApi, has, type PageContext, type PageEnv, readApi } from "../page.ts";
import { isId } from "../parts/id.ts";
import { EventPage, type EventShown } from "./event-page.tsx";
import { replayAct } from "./replay.tsx";

/** `/events/:id`: one event with its result, its calls, its changes and its payload. */
export function addEventPages(app: Hono<PageEnv>): void {
  app.get("/events/:id", may("calls:read"), event);
  addActs(app, [replayAct]);
}

async function event(c: PageContext): Promise<Response> {
  const id = (c.req.param("id") ?? "").toLowerCase();
  if (!isId(id)) return show(c, <ErrorPage failure="not_found" reader={c.var.reader} />, 404);
  const found = await readApi<EventShown>(c, `/v1/events/${id}`);
  // Without `pii:read` direct calls are not compared.
  const isCompared = has(c, "pii:read") || found.source !== "api";
  const changes = isCompared ? await readApi<EventChangesView>(c, `/v1/events/${id}/changes`) : noChanges(id);
  const rights = { mayReplay: has(c, "calls:write"), mayFetch: has(c, "admin") };
  const rules = await rulesToEdit(c, found.source);
  return show(c, <EventPage reader={c.var.reader} event={found} {...{ changes, rules }} {...rights} />);
}

function noChanges(id: string): EventChangesView {
  return { event_id: id, with: null, changes: [], more: false };
}

/** @returns Names of the source's rules; none for a reader who may not edit them, or without a source. */
async function rulesToEdit(c: PageContext, source: string): Promise<readonly string[]> {
  if (!has(c, "admin") || source === "api") return [];
  type Rules = { data: readonly { name: string }[] };
  const path = `/v1/sources/${encodeURIComponent(source)}/rules`;
  const answer = await askApi<Rules>(c, { method: "GET", path });
  return answer.ok ? answer.body.data.map(({ name }) => name) : [];
}
