/** A pause that doubles from one failure to the next. */
type Backoff = {
  /** The pause in milliseconds. */
  ms(): number;
  /** Doubles the pause, up to its maximum. */
  grow(): void;
  /** Sets the pause back to its minimum. */
  reset(): void;
};

/** @returns a pause of `minMs` that grows up to `maxMs`. It has no jitter: each object backs off alone. */
export function backoff(minMs: number, maxMs: number): Backoff {
  let pauseMs = minMs;
  return {
    ms: () => pauseMs,
    grow() {
      pauseMs = Math.min(2 * pauseMs, maxMs);
    },
    reset() {
      pauseMs = minMs;
    },
  };
}
