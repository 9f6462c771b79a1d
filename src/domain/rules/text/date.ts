/**
 * The `date` filter: formats a time of the payload as the template asks. Pure: there is no `now`. A time with an offset
 * is shown in that offset, as its sender wrote it. A time without an offset is shown as written. A time counted from
 * 1970 is shown in UTC.
 */
import { instantOf, monthNames, readTime } from "../../written-time.ts";

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const directives: Readonly<Record<string, (at: Date) => string>> = {
  Y: (at) => String(at.getUTCFullYear()),
  y: (at) => two(at.getUTCFullYear() % 100),
  m: (at) => two(at.getUTCMonth() + 1),
  "-m": (at) => String(at.getUTCMonth() + 1),
  B: (at) => monthNames[at.getUTCMonth()] ?? "",
  b: (at) => (monthNames[at.getUTCMonth()] ?? "").slice(0, 3),
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
  // The value is of the instant, not of the local time (see formatDate).
  s: () => "",
  "%": () => "%",
};

const directivePattern = /%(-?.?)/g;

/** Characters that {@link formatDate} processes. Each directive calls a function. */
export function formattingCost(format: string): number {
  return format.length * 64;
}

/** @returns The first unknown directive of a format, or null. */
export function unknownDirective(format: string): string | null {
  for (const [whole, name] of format.matchAll(directivePattern)) if (!isDirective(name)) return whole;
  return null;
}

/**
 * @param value A time, as {@link readTime} reads it.
 * @returns The text; null if the value is no time.
 */
export function formatDate(value: unknown, format: string): string | null {
  const time = readTime(value);
  if (time === null) return null;
  const wall = new Date(time.wallMs);
  return format.replaceAll(directivePattern, (whole, name: string) => {
    if (name === "s") return String(Math.floor(instantOf(time) / 1_000));
    return isDirective(name) ? (directives[name]?.(wall) ?? "") : whole;
  });
}

function isDirective(name: string | undefined): name is string {
  return name !== undefined && Object.hasOwn(directives, name);
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
