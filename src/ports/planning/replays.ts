/** Store of replays. Types only. */
import type { CallStatus } from "../../domain/calls/call.ts";
import type { EventState, StoredEvent } from "../../domain/events/event.ts";
import type { JsonValue } from "../../domain/json.ts";
import type { PastTry, ReplayCall } from "../../domain/plan/replay-plan.ts";
import type { Cursor } from "../page.ts";
import type { PersonAct } from "../person-act.ts";
import type { PlannedBy } from "./plans.ts";

/**
 * Events of one source. `reason` is that of the event or of one of its calls. `rule`: the event has had a call of that
 * rule.
 */
type ReplayFilter = {
  readonly source: string;
  readonly type?: string | undefined;
  readonly state?: Exclude<EventState, "unplanned"> | undefined;
  readonly reason?: string | undefined;
  readonly rule?: string | undefined;
  readonly orderNumberKey?: string | undefined;
  readonly recordType?: string | undefined;
  readonly recordId?: string | undefined;
  /** Times of arrival, in epoch milliseconds. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

/** Selection of events. */
export type ReplaySelection = { readonly ids: readonly string[] } | { readonly filter: ReplayFilter };

/** An event, as a replay reads it. */
export type ReplayEvent = StoredEvent & {
  state: EventState;
  reason: string | null;
  erased: boolean;
  /** Whether its source is paused. */
  paused: boolean;
  /** The event that first had this id, with other bytes, is not planned yet. */
  firstUnplanned: boolean;
  orderNumber: string | null;
  /** Number of replays that made calls. If it differs at the write, another replay was first. */
  replays: number;
  tries: PastTry[];
  /** Cursor after this event. */
  cursor: Cursor;
};

/** A part of the selected events, the oldest first. */
export type ReplayPage = {
  events: ReplayEvent[];
  /** Number of ids without an event. */
  missing: number;
  /** Null at the end. */
  next: Cursor | null;
};

/** An event with the calls that a replay makes of it. */
export type ReplayedEvent = {
  readonly id: string;
  /** Versions of the source and the lines that the calls were planned with. */
  readonly source: PlannedBy;
  readonly replays: number;
  readonly calls: readonly ReplayCall[];
  /** Newly fetched records; if absent, the stored ones are used. */
  readonly fetched?: JsonValue;
};

/** Result for one call: made, or stopped by a gate that only Postgres can check. */
export type ReplayEnd =
  | {
      eventId: string;
      rule: string;
      callId: string;
      status: Extract<CallStatus, "queued" | "held">;
      reason: string | null;
      line: string | null;
    }
  | { eventId: string; rule: string; callId: null; reason: string };

/** A person's replay. `ignoresExpiry`: calls are made however old their events are, and their entries say so. */
export type ReplayAct = PersonAct & { readonly ignoresExpiry?: boolean };

export type ReplayStore = {
  /** At most `limit` events, and no more bytes than one request can hold; at least one, if any remains. */
  page(which: ReplaySelection, limit: number, after: Cursor | null): Promise<ReplayPage>;
  /**
   * Makes the calls with their entries, in one statement. For a call that is missing from the result, another replay
   * was first.
   *
   * @param dryRun Returns the same result without making the calls.
   * @returns `"source_changed"`: the source or a line has changed since the calls were planned; then nothing is made.
   */
  make(events: readonly ReplayedEvent[], act: ReplayAct, dryRun: boolean): Promise<ReplayEnd[] | "source_changed">;
  /** Whether a thrown value means that Postgres rejects the content, now and later. */
  refuses(error: unknown): boolean;
};
