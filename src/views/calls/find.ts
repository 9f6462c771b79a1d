/** Finds anything by any id, for a reader. Numbers are looked up only for readers who may see them. */
import { normaliseOrderNumber } from "../../domain/events/order-number.ts";
import { type FindKind, findKinds, readSought, type Sought } from "../../domain/find.ts";
import { foundCountMax } from "../../domain/limits.ts";
import type { ReadingLog } from "../../ports/lookups/entries.ts";
import type { FindLookups, FoundRow } from "../../ports/lookups/find.ts";
import { iso } from "../moment.ts";
import { type Reader, seesAll } from "../reader.ts";
import { noteCallsRead } from "../reading-note.ts";

/** One match. `link`: path and query of its page. */
type Match = {
  readonly kind: FindKind;
  readonly label: string;
  /** False for an order number that only begins with the text. */
  readonly exact: boolean;
  /** Number of its calls; of its events if it has no call. `more`: there are more than were counted. */
  readonly count: number;
  readonly counted: "calls" | "events";
  readonly more: boolean;
  readonly newest_at: string | null;
  readonly link: string;
};

/** The reason why a kind was not looked up. */
type NotTried = { readonly kind: FindKind; readonly reason: "needs_pii_read" | "not_its_form" };

export type FoundView = {
  readonly matches: readonly Match[];
  readonly tried: readonly FindKind[];
  readonly not_tried: readonly NotTried[];
};

/** @param country Country of phone numbers without a calling code; null: they are not read. */
export async function findAnything(
  lookups: FindLookups & ReadingLog,
  reader: Reader,
  pasted: string,
  country: string | null,
): Promise<FoundView> {
  const sought = readSought(pasted, country);
  const not_tried = findKinds.flatMap((kind): NotTried[] => {
    // This comes before the text is looked at: the answer is the same for every text.
    if (kind === "number" && !seesAll(reader)) return [{ kind, reason: "needs_pii_read" }];
    return mayBe(sought, kind) ? [] : [{ kind, reason: "not_its_form" }];
  });
  const tried = findKinds.filter((kind) => not_tried.every((one) => one.kind !== kind));
  const rows = tried.length === 0 ? [] : await lookups.find(sought, new Set(tried));
  for (const { kind, newest, calls } of rows)
    if (kind === "number" && newest !== null) await noteCallsRead(lookups, reader, "find", [newest], calls);
  const matches = rows.map((row) => matchOf(row, sought));
  const place = ({ kind, exact }: Match) => findKinds.indexOf(kind) + (exact ? 0 : findKinds.length);
  return { matches: matches.sort((one, other) => place(one) - place(other)), tried, not_tried };
}

function mayBe({ text, uuid, order, number }: Sought, kind: FindKind): boolean {
  if (text === "") return false;
  if (kind === "call" || kind === "event") return uuid !== null;
  if (kind === "order") return order !== null;
  return kind !== "number" || number !== null;
}

function matchOf(row: FoundRow, sought: Sought): Match {
  const counted = row.calls > 0 ? "calls" : "events";
  const rows = row[counted];
  return {
    kind: row.kind,
    label: row.label,
    exact: row.kind !== "order" || normaliseOrderNumber(row.label) === sought.order,
    count: Math.min(rows, foundCountMax),
    counted,
    more: rows > foundCountMax,
    newest_at: iso(row.newestAt),
    link: linkOf(row),
  };
}

/** The page of a match: of its only call or event, of its order, or a list of its calls. */
function linkOf({ kind, label, calls, newest, recordType, recordId }: FoundRow): string {
  const list = (filter: Record<string, string>) => `/calls?${new URLSearchParams(filter)}`;
  if (kind === "order") return `/orders?${new URLSearchParams({ order_number: label })}`;
  if (calls === 0) return `/events/${newest}`;
  if (calls === 1) return `/calls/${newest}`;
  if (kind === "number") return list({ number: label });
  if (kind === "conversation") return list({ conversation: label });
  if (kind === "record" && recordType !== null && recordId !== null)
    return list({ record_type: recordType, record_id: recordId });
  return `/calls/${newest}`;
}
