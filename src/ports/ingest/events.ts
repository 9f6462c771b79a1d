/** Events that are made durable. Types only. */
import type { Acceptance, NewEvent } from "../../domain/events/event.ts";
import type { PreparedEvents } from "../../domain/events/prepared.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import type { SpilledEvent } from "./spill.ts";

/** The result of a commit of the inbox. */
export type Committed = {
  acceptances: Acceptance[];
  /** Versions at the commit: a copy of the source, or of the lines, may be older. */
  sourceVersion: number;
  linesVersion: string;
  /** Postgres' time. */
  receivedAt: number;
};

/** Ends of events that are known before they are planned, by the event's id: from this version of their source, or (`null`) from any. */
export type Foresight = { readonly sourceVersion: number | null; readonly ends: ReadonlyMap<string, ReasonCode> };

/** The result of an insert of what is new. */
export type Inserted = Omit<Committed, "acceptances"> & {
  /** Events that were not inserted. */
  readonly left: readonly { readonly request: number; readonly index: number }[];
};

/** Makes events durable. */
export type EventStore = {
  /**
   * Inserts events that are new, with the ends that are foreseen. One statement, one round trip, and the shortest there is. It inserts
   * nothing if the source has another version than the one that verified them. What it leaves is for {@link EventStore.accept}.
   *
   * @param requests verified by one version of the source
   */
  insert(source: string, requests: readonly PreparedEvents[]): Promise<Inserted>;
  /**
   * Makes a batch durable. One statement, one round trip. Events whose end is foreseen end in it, if the source still has the
   * version that the foresight is for.
   */
  accept(source: string, events: NewEvent[], foresight?: Foresight): Promise<Committed>;
  /** The same for events of the spill, which keep their time and their order; nobody waits for it, so it may take longer. */
  drain(source: string, events: SpilledEvent[], foresight?: Foresight): Promise<Committed>;
  /** Asks Postgres whether it is there. Throws when it is not. */
  answers(): Promise<void>;
  /** Whether a thrown value means that Postgres refuses what it was given, and will again. */
  refuses(error: unknown): boolean;
  /** Whether a thrown value means that Postgres is not there, or does not answer. */
  isAway(error: unknown): boolean;
  /** Whether a thrown value says nothing of what Postgres was given: it is away, or can do nothing of the kind now. */
  isNotNow(error: unknown): boolean;
};
