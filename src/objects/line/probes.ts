/** Schedule of the probes that ask Mihu whether the cause of a line's pause is gone. */

const everyMinMs = 30_000;
const everyMaxMs = 900_000;

/** Moments are epoch milliseconds. */
export type Probes = {
  /** Whether a probe is due; if so, the next one is scheduled. */
  due(nowMs: number): boolean;
  resumed(nowMs: number): void;
  paused(nowMs: number): void;
};

/** A probe proves less than a call: if the line pauses again right after one, the probes back off. */
export function probes(): Probes {
  let [askedAt, resumedAt, everyMs] = [0, 0, everyMinMs];
  return {
    due(nowMs) {
      if (nowMs - askedAt < everyMs) return false;
      askedAt = nowMs;
      return true;
    },
    resumed(nowMs) {
      resumedAt = nowMs;
    },
    paused(nowMs) {
      everyMs = nowMs - resumedAt < everyMinMs ? Math.min(2 * everyMs, everyMaxMs) : everyMinMs;
      askedAt = nowMs;
    },
  };
}
