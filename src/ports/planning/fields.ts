/** Store for watching the fields that rules read. Types only. */

import type { StoredEvent } from "../../domain/events/event.ts";
import type { FieldDrift, FieldState } from "../../domain/plan/field-watch.ts";
import type { Cursor } from "../page.ts";
import type { SourceCopy } from "../source-copy.ts";

/** A source with new events whose fields were not checked yet. */
export type UnwatchedSource = {
  source: Pick<SourceCopy, "slug" | "country" | "orderNumber" | "recordType" | "recordId" | "rules" | "fetch">;
  /** Position up to which events were checked; null if never. */
  mark: Cursor | null;
  /** The newest unchecked events, the oldest first. Events beyond the limit are never checked. */
  events: StoredEvent[];
  states: FieldState[];
  /** Position that this check reaches. */
  next: Cursor;
};

/** Drift of one field. `from` and `to`: its earlier and present types. Times are epoch milliseconds. */
export type DriftedField = FieldDrift & {
  source: string;
  /** Empty for templates of the source itself. */
  rule: string;
  path: string;
  lastAt: number | null;
  /** For `country_differs`: path of the address's country. */
  address: string | null;
};

export type FieldStore = {
  /** Sources to check, with no more events and bytes than one sweep should read. */
  unwatched(): Promise<UnwatchedSource[]>;
  /** Replaces the stored knowledge of a source's fields. If another sweep was first, nothing is written. */
  watched(
    source: string,
    from: Cursor | null,
    to: Cursor,
    fields: readonly { state: FieldState; drift: FieldDrift | null }[],
  ): Promise<void>;
};
