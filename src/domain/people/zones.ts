/** Time zones by country, and the zones for calling hours. Pure. */
import { dayMs } from "../limits.ts";
import { clockOf, stretchAt, type ZoneClock } from "./zone-clock.ts";
import { readZones } from "./zone-names.ts";

const weekMs = 7 * dayMs;
const yearWeeks = 52;

const zonesByCountry = new Map<string, readonly string[]>();

/**
 * Lists the time zones of a country, from the runtime's CLDR data.
 *
 * @param country ISO 3166 alpha-2. Any other text has no zones.
 * @returns IANA names; empty if the country, or the runtime's list, is unknown.
 */
export function zonesOfCountry(country: string): string[] {
  if (!/^[A-Z]{2}$/i.test(country)) return [];
  const code = country.toUpperCase();
  let zones = zonesByCountry.get(code);
  if (zones === undefined) {
    zones = runtimeZones(new Intl.Locale(`und-${code}`));
    zonesByCountry.set(code, zones);
  }
  return [...zones];
}

/** `getTimeZones` (ECMA-402, Intl Locale Info) is missing in TypeScript's library, and may be missing in a runtime. */
function runtimeZones(locale: Intl.Locale): string[] {
  if (!("getTimeZones" in locale) || typeof locale.getTimeZones !== "function") return [];
  const zones: unknown = locale.getTimeZones();
  return Array.isArray(zones) ? zones.filter((zone) => typeof zone === "string") : [];
}

/** The zones in which a time must be open, and their origin. */
export type ZoneChoice = {
  readonly zones: readonly string[];
  readonly from: "rule" | "rule_and_number" | "number" | "source" | "none";
  /** Reason why the rule's zone was not used, or not alone; null if it was, or if the rule gives none. */
  readonly problem: "zone_unreadable" | "zone_abroad" | null;
};

/**
 * Chooses the zones of a call.
 *
 * - The rule's zone, if a zone of the number's country shows the same time all year. `America/New_York` for a Canadian
 *   number is `America/Toronto`.
 * - Otherwise that zone and all zones of the number's country. A foreign zone can only narrow the hours.
 * - Without a readable rule's zone: all zones of the number's country, or the source's zones if the country has none.
 *
 * @param named The rule's `zone`; empty if it gives none; null if it could not be made.
 * @param country Country of the number.
 * @param nowMs Start of the year in which clocks are compared.
 */
export function chooseZones(
  named: string | null,
  country: string,
  sourceZone: string | null,
  nowMs: number,
): ZoneChoice {
  const own = zonesOfCountry(country);
  const wanted = named === null ? null : readZones(named);
  if (wanted === null) {
    const problem = named === "" ? null : ("zone_unreadable" as const);
    if (own.length > 0) return { zones: own, from: "number", problem };
    return sourceZone === null
      ? { zones: ["UTC"], from: "none", problem }
      : { zones: [sourceZone], from: "source", problem };
  }
  if (own.length === 0) return { zones: wanted, from: "rule", problem: null };
  const here = new Set(wanted.flatMap((zone) => alike(zone, country, own, nowMs) ?? []));
  if (here.size > 0) return { zones: [...here], from: "rule", problem: null };
  return { zones: [...new Set([...wanted, ...own])], from: "rule_and_number", problem: "zone_abroad" };
}

/** Cached results of {@link alike}, by zone and country. */
const alikeCached = new Map<string, { readonly week: number; readonly found: string | null }>();
const alikeCachedMax = 1_000;

/**
 * @returns The zone itself, if it belongs to the country; else the first of the country's zones that shows the same
 *   time all year.
 */
function alike(zone: string, country: string, own: readonly string[], nowMs: number): string | null {
  if (own.includes(zone)) return zone;
  const week = Math.floor(nowMs / weekMs);
  const key = `${zone} ${country}`;
  const known = alikeCached.get(key);
  if (known?.week === week) return known.found;
  const clock = clockOf(zone);
  const found = own.find((one) => clock !== null && isSameClock(clock, clockOf(one), week)) ?? null;
  if (alikeCached.size >= alikeCachedMax) alikeCached.clear();
  alikeCached.set(key, { week, found });
  return found;
}

/**
 * Compares a year from a week's start, every other week. No zone changes its clock and back between two comparisons.
 */
function isSameClock(one: ZoneClock, other: ZoneClock | null, week: number): boolean {
  if (other === null) return false;
  for (let at = week; at <= week + yearWeeks; at += 2) {
    const offsetMs = stretchAt(one, at * weekMs).offsetMs;
    if (stretchAt(other, at * weekMs).offsetMs !== offsetMs) return false;
    // Both clocks changed since the last comparison. This checks that they changed at the same instant.
    if (at === week || stretchAt(one, (at - 2) * weekMs).offsetMs === offsetMs) continue;
    for (const half of [at - 2, at - 1])
      if (stretchAt(one, half * weekMs).endMs !== stretchAt(other, half * weekMs).endMs) return false;
  }
  return true;
}
