/** The real time. In production a Worker's clock stands still between I/O; nothing here measures computation by it. */
export const realClock = { now: (): number => Date.now() };
