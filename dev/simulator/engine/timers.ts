/** Timers that can all be cleared at once, and that keep no process alive. */
import { clearTimeout, setTimeout } from "node:timers";

/** Longer delays overflow a 32-bit timer, which would then fire at once. */
const DELAY_MS_MAX = 2_147_483_647;

export type Timers = {
  after: (delayMs: number, run: () => void) => void;
  clear: () => void;
};

/** An empty set of timers. */
export function createTimers(): Timers {
  const pending = new Set<NodeJS.Timeout>();
  return {
    after: (delayMs, run) => {
      const timer = setTimeout(
        () => {
          pending.delete(timer);
          run();
        },
        Math.min(delayMs, DELAY_MS_MAX),
      );
      timer.unref();
      pending.add(timer);
    },
    clear: () => {
      for (const timer of pending) clearTimeout(timer);
      pending.clear();
    },
  };
}
