/**
 * The difference of two clocks, by the on-wire protocol of NTP. No I/O and no clock: samples are given.
 *
 * Postgres' clock and the Worker's are two. Most comparisons stay on one of them; the others are wrong by the difference:
 *
 * | compared                                            | clocks                    | effect of a difference d                               |
 * | --------------------------------------------------- | ------------------------- | ------------------------------------------------------ |
 * | leases, pace, days, polls, suppressions, `once_per` | Postgres                  | none                                                   |
 * | the 2 s between a claim and its POST                | the line's object         | none: counted from before the claim                    |
 * | milliseconds left of calling hours at a claim       | Postgres, then the object | none: a span, not a time                               |
 * | age of an entry without a seal                      | Postgres                  | none                                                   |
 * | `due_at`, `closes_at`, `expires_at` of a plan       | Worker → Postgres         | calls ring d early or late, so outside calling hours   |
 * | the alarm of a line for the next due call           | Postgres → object         | late by d; the sweep wakes the line within a minute    |
 * | the begin of a call at Mihu, for a look-up          | Postgres → Mihu           | over 5 s (`mihuClockSkewMs`): not found, so `review`   |
 * | `expires_at` of tokens, sessions and secrets        | Worker and Postgres       | d less, or a wait until both clocks are past it        |
 * | time of a signature, `exp` of a JWT                 | sender → Worker           | Postgres' clock has no part in it                      |
 * | heads of the audit chain, times in logs             | Worker                    | are d off beside entries, whose times are Postgres'    |
 *
 * So the look-up breaks first: its 5 s hold Mihu's clock, which may write whole seconds, as well. {@link clocksApartMs} is half of what is
 * left of them, so that Mihu's own clock may be as far off on the other side.
 *
 * Not measured: Mihu's clock. A sender's is measured by each of its signatures that is refused for its time.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5905#section-8 offset and delay of one exchange
 * @see https://www.rfc-editor.org/rfc/rfc5905#section-10 of several exchanges the one with the least delay counts
 */

/** Difference between Postgres' clock and the Worker's from which it is a problem: half of (5 s − 1 s). */
export const clocksApartMs = 2_000;

/** Clocks are read in whole milliseconds, so each reading may be off by one. */
const granularityMs = 1;

/**
 * One query for the time. Epoch milliseconds: `sentAt` and `receivedAt` by the Worker's clock, `theirs` by the other
 * clock.
 */
export type ClockSample = { readonly sentAt: number; readonly receivedAt: number; readonly theirs: number };

/**
 * The other clock relative to the Worker's. The true difference is `aheadMs` ± `errorMs`, if neither clock was set
 * meanwhile.
 */
export type ClockReading = {
  /** Difference in milliseconds. Positive if the other clock is ahead of the Worker's. */
  readonly aheadMs: number;
  readonly errorMs: number;
  /** Number of samples used. */
  readonly asks: number;
  /**
   * Minimum change of the difference between two samples; null if all samples agree. Negative: the other clock was set
   * back, or the Worker's clock forward. Two servers with separate clocks behind one address look the same.
   */
  readonly movedMs: number | null;
};

/**
 * Combines samples of another clock. A Worker's clock stands still between I/O, so `sentAt` may be too early. This
 * increases the error but never makes the difference wrong.
 *
 * @param samples In the order of their queries.
 * @returns Null if there is no sample, or if the Worker's clock was set back during each.
 */
export function readClock(samples: readonly ClockSample[]): ClockReading | null {
  const counted = samples.filter(({ sentAt, receivedAt }) => receivedAt >= sentAt);
  const [first] = counted;
  if (first === undefined) return null;
  const best = counted.reduce((least, one) => (errorOf(one) < errorOf(least) ? one : least), first);
  return { aheadMs: offsetOf(best), errorMs: errorOf(best), asks: counted.length, movedMs: movedBy(counted) };
}

/**
 * Verdict about a difference and a bound: certainly at least the bound (`apart`), certainly less (`right`), or neither,
 * because the error range contains the bound.
 */
export function clockVerdict(
  { aheadMs, errorMs }: Pick<ClockReading, "aheadMs" | "errorMs">,
  ms: number,
): "apart" | "right" | "unsure" {
  if (Math.abs(aheadMs) - errorMs >= ms) return "apart";
  return Math.abs(aheadMs) + errorMs < ms ? "right" : "unsure";
}

/** Whether a difference is certainly at least this large. The error counts in favour of the clock. */
export function isApart(reading: ClockReading, ms: number): boolean {
  return clockVerdict(reading, ms) === "apart";
}

/** @returns A difference in words: `37.2 s ahead (± 0.004 s)`. */
export function clockWords({ aheadMs, errorMs }: Pick<ClockReading, "aheadMs" | "errorMs">): string {
  const seconds = (ms: number) => `${Number((Math.abs(ms) / 1_000).toFixed(3))} s`;
  return `${seconds(aheadMs)} ${aheadMs < 0 ? "behind" : "ahead"} (± ${seconds(errorMs)})`;
}

function offsetOf({ sentAt, receivedAt, theirs }: ClockSample): number {
  return theirs - (sentAt + receivedAt) / 2;
}

function errorOf({ sentAt, receivedAt }: ClockSample): number {
  return (receivedAt - sentAt) / 2 + granularityMs;
}

/** @returns The largest gap between the ranges of two neighbouring samples. Overlapping ranges agree. */
function movedBy(samples: readonly ClockSample[]): number | null {
  const gaps = samples.slice(1).map((later, index) => {
    const before = samples[index] ?? later;
    const step = offsetOf(later) - offsetOf(before);
    return Math.sign(step) * Math.max(0, Math.abs(step) - errorOf(before) - errorOf(later));
  });
  const largest = gaps.reduce((most, gap) => (Math.abs(gap) > Math.abs(most) ? gap : most), 0);
  return largest === 0 ? null : largest;
}
