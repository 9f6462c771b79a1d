import { LRUCache } from "lru-cache";

const isoForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?[.\d]*(?:Z|\+00(?::?00)?)$/;

/** Formats for zones. Making one costs far more than using it. */
const formats = new LRUCache<string, Intl.DateTimeFormat>({ max: 50 });

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    ...{ weekday: "short", day: "numeric", month: "short", year: "numeric" },
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  });
  formats.set(zone, made);
  return made;
}

/**
 * Formats a time for people, always with its date: `Mon 23 Nov 2026, 15:33:07`.
 *
 * @param iso ISO 8601 in UTC. Any other text is shown unchanged.
 * @param zone IANA name. UTC is named in the text; the page says which other zone it uses.
 * @param precision Lists show no seconds, unless times must differ.
 */
export function timeText(iso: string, precision: "seconds" | "minutes", zone = "UTC"): string {
  const at = new Date(iso.replace(/\+00(?::?00)?$/, "Z"));
  if (!isoForm.test(iso) || Number.isNaN(at.getTime())) return iso;
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value] as const),
  );
  const get = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? "";
  const seconds = precision === "seconds" ? `:${get("second")}` : "";
  const clock = `${get("hour")}:${get("minute")}${seconds}`;
  return `${get("weekday")} ${get("day")} ${get("month")} ${get("year")}, ${clock}${zone === "UTC" ? " UTC" : ""}`;
}

/**
 * Formats a time for a list: `Mon 23 Nov, 15:33:07`. The year is left out if it is the present one.
 *
 * @param iso ISO 8601 in UTC. Any other text is shown unchanged.
 * @param zone IANA name. The page says which zone it uses.
 */
export function shortTimeText(iso: string, nowMs: number, zone: string): string {
  const year = yearOf(nowMs, zone);
  return timeText(iso, "seconds", zone).replace(/ UTC$/, "").replace(` ${year},`, ",");
}

/** The year of the last list: all its times have one present. */
let known = { nowMs: 0, zone: "", year: "" };

function yearOf(nowMs: number, zone: string): string {
  if (known.nowMs !== nowMs || known.zone !== zone) {
    const year = /\d{4}/.exec(timeText(new Date(nowMs).toISOString(), "minutes", zone))?.[0] ?? "";
    known = { nowMs, zone, year };
  }
  return known.year;
}

/**
 * @param seconds Length of a call, or of a wait.
 * @returns `48 s`, `2 min 13 s`, `1 h 2 min`, `3 d 4 h`; `4 h` for whole hours.
 */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [unit, size, next, nextSize] = units.find(([, size]) => whole >= size) ?? last;
  const rest = Math.floor((whole % size) / nextSize);
  return `${Math.floor(whole / size)} ${unit}${rest === 0 ? "" : ` ${rest} ${next}`}`;
}

const last = ["s", 1, "", 1] as const;
const units = [["d", 86_400, "h", 3_600], ["h", 3_600, "min", 60], ["min", 60, "s", 1], last] as const;
