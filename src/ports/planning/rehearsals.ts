/**
 * Reads for previews and rehearsals: stored events in order, and the gates that only Postgres can check. They write
 * nothing. Types only.
 */
import type { CallStatus, CrmRecord } from "../../domain/calls/call.ts";
import type { StoredEvent } from "../../domain/events/event.ts";
import type { Cursor } from "../page.ts";

/** Events between two positions of a source. The first position is excluded. */
export type RehearsalSpan = { readonly after: Cursor; readonly until: Cursor };

/** Selection of events: a number of the newest, or all since a time (epoch milliseconds). */
export type RehearsalWindow = { readonly last: number } | { readonly from: number };

export type RehearsalRow = StoredEvent & {
  orderNumber: string | null;
  /** Reason of an event without a call. */
  reason: string | null;
  erased: boolean;
  /** Changes and omissions while reading the request. Absent from rows of a page. */
  notes?: string | null;
  bytes: number;
  /** Its place among the events of its source, to the microsecond. */
  exactly: string;
  /** The last try of each rule with a call. */
  tries: { rule: string; status: CallStatus }[];
};

/** Number and subject of a direct call. */
export type AskedSubject = {
  readonly number: string;
  readonly orderNumberKey: string | null;
  readonly record: CrmRecord | null;
};

export type RehearsalStore = {
  /** @returns Null if there are no such events. */
  span(source: string, window: RehearsalWindow): Promise<RehearsalSpan | null>;
  /**
   * At most `limit` events, the oldest first, and no more bytes than one statement should read; `next` is null at the
   * end.
   */
  page(
    source: string,
    span: RehearsalSpan,
    limit: number,
  ): Promise<{ events: RehearsalRow[]; next: RehearsalSpan | null }>;
  /** One stored event of a source; null if it does not exist. */
  event(source: string, id: string): Promise<RehearsalRow | null>;
  /** The given numbers that are suppressed now. */
  suppressed(numbers: readonly string[]): Promise<string[]>;
  /** The event of the call that a direct call would repeat now; null if there is none. */
  repeated(asked: AskedSubject): Promise<string | null>;
  /** The given `once_per` turns that are taken now. */
  taken(source: string, turns: readonly { rule: string; key: string }[]): Promise<{ rule: string; key: string }[]>;
};
