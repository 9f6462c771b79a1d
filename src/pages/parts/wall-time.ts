/** Times of a form (`datetime-local`), which have no zone of their own. */
import { dayMs } from "../../domain/limits.ts";
import { clockOf, stretchAt } from "../../domain/people/zone-clock.ts";

const form = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/;

/** Whether a text is a time without a zone. */
export function isWallTime(text: string): boolean {
  return form.test(text) && !Number.isNaN(Date.parse(`${text}Z`));
}

/**
 * @param wall A time without a zone.
 * @param zone IANA name.
 * @returns ISO 8601 in UTC. An hour that the clocks leave out is read as the hour after it, and of one that they repeat the first is taken.
 */
export function utcOf(wall: string, zone: string): string {
  const asUtc = Date.parse(`${wall}Z`);
  // The offsets before and after a change of the clocks that may be near.
  const before = asUtc - offsetMs(asUtc - dayMs, zone);
  const after = asUtc - offsetMs(asUtc + dayMs, zone);
  const shown = [before, after].filter((ms) => ms + offsetMs(ms, zone) === asUtc);
  return new Date(shown.length === 0 ? before : Math.min(...shown)).toISOString();
}

/** @returns A time of a form for the API. Anything but a time without a zone stays, for the API to read or to refuse. */
export function sentTime(text: string, zone: string): string {
  return isWallTime(text) ? utcOf(text, zone) : text;
}

/** Years whose times are shown: those of a field for a time. */
const [firstMs, lastMs] = [Date.UTC(1000, 0), Date.UTC(10_000, 0) - dayMs];

/** @returns The value of a field for a time: to the minute, in the zone. Empty for any other text. */
export function wallTime(iso: string, zone: string): string {
  const ms = Date.parse(iso);
  return ms >= firstMs && ms < lastMs ? new Date(ms + offsetMs(ms, zone)).toISOString().slice(0, 16) : "";
}

function offsetMs(ms: number, zone: string): number {
  const clock = clockOf(zone);
  if (clock === null) throw new RangeError("there is no such zone");
  return stretchAt(clock, ms).offsetMs;
}
