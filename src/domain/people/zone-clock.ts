/** Local times of zones: spans in which a zone's offset is constant, cached by week. */
import { dayMs } from "../limits.ts";

const weekMs = 7 * dayMs;
const zoneCharactersMax = 64;
/** Cached zones. There are some 600 names; other spellings of them must not fill the memory. */
const zonesCachedMax = 1_000;
const weeksCachedMax = 600;

/** A span with a constant offset: local time is `t + offsetMs`. */
type Stretch = { startMs: number; endMs: number; offsetMs: number };

export type ZoneClock = { format: Intl.DateTimeFormat; weeks: Map<number, readonly Stretch[]> };

export function stretchAt(clock: ZoneClock, atMs: number): Stretch {
  const week = Math.floor(atMs / weekMs);
  let stretches = clock.weeks.get(week);
  if (stretches === undefined) {
    if (clock.weeks.size >= weeksCachedMax) clock.weeks.clear();
    stretches = stretchesOf(clock, week * weekMs, (week + 1) * weekMs);
    clock.weeks.set(week, stretches);
  }
  const found = stretches.find((stretch) => atMs < stretch.endMs);
  if (found === undefined) throw new RangeError("no stretch of the week holds this instant");
  return found;
}

/**
 * No zone changes its clock and back within a week. If the offsets at both ends are equal, the week is one span; else
 * the change is found by bisection.
 */
function stretchesOf(clock: ZoneClock, startMs: number, endMs: number): Stretch[] {
  const stretches: Stretch[] = [];
  for (let fromMs = startMs; fromMs < endMs; ) {
    const offsetMs = offsetAt(clock, fromMs);
    let toMs = endMs;
    if (offsetAt(clock, endMs) !== offsetMs) {
      let evenMs = fromMs;
      while (toMs - evenMs > 1_000) {
        const middleMs = evenMs + Math.floor((toMs - evenMs) / 2_000) * 1_000;
        if (offsetAt(clock, middleMs) === offsetMs) evenMs = middleMs;
        else toMs = middleMs;
      }
    }
    stretches.push({ startMs: fromMs, endMs: toMs, offsetMs });
    fromMs = toMs;
  }
  return stretches;
}

/** @returns The zone's offset from UTC at a whole second: its local time minus that second. */
function offsetAt(clock: ZoneClock, atMs: number): number {
  const shown = new Map<string, number>();
  for (const part of clock.format.formatToParts(atMs)) shown.set(part.type, Number(part.value));
  const read = (type: string): number => shown.get(type) ?? Number.NaN;
  const dateMs = Date.UTC(read("year"), read("month") - 1, read("day"));
  return dateMs + (read("hour") * 3_600 + read("minute") * 60 + read("second")) * 1_000 - atMs;
}

const clocksByZone = new Map<string, ZoneClock>();

export function clocksOf(zones: readonly string[]): ZoneClock[] | null {
  const clocks: ZoneClock[] = [];
  for (const zone of new Set(zones)) {
    const clock = clockOf(zone);
    if (clock === null) return null;
    clocks.push(clock);
  }
  return clocks.length === 0 ? null : clocks;
}

export function clockOf(zone: string): ZoneClock | null {
  const cached = clocksByZone.get(zone);
  if (cached !== undefined) return cached;
  if (zone === "" || zone.length > zoneCharactersMax) return null;
  try {
    const numeric = { year: "numeric", month: "numeric", day: "numeric" } as const;
    const time = { hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" } as const;
    const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, calendar: "gregory", ...numeric, ...time });
    const clock: ZoneClock = { format, weeks: new Map() };
    if (clocksByZone.size >= zonesCachedMax) clocksByZone.clear();
    clocksByZone.set(zone, clock);
    return clock;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
