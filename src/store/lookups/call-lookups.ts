/** Calls, as they are looked up. */
import type { CallFilter, CallRow, EntryRow, Results, VerdictRow } from "../../ports/lookups.ts";
import type { Cursor } from "../../ports/page.ts";
import { shownReadings, shownSteps } from "../fragments/call-entries.ts";
import { matches } from "../fragments/call-filter.ts";
import { callRow, exactMoment, page } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";

/** Calls of one event, of one conversation, verdicts of one call: more than these nobody reads at once. */
const relatedMax = 500;

/** Calls that match every given part of the filter, newest first. */
export async function findCalls(
  sql: Sql,
  filter: CallFilter,
  limit: number,
  after: Cursor | null,
): Promise<Results<CallRow>> {
  const rows = await sql<(CallRow & { exactly: string })[]>`
    select ${callRow(sql)}, ${exactMoment(sql, "c.created_at")} from calls c
    where ${matches(sql, filter)}
      ${after === null ? sql`` : sql`and (c.created_at, c.id) < (${after.at}::text::timestamptz, ${after.id}::text::uuid)`}
    order by c.created_at desc nulls last, c.id desc nulls last limit ${limit + 1}`;
  return page(rows, limit);
}

/** @returns the call, or `null` when there is none. */
export async function findCall(sql: Sql, id: string): Promise<CallRow | null> {
  const [row] = await sql<CallRow[]>`select ${callRow(sql)} from calls c where c.id = ${id}`;
  return row ?? null;
}

/** The calls that one event made, by rule and try. */
export async function callsOfEvent(sql: Sql, eventId: string): Promise<CallRow[]> {
  return await sql<CallRow[]>`
    select ${callRow(sql)} from calls c where c.event_id = ${eventId} order by c.rule, c.try limit ${relatedMax}`;
}

/** The entries and verdicts of a call, and the entries of its event, oldest first. Of readings the newest. */
export async function timeline(
  sql: Sql,
  callId: string,
  eventId: string,
): Promise<{ entries: EntryRow[]; verdicts: VerdictRow[] }> {
  const [entries, verdicts] = await Promise.all([
    sql<EntryRow[]>`
      select id::float8 as id, (extract(epoch from at) * 1000)::float8 as at, subject, subject_id as "subjectId", action, actor,
        reason, data
      from entries where id in (${shownSteps(sql, callId, eventId)} union ${shownReadings(sql, callId, eventId)})
      order by id`,
    sql<VerdictRow[]>`
      select (extract(epoch from at) * 1000)::float8 as at, gate, verdict, inputs
      from verdicts where call_id = ${callId} order by id limit ${relatedMax}`,
  ]);
  return { entries, verdicts };
}

/** The ids of all calls that Mihu keeps in one conversation, oldest first. */
export async function conversation(sql: Sql, uuid: string): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from calls where conversation_uuid = ${uuid} order by created_at, id limit ${relatedMax}`;
  return rows.map(({ id }) => id);
}
