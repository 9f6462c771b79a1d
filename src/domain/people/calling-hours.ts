/**
 * Calling hours: when a phone may ring, by its local time.
 *
 * Open: the local date is one of `days` and not one of `closed`, and the local time is in `[from, to)`. Local time
 * decides, so a day with a clock change is an hour longer or shorter. If the zone is uncertain, a time is open only if
 * it is open in all possible zones.
 */

import { isObject } from "../json.ts";
import { dayMs } from "../limits.ts";
import { clocksOf, stretchAt, type ZoneClock } from "./zone-clock.ts";

const minuteMs = 60_000;
const dayMinutes = 1_440;

/** Furthest search for open time. Beyond a year and a few days, only a mistake in `closed` leaves a gap. */
const openSearchDaysMax = 370;
/** Longest span over which open time is added up. Narrower hours than that are useless. */
const addedDaysMax = 5 * 366;
const closedDatesMax = 400;
const daysCharactersMax = 64;

/** Calling hours in a compact form that survives JSON. In `days`, bit 0 is Monday; `closed` counts days since 1970. */
export type OpenHours = { days: number; fromMinute: number; toMinute: number; closed: readonly number[] };

type OpenWindow = { opensAtMs: number; closesAtMs: number };
type ParsedHours = { ok: true; hours: OpenHours } | { ok: false; reason: string; path: string };

const dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const everyDay = 0b111_1111;
const hoursFields = new Set(["days", "from", "to", "closed"]);

/**
 * Reads calling hours.
 *
 * @param value `{days, from, to, closed?}`: days such as `mon-sat`, `mon,wed,fri` or `sat-mon`; times such as `09:00`,
 *   where `to` may be `24:00` and is later than `from`; at most 400 closed dates such as `2026-12-25`.
 * @returns The compact form; or a sentence about a mistake, with the path of its field (empty: the whole).
 */
export function parseHours(value: unknown): ParsedHours {
  if (!isObject(value)) {
    return hoursMistake("", "must be an object with days, from and to");
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const name of fields.keys()) if (!hoursFields.has(name)) return hoursMistake(name, "is not a field of hours");
  const days = parseDays(fields.get("days"));
  if (days === null) return hoursMistake("days", 'must name days, such as "mon-sat" or "mon,wed,fri"');
  const fromMinute = parseMinute(fields.get("from"));
  if (fromMinute === null || fromMinute === dayMinutes) return hoursMistake("from", 'must be a time such as "09:00"');
  const toMinute = parseMinute(fields.get("to"));
  if (toMinute === null) return hoursMistake("to", 'must be a time such as "20:00", or "24:00"');
  if (toMinute <= fromMinute) return hoursMistake("to", "must be later than from");
  const dates = fields.get("closed") ?? [];
  if (!Array.isArray(dates)) return hoursMistake("closed", "must be a list of dates");
  if (dates.length > closedDatesMax) return hoursMistake("closed", `must have at most ${closedDatesMax} dates`);
  const closed = new Set<number>();
  for (const [index, date] of dates.entries()) {
    const day = parseDay(date);
    if (day === null) return hoursMistake(`closed.${index}`, 'must be a date such as "2026-12-25"');
    closed.add(day);
  }
  return { ok: true, hours: { days, fromMinute, toMinute, closed: [...closed].sort((a, b) => a - b) } };
}

function hoursMistake(path: string, reason: string): ParsedHours {
  return { ok: false, reason, path };
}

function parseDays(value: unknown): number | null {
  if (typeof value !== "string" || value.length > daysCharactersMax) return null;
  let days = 0;
  for (const part of value.toLowerCase().split(",")) {
    const [first, last, ...rest] = part.split("-").map((name) => dayNames.indexOf(name.trim()));
    if (first === undefined || first < 0 || last === -1 || rest.length > 0) return null;
    const count = ((last ?? first) - first + 7) % 7;
    for (let i = 0; i <= count; i++) days |= 1 << ((first + i) % 7);
  }
  return days;
}

function parseMinute(value: unknown): number | null {
  if (typeof value !== "string") return null;
  if (value === "24:00") return dayMinutes;
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(value);
  return match === null ? null : Number(match[1]) * 60 + Number(match[2]);
}

function parseDay(value: unknown): number | null {
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return null;
  const ms = Date.parse(`${value}T00:00:00Z`);
  // Some engines turn 30 February into March. A date that reads back differently is invalid.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== value ? null : ms / dayMs;
}

/**
 * Finds the current or next window in which a phone may ring.
 *
 * @param hours Null: always open.
 * @param zones All zones that the phone may be in. `clockOf` must know each. If there is no zone, or an unknown zone,
 *   the result is null, because no time is then known to be open.
 * @param atMs Epoch milliseconds.
 * @returns `opensAtMs` is `atMs` if it is open now, and never earlier. `closesAtMs` is the first instant that is closed
 *   again, Infinity if there is none. Null if nothing opens within 370 days.
 */
export function openWindow(hours: OpenHours | null, zones: readonly string[], atMs: number): OpenWindow | null {
  if (hours === null || isAlwaysOpen(hours)) return { opensAtMs: atMs, closesAtMs: Number.POSITIVE_INFINITY };
  const clocks = clocksOf(zones);
  if (clocks === null) return null;
  const untilMs = atMs + openSearchDaysMax * dayMs;
  let fromMs = atMs;
  while (fromMs < untilMs) {
    let opensAtMs = fromMs;
    let closesAtMs = Number.POSITIVE_INFINITY;
    for (const clock of clocks) {
      const window = zoneWindow(hours, clock, fromMs, untilMs);
      if (window === null) return null;
      opensAtMs = Math.max(opensAtMs, window.opensAtMs);
      closesAtMs = Math.min(closesAtMs, window.closesAtMs);
    }
    if (opensAtMs < closesAtMs) return { opensAtMs, closesAtMs };
    // Before the last zone opens, the zones have no open time in common.
    fromMs = opensAtMs;
  }
  return null;
}

/**
 * Finds the instant at which a duration of open time has passed.
 *
 * @param durationMs Milliseconds of open time. 0 or less has passed at once.
 * @returns Epoch milliseconds; null if it does not pass within five years, or if the zone is unknown.
 */
export function addOpenTime(
  hours: OpenHours | null,
  zones: readonly string[],
  fromMs: number,
  durationMs: number,
): number | null {
  if (durationMs <= 0) return fromMs;
  const untilMs = fromMs + addedDaysMax * dayMs;
  let atMs = fromMs;
  let leftMs = durationMs;
  while (atMs < untilMs) {
    const window = openWindow(hours, zones, atMs);
    if (window === null) return null;
    const openMs = window.closesAtMs - window.opensAtMs;
    if (leftMs <= openMs) return window.opensAtMs + leftMs;
    leftMs -= openMs;
    atMs = window.closesAtMs;
  }
  return null;
}

function isAlwaysOpen(hours: OpenHours): boolean {
  const isAllDay = hours.fromMinute === 0 && hours.toMinute === dayMinutes;
  return isAllDay && hours.days === everyDay && hours.closed.length === 0;
}

/** 1 January 1970 was a Thursday. */
function opensOn(hours: OpenHours, day: number): boolean {
  const weekday = (((day + 3) % 7) + 7) % 7;
  return (hours.days & (1 << weekday)) !== 0 && !hours.closed.includes(day);
}

/**
 * One zone's window that ends after `fromMs`. Each span of constant offset is cut by the hours of its local days.
 * Pieces that touch, at midnight or at a clock change, are one window.
 */
function zoneWindow(hours: OpenHours, clock: ZoneClock, fromMs: number, untilMs: number): OpenWindow | null {
  let window: OpenWindow | null = null;
  let atMs = fromMs;
  while (atMs < untilMs) {
    const { startMs, endMs, offsetMs } = stretchAt(clock, atMs);
    const lastDay = Math.floor((endMs - 1 + offsetMs) / dayMs);
    for (let day = Math.floor((atMs + offsetMs) / dayMs); day <= lastDay; day++) {
      if (!opensOn(hours, day)) continue;
      const opensAtMs = Math.max(startMs, day * dayMs + hours.fromMinute * minuteMs - offsetMs);
      const closesAtMs = Math.min(endMs, day * dayMs + hours.toMinute * minuteMs - offsetMs);
      if (closesAtMs <= opensAtMs || closesAtMs <= atMs) continue;
      if (window === null) window = { opensAtMs, closesAtMs };
      else if (window.closesAtMs === opensAtMs) window.closesAtMs = closesAtMs;
      else return window;
    }
    if (window !== null && window.closesAtMs < endMs) return window;
    atMs = endMs;
  }
  return window;
}
