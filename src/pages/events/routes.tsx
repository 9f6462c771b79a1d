import type { Hono } from "hono";
import type { EventChangesView } from "../../views/calls/event-changes.ts";
import { addActs } from "../forms/act.tsx";
import { ErrorPage } from "../frame/error-page.tsx";
import { show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { has, type PageContext, type PageEnv, readApi } from "../page.ts";
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
  const changes = await readApi<EventChangesView>(c, `/v1/events/${id}/changes`);
  const rights = { mayReplay: has(c, "calls:write"), mayFetch: has(c, "admin") };
  return show(c, <EventPage reader={c.var.reader} event={found} changes={changes} {...rights} />);
}
