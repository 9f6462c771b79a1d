/** A pause that doubles with each consecutive failure. */
type Backoff = {
  /** The pause in milliseconds. */
  ms(): number;
  /** Doubles the pause, up to its maximum. */
  grow(): void;
  /** Resets the pause to its minimum. */
  reset(): void;
};

/** @returns A pause of `minMs` that grows up to `maxMs`. It has no jitter: each object backs off alone. */
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
