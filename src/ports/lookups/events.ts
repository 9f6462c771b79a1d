/** Events, as they are looked up. Moments are epoch milliseconds. Types only. */

import type { EventState } from "../../domain/events/event.ts";
import type { Cursor, Results } from "../page.ts";
import type { Wait } from "./calls.ts";

/** A stored event. The body comes only where one event is asked for. */
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
  /** The event whose id came first with other bytes. */
  conflictOf: string | null;
  conflicts: number;
  conflictAt: number | null;
  erasedAt: number | null;
  /** How often something was to be fetched for it and could not be; and when it is tried next, or was for the last time. */
  fetchTries: number;
  fetchAt: number | null;
  /** Changes and omissions on the way from its request, as a list of codes. */
  notes: string | null;
  /** `null` unless it has no plan, and something keeps it from one. */
  waits: Wait | null;
};

/** An event with what was sent, and what was fetched for it: JSON both. */
export type WholeEventRow = EventRow & { body: string; headers: Record<string, string>; fetched: string | null };

export type EventFilter = {
  readonly source?: string | undefined;
  readonly orderNumberKey?: string | undefined;
  readonly state?: EventState | undefined;
};

export type EventLookups = {
  events(filter: EventFilter, limit: number, after: Cursor | null): Promise<Results<EventRow>>;
  event(id: string): Promise<WholeEventRow | null>;
};
