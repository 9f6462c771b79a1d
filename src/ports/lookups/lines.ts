/** Lines as people watch them. Types only. */

/** Pace of a line now. `waiting` is counted up to {@link LineLookups.linePaces}'s `waitingMax`. */
export type LinePace = {
  readonly line: string;
  /** Calls that count for `calls_per_minute`. */
  readonly minute: number;
  /** Calls that count for `calls_at_once`. */
  readonly atOnce: number;
  /** Calls in `queued`. */
  readonly waiting: number;
};

export type LineLookups = {
  /** @param line One line; null for all. @param waitingMax Bound of the count of waiting calls. */
  linePaces(line: string | null, waitingMax: number): Promise<LinePace[]>;
};
