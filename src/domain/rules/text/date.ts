/**
 * The `date` filter: a time of the payload in a format that the template gives. Pure: there is no `now`.
 *
 * A time that was written with an offset is shown by that offset, as its sender wrote it; one without, as it stands; epoch seconds
 * or milliseconds in UTC.
 */
import { epochMillisecondsMin } from "../../limits.ts";

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const months = [
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

const isoPattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s?(Z|UTC|[+-]\d{2}:?\d{2})?)?$/;

const directives: Readonly<Record<string, (at: Date) => string>> = {
  Y: (at) => String(at.getUTCFullYear()),
  y: (at) => two(at.getUTCFullYear() % 100),
  m: (at) => two(at.getUTCMonth() + 1),
  "-m": (at) => String(at.getUTCMonth() + 1),
  B: (at) => months[at.getUTCMonth()] ?? "",
  b: (at) => (months[at.getUTCMonth()] ?? "").slice(0, 3),
  d: (at) => two(at.getUTCDate()),
  "-d": (at) => String(at.getUTCDate()),
  e: (at) => String(at.getUTCDate()).padStart(2, " "),
  A: (at) => days[at.getUTCDay()] ?? "",
  a: (at) => (days[at.getUTCDay()] ?? "").slice(0, 3),
  u: (at) => String(at.getUTCDay() || 7),
  H: (at) => two(at.getUTCHours()),
  "-H": (at) => String(at.getUTCHours()),
  I: (at) => two(at.getUTCHours() % 12 || 12),
  "-I": (at) => String(at.getUTCHours() % 12 || 12),
  l: (at) => String(at.getUTCHours() % 12 || 12).padStart(2, " "),
  "-l": (at) => String(at.getUTCHours() % 12 || 12),
  M: (at) => two(at.getUTCMinutes()),
  S: (at) => two(at.getUTCSeconds()),
  p: (at) => (at.getUTCHours() < 12 ? "AM" : "PM"),
  P: (at) => (at.getUTCHours() < 12 ? "am" : "pm"),
  F: (at) => `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`,
  T: (at) => `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`,
  s: (at) => String(Math.floor(at.getTime() / 1000)),
  "%": () => "%",
};

const directivePattern = /%(-?.?)/g;

/** @returns the first directive of a format that is not known, or `null` */
export function unknownDirective(format: string): string | null {
  for (const [whole, name] of format.matchAll(directivePattern)) if (!isDirective(name)) return whole;
  return null;
}

/**
 * @param value ISO 8601 (a date, or a time with or without offset), or epoch seconds or milliseconds
 * @returns the text, or `null` when the value is no time
 */
export function formatDate(value: unknown, format: string): string | null {
  const at = readTime(value);
  if (at === null) return null;
  return format.replaceAll(directivePattern, (whole, name: string) =>
    isDirective(name) ? (directives[name]?.(at) ?? "") : whole,
  );
}

function isDirective(name: string | undefined): name is string {
  return name !== undefined && Object.hasOwn(directives, name);
}

/** The wall clock's time, as the UTC fields of a date. */
function readTime(value: unknown): Date | null {
  if (typeof value === "number") return dateOf(value);
  if (typeof value !== "string" || value.length > 40) return null;
  const written = value.trim();
  if (/^\d{9,13}$/.test(written)) return dateOf(Number(written));
  const parts = isoPattern.exec(written);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0));
  if (year === undefined || month === undefined || day === undefined) return null;
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // 30 February would quietly become March.
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day && (hour ?? 0) < 24 ? at : null;
}

function dateOf(epoch: number): Date | null {
  const at = new Date(Math.abs(epoch) < epochMillisecondsMin ? epoch * 1000 : epoch);
  return Number.isNaN(at.getTime()) ? null : at;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
