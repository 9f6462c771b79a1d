/** Look-ups of events. */
import { bodyNotesHeader } from "../../domain/events/body-notes.ts";
import type { EventFilter, EventLookups, EventRow, WholeEventRow } from "../../ports/lookups/events.ts";
import type { Cursor, Results } from "../../ports/page.ts";
import { eventWaits } from "../fragments/waits.ts";
import { columns, ms, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import { exactMoment, page } from "../postgres/pages.ts";
import type { events } from "../schema/events.ts";

const eventColumns = columns<typeof events, Omit<EventRow, "waits" | "notes">>({
  id: "id",
  source: "source",
  externalId: "external_id",
  type: "type",
  occurredAt: ms("occurred_at"),
  receivedAt: ms("received_at"),
  plannedAt: ms("planned_at"),
  orderNumber: "order_number",
  recordType: "record_type",
  recordId: "record_id",
  state: "state",
  reason: "reason",
  detail: "detail",
  conflictOf: "conflict_of",
  conflicts: "conflicts",
  conflictAt: ms("conflict_at"),
  erasedAt: ms("erased_at"),
  fetchTries: "fetch_tries",
  fetchAt: ms("fetch_at"),
});

const contentColumns = columns<typeof events, Omit<WholeEventRow, keyof EventRow>>({
  body: "body",
  headers: "headers",
  fetched: "fetched",
});

const eventNotes = (sql: Sql) => sql`e.headers ->> ${bodyNotesHeader}::text as notes`;

/** @param sql the request's client */
export function eventLookups(sql: Sql): EventLookups {
  return {
    events: (filter, limit, after) => findEvents(sql, filter, limit, after),
    event: (id) => findEvent(sql, id),
  };
}

/** Events that match every given part of the filter, newest first. */
async function findEvents(
  sql: Sql,
  filter: EventFilter,
  limit: number,
  after: Cursor | null,
): Promise<Results<EventRow>> {
  const same = (column: string, value: string | undefined) =>
    value === undefined ? sql`` : sql`and ${sql.unsafe(column)} = ${value}`;
  const rows = await sql<(EventRow & { exactly: string })[]>`
    select ${select(sql, eventColumns, "e")}, ${eventNotes(sql)}, ${eventWaits(sql)}, ${exactMoment(sql, "e.received_at")}
    from events e
    where true ${same("e.source", filter.source)} ${same("e.order_number_key", filter.orderNumberKey)}
      ${same("e.state", filter.state)}
      ${after === null ? sql`` : sql`and (e.received_at, e.id) < (${after.at}::text::timestamptz, ${after.id}::text::uuid)`}
    order by e.received_at desc nulls last, e.id desc nulls last limit ${limit + 1}`;
  return page(rows, limit);
}

/** @returns the event with its body and its stored headers, or `null` if no event has this id. */
async function findEvent(sql: Sql, id: string): Promise<WholeEventRow | null> {
  const [row] = await sql<WholeEventRow[]>`
    select ${select(sql, eventColumns, "e")}, ${eventNotes(sql)}, ${eventWaits(sql)}, ${select(sql, contentColumns, "e")}
    from events e where e.id = ${id}`;
  return row ?? null;
}
