/** The size of a run and the number of its faults. Both follow from the options alone, without chance. */

/** The options of `npm run chaos`. */
export type RunOptions = {
  readonly events: number;
  readonly seed: number;
  readonly minutes: number;
  /** Longest wait for quiet, in minutes. */
  readonly quietMinutes: number;
  /**
   * Moves the times of rows into the past once all faults are over, for short runs. Leases and look-ups are then due at
   * once and not after eight minutes.
   */
  readonly hasten: boolean;
};

/** Faults that the run injects. The simulator of Mihu injects further faults. */
export const faultKinds = [
  "kill",
  "second_instance",
  "postgres_stop",
  "postgres_crash",
  "backend_ended",
  "statement_canceled",
  "cut_midway",
  "cut_unanswered",
  "hang",
  "sweep_skipped",
  "sweep_doubled",
  "token_revoked",
  "mihu_down",
  "lists_unreadable",
  "suppression",
  "rule_off",
  "source_closed",
  "rotation",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Faults of a kind: the least number, the number per minute, and the shortest and longest duration. */
type Dose = {
  readonly least: number;
  readonly perMinute: number;
  readonly minMs: number;
  readonly maxMs: number;
};

/** Durations are capped by the run's length. Otherwise a fault of some seconds would fill a short run. */
export function dosesOf({ minutes, hasten }: RunOptions): Readonly<Record<FaultKind, Dose>> {
  const spanMs = minutes * 60_000;
  const dose = (least: number, perMinute: number, minMs: number, maxMs: number): Dose => ({
    least,
    perMinute,
    minMs: Math.min(minMs, spanMs / 10),
    maxMs: Math.min(maxMs, spanMs / 4),
  });
  return {
    // Duration: the time until the killed process is started again.
    kill: dose(2, 2.4, 0, 2_000),
    // Lasts for a large part of a short run, because two instances disturb each other only in rare moments.
    second_instance: hasten
      ? { least: 2, perMinute: 1, minMs: 0.25 * spanMs, maxMs: 0.4 * spanMs }
      : dose(2, 1, 5_000, 40_000),
    postgres_stop: dose(1, 1.2, 500, hasten ? 1_500 : 12_000),
    postgres_crash: dose(1, 0.4, 0, 0),
    backend_ended: dose(3, 3, 0, 0),
    statement_canceled: dose(2, 2, 0, 0),
    // Each fault costs some seconds, so more faults would fill a short run.
    cut_midway: dose(3, 3, 0, 0),
    cut_unanswered: dose(3, 3, 0, 0),
    // Longer than the time that an inbox waits for a commit.
    hang: dose(2, 1.5, 500, hasten ? 2_500 : 6_000),
    sweep_skipped: dose(1, 0.8, 2_000, 60_000),
    sweep_doubled: dose(2, 1, 0, 0),
    token_revoked: dose(1, 0.4, 300, 3_000),
    mihu_down: dose(1, 0.6, 300, hasten ? 800 : 3_000),
    lists_unreadable: dose(1, 0.8, 1_000, 10_000),
    // Changes of an operator. Duration: the time until the change is undone.
    suppression: dose(3, 2, 1_000, 10_000),
    rule_off: dose(2, 1, 1_000, 6_000),
    source_closed: dose(1, 0.4, 500, 4_000),
    rotation: dose(3, 2, 0, 4_000),
  };
}

/** A line of the run. */
export type LinePlan = {
  readonly slug: "wide" | "brisk" | "narrow";
  readonly agent: string;
  readonly callsPerMinute: number;
  readonly callsAtOnce: number;
  /** The line's share of the calls. */
  readonly share: number;
};

/**
 * Three lines: `wide` dials every due call at once, the pace of `brisk` is a little above its calls, and `narrow` is at
 * its limit. A call in `unknown` holds its place until its look-up, minutes later. So each line has room for such calls.
 */
export function linesOf({ events, minutes, hasten }: RunOptions): readonly LinePlan[] {
  const perMinute = (share: number) => (events * share) / minutes;
  const narrowShare = hasten ? 0.3 : Math.min(0.1, (12 * minutes) / events);
  return [
    {
      slug: "wide",
      agent: "chaos-agent-wide",
      callsPerMinute: Math.ceil(3 * perMinute(0.6)) + 60,
      callsAtOnce: 1_000,
      share: 0.6,
    },
    {
      slug: "brisk",
      agent: "chaos-agent-brisk",
      callsPerMinute: Math.ceil(1.2 * perMinute(0.4 - narrowShare)) + 10,
      callsAtOnce: hasten ? 12 : 200,
      share: 0.4 - narrowShare,
    },
    {
      slug: "narrow",
      agent: "chaos-agent-narrow",
      // In a short run the line gets more calls than its pace allows. At the end an operator widens the line, and it
      // dials the remaining calls.
      callsPerMinute: hasten ? 24 : 14,
      callsAtOnce: hasten ? 2 : 16,
      share: narrowShare,
    },
  ];
}
