/** The difference between two events of one record, field by field. */
import diff from "microdiff";
import { type JsonValue, readJson } from "../../domain/json.ts";
import { maskText } from "../../domain/people/mask.ts";
import type { WholeEventRow } from "../../ports/lookups/events.ts";
import { iso } from "../moment.ts";

/** Changes in an answer. */
const changesMax = 200;
/** Characters of a value in an answer. */
const valueCharactersMax = 500;

export type EventChangesView = {
  readonly event_id: string;
  /** The event that it is compared with; null: it is the first about its record. */
  readonly with: { readonly event_id: string; readonly received_at: string } | null;
  /** `before` and `after` are JSON texts; null where the field is absent. */
  readonly changes: readonly { readonly path: string; readonly before: string | null; readonly after: string | null }[];
  /** Whether there are more changes. */
  readonly more: boolean;
};

/** @param seesAll Whether the reader may see values. Without it the paths alone are shown, with masked values. */
export function eventChangesView(
  event: WholeEventRow,
  other: WholeEventRow | null,
  seesAll: boolean,
): EventChangesView {
  if (other === null) return { event_id: event.id, with: null, changes: [], more: false };
  const found = diff(objectIn(other.body), objectIn(event.body));
  const shown = (value: unknown): string | null => {
    if (value === undefined) return null;
    const text = JSON.stringify(value) ?? "";
    const cut = text.length > valueCharactersMax ? `${text.slice(0, valueCharactersMax).toWellFormed()}…` : text;
    return seesAll ? cut : maskText(cut);
  };
  const changes = found.slice(0, changesMax).map((change) => ({
    path: pathText(change.path),
    before: change.type === "CREATE" ? null : shown(change.oldValue),
    after: change.type === "REMOVE" ? null : shown(change.value),
  }));
  const compared = { event_id: other.id, received_at: iso(other.receivedAt) };
  return { event_id: event.id, with: compared, changes, more: found.length > changesMax };
}

/** A body that is no object is compared as the field `body`. */
function objectIn(text: string): Record<string, unknown> {
  const read = readJson(text);
  const value: JsonValue = read.ok ? read.value : text;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : { body: value };
}

/** @returns `customer.phone`, `lines[0].price`. */
function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`),
    "",
  );
}
