/** Time zones by country, and the zones that calling hours go by. Pure. */
import { dayMs } from "../limits.ts";
import { clockOf, stretchAt, type ZoneClock } from "./zone-clock.ts";
import { readZones } from "./zone-names.ts";

const weekMs = 7 * dayMs;
const yearWeeks = 52;

const zonesByCountry = new Map<string, readonly string[]>();

/**
 * Lists the time zones of a country, from the runtime's own CLDR data.
 *
 * @param country ISO 3166, two letters; anything else has no zones
 * @returns IANA names; empty when the country, or the runtime's list, is not known
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

/** TypeScript's library does not know `getTimeZones` (ECMA-402, Intl Locale Info) yet, nor is every runtime bound to have it. */
function runtimeZones(locale: Intl.Locale): string[] {
  if (!("getTimeZones" in locale) || typeof locale.getTimeZones !== "function") return [];
  const zones: unknown = locale.getTimeZones();
  return Array.isArray(zones) ? zones.filter((zone) => typeof zone === "string") : [];
}

/** The zones in which a time must be open, and where they come from. */
export type ZoneChoice = {
  readonly zones: readonly string[];
  readonly from: "rule" | "rule_and_number" | "number" | "source" | "none";
  /** Why the rule's zone was not followed, or not alone. `null`: it was, or the rule gives none. */
  readonly problem: "zone_unreadable" | "zone_abroad" | null;
};

/**
 * Chooses the zones of a call.
 *
 * - The zone that the rule gives, if a zone of the number's country shows the same time all year. `America/New_York` for a number of Canada
 *   is `America/Toronto`.
 * - Else that zone and all of the number's country: a foreign zone can close hours and never opens any.
 * - Without one that can be read, all zones of the number's country; of a country without zones, the source's.
 *
 * @param named what the rule's `zone` gives; empty: nothing; `null`: it could not be made
 * @param country of the number
 * @param nowMs the year in which clocks are compared begins here
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

/** The last answers of {@link alike}, by zone and country. */
const alikeCached = new Map<string, { readonly week: number; readonly found: string | null }>();
const alikeCachedMax = 1_000;

/** The zone itself, if it is one of the country's; else the first of them that shows the same time all year. */
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

/** A year from a week on, looked at every other week: no zone changes its clock and back between two looks. */
function isSameClock(one: ZoneClock, other: ZoneClock | null, week: number): boolean {
  if (other === null) return false;
  for (let at = week; at <= week + yearWeeks; at += 2) {
    const offsetMs = stretchAt(one, at * weekMs).offsetMs;
    if (stretchAt(other, at * weekMs).offsetMs !== offsetMs) return false;
    // Both changed since the last look: at the same instant?
    if (at === week || stretchAt(one, (at - 2) * weekMs).offsetMs === offsetMs) continue;
    for (const half of [at - 2, at - 1])
      if (stretchAt(one, half * weekMs).endMs !== stretchAt(other, half * weekMs).endMs) return false;
  }
  return true;
}
