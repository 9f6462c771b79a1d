/** Stored rejections, and their later judgement. Types only. */
import type { PersonAct } from "../person-act.ts";
import type { RefusedMinute, Rejection, StoredRequest } from "./rejections.ts";

/** A stored rejection. */
export type StoredRejection = Rejection & {
  /** Null for a rejection by an older version, which stored no request. */
  readonly request: StoredRequest | null;
  /** Epoch milliseconds. */
  readonly acceptedAt: number | null;
  readonly acceptedEvents: readonly string[];
};

/** A retired secret of a source. */
export type RetiredSecret = { readonly id: string; readonly sealed: string; readonly retiredAt: number };

/** A rejection whose request was accepted later. */
export type AcceptedRejection = { readonly id: string; readonly events: readonly string[] };

export type StoredRejectionStore = {
  /** The newest minutes with rejected requests of a source, and their counts. */
  minutes(source: string): Promise<RefusedMinute[]>;
  /** The newest rejections of a source. */
  list(source: string): Promise<StoredRejection[]>;
  /**
   * Marks rejections as accepted, with an entry each, and removes their requests. @returns The rejections that were not
   * marked before.
   */
  accepted(source: string, rejections: readonly AcceptedRejection[], act: PersonAct): Promise<string[]>;
  /** The newest retired secrets of a source. */
  retired(source: string): Promise<RetiredSecret[]>;
};
