/** Time zones by name and by country. */
import { clockOf } from "./zone-clock.ts";

/** Says whether a name is a time zone that the runtime knows: an IANA name in any case, or an offset such as `+02:00`. */
export function isZone(name: string): boolean {
  return clockOf(name) !== null;
}

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
