import { type JsonObject, type JsonValue, valueAt } from "../domain/json.ts";
import type { Place } from "../domain/source.ts";

/** @returns Whether a value is a JSON object (and no array, and not null). */
export function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param headers By lower-case name.
 * @param names One name, or several spellings of it.
 * @returns The first of them that came, trimmed; `""` is a header that came empty; null if none came. What every object
 *   inherits (`constructor`) is no header.
 */
export function headerOf(headers: Readonly<Record<string, string>>, names: string | readonly string[]): string | null {
  for (const name of typeof names === "string" ? [names] : names) {
    if (name !== "" && Object.hasOwn(headers, name)) return headers[name]?.trim() ?? null;
  }
  return null;
}

/** @returns Whether a header's value may be two values joined. For schemes whose one value never holds a comma. */
export function looksDoubled(value: string): boolean {
  return value.includes(",");
}

/**
 * @param path As for `valueAt`, and `*` is each element of an array.
 * @returns What is there for every element; undefined where an element has nothing.
 */
export function valuesAt(json: JsonValue, path: string): readonly (JsonValue | undefined)[] {
  const steps = path.split(".");
  const star = steps.indexOf("*");
  if (star < 0) return [valueAt(json, path)];
  const elements = valueAt(json, steps.slice(0, star).join("."));
  if (!Array.isArray(elements)) return [undefined];
  return elements.flatMap((element) => valuesAt(element, steps.slice(star + 1).join(".")));
}

/**
 * A value that can name something: a text that is not blank, or a whole number that JSON numbers hold exactly.
 * Past 2^53 two different ids would become one.
 */
export function nameOf(value: JsonValue | undefined): string | null {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : null;
  if (typeof value !== "string") return null;
  const text = value.trim();
  return text === "" ? null : text;
}

/** Where `findPlace` looks. */
export type Surroundings = {
  readonly headers: Readonly<Record<string, string>>;
  readonly envelope: JsonValue;
  readonly payload: JsonValue;
};

/** @returns The value at a place as a name, or null. */
export function findPlace(place: Place, around: Surroundings): string | null {
  if ("header" in place) return nameOf(headerOf(around.headers, place.header) ?? undefined);
  if ("path" in place) return nameOf(valueAt(around.payload, place.path));
  if ("envelope" in place) return nameOf(valueAt(around.envelope, place.envelope));
  const parts = place.joined.map((part) => findPlace(part, around));
  return parts.includes(null) ? null : parts.join(place.by);
}
