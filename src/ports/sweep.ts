/** Store of the sweep. Types only. */

/** Store of the sweep. */
export type SweepStore = {
  /** Calls with an expired lease become `unknown`. Calls that are too late become `expired`. */
  expire(): Promise<{ leases: number; late: number }>;
  /** Lines and sources with work that their objects may not know of. */
  waiting(): Promise<{
    lines: string[];
    sources: string[];
    paused: { line: string; agent: string; reason: string }[];
    /** Whether there are hooks. */
    hooks: boolean;
    /** Whether a task waits for its next step. */
    tasks: boolean;
  }>;
  /** Deletes a part of the deliveries of removed hooks. @returns Whether more may be left. */
  deleteOfRemovedHooks(): Promise<boolean>;
  /**
   * Looks for gaps in the next part of the tables and stores them. @returns Number of known gaps.
   */
  check(): Promise<number>;
  /**
   * Tells troubles of sources that began or ended, each by one entry.
   *
   * @param spilled Sources with events on their inboxes' disks; null if unknown, and then no source is judged silent.
   * @returns Number of entries.
   */
  tellTroubles(spilled: readonly string[] | null): Promise<number>;
  /** Counts entries into the figures of their hours. @returns The number of entries. */
  countFigures(): Promise<number>;
};
