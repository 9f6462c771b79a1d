/** Events, and requests that never became one, as they are looked up. */
import { rejectionsPerSourceMax } from "../../domain/limits.ts";
import type { Rejection } from "../../ports/ingest/inbox.ts";
import type { EventFilter, EventRow, Results, WholeEventRow } from "../../ports/lookups.ts";
import type { Cursor } from "../../ports/page.ts";
import { eventRow, exactMoment, page } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";

/** Events that match every given part of the filter, newest first. */
export async function findEvents(
  sql: Sql,
  filter: EventFilter,
  limit: number,
  after: Cursor | null,
): Promise<Results<EventRow>> {
  const same = (column: string, value: string | undefined) =>
    value === undefined ? sql`` : sql`and ${sql.unsafe(column)} = ${value}`;
  const rows = await sql<(EventRow & { exactly: string })[]>`
    select ${eventRow(sql)}, ${exactMoment(sql, "e.received_at")} from events e
    where true ${same("e.source", filter.source)} ${same("e.order_number_key", filter.orderNumberKey)}
      ${same("e.state", filter.state)}
      ${after === null ? sql`` : sql`and (e.received_at, e.id) < (${after.at}::text::timestamptz, ${after.id}::text::uuid)`}
    order by e.received_at desc nulls last, e.id desc nulls last limit ${limit + 1}`;
  return page(rows, limit);
}

/** @returns the event with its body and the headers that were kept, or `null` when there is none. */
export async function findEvent(sql: Sql, id: string): Promise<WholeEventRow | null> {
  const [row] = await sql<WholeEventRow[]>`
    select ${eventRow(sql)}, e.body, e.headers, e.fetched from events e where e.id = ${id}`;
  return row ?? null;
}

/** The newest requests that were refused at a source's door. */
export async function rejectionsOf(sql: Sql, source: string): Promise<Rejection[]> {
  return await sql<Rejection[]>`
    select id, (extract(epoch from at) * 1000)::float8 as at, code, detail, headers, body_bytes as "bodyBytes"
    from rejections where source = ${source} order by at desc, id limit ${rejectionsPerSourceMax}`;
}
