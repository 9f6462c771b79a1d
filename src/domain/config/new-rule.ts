/**
 * Mistakes that are rejected when a rule is saved. A rule that was saved before such a check existed still runs, and
 * each of its events reports its result. Pure.
 */
import { readCountry } from "../people/country.ts";
import { isPlace, readZones } from "../people/zone-names.ts";
import { longNumbers } from "../rules/condition/comparisons.ts";
import type { Mistake, RuleDefinition } from "../rules/rule.ts";

/** @returns Mistakes in a rule that compiles. */
export function newRuleMistakes({
  zone,
  country,
  when,
  withdraw,
}: Pick<RuleDefinition, "zone" | "country" | "when" | "withdraw">): Mistake[] {
  // A template in braces gives its zone or country only with an event.
  const mistakes: Mistake[] = [];
  if (zone !== undefined && !zone.includes("{") && readZones(zone) === null)
    mistakes.push({ path: ["zone"], reason: zoneMistake(zone) });
  for (const [index, one] of [country ?? []].flat().entries())
    if (!one.includes("{") && readCountry(one) === null)
      mistakes.push({ path: Array.isArray(country) ? ["country", index] : ["country"], reason: countryMistake });
  for (const [field, source] of Object.entries({ when, withdraw }))
    if (source !== undefined) for (const mistake of longNumbers(source)) mistakes.push({ path: [field], ...mistake });
  return mistakes;
}

const countryMistake =
  "is not a country that has numbers: write its two letters (ISO 3166), or a template that gives them";

/** @returns The mistake in a time zone, with a correction. */
export function zoneMistake(zone: string): string {
  const [meant] = isPlace(zone) ? [] : (readZones(zone) ?? []);
  const write = meant === undefined ? "write a place, such as America/New_York" : `write ${meant}`;
  return `is not a time zone: ${write} (an abbreviation or an offset names no place)`;
}
