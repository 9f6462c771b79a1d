/** What the look-ups' statements share: columns as the ports name them, and pages by cursor. */
import type { Results } from "../../ports/lookups.ts";
import type { Cursor } from "../../ports/page.ts";
import type { Sql } from "./connection.ts";

/** A moment as epoch milliseconds. */
const ms = (column: string, as: string): string => `(extract(epoch from ${column}) * 1000)::float8 as "${as}"`;

const callColumns = `c.id, c.try, c.again_of as "againOf", c.again_reason as "againReason", c.status, c.outcome, c.outcome_raw as "outcomeRaw", c.reason, c.detail,
  c.source, c.rule, c.rule_version as "ruleVersion", c.event_id as "eventId", c.mode, c.line, c.order_number as "orderNumber",
  c.record_type as "recordType", c.record_id as "recordId", c.number, c.about, c.prompt,
  c.prompt_overwrite as "promptOverwrite", c.greeting, to_json(c.zones) as zones,
  c.conversation_uuid as "conversationUuid", c.contact_uuid as "contactUuid", c.mihu_id as "mihuId",
  c.listen_url as "listenUrl", c.record_url as "recordUrl", c.recording_url as "recordingUrl",
  ${ms("c.created_at", "createdAt")}, ${ms("c.due_at", "dueAt")}, ${ms("c.closes_at", "closesAt")},
  ${ms("c.expires_at", "expiresAt")}, ${ms("c.claimed_at", "claimedAt")}, ${ms("c.placed_at", "placedAt")},
  ${ms("c.ended_at", "endedAt")}, ${ms("c.erased_at", "erasedAt")}, c.duration_s as "durationS", c.summary`;

const eventColumns = `e.id, e.source, e.external_id as "externalId", e.type, ${ms("e.occurred_at", "occurredAt")},
  ${ms("e.received_at", "receivedAt")}, ${ms("e.planned_at", "plannedAt")}, e.order_number as "orderNumber",
  e.record_type as "recordType", e.record_id as "recordId", e.state, e.reason, e.detail, e.conflicts,
  ${ms("e.conflict_at", "conflictAt")}, ${ms("e.erased_at", "erasedAt")}, e.fetch_tries as "fetchTries", ${ms("e.fetch_at", "fetchAt")}`;

/** The columns of a `CallRow`, of the table named `c`. */
export const callRow = (sql: Sql) => sql.unsafe(callColumns);

/** The columns of an `EventRow`, of the table named `e`. */
export const eventRow = (sql: Sql) => sql.unsafe(eventColumns);

const microseconds = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

/** An expression: a moment as cursors have it, to the microsecond. */
export const exactly = (sql: Sql, moment: ReturnType<Sql>) =>
  sql`to_char((${moment}) at time zone 'UTC', ${sql.unsafe(microseconds)})`;

/** The exact moment of a row, for its cursor. */
export const exactMoment = (sql: Sql, column: string) =>
  sql.unsafe(`to_char(${column} at time zone 'UTC', ${microseconds}) as "exactly"`);

/** Cuts a page out of one row more than was asked for: whether there is a next page is known without a count. */
export function page<T extends { id: string; exactly: string }>(
  rows: readonly T[],
  limit: number,
): Results<Omit<T, "exactly">> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next: Cursor | null = rows.length > limit && last !== undefined ? { at: last.exactly, id: last.id } : null;
  return { rows: shown.map(({ exactly: _, ...row }) => row), next };
}
