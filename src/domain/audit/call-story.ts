/**
 * Verifies a call's row against its audit entries.
 *
 * Each entry says what it changed. Its `row` has the values of the columns that it set, and the newest entry that set a
 * column decides. Entries of an earlier version have no `row`. A column that such an entry may have set is then not
 * provable until a later entry names it, and is never reported as wrong.
 *
 * Entries contain the hashes of the verdicts that their statements inserted. The call must have exactly these verdicts.
 *
 * Not covered by entries, and so never compared: columns for the work itself (leases, slots, polls, `closes_at`,
 * `released_at`), and the sweep's verdict that a line's day is full (`calls_per_day`).
 */
import { type CallStatus, callStatuses, transitions } from "../calls/call.ts";
import { leadsTo } from "./receipt.ts";

/** An entry of a call, oldest first. */
export type StoryEntry = {
  readonly action: string;
  readonly reason: string | null;
  readonly data: Readonly<Record<string, unknown>>;
};

/** Columns that an erasure empties, besides number and texts. Entries commit to each under the call's salt. */
export const saidColumns = ["detail", "summary", "recording_url", "record_url", "listen_url", "contact_uuid"] as const;

/**
 * Columns of a call that are compared. Times are ISO 8601. `facts` and `content` are hashes, of the columns that never
 * change and of number and texts. The `saidColumns` are commitments. `verdicts` are the hashes of the call's verdicts,
 * sorted and joined by commas.
 */
export type StoryRow = Readonly<Record<StoryColumn, string | number | null>> & { readonly erased: boolean };

const storyColumns = [
  "status",
  "reason",
  "outcome",
  "outcome_raw",
  "duration_s",
  "created_at",
  "due_at",
  "expires_at",
  "claimed_at",
  "placed_at",
  "ended_at",
  "conversation_uuid",
  "mihu_id",
  "facts",
  "content",
  ...saidColumns,
  "again_stopped",
  "verdicts",
] as const;
export type StoryColumn = (typeof storyColumns)[number];

const times: ReadonlySet<string> = new Set([
  "created_at",
  "due_at",
  "expires_at",
  "claimed_at",
  "placed_at",
  "ended_at",
]);
const emptyAtFirst = [
  ...["outcome", "outcome_raw", "duration_s", "claimed_at", "placed_at", "ended_at", "conversation_uuid", "mihu_id"],
  ...["summary", "recording_url", "record_url", "listen_url", "contact_uuid", "again_stopped"],
];

/** Actions whose statement always inserts verdicts. */
const judging: ReadonlySet<string> = new Set(["dialing", "released", "postponed", "expired"]);

/** Columns that only a release can change after a call was made, apart from number and texts. Their hash is `facts`. */
export const madeOf: readonly string[] = [
  ...["event_id", "source", "rule", "rule_version", "try", "again_of", "again_reason", "mode", "line"],
  ...["order_number", "order_number_key", "record_type", "record_id", "country", "zones"],
];

/** Readable names for the hashes of several columns. */
const hashOfSeveral: Readonly<Record<string, string>> = {
  content: "number or texts (one of number, about, prompt, prompt_overwrite, greeting, salt)",
  facts: `facts (one of ${madeOf.join(", ")})`,
};

const erasable: ReadonlySet<string> = new Set(["content", ...saidColumns]);

/** Actions that the comparison needs. */
export const storyActions: readonly string[] = [
  ...leadsTo.keys(),
  "report_added",
  "conversation_found",
  "further_tries_stopped",
  "erased",
];

/** `broken`: an impossible move, such as "ended → dialing". */
type Story = {
  readonly columns: ReadonlyMap<string, unknown>;
  readonly erased: boolean;
  readonly broken: string | null;
};

/** @returns The column values that a call's entries imply. */
function tell(entries: readonly StoryEntry[]): Story {
  const columns = new Map<string, unknown>();
  let erased = false;
  let broken: string | null = null;
  let verdicts: string[] | null = [];
  for (const { action, reason, data } of entries) {
    const from = columns.get("status");
    const to = leadsTo.get(action);
    const isNew = isRecord(data.row);
    if (to !== undefined) {
      if (isNew && isStatus(from) && isStatus(to) && action !== "postponed" && !transitions[from].includes(to))
        broken ??= `${from} → ${to}`;
      if (from === undefined) for (const column of emptyAtFirst) columns.set(column, null);
      columns.set("status", to);
      setReason(columns, action, reason, data);
    }
    if (action === "erased") erased = true;
    if (!isNew) setOld(columns, action, reason, data);
    setSaid(columns, { action, reason, data }, from === undefined);
    if (Array.isArray(data.verdicts)) verdicts?.push(...data.verdicts.map(String));
    else if (from === undefined || judging.has(action)) verdicts = null;
    for (const name of ["content", "due_at"]) if (name in data) columns.set(name, data[name]);
    if (isRecord(data.row)) for (const [name, value] of Object.entries(data.row)) columns.set(name, value);
  }
  if (verdicts !== null) columns.set("verdicts", verdicts.sort().join(","));
  return { columns, erased, broken };
}

/**
 * @returns Values of the {@link saidColumns} that an entry implies without naming them in its `row`, as entries of
 *   earlier versions do.
 */
function setSaid(columns: Map<string, unknown>, { action, reason, data }: StoryEntry, isFirst: boolean): void {
  const isWithdrawal = !isFirst && reason === "withdrawn" && "event_id" in data;
  if (action === "further_tries_stopped") columns.set("again_stopped", reason);
  if (action === "canceled" && isWithdrawal) columns.set("again_stopped", "withdrawn");
  if (action === "released") columns.set("detail", null);
  if (isRecord(data.row) && "detail" in data.row) return;
  const forget = (...names: string[]) => names.map((name) => columns.delete(name));
  if (isFirst || action === "rejected" || action === "queued") forget("detail");
  if (action === "canceled" && (reason === "canceled" || isWithdrawal)) forget("detail");
  if (action === "unknown" && reason !== "lease_expired") forget("detail");
  if (action === "placed" && data.rang !== true) forget("detail", "contact_uuid", "listen_url", "record_url");
  if (action === "conversation_found") forget("contact_uuid");
  if (action === "ended" || action === "report_added") forget("summary", "recording_url");
}

/** A claim, an outcome and a postponement do not change the reason. */
function setReason(
  columns: Map<string, unknown>,
  action: string,
  reason: string | null,
  data: StoryEntry["data"],
): void {
  if (action === "dialing" || action === "ended" || action === "postponed") return;
  // The entry of a further try that was stopped has the reason in its data.
  columns.set("reason", reason ?? (action === "canceled" ? (data.reason ?? null) : null));
}

/** Entries of versions without `row`. */
function setOld(columns: Map<string, unknown>, action: string, reason: string | null, data: StoryEntry["data"]): void {
  const forget = (...names: string[]) => names.map((name) => columns.delete(name));
  switch (action) {
    case "dialing":
      forget("claimed_at");
      return;
    case "placed":
      columns.set("conversation_uuid", data.conversation_uuid ?? null);
      forget("placed_at");
      // A person confirmed that it rang, so it was placed at the time of its claim.
      if (data.rang !== true) columns.set("mihu_id", data.mihu_id ?? null);
      else if (typeof columns.get("claimed_at") === "string") columns.set("placed_at", columns.get("claimed_at"));
      return;
    case "review":
      if (reason === "database_went_back") forget("claimed_at", "conversation_uuid", "mihu_id");
      return;
    case "queued":
    case "released":
    case "postponed":
      forget("due_at", "expires_at");
      return;
    case "ended":
      columns.set("outcome", data.outcome);
      columns.set("outcome_raw", data.outcome_raw ?? null);
      columns.set("duration_s", data.duration_s ?? null);
      forget("ended_at");
      return;
    case "report_added":
      forget("duration_s");
      return;
    case "conversation_found":
      columns.set("conversation_uuid", data.conversation_uuid);
      return;
    default:
      return;
  }
}

/** Result of a comparison: columns that disagree, and columns about which the entries say nothing. */
export type Comparison = { readonly differs: readonly string[]; readonly unproven: readonly string[] };

/**
 * Compares a row with its entries. Both must come from one snapshot of Postgres. Otherwise a call that moves meanwhile
 * would seem to disagree.
 *
 * @param entries All entries of the call with {@link storyActions}.
 */
export function compareStory(row: StoryRow, entries: readonly StoryEntry[]): Comparison {
  const { columns, erased, broken } = tell(entries);
  if (!columns.has("status")) return { differs: ["entries"], unproven: [] };
  const differs: string[] = broken === null ? [] : [`moves (${broken})`];
  const unproven: string[] = [];
  if (erased !== row.erased) differs.push("erased_at");
  for (const column of storyColumns) {
    // An erased value cannot be compared. Its commitment stays in the entries.
    if (erased && row.erased && erasable.has(column)) continue;
    if (!columns.has(column)) unproven.push(column);
    else if (!isSame(column, row[column], columns.get(column))) differs.push(hashOfSeveral[column] ?? column);
  }
  return { differs, unproven };
}

/** Whether a row's value equals an entry's. Times are compared to the millisecond. */
function isSame(column: string, shown: unknown, told: unknown): boolean {
  if (times.has(column) && typeof shown === "string" && typeof told === "string")
    return Date.parse(shown) === Date.parse(told);
  return (shown ?? null) === (told ?? null);
}

function isStatus(value: unknown): value is CallStatus {
  return callStatuses.some((status) => status === value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
