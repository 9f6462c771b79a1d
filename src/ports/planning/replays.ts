/** What replaying events needs. Types only. */
import type { CallStatus } from "../../domain/calls/call.ts";
import type { EventState, StoredEvent } from "../../domain/events/event.ts";
import type { JsonValue } from "../../domain/json.ts";
import type { PastTry, ReplayCall } from "../../domain/plan/replay-plan.ts";
import type { Cursor } from "../page.ts";
import type { PersonAct } from "../person-act.ts";
import type { PlannedBy } from "./plans.ts";

/** Events of one source. `reason` is an event's own, or that of one of its calls; `rule`: it has had a call of that rule. */
type ReplayFilter = {
  readonly source: string;
  readonly type?: string | undefined;
  readonly state?: Exclude<EventState, "unplanned"> | undefined;
  readonly reason?: string | undefined;
  readonly rule?: string | undefined;
  readonly orderNumberKey?: string | undefined;
  /** When they came; epoch milliseconds. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

/** Which events are meant. */
export type ReplaySelection = { readonly ids: readonly string[] } | { readonly filter: ReplayFilter };

/** An event as a replay reads it. */
export type ReplayEvent = StoredEvent & {
  state: EventState;
  reason: string | null;
  erased: boolean;
  /** Its source is paused. */
  paused: boolean;
  /** The event whose id came first with other bytes; that one has no plan yet. */
  firstUnplanned: boolean;
  orderNumber: string | null;
  /** How often a replay has made calls of it: another number at the write means that somebody was first. */
  replays: number;
  tries: PastTry[];
  /** Where to go on after it. */
  cursor: Cursor;
};

/** A part of the events that are meant, the oldest first. */
export type ReplayPage = {
  events: ReplayEvent[];
  /** Ids of which there is no event. */
  missing: number;
  /** `null`: there are no more. */
  next: Cursor | null;
};

/** An event with the calls that a replay makes of it. */
export type ReplayedEvent = {
  readonly id: string;
  /** The source and the lines in the versions by which the calls are made. */
  readonly source: PlannedBy;
  readonly replays: number;
  readonly calls: readonly ReplayCall[];
  /** What was fetched anew for it; absent: what it has holds. */
  readonly fetched?: JsonValue;
};

/** What became of one call: made, or stopped by a gate that only Postgres can ask. */
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

/** A person's replay. `ignoresExpiry`: the calls are made however old their events are, and their entries say so. */
export type ReplayAct = PersonAct & { readonly ignoresExpiry?: boolean };

export type ReplayStore = {
  /** At most `limit` events, and no more bytes of them than one request can hold; at least one, if there is one. */
  page(which: ReplaySelection, limit: number, after: Cursor | null): Promise<ReplayPage>;
  /**
   * Makes the calls, in one statement with their entries. What an answer does not name, somebody else was first with.
   *
   * @param dryRun says what would be made, and makes nothing
   * @returns `"source_changed"`: a source or a line has another version than the one that calls were made by; nothing is made
   */
  make(events: readonly ReplayedEvent[], act: ReplayAct, dryRun: boolean): Promise<ReplayEnd[] | "source_changed">;
  /** Whether a thrown value means that Postgres refuses what it was given, and will again. */
  refuses(error: unknown): boolean;
};
