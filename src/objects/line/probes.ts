/** How often Mihu is asked whether the cause of a line's pause is gone. */

const everyMinMs = 30_000;
const everyMaxMs = 900_000;

/** Moments are epoch milliseconds. */
export type Probes = {
  /** Whether it is time to ask; then that time is taken. */
  due(nowMs: number): boolean;
  resumed(nowMs: number): void;
  paused(nowMs: number): void;
};

/** A harmless question proves less than a call: a line that pauses again right after it is asked ever more rarely. */
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
