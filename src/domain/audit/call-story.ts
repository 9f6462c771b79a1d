/**
 * A call's story: what its row must show, as its entries tell it.
 *
 * Each entry says what it changed. Its `row` has the columns that it set, as they stood then. The newest entry that set a column decides
 * on it. An entry of an earlier version has no `row`: a column that it may have set and does not name is not provable from then on, until
 * an entry names it, and is never called wrong.
 *
 * Not told by entries, and so never compared: columns for the work itself (leases, slots, polls, `closes_at`), `detail`, the summary, and
 * Mihu's addresses.
 */
import { type CallStatus, callStatuses, transitions } from "../calls/call.ts";
import { leadsTo } from "./receipt.ts";

/** An entry of a call, oldest first. */
export type StoryEntry = {
  readonly action: string;
  readonly reason: string | null;
  readonly data: Readonly<Record<string, unknown>>;
};

/** Columns of a call that are compared. Times as ISO 8601. `facts` and `content` are hashes: of what it was made of, and of its number and texts. */
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
const emptyAtFirst = ["outcome", "outcome_raw", "duration_s", "claimed_at", "placed_at", "ended_at"] as const;

/** The actions that the comparison needs. */
export const storyActions: readonly string[] = [...leadsTo.keys(), "report_added", "conversation_found", "erased"];

/** `broken`: an impossible move, as "ended → dialing". */
type Story = {
  readonly columns: ReadonlyMap<string, unknown>;
  readonly erased: boolean;
  readonly broken: string | null;
};

/** Tells the story of a call's entries. */
function tell(entries: readonly StoryEntry[]): Story {
  const columns = new Map<string, unknown>();
  let erased = false;
  let broken: string | null = null;
  for (const { action, reason, data } of entries) {
    const from = columns.get("status");
    const to = leadsTo.get(action);
    const isNew = isRecord(data.row);
    if (to !== undefined) {
      if (isNew && isStatus(from) && isStatus(to) && action !== "postponed" && !transitions[from].includes(to))
        broken ??= `${from} → ${to}`;
      if (from === undefined)
        for (const column of [...emptyAtFirst, "conversation_uuid", "mihu_id"]) columns.set(column, null);
      columns.set("status", to);
      setReason(columns, action, reason, data);
    }
    if (action === "erased") erased = true;
    if (!isNew) setOld(columns, action, reason, data);
    for (const name of ["content", "due_at"]) if (name in data) columns.set(name, data[name]);
    if (isRecord(data.row)) for (const [name, value] of Object.entries(data.row)) columns.set(name, value);
  }
  return { columns, erased, broken };
}

/** A claim, an outcome and a postponement leave the reason as it is. */
function setReason(
  columns: Map<string, unknown>,
  action: string,
  reason: string | null,
  data: StoryEntry["data"],
): void {
  if (action === "dialing" || action === "ended" || action === "postponed") return;
  // The entry of a further try that something stopped has its reason in its data.
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
      // A person said that it rang, which was when it was claimed.
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

/** The result of a comparison: columns that disagree, and columns of which the entries say nothing. */
export type Comparison = { readonly differs: readonly string[]; readonly unproven: readonly string[] };

/**
 * Compares a row with its entries. Both must come from one snapshot of Postgres, or a call that moves would seem to disagree.
 *
 * @param entries all of the call's entries of {@link storyActions}
 */
export function compareStory(row: StoryRow, entries: readonly StoryEntry[]): Comparison {
  const { columns, erased, broken } = tell(entries);
  if (!columns.has("status")) return { differs: ["entries"], unproven: [] };
  const differs: string[] = broken === null ? [] : [`moves (${broken})`];
  const unproven: string[] = [];
  if (erased !== row.erased) differs.push("erased_at");
  for (const column of storyColumns) {
    // The number and texts of an erased call are gone, and their commitment stays in the entries.
    if (column === "content" && erased && row.erased) continue;
    if (!columns.has(column)) unproven.push(column);
    else if (!isSame(column, row[column], columns.get(column)))
      differs.push(column === "content" ? "number or texts" : column);
  }
  return { differs, unproven };
}

/** Whether a value of a row is the one of an entry. Times are compared to the millisecond. */
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
