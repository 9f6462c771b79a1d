/**
 * Evidence for a reader who may not see numbers and texts: only fields that are known to contain neither. The names are
 * an allow-list, because evidence also quotes foreign text (Mihu's responses, the error of a condition).
 */
const harmlessNames: ReadonlySet<string> = new Set([
  "adopted",
  "again",
  "again_of",
  "allowed",
  "agent",
  "asked_at",
  "at_once",
  "calls",
  "calls_at_once",
  "calls_per_day",
  "calls_per_minute",
  "claim",
  "closes_at",
  "contact_uuid",
  "conflicts",
  "content",
  "conversation_uuid",
  "conversations",
  "countries",
  "country",
  "day",
  "due_at",
  "duration_s",
  "event_id",
  "event_ids",
  "expires_at",
  "fetch",
  "field",
  "home",
  "hours",
  "kind",
  "line",
  "looks",
  "mihu_id",
  "mode",
  "next_at",
  "not_before",
  "outcome",
  "owed_at",
  "path",
  "problem",
  "rang",
  // Columns of a call that an entry may set: times, outcome, ids of Mihu, and a hash.
  "row",
  "read",
  "read_as",
  "read_from",
  "replayed",
  "rule",
  "rule_version",
  "status",
  "suppressed",
  "then",
  "this_minute",
  "today",
  "tries",
  "try",
  "until",
  // Hashes of the verdicts that an entry's statement inserted.
  "verdicts",
  "version",
  "wait_ms",
  "withdrawn_by",
  "zone_from",
  "zones",
]);

/** @returns The allowed part of some evidence; null for null. */
export function harmlessDetail(detail: Record<string, unknown>): Record<string, unknown>;
export function harmlessDetail(detail: Record<string, unknown> | null): Record<string, unknown> | null;
export function harmlessDetail(detail: Record<string, unknown> | null): Record<string, unknown> | null {
  if (detail === null) return null;
  return Object.fromEntries(Object.entries(detail).filter(([name]) => harmlessNames.has(name)));
}
