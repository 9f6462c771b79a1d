/** Events that wait on an inbox's own disk while Postgres is down. Types only. */
import type { NewEvent } from "../../domain/events/event.ts";

/** An event that was acknowledged while Postgres was away, as its inbox kept it on its own disk. */
export type SpilledEvent = NewEvent & {
  /** Its place in the spill: they are drained in the order in which they came. */
  readonly seq: number;
  /** When it was acknowledged, as epoch milliseconds. */
  readonly receivedAt: number;
  /** Its share of the spill, in bytes. */
  readonly bytes: number;
};

/** The events of a spill that wait for Postgres, as whoever drains it sees them. */
export type SpillQueue = {
  /** The oldest that wait, in their order: at least one, if there is one. */
  head(eventsMax: number, bytesMax: number): SpilledEvent[];
  /** Forgets events that Postgres has; they are those of a head, or neighbours of one. */
  remove(events: readonly SpilledEvent[]): void;
  /** Keeps an event and lets the others go before it. */
  setAside(event: SpilledEvent): void;
  /** Takes that back: it has its place in the order again. */
  putBack(event: SpilledEvent): void;
};

/** How much an inbox holds on its own disk. */
export type SpillSize = {
  events: number;
  bytes: number /** Epoch milliseconds; `null`: nothing waits. */;
  oldestAt: number | null;
};

/** How much waits in the inbox of a source's shard. */
export type SpillCount = SpillSize & { source: string; shard: number };

/** Directory of inboxes with spilled events. Postgres cannot list sources while it is down. */
export type SpillDirectory = {
  /** Reports a spill's size: when it begins, at each try to end it, and at its end. */
  note(count: SpillCount): Promise<void>;
};
