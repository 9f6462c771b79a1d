import { epochMillisecondsMin } from "../../domain/limits.ts";
import { instantOf, readTime } from "../../domain/written-time.ts";
import type { TimestampFormat } from "../preset/recipe.ts";

/** An event's own time before 2000 or after 2099 is a mistake of the sender, and reads as none. */
const earliestEventTimeMs = 946_684_800_000;
const latestEventTimeMs = 4_102_444_800_000;

const isoMoment = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?( ?(Z|[+-]\d\d:?\d\d))?$/i;
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * Reads a signature's timestamp in one of the scheme's formats, strictly.
 *
 * @returns Epoch milliseconds by the first format that matches; null if none does.
 */
export function readTimestamp(text: string, format: TimestampFormat | readonly TimestampFormat[]): number | null {
  if (typeof format === "string") return readIn(text, format);
  for (const one of format) {
    const at = readIn(text, one);
    if (at !== null) return at;
  }
  return null;
}

function readIn(text: string, format: TimestampFormat): number | null {
  switch (format) {
    case "s":
      return /^\d{1,12}$/.test(text) ? Number(text) * 1_000 : null;
    case "ms":
      return /^\d{1,15}$/.test(text) ? Number(text) : null;
    case "s-or-ms":
      return /^\d{1,15}$/.test(text) ? fromEpoch(Number(text)) : null;
    case "iso":
      return parseIso(text);
    case "http-date":
      return httpDate.test(text) ? finite(Date.parse(text)) : null;
  }
}

/**
 * Compares a signature's time with the clock, in both directions: a time far ahead does not prove that a signature is fresh.
 *
 * @param aheadSeconds Time by which it may be ahead of the clock.
 * @returns The difference as a phrase for the operator; null within the tolerance.
 */
export function outsideTolerance(
  atMs: number,
  nowMs: number,
  toleranceSeconds: number,
  aheadSeconds = toleranceSeconds,
): string | null {
  const age = nowMs - atMs;
  if (age <= toleranceSeconds * 1_000 && -age <= aheadSeconds * 1_000) return null;
  const off = Math.round(age / 1_000);
  return off > 0 ? `${off} s old` : `${-off} s in the future`;
}

/**
 * Reads an event's own time as CRMs write it. One that names no zone is UTC. A date alone says too little: the event is not of midnight.
 *
 * @returns Epoch milliseconds between 2000 and 2100, or null.
 */
export function readEventTime(text: string): number | null {
  const time = readTime(text);
  const moment = time === null || time.isDay ? null : instantOf(time);
  return moment !== null && moment >= earliestEventTimeMs && moment < latestEventTimeMs ? moment : null;
}

function fromEpoch(value: number): number {
  return Math.trunc(value < epochMillisecondsMin ? value * 1_000 : value);
}

function parseIso(text: string): number | null {
  const match = isoMoment.exec(text);
  if (match === null) return null;
  const written = text.replace(" ", "T").replace(" ", "").toUpperCase();
  return finite(Date.parse(match[3] === undefined ? `${written}Z` : written));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
