/** Schedule of the probes that ask Mihu whether the cause of a line's pause is gone. */
import { backoff } from "../../platform/backoff.ts";

const everyMinMs = 30_000;
const everyMaxMs = 900_000;

/** Times are epoch milliseconds. */
type Probes = {
  /** Whether a probe is due; if so, the next one is scheduled. */
  due(nowMs: number): boolean;
  resumed(nowMs: number): void;
  paused(nowMs: number): void;
};

/** A probe proves less than a call. If the line pauses again right after a probe, the probes back off. */
export function probes(): Probes {
  let [askedAt, resumedAt] = [0, 0];
  const every = backoff(everyMinMs, everyMaxMs);
  return {
    due(nowMs) {
      if (nowMs - askedAt < every.ms()) return false;
      askedAt = nowMs;
      return true;
    },
    resumed(nowMs) {
      resumedAt = nowMs;
    },
    paused(nowMs) {
      if (nowMs - resumedAt < everyMinMs) every.grow();
      else every.reset();
      askedAt = nowMs;
    },
  };
}
