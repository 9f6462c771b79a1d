import { Hono } from "hono";
import { normaliseOrderNumber } from "../../../domain/events/order-number.ts";
import type { EventFilter } from "../../../ports/lookups/events.ts";
import { callLookup } from "../../../views/calls/call-lookup.ts";
import { exportedEvents } from "../../../views/exports/lists.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { isUuid } from "../../uuid.ts";
import { answerExport } from "../exports/answer.ts";
import { eventsExportQuery } from "../schemas/exports.ts";
import { changesQuery } from "../schemas/people.ts";
import { type EventsFilter, eventsQuery } from "../schemas/queries.ts";
import { query } from "../validate.ts";

/** `/v1/events`: events of all sources, each with its calls or the reason for none. */
export function eventRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/", allow("calls:read"), query(eventsQuery), async (c) => {
    const { limit, cursor, ...given } = c.req.valid("query");
    const lookup = callLookup(c.var.deps.stores.lookups, c.var.reader);
    const page = await lookup.events(eventFilterOf(given), limit, cursor ?? null);
    return page === null ? problem("cursor_invalid") : c.json(page);
  });
  app.get("/export", allow("calls:read"), query(eventsExportQuery), (c) => {
    const { format, ...given } = c.req.valid("query");
    const list = exportedEvents(c.var.deps.stores.lookups, c.var.reader, eventFilterOf(given), given);
    return answerExport(c, list, format);
  });
  app.get("/:id", allow("calls:read"), async (c) => {
    const id = c.req.param("id");
    const event = isUuid(id) ? await callLookup(c.var.deps.stores.lookups, c.var.reader).event(id) : null;
    return event === null ? problem("not_found", { detail: "There is no event of this id." }) : c.json(event);
  });
  app.get("/:id/changes", allow("calls:read"), query(changesQuery), async (c) => {
    const id = c.req.param("id");
    const { with: other = null } = c.req.valid("query");
    const lookup = callLookup(c.var.deps.stores.lookups, c.var.reader);
    const changes = isUuid(id) ? await lookup.changes(id, other) : null;
    if (changes === "hidden")
      return problem("forbidden", { detail: "Fields of direct calls are compared with `pii:read` only." });
    const none = "There is no event of this id, or no other of its source and record.";
    return changes === null ? problem("not_found", { detail: none }) : c.json(changes);
  });
  return app;
}

function eventFilterOf({ order_number, record_type, record_id, ...same }: EventsFilter): EventFilter {
  const orderNumberKey = order_number === undefined ? undefined : normaliseOrderNumber(order_number);
  return { ...same, orderNumberKey, recordType: record_type, recordId: record_id };
}
