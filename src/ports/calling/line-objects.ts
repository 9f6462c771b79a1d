/** The lines' objects, for their callers. Types only. */
import type { OutcomeReport } from "./outcome-reports.ts";

/** Slug of a line that may have calls to dial. */
export type LinePoke = string;

/** Result of an immediate stop of a line's object. */
export type Halted = {
  /** Claimed calls that had not begun. They are queued again. */
  givenBack: number;
  /** Calls whose POST is on its way. It cannot be stopped. */
  inFlight: number;
};

/**
 * `older`: an object of an older version gave its claims back. It may reclaim a waiting call that only this version
 * stops. `silent`: an object of this version does not answer. It begins no call long after the claim.
 */
export type Rechecked = "rechecked" | "older" | "silent";

/** The lines' objects. */
export type LineObjects = {
  /** The line may have calls to dial, or was changed. */
  poke(line: string): Promise<void>;
  /** After this resolves, the object begins no earlier claim. The pause is stored in Postgres before. */
  halt(line: string): Promise<Halted>;
  /**
   * A change that stops calls is in Postgres. After this resolves, the object begins no earlier claim, Postgres has the
   * calls it gave back, and the gates are asked again. Rejects if the object does not answer and may have an older
   * version.
   */
  recheck(line: string): Promise<Rechecked>;
  /** Stores Mihu's reports. @returns False if the queue is full. */
  news(line: string, reports: OutcomeReport[]): Promise<boolean>;
};
