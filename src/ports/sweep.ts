/** What the sweep asks and changes. Types only. */

/** The sweep's store. */
export type SweepStore = {
  /** Calls whose lease ran out become `unknown`; calls that are too late become `expired`. */
  expire(): Promise<{ leases: number; late: number }>;
  /** Who has work that nobody may have told them of. */
  waiting(): Promise<{ lines: string[]; sources: string[]; paused: { line: string; agent: string; reason: string }[] }>;
  /** Looks through the next part of the books, and keeps what it finds. @returns how many rows are known to break them */
  check(): Promise<number>;
};
