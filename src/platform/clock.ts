/** Current time. In production a Worker's clock stands still between I/O, so it cannot measure computation. */
export const realClock = { now: (): number => Date.now() };

/** Resolves after a number of milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
