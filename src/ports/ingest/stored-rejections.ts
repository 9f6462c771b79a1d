/** Refused requests as they are stored and judged again. Types only. */
import type { PersonAct } from "../person-act.ts";
import type { RefusedMinute, Rejection, StoredRequest } from "./rejections.ts";

/** A refused request as it is stored. */
export type StoredRejection = Rejection & {
  /** `null`: of an older version, which kept none. */
  readonly request: StoredRequest | null;
  /** Epoch milliseconds. */
  readonly acceptedAt: number | null;
  readonly acceptedEvents: readonly string[];
};

/** A secret that a source had. */
export type RetiredSecret = { readonly id: string; readonly sealed: string; readonly retiredAt: number };

/** A rejection whose request was accepted after all, as it is noted. */
export type AcceptedRejection = { readonly id: string; readonly events: readonly string[] };

export type StoredRejectionStore = {
  /** The newest minutes in which requests of a source were refused, and how many. */
  minutes(source: string): Promise<RefusedMinute[]>;
  /** The newest of a source. */
  list(source: string): Promise<StoredRejection[]>;
  /** Notes what became of rejections, with an entry each, and forgets their requests. @returns those that were not noted before */
  accepted(source: string, rejections: readonly AcceptedRejection[], act: PersonAct): Promise<string[]>;
  /** The newest secrets that a source had. */
  retired(source: string): Promise<RetiredSecret[]>;
};
