import type { TimestampFormat } from "../domain/source.ts";
import { earliestMomentMs, latestMomentMs } from "./limits.ts";

const isoMoment = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?( ?(Z|[+-]\d\d:?\d\d))?$/i;
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** A number below this is seconds, from here on milliseconds: as seconds it would be the year 5138. */
const secondsBelow = 100_000_000_000;

/**
 * Reads a signature's timestamp, strictly in the one format that the scheme has.
 *
 * @returns Epoch milliseconds, or null.
 */
export function readTimestamp(text: string, format: TimestampFormat): number | null {
  if (format === "s") return /^\d{1,12}$/.test(text) ? Number(text) * 1_000 : null;
  if (format === "ms") return /^\d{1,15}$/.test(text) ? Number(text) : null;
  if (format === "iso") return parseIso(text);
  return httpDate.test(text) ? finite(Date.parse(text)) : null;
}

/**
 * Reads an event's own time as CRMs write it: ISO 8601 (UTC where it names no zone), or epoch seconds or milliseconds by
 * magnitude.
 *
 * @returns Epoch milliseconds between 2000 and 2100, or null.
 */
export function readMoment(text: string): number | null {
  const moment = /^\d{1,15}(\.\d{1,9})?$/.test(text) ? fromEpoch(Number(text)) : parseIso(text);
  return moment !== null && moment >= earliestMomentMs && moment < latestMomentMs ? moment : null;
}

function fromEpoch(value: number): number {
  return Math.trunc(value < secondsBelow ? value * 1_000 : value);
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
