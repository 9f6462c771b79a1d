/** Look-ups of events. */
import { bodyNotesHeader } from "../../domain/events/body-notes.ts";
import type { EventFilter, EventLookups, EventRow, WholeEventRow } from "../../ports/lookups/events.ts";
import type { Cursor, Searched } from "../../ports/page.ts";
import { eventWaits } from "../fragments/waits.ts";
import { columns, ms, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { events } from "../schema/events.ts";
import { type Walk, type WalkedList, walkPage } from "./walks.ts";

type Part = ReturnType<Sql>;

/** Events that are checked for one page: some 10 ms. */
const walkedMax = 5_000;

const eventColumns = columns<typeof events, Omit<EventRow, "waits" | "notes" | "callCounts">>({
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

/** Counts along the index of the calls of an event. */
const eventCalls = (sql: Sql) => sql`(select json_build_object('made', count(*) filter (where c.status <> 'skipped'),
  'skipped', count(*) filter (where c.status = 'skipped')) from calls c where c.event_id = e.id) as "callCounts"`;

/** The select list of an {@link EventRow} of the event `e`. */
const wholeEvent = (sql: Sql): Part =>
  sql`${select(sql, eventColumns, "e")}, ${eventNotes(sql)}, ${eventWaits(sql)}, ${eventCalls(sql)}`;

/** @param sql the request's client */
export function eventLookups(sql: Sql): EventLookups {
  return {
    events: (filter, limit, after) => findEvents(sql, filter, limit, after),
    event: (id) => findEvent(sql, id),
    eventBefore: (event) => eventBefore(sql, event),
  };
}

/** Events that match every given part of the filter, newest first. */
async function findEvents(
  sql: Sql,
  filter: EventFilter,
  limit: number,
  after: Cursor | null,
): Promise<Searched<EventRow>> {
  const columns: Part = wholeEvent(sql);
  const list: WalkedList = {
    from: sql`events e`,
    row: sql`e`,
    at: sql`e.received_at`,
    id: sql`e.id`,
    columns,
    walkedMax,
  };
  return await walkPage<EventRow>(sql, list, [walkOf(sql, filter)], limit, after);
}

/** The walk along the index of the filter with the fewest events. The other filters are checked at each event. */
function walkOf(sql: Sql, filter: EventFilter): Walk {
  const { from, to, ...rest } = filter;
  const index =
    (["orderNumberKey", "recordId"] as const).find((field) => rest[field] !== undefined) ??
    (rest.state === "unplanned" ? "state" : "source");
  const { [index]: value, ...others } = rest;
  const isLeft = Object.values(others).some((other) => other !== undefined);
  return {
    along: matches(sql, { [index]: value, from, to }),
    fitting: isLeft ? matches(sql, others) : null,
  };
}

/** A condition: whether the event `e` matches every given part of the filter. */
function matches(sql: Sql, filter: EventFilter): Part {
  const same = (column: string, value: string | undefined) =>
    value === undefined ? sql`` : sql`and ${sql.unsafe(column)} = ${value}`;
  const moment = (comparison: string, value: number | undefined) =>
    value === undefined
      ? sql``
      : sql`and e.received_at ${sql.unsafe(comparison)} to_timestamp(${value}::float8 / 1000)`;
  // The text of the state is a part of the statement, so that Postgres sees that the index of a state serves it.
  const state = sql.unsafe(filter.state === undefined ? "" : `and e.state = '${filter.state}'`);
  return sql`true ${same("e.source", filter.source)} ${same("e.order_number_key", filter.orderNumberKey)} ${state}
    ${same("e.type", filter.type)} ${same("e.reason", filter.reason)} ${same("e.record_type", filter.recordType)}
    ${same("e.record_id", filter.recordId)} ${moment(">=", filter.from)} ${moment("<", filter.to)}`;
}

/** @returns the event with its body and its stored headers, or `null` if no event has this id. */
async function findEvent(sql: Sql, id: string): Promise<WholeEventRow | null> {
  const [row] = await sql<WholeEventRow[]>`
    select ${wholeEvent(sql)}, ${select(sql, contentColumns, "e")}
    from events e where e.id = ${id}`;
  return row ?? null;
}

/** Events of one record that are looked through for one of the same source and type of record. */
const ofRecordMax = 50;

/** A walk along the index of records, newest first. */
async function eventBefore(
  sql: Sql,
  { id, source, recordType, recordId, receivedAt }: EventRow,
): Promise<WholeEventRow | null> {
  if (recordType === null || recordId === null) return null;
  const [row] = await sql<{ id: string }[]>`
    select id from (
      select e.id, e.source, e.record_type from events e
      where e.record_id = ${recordId} and e.received_at <= to_timestamp(${receivedAt}::float8 / 1000)
        and e.id <> ${id}
      order by e.received_at desc nulls last limit ${ofRecordMax}) walked
    where source = ${source} and record_type = ${recordType} limit 1`;
  return row === undefined ? null : await findEvent(sql, row.id);
}
