/**
 * The feed: the events that hooks receive, for readers who cannot be called. Bodies are masked by the reader's scopes,
 * and an unmasked reading is noted in the audit log.
 *
 * - Events of calls need `calls:read`, all others `admin`. Without a filter, or with `*`, the others are left out. A
 *   reader that names them is refused.
 * - A page ends between two entries of the outbox. Events of one call that belong together are never split, so a page may
 *   have a few more than its limit.
 */
import { renderBody } from "../../domain/hooks/body.ts";
import { callEventTypes, hookEventTypes, listens, needsAdmin } from "../../domain/hooks/event-types.ts";
import { eventOf, type ToldEvent, toldActions } from "../../domain/hooks/told-event.ts";
import type { OutboxEntry, OutboxMark, OutboxStore, ToldActions } from "../../ports/hooks/outbox.ts";
import type { ReadingLog } from "../../ports/lookups/entries.ts";
import { type Reader, seesAll } from "../reader.ts";
import { noteCallsRead } from "../reading-note.ts";

/** Entries of one read, and reads of one page: its work is bounded also if few of them are wanted. */
const entriesPerReadMax = 500;
const readsPerPageMax = 4;

/** An event of the feed: the body that a hook receives, with an id that stays the same. */
export type FeedItem = {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
};

type FeedPage = { readonly data: readonly FeedItem[]; readonly next: string };

type FeedAnswer =
  | { readonly kind: "page"; readonly page: FeedPage }
  | { readonly kind: "cursor_invalid" }
  /** The reader may not read a kind of events that it asked for. */
  | { readonly kind: "lacks"; readonly scope: "admin" | "calls:read" };

type FeedQuery = {
  /** Patterns; null for all that the reader may see. */
  readonly events: readonly string[] | null;
  readonly limit: number;
  /** The `next` of an earlier page; null for the newest events. */
  readonly after: string | null;
};

type Wanted = { readonly entry: OutboxEntry; readonly event: ToldEvent; readonly place: OutboxMark };

/** @param publicUrl For links to pages; null if it is not configured. */
export async function readFeed(
  { outbox, lookups, publicUrl }: { outbox: OutboxStore; lookups: ReadingLog; publicUrl: string | null },
  reader: Reader,
  query: FeedQuery,
): Promise<FeedAnswer> {
  const named = (query.events ?? []).filter((pattern) => pattern !== "*");
  const types = { admin: hookEventTypes.filter(needsAdmin), "calls:read": callEventTypes } as const;
  for (const scope of ["admin", "calls:read"] as const)
    if (!reader.scopes.includes(scope) && types[scope].some((type) => listens(named, type)))
      return { kind: "lacks", scope };
  const patterns = query.events ?? ["*"];
  const isWanted = (type: string) =>
    listens(patterns, type) && reader.scopes.includes(needsAdmin(type) ? "admin" : "calls:read");
  const after = query.after === null ? null : readMark(query.after);
  if (query.after !== null && after === null) return { kind: "cursor_invalid" };
  const from = after ?? (await outbox.markBefore(actionsOf(isWanted), query.limit));
  const { found, mark } = await collect(outbox, from, query.limit, isWanted);
  const calls = new Set(found.flatMap(({ entry }) => (entry.subject === "call" ? [entry.subjectId] : [])));
  // Events of lines, sources and hooks show nothing that is masked for others.
  if (calls.size > 0) await noteCallsRead(lookups, reader, "feed", [...calls], found.length);
  const payload = seesAll(reader) ? "full_with_pii" : "full";
  const data = found.map(({ entry, event }) => ({
    id: `evt_${entry.id}`,
    ...renderBody(entry, event, { payload, publicUrl }).value,
  }));
  return { kind: "page", page: { data, next: writeMark(mark) } };
}

/** Reads until the page is full, no entry is left, or the work of one page is done. */
async function collect(
  outbox: OutboxStore,
  from: OutboxMark,
  limit: number,
  isWanted: (type: string) => boolean,
): Promise<{ found: readonly Wanted[]; mark: OutboxMark }> {
  const found: Wanted[] = [];
  let mark = from;
  for (let reads = 0; reads < readsPerPageMax; reads++) {
    const read = await outbox.entriesAfter(mark, entriesPerReadMax);
    for (const one of withPlaces(read.entries)) {
      const last = found.at(-1);
      if (found.length >= limit && last !== undefined && last.place !== one.place) return { found, mark: last.place };
      const event = eventOf(one.entry);
      if (event !== null && isWanted(event.type)) found.push({ ...one, event });
    }
    mark = read.mark;
    if (found.length >= limit || (!read.more && !read.restored)) break;
  }
  return { found, mark };
}

/**
 * The place of each entry in the order of (transaction, id): its own, or that of the entry of its call which overtook it
 * and behind which it is never read again. Entries that belong together share one object.
 */
function withPlaces(entries: readonly OutboxEntry[]): { entry: OutboxEntry; place: OutboxMark }[] {
  const first = new Map<string, OutboxMark>();
  return entries
    .toReversed()
    .map((entry) => {
      const key = `${entry.subject} ${entry.subjectId}`;
      const later = first.get(key);
      const place = later !== undefined && isBefore(later, entry) ? later : { tx: entry.tx, id: entry.id };
      first.set(key, place);
      return { entry, place };
    })
    .toReversed();
}

function isBefore(one: OutboxMark, other: OutboxMark): boolean {
  const [tx, otherTx] = [BigInt(one.tx), BigInt(other.tx)];
  return tx < otherTx || (tx === otherTx && one.id < other.id);
}

function actionsOf(isWanted: (type: string) => boolean): ToldActions {
  return Object.fromEntries(
    Object.entries(toldActions).map(([subject, actions]) => [
      subject,
      actions.filter((action) => {
        const event = eventOf({ subject, action, sequence: null });
        return event !== null && isWanted(event.type);
      }),
    ]),
  );
}

/** A cursor is opaque to clients. It holds no secret, and is checked when it comes back. */
function writeMark({ tx, id }: OutboxMark): string {
  return btoa(`${tx} ${id}`).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function readMark(text: string): OutboxMark | null {
  try {
    const [, tx, id] = /^(\d{1,18}) (\d{1,15})$/.exec(atob(text.replaceAll("-", "+").replaceAll("_", "/"))) ?? [];
    return tx === undefined || id === undefined ? null : { tx, id: Number(id) };
  } catch {
    return null;
  }
}
