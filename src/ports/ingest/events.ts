/** Durable events. Types only. */
import type { Acceptance, NewEvent } from "../../domain/events/event.ts";
import type { PreparedEvents } from "../../domain/events/prepared.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import type { SpilledEvent } from "./spill.ts";

/** Result of a commit of the inbox. */
export type Committed = {
  acceptances: Acceptance[];
  /** Versions at the commit. A copy of the source or of the lines may be older. */
  sourceVersion: number;
  linesVersion: string;
  /** Time by Postgres' clock. */
  receivedAt: number;
};

/**
 * Ends of events that are known before planning, by event id. They hold for this version of the source; null means for
 * any version.
 */
export type Foresight = { readonly sourceVersion: number | null; readonly ends: ReadonlyMap<string, ReasonCode> };

/** Result of inserting new events. */
export type Inserted = Omit<Committed, "acceptances"> & {
  /** Events that were not inserted. */
  readonly left: readonly { readonly request: number; readonly index: number }[];
};

/** Makes events durable. */
export type EventStore = {
  /**
   * Inserts new events with their foreseen ends: one statement, one round trip, the shortest of all. If the source has
   * another version than the version that verified the events, nothing is inserted. The remaining events are for {@link
   * EventStore.accept}.
   *
   * @param requests Requests verified by one version of the source.
   */
  insert(source: string, requests: readonly PreparedEvents[]): Promise<Inserted>;
  /**
   * Makes a batch durable: one statement, one round trip. Foreseen events also end in it, if the source still has the
   * version of the foresight.
   */
  accept(source: string, events: NewEvent[], foresight?: Foresight): Promise<Committed>;
  /**
   * Like `accept`, but for spilled events, which keep their time and order. No sender waits for this statement, so its
   * deadline is longer.
   */
  drain(source: string, events: SpilledEvent[], foresight?: Foresight): Promise<Committed>;
  /** Asks Postgres for any answer. Throws if Postgres does not answer. */
  answers(): Promise<void>;
  /** Whether a thrown value means that Postgres rejects the content, now and later. */
  refuses(error: unknown): boolean;
  /** Whether a thrown value means that Postgres is down or does not answer. */
  isAway(error: unknown): boolean;
  /** Whether a thrown value is unrelated to the content: Postgres is down, or cannot write now. */
  isNotNow(error: unknown): boolean;
};
