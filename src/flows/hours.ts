/** Waiting calls whose calling hours are over get their next ones. */
import { callsPerClaimMax } from "../domain/limits.ts";
import { rewindow } from "../domain/plan.ts";
import type { CallStore, Clock } from "../ports.ts";

/** @returns how many calls were postponed */
export async function postponeClosed(ports: { clock: Clock; calls: CallStore }, lineSlug: string): Promise<number> {
  const passed = await ports.calls.windowsPassed(lineSlug, callsPerClaimMax);
  if (passed.length === 0) return 0;
  const line = await ports.calls.line(lineSlug);
  if (line === null) return 0;
  const nowMs = ports.clock.now();
  const windows = passed.flatMap(({ id, zones }) => {
    const next = rewindow(line.hours, zones, nowMs);
    return next === null ? [] : [{ id, ...next }];
  });
  if (windows.length > 0) await ports.calls.rewindow(lineSlug, windows);
  return windows.length;
}
