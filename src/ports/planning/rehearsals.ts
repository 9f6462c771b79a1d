/** What previews and rehearsals read: stored events in their order, and what only Postgres knows of a call. They write nothing. Types only. */
import type { CallStatus } from "../../domain/calls/call.ts";
import type { StoredEvent } from "../../domain/events/event.ts";
import type { Cursor } from "../page.ts";

/** Events between two places of a source, the first excluded. */
export type RehearsalSpan = { readonly after: Cursor; readonly until: Cursor };

/** Which events are meant: so many of the newest, or those that came since a moment (epoch milliseconds). */
export type RehearsalWindow = { readonly last: number } | { readonly from: number };

export type RehearsalRow = StoredEvent & {
  orderNumber: string | null;
  /** Of one that made no call. */
  reason: string | null;
  erased: boolean;
  /** Changes and omissions on the way from its request. Absent from rows of a page. */
  notes?: string | null;
  bytes: number;
  /** Its place among the events of its source, to the microsecond. */
  exactly: string;
  /** The last try of each rule that has one. */
  tries: { rule: string; status: CallStatus }[];
};

export type RehearsalStore = {
  /** @returns `null`: nothing has come */
  span(source: string, window: RehearsalWindow): Promise<RehearsalSpan | null>;
  /** At most `limit` of them, the oldest first, and no more bytes than one statement should read; `next` is `null` at the end. */
  page(
    source: string,
    span: RehearsalSpan,
    limit: number,
  ): Promise<{ events: RehearsalRow[]; next: RehearsalSpan | null }>;
  /** One stored event of a source; `null`: there is none. */
  event(source: string, id: string): Promise<RehearsalRow | null>;
  /** Those of these numbers that are not to be rung now. */
  suppressed(numbers: readonly string[]): Promise<string[]>;
  /** Those of these turns that are taken now. */
  taken(source: string, turns: readonly { rule: string; key: string }[]): Promise<{ rule: string; key: string }[]>;
};
