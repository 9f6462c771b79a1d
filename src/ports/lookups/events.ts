/** Look-ups of events. Times are epoch milliseconds. Types only. */

import type { EventState } from "../../domain/events/event.ts";
import type { Cursor, Searched } from "../page.ts";
import type { Wait } from "./calls.ts";

/** A stored event. Only a look-up of a single event returns the body. */
export type EventRow = {
  id: string;
  source: string;
  externalId: string | null;
  type: string;
  occurredAt: number | null;
  receivedAt: number;
  plannedAt: number | null;
  orderNumber: string | null;
  recordType: string | null;
  recordId: string | null;
  state: EventState;
  reason: string | null;
  detail: Record<string, unknown> | null;
  /** The event that first had this id, with other bytes. */
  conflictOf: string | null;
  conflicts: number;
  conflictAt: number | null;
  erasedAt: number | null;
  /** Failed fetches for this event, and the time of the next try, or of the last one if there are no more. */
  fetchTries: number;
  fetchAt: number | null;
  /** Changes and omissions while reading the request, as a list of codes. */
  notes: string | null;
  /** Null if the event has a plan, or nothing delays it. */
  waits: Wait | null;
  /** Its calls: those that were made, tries included, and those that a rule or a gate decided against. */
  callCounts: { made: number; skipped: number };
};

/** An event with its payload and its fetched records, both as JSON. */
export type WholeEventRow = EventRow & { body: string; headers: Record<string, string>; fetched: string | null };

export type EventFilter = {
  readonly source?: string | undefined;
  readonly orderNumberKey?: string | undefined;
  readonly state?: EventState | undefined;
  readonly type?: string | undefined;
  readonly reason?: string | undefined;
  readonly recordType?: string | undefined;
  readonly recordId?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

export type EventLookups = {
  events(filter: EventFilter, limit: number, after: Cursor | null): Promise<Searched<EventRow>>;
  event(id: string): Promise<WholeEventRow | null>;
  /** The event of the same source and record that came just before; null if there is none. */
  eventBefore(event: EventRow): Promise<WholeEventRow | null>;
};
