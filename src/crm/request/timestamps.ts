/**
 * Timestamps of signatures and of events.
 *
 * Refused: a signature's timestamp in any format but the scheme's, or outside the tolerance in either direction. A
 * timestamp far in the future would keep a captured request valid until then (replay: RFC 9421, section 7.2.2).
 *
 * Not guaranteed: within the tolerance a request can be replayed. Deduplication by the event's identity covers that.
 */

import { epochMillisecondsMin } from "../../domain/limits.ts";
import { instantOf, readTime } from "../../domain/written-time.ts";
import type { TimestampFormat } from "../preset/recipe.ts";

/** Bounds of an event's own time: 2000 to 2099. Any other time is a sender's mistake and counts as none. */
const earliestEventTimeMs = 946_684_800_000;
const latestEventTimeMs = 4_102_444_800_000;

const isoMoment = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?( ?(Z|[+-]\d\d:?\d\d))?$/i;
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * Parses a signature's timestamp, strictly.
 *
 * @returns Epoch milliseconds by the first format that matches; null if no format matches.
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
 * Compares a signature's time with the clock, in both directions.
 *
 * @param aheadSeconds Tolerance for a time in the future.
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
 * Parses an event's own time. A time without a zone is UTC. A date without a time is refused: midnight would be wrong.
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
