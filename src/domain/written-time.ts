/**
 * Times as senders write them: the one reader for `date`, `occurred_at` and conditions. Pure.
 *
 * Read:
 * - ISO 8601, also with an offset of hours only (as Postgres prints it), a blank for the `T`, slashes, or no separators
 * - dates of mail and HTTP (RFC 5322, RFC 850, asctime), and English month names (`Nov 27, 2026 10:00 AM`)
 * - the output of JavaScript, Ruby and Go, and `/Date(…)/` of .NET
 * - epoch seconds, milliseconds, microseconds and nanoseconds, told apart by magnitude
 *
 * Not read:
 * - dates with an ambiguous order of month and day (11/12/2026)
 * - names of zones other than those of RFC 5322
 * - years before 2, which databases and programs write for "no time"
 *
 * @see https://www.rfc-editor.org/rfc/rfc5322#section-3.3
 * @see https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-DATETIME-OUTPUT
 */
import { epochMillisecondsMin } from "./limits.ts";

/** Longest time that is read. JavaScript's `toString` has some 70 characters. */
const timeCharactersMax = 100;

/**
 * A time as written. `wallMs`: its local time, as if it were UTC. `offsetMs`: null without a zone. `isDay`: a date
 * without a time.
 */
type WrittenTime = { readonly wallMs: number; readonly offsetMs: number | null; readonly isDay: boolean };

const zone = String.raw`(?:(?:GMT|UTC)?[+\-\u2212]\d{2}(?::?\d{2})?|Z|GMT|UTC?|[ECMP][SD]T)`;
const clock = String.raw`(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,12}))?)?(?: ?(?<half>[AP])\.?M\b\.?)?`;
/** A second notation of the zone: Go's "+0000 UTC m=+0.1", Java's "[Europe/Berlin]", a comment of mail. */
const again = String.raw`(?: [A-Z]{1,5}(?: m=[+-][\d.]+)?|\[[\w/+-]+\]| ?\([^()]*\))?`;
const day = "(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?";

const forms: readonly RegExp[] = [
  String.raw`(?<year>\d{4})(?<sign>[-/])(?<month>\d{2})\k<sign>(?<date>\d{2})(?:(?:T|,? )${clock} ?)?(?:(?<zone>${zone})${again})?`,
  String.raw`(?<year>\d{4})(?<month>\d{2})(?<date>\d{2})(?:T?(?<hour>\d{2})(?<minute>\d{2})(?<second>\d{2})(?<zone>${zone})?)?`,
  String.raw`${day}(?<date>\d{1,2})(?<sign>[ -])(?<name>[A-Za-z]{3,9})\k<sign>(?<year>\d{4}|\d{2})(?:,?(?: at)? ${clock} ?(?:(?<zone>${zone})${again})?)?`,
  String.raw`${day}(?<name>[A-Za-z]{3,9})\.? (?<date>\d{1,2})(?:st|nd|rd|th)?,? (?<year>\d{4})(?:,?(?: at)? ${clock} ?(?:(?<zone>${zone})${again})?)?`,
  String.raw`${day}(?<name>[A-Za-z]{3}) (?<date>\d{1,2}) ${clock} ?(?<zone>${zone})? (?<year>\d{4})`,
].map((form) => new RegExp(`^${form}$`, "iu"));

const microsoftDate = /^\\?\/Date\((-?\d{1,15})(?:([+-])(\d{2})(\d{2}))?\)\\?\/$/u;

/** English month names, as mail and programs write them. */
export const monthNames = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

/** Offsets of the zone names in RFC 5322 (section 4.3), in hours. */
const namedOffsets: Readonly<Record<string, number>> = {
  z: 0,
  gmt: 0,
  ut: 0,
  utc: 0,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
};

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** The last millisecond of an ECMAScript date (ECMA-262, section 21.4.1.1). */
const dateMsMax = 8.64e15;

/**
 * Reads a time.
 *
 * @param value A text, or a number since 1970.
 * @returns The time; null if it is none.
 */
export function readTime(value: unknown): WrittenTime | null {
  if (typeof value === "number") return fromEpoch(value);
  if (typeof value !== "string" || value.length > timeCharactersMax) return null;
  const text = value.replaceAll(/\s+/gu, " ").trim();
  const numeric = /^-?\d+(?:\.\d{1,9})?$/u.test(text);
  if (numeric && !/^(?:\d{8}|\d{14})$/u.test(text))
    return /^-?\d{9,19}(?:\.|$)/u.test(text) ? fromEpoch(Number(text)) : null;
  const microsoft = microsoftDate.exec(text);
  if (microsoft !== null) return fromMicrosoft(microsoft);
  for (const form of forms) {
    const groups = form.exec(text)?.groups;
    if (groups !== undefined) return fromParts(groups);
  }
  return null;
}

/** @returns The instant of a time, in epoch milliseconds. A time without a zone is UTC. */
export function instantOf({ wallMs, offsetMs }: WrittenTime): number {
  return wallMs - (offsetMs ?? 0);
}

/** Seconds, milliseconds, microseconds and nanoseconds of the present differ in magnitude, each by a thousand. */
function fromEpoch(epoch: number): WrittenTime | null {
  const size = Math.abs(epoch);
  const perMs = size < epochMillisecondsMin ? 1e-3 : size < 1e14 ? 1 : size < 1e17 ? 1e3 : 1e6;
  const wallMs = Math.floor(perMs < 1 ? epoch * 1_000 : epoch / perMs);
  return Math.abs(wallMs) <= dateMsMax ? { wallMs, offsetMs: 0, isDay: false } : null;
}

/** In `/Date(…+0200)/` the milliseconds are already UTC. The offset only tells where the time was written. */
function fromMicrosoft([, ms, sign, hours, minutes]: RegExpExecArray): WrittenTime {
  const offsetMs =
    sign === undefined ? 0 : (sign === "-" ? -1 : 1) * (Number(hours) * hourMs + Number(minutes) * minuteMs);
  return { wallMs: Number(ms) + offsetMs, offsetMs, isDay: false };
}

function fromParts(parts: Readonly<Record<string, string | undefined>>): WrittenTime | null {
  const year = yearOf(parts.year ?? "");
  const month = parts.month === undefined ? monthOf(parts.name ?? "") : Number(parts.month) - 1;
  const [date, hours, minute, second] = [parts.date, parts.hour, parts.minute, parts.second].map((part) =>
    Number(part ?? 0),
  );
  const hour = hours === undefined ? undefined : hourOfDay(hours, parts.half?.toLowerCase());
  if (date === undefined || hour === undefined || minute === undefined || second === undefined || year < 2) return null;
  const midnight = new Date(Date.UTC(2000, 0, 1));
  midnight.setUTCFullYear(year, month, date);
  // Without this check, 30 February would become March.
  if (month < 0 || midnight.getUTCMonth() !== month || midnight.getUTCDate() !== date) return null;
  // 24:00 is the end of a day, and 60 is a leap second (ISO 8601).
  if (minute > 59 || second > 60 || hour > 24 || (hour === 24 && minute + second > 0)) return null;
  const offsetMs = parts.zone === undefined ? null : offsetOf(parts.zone.toLowerCase());
  if (offsetMs !== null && Number.isNaN(offsetMs)) return null;
  const fractionMs = Number((parts.fraction ?? "").padEnd(3, "0").slice(0, 3));
  const clockMs = hour * hourMs + minute * minuteMs + second * 1_000 + fractionMs;
  return { wallMs: midnight.getTime() + clockMs, offsetMs, isDay: parts.hour === undefined };
}

/**
 * 12 AM is midnight, and 12 PM noon.
 *
 * @returns The hour; 99 for an invalid one.
 */
function hourOfDay(hours: number, half: string | undefined): number {
  if (half === undefined) return hours;
  return hours < 1 || hours > 12 ? 99 : (hours % 12) + (half === "p" ? 12 : 0);
}

/** Two-digit years follow RFC 5322 (section 4.3). */
function yearOf(digits: string): number {
  const year = Number(digits);
  return digits.length > 2 ? year : year < 50 ? 2_000 + year : 1_900 + year;
}

/** @returns The month; -1 for a text that is no English month. */
function monthOf(name: string): number {
  const lower = name.toLowerCase();
  const short = lower === "sept" ? "sep" : lower;
  return monthNames.findIndex((month) => month.toLowerCase() === short || month.slice(0, 3).toLowerCase() === short);
}

function offsetOf(name: string): number {
  const named = Object.hasOwn(namedOffsets, name) ? namedOffsets[name] : undefined;
  if (named !== undefined) return named * hourMs;
  const [, sign, hours, minutes = "0"] = /([+\-\u2212])(\d{2}):?(\d{2})?$/u.exec(name) ?? [];
  if (Number(hours) > 15 || Number(minutes) > 59) return Number.NaN;
  return (sign === "+" ? 1 : -1) * (Number(hours) * hourMs + Number(minutes) * minuteMs);
}
