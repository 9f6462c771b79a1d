/** Filters as the audit log may have them. */
import { maskText } from "../domain/people/mask.ts";
import { iso } from "./moment.ts";

/** A filter as an entry may have it. Times are ISO 8601, and a number is hidden: an entry cannot be erased. */
export function notable(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const shown = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    shown.map(([name, value]) => {
      if (name === "number") return [name, maskText(String(value))];
      if (Array.isArray(value)) return [name, value.join(",")];
      return [name, typeof value === "number" ? iso(value) : value];
    }),
  );
}
