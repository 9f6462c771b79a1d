/** Events on an inbox's disk while Postgres is down. Types only. */
import type { NewEvent } from "../../domain/events/event.ts";

/** An event that was acknowledged while Postgres was down, as stored on the inbox's disk. */
export type SpilledEvent = NewEvent & {
  /** Place in the spill. Events are drained in their order of arrival. */
  readonly seq: number;
  /** Time of the acknowledgement, in epoch milliseconds. */
  readonly receivedAt: number;
  /** Size within the spill, in bytes. */
  readonly bytes: number;
};

/** Spilled events, for the drain. */
export type SpillQueue = {
  /** The oldest waiting events in order; at least one, if any waits. */
  head(eventsMax: number, bytesMax: number): SpilledEvent[];
  /** Removes events that Postgres has stored. They belong to a head, or follow one. */
  remove(events: readonly SpilledEvent[]): void;
  /** Defers an event: others are drained before it. */
  setAside(event: SpilledEvent): void;
  /** Ends the deferral: the event has its place in the order again. */
  putBack(event: SpilledEvent): void;
};

/** Size of an inbox's spill. */
export type SpillSize = {
  events: number;
  bytes: number /** Epoch milliseconds; null if the spill is empty. */;
  oldestAt: number | null;
};

/** Size of the spill of one shard of a source. */
export type SpillCount = SpillSize & { source: string; shard: number };

/** Directory of inboxes with spilled events. Postgres cannot list sources while it is down. */
export type SpillDirectory = {
  /** Reports a spill's size: when it begins, at each try to end it, and at its end. */
  note(count: SpillCount): Promise<void>;
};
