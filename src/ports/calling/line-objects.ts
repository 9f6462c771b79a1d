/** The lines' objects, as their callers see them. Types only. */
import type { OutcomeReport } from "./outcome-reports.ts";

/** The slug of a line that may have something to dial. */
export type LinePoke = string;

/** What a line's object did when it was told to stop at once. */
export type Halted = {
  /** Calls that it had claimed and not begun: they are queued again. */
  givenBack: number;
  /** Calls whose POST is on its way: it cannot be called back. */
  inFlight: number;
};

/**
 * `older`: an object of an older version gave back what it had claimed, and may claim a call again that waits and only this version stops.
 * `silent`: an object of this version does not answer; it begins no call long after its claim.
 */
export type Rechecked = "rechecked" | "older" | "silent";

/** The lines' objects. */
export type LineObjects = {
  /** There may be something to dial, or the line was changed. */
  poke(line: string): Promise<void>;
  /** Once this resolves the object begins nothing that it claimed before. Postgres was told of the pause before. */
  halt(line: string): Promise<Halted>;
  /**
   * Something that stops calls has changed in Postgres. Once this resolves, the object begins nothing that it claimed before, Postgres
   * has what it gave back, and the gates are asked again. Rejects if the object does not answer, and may be of an older version.
   */
  recheck(line: string): Promise<Rechecked>;
  /** Mihu has news. @returns whether it was kept: `false` when too much waits */
  news(line: string, reports: OutcomeReport[]): Promise<boolean>;
};
