/** Pieces of the statements that make calls: the draft as a record, and the columns of a new row. */
import { contentText } from "../../domain/audit/call-content.ts";
import type { CallDraft } from "../../domain/plan/draft.ts";
import { commitment, randomText } from "../../platform/hashes.ts";
import { scrubText } from "../../platform/log.ts";
import { columnNames } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { calls } from "../schema/calls.ts";

const carried = columnNames<typeof calls>(
  "event_id",
  "source",
  "rule",
  "rule_version",
  "mode",
  "line",
  "order_number",
  "order_number_key",
  "record_type",
  "record_id",
  "number",
  "country",
  "about",
  "prompt",
  "prompt_overwrite",
  "greeting",
  "salt",
  "content",
  "zones",
);
const decided = columnNames<typeof calls>(
  "try",
  "again_of",
  "again_reason",
  "status",
  "reason",
  "detail",
  "due_at",
  "closes_at",
  "expires_at",
);

/**
 * The columns of every `insert into calls`: the {@link carriedColumns}, then `try`, `again_of`, `again_reason`,
 * `status`, `reason`, `detail`, `due_at`, `closes_at` and `expires_at`, which each statement sets.
 */
export const newCallColumns = (sql: Sql) => sql.unsafe(`${carried}, ${decided}`);

/** The columns that a new call copies from its draft, or from the call that was tried before. */
export const carriedColumns = (sql: Sql) => sql.unsafe(carried);

/** A draft as a statement reads it from JSON, with its event. */
type DraftRow = ReturnType<typeof draftRow>;

/** @param nth the draft's position among the drafts of the statement */
export function draftRow({ event_id, draft }: { event_id: string; draft: CallDraft }, nth: number) {
  const salt = randomText();
  return {
    event_id,
    nth,
    rule: draft.rule,
    rule_version: draft.ruleVersion,
    mode: draft.mode,
    line: draft.line,
    status: draft.status,
    reason: draft.reason,
    detail: draft.detail,
    number: draft.number,
    country: draft.country,
    about: draft.about,
    prompt: draft.prompt,
    prompt_overwrite: draft.promptOverwrite,
    greeting: draft.greeting,
    zones: draft.zones,
    due_at: draft.dueAt,
    closes_at: draft.closesAt,
    expires_at: draft.expiresAt,
    once_key: draft.once?.key ?? null,
    once_until: draft.once?.until ?? null,
    salt,
    content: commitment(salt, contentText(draft)),
    burst_calls: draft.burst?.calls ?? null,
    burst_window: draft.burst?.window ?? null,
    // Entries hold it too and are never erased, so a number in it is replaced. Absent from the JSON of all other calls.
    again_reason: draft.again === undefined ? undefined : scrubText(draft.again),
    verdicts: draft.verdicts,
  };
}

const types: Readonly<Record<keyof DraftRow, string>> = {
  event_id: "uuid",
  nth: "int",
  rule: "text",
  rule_version: "int",
  mode: "text",
  line: "text",
  status: "text",
  reason: "text",
  detail: "jsonb",
  number: "text",
  country: "text",
  about: "text",
  prompt: "text",
  prompt_overwrite: "boolean",
  greeting: "text",
  zones: "text[]",
  due_at: "float8",
  closes_at: "float8",
  expires_at: "float8",
  once_key: "text",
  once_until: "float8",
  salt: "text",
  content: "text",
  burst_calls: "int",
  burst_window: "float8",
  again_reason: "text",
  verdicts: "jsonb",
};
const record = Object.entries(types)
  .map((field) => field.join(" "))
  .join(", ");

/** The fields of a {@link DraftRow} with their types, for a `json_to_recordset`. */
export const draftRecord = (sql: Sql) => sql.unsafe(record);
