/**
 * Mistakes that are refused when a rule is saved. A rule that was saved before they were known still runs: it compiles, and each of its
 * events says what became of it. Pure.
 */
import { isPlace, readZones } from "../people/zone-names.ts";
import type { Mistake, RuleDefinition } from "../rules/rule.ts";

/** @returns the mistakes of a rule that compiles */
export function newRuleMistakes({ zone }: Pick<RuleDefinition, "zone">): Mistake[] {
  // Braces make it a template, whose zone is known with its event.
  if (zone === undefined || zone.includes("{") || readZones(zone) !== null) return [];
  return [{ path: ["zone"], reason: zoneMistake(zone) }];
}

/** @returns why a text is no zone, and what to write */
export function zoneMistake(zone: string): string {
  const [meant] = isPlace(zone) ? [] : (readZones(zone) ?? []);
  const write = meant === undefined ? "write a place, such as America/New_York" : `write ${meant}`;
  return `is not a time zone: ${write} (an abbreviation or an offset names no place)`;
}
