/** The time of day. In production a Worker's clock stands still between I/O; nothing here measures computation by it. */
export const realClock = { now: (): number => Date.now() };

/** Resolves after so many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
