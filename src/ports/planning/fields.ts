/** What watching the fields of rules needs. Types only. */

import type { StoredEvent } from "../../domain/events/event.ts";
import type { FieldDrift, FieldState } from "../../domain/plan/field-watch.ts";
import type { Cursor } from "../page.ts";
import type { SourceCopy } from "../source-copy.ts";

/** A source of which events came that nobody has looked at for their fields. */
export type UnwatchedSource = {
  source: Pick<SourceCopy, "slug" | "country" | "orderNumber" | "recordType" | "recordId" | "rules" | "fetch">;
  /** How far they were looked at before; `null`: never. */
  mark: Cursor | null;
  /** The newest of them, the oldest first; of more than fit the others are never looked at. */
  events: StoredEvent[];
  states: FieldState[];
  /** How far they are looked at now. */
  next: Cursor;
};

/** What is told of one field. `from` and `to`: the types that it came as, and comes as; times are epoch milliseconds. */
export type DriftedField = FieldDrift & {
  source: string;
  /** Empty: the source's own templates. */
  rule: string;
  path: string;
  lastAt: number | null;
  /** Of `country_differs`: the path of the address's country. */
  address: string | null;
};

export type FieldStore = {
  /** Sources whose turn it is, with no more events and bytes than one sweep should read. */
  unwatched(): Promise<UnwatchedSource[]>;
  /** Keeps what is known of a source's fields, of these and no others. Somebody who was first makes it nothing. */
  watched(
    source: string,
    from: Cursor | null,
    to: Cursor,
    fields: readonly { state: FieldState; drift: FieldDrift | null }[],
  ): Promise<void>;
};
