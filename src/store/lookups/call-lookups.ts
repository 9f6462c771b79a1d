/** Look-ups of calls. */
import type { CallLookups, CallRow, VerdictRow } from "../../ports/lookups/calls.ts";
import type { EntryRow } from "../../ports/lookups/entries.ts";
import { reportsOf } from "../calls/reports.ts";
import { wantedCallMaker } from "../config/call-maker.ts";
import { entryColumns, shownReadings, shownSteps } from "../fragments/call-entries.ts";
import { callWaits } from "../fragments/waits.ts";
import { array, columns, ms, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { calls } from "../schema/calls.ts";
import type { verdicts } from "../schema/gates.ts";
import { callList } from "./call-list.ts";

const callColumns = columns<typeof calls, Omit<CallRow, "waits" | "maker">>({
  id: "id",
  try: "try",
  againOf: "again_of",
  againReason: "again_reason",
  status: "status",
  outcome: "outcome",
  outcomeRaw: "outcome_raw",
  reason: "reason",
  detail: "detail",
  source: "source",
  rule: "rule",
  ruleVersion: "rule_version",
  eventId: "event_id",
  mode: "mode",
  line: "line",
  orderNumber: "order_number",
  recordType: "record_type",
  recordId: "record_id",
  number: "number",
  about: "about",
  prompt: "prompt",
  promptOverwrite: "prompt_overwrite",
  greeting: "greeting",
  zones: array("zones"),
  conversationUuid: "conversation_uuid",
  contactUuid: "contact_uuid",
  mihuId: "mihu_id",
  listenUrl: "listen_url",
  recordUrl: "record_url",
  recordingUrl: "recording_url",
  createdAt: ms("created_at"),
  dueAt: ms("due_at"),
  closesAt: ms("closes_at"),
  expiresAt: ms("expires_at"),
  claimedAt: ms("claimed_at"),
  placedAt: ms("placed_at"),
  endedAt: ms("ended_at"),
  erasedAt: ms("erased_at"),
  durationS: "duration_s",
  summary: "summary",
  pollAt: ms("poll_at"),
});

const verdictColumns = columns<typeof verdicts, VerdictRow>({
  at: ms("at"),
  gate: "gate",
  verdict: "verdict",
  inputs: "inputs",
});

/** Calls of one event or one conversation, or verdicts of one call, that an answer holds at most. */
const relatedMax = 500;

/** @param sql the request's client */
export function callLookups(sql: Sql): CallLookups {
  return {
    calls: (filter, limit, after) => callList(sql, wholeCall(sql), filter, limit, after),
    call: (id) => findCall(sql, id),
    callsOfEvent: (id) => callsOfEvent(sql, id),
    timeline: (callId, eventId) => timeline(sql, callId, eventId),
    conversation: (uuid) => conversation(sql, uuid),
    reports: (call) => reportsOf(sql, call),
  };
}

/** The select list of a {@link CallRow} of the call `c`. */
export const wholeCall = (sql: Sql): ReturnType<Sql> =>
  sql`${select(sql, callColumns, "c")}, ${callWaits(sql)}, ${wantedCallMaker(sql)}`;

/** @returns the call, or `null` if no call has this id. */
async function findCall(sql: Sql, id: string): Promise<CallRow | null> {
  const [row] = await sql<CallRow[]>`select ${wholeCall(sql)} from calls c where c.id = ${id}`;
  return row ?? null;
}

/** The calls that one event made, by rule and try. */
async function callsOfEvent(sql: Sql, eventId: string): Promise<CallRow[]> {
  return await sql<CallRow[]>`
    select ${wholeCall(sql)} from calls c where c.event_id = ${eventId} order by c.rule, c.try limit ${relatedMax}`;
}

/**
 * The entries and verdicts of a call, and the entries of its event, oldest first. Entries about readers are limited to
 * the newest.
 */
async function timeline(
  sql: Sql,
  callId: string,
  eventId: string,
): Promise<{ entries: EntryRow[]; verdicts: VerdictRow[] }> {
  const [entries, verdicts] = await Promise.all([
    sql<EntryRow[]>`
      select ${select(sql, entryColumns, "entries")}
      from entries where id in (${shownSteps(sql, callId, eventId)} union ${shownReadings(sql, callId, eventId)})
      order by id`,
    sql<VerdictRow[]>`
      select ${select(sql, verdictColumns, "verdicts")}
      from verdicts where call_id = ${callId} order by id limit ${relatedMax}`,
  ]);
  return { entries, verdicts };
}

/** The ids of all calls of one conversation at Mihu, oldest first. */
async function conversation(sql: Sql, uuid: string): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from calls where conversation_uuid = ${uuid} order by created_at, id limit ${relatedMax}`;
  return rows.map(({ id }) => id);
}
