/**
 * Moves waiting calls outside their calling hours to the next opening. A call without any future opening ends with that
 * reason.
 */
import { callsPerClaimMax } from "../../domain/limits.ts";
import { nextWindow } from "../../domain/plan/gates.ts";
import type { WindowStore } from "../../ports/calling/windows.ts";
import type { Clock } from "../../ports/runtime.ts";

export type PostponePorts = { clock: Clock; windows: WindowStore };

/** Attempts per run, since the line may change while the hours are computed. The next run finds the remaining calls. */
const attemptsMax = 2;

/** @returns The number of calls that were postponed or ended. */
export async function postponeClosed(ports: PostponePorts, lineSlug: string): Promise<number> {
  const passed = await ports.windows.windowsPassed(lineSlug, callsPerClaimMax);
  if (passed.length === 0) return 0;
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const line = await ports.windows.line(lineSlug);
    if (line === null) return 0;
    const nowMs = ports.clock.now();
    const windows = passed.map(({ id, zones }) => ({ id, window: nextWindow(line.hours, zones, nowMs) }));
    if (await ports.windows.rewindow(line, windows)) return windows.length;
  }
  return 0;
}
