/**
 * Look-ups in headers and decoded bodies.
 *
 * Refused: inherited properties. `constructor` is neither a header nor a field of a body. An integer beyond 2^53 is no
 * id, because two different ids would become one.
 */

import { isObject, type JsonValue, valueAt } from "../../domain/json.ts";
import type { ValueLocation } from "../preset/preset.ts";

/**
 * @param headers By lower-case name.
 * @param names One name, or several spellings of it.
 * @returns The first present header, trimmed; `""` for an empty header; null if no header is present.
 */
export function headerOf(headers: Readonly<Record<string, string>>, names: string | readonly string[]): string | null {
  for (const name of typeof names === "string" ? [names] : names) {
    if (name !== "" && Object.hasOwn(headers, name)) return headers[name]?.trim() ?? null;
  }
  return null;
}

/**
 * @returns The credentials after an authentication scheme such as `Bearer`, in any case (RFC 9110, section 11.1); null
 *   for another scheme.
 */
export function afterWord(value: string | null, word: string): string | null {
  const at = value?.indexOf(" ") ?? -1;
  if (value === null || at < 0 || value.slice(0, at).toLowerCase() !== word.toLowerCase()) return null;
  return value.slice(at).trimStart();
}

/**
 * @returns Whether a header may have come twice, joined by a comma (RFC 9110, section 5.3). For headers whose value
 *   never has a comma.
 */
export function looksDoubled(value: string): boolean {
  return value.includes(",");
}

/**
 * @param path As for `valueAt`; `*` is each element of an array.
 * @returns One value for each element that is an object. Undefined for an element without the field, and for an array
 *   without objects.
 */
export function eachValueAt(json: JsonValue, path: string): readonly (JsonValue | undefined)[] {
  const steps = path.split(".");
  const star = steps.indexOf("*");
  if (star < 0) return [valueAt(json, path)];
  const elements = valueAt(json, steps.slice(0, star).join("."));
  if (!Array.isArray(elements)) return [undefined];
  // An element that is no object becomes an `unreadable` event. It names no tenant, and must not reject the other
  // elements.
  const whole = elements.filter((element) => typeof element === "object" && element !== null);
  if (whole.length === 0 && elements.length > 0) return [undefined];
  return whole.flatMap((element) => eachValueAt(element, steps.slice(star + 1).join(".")));
}

/** @returns A value as an id: a non-blank text or a safe integer; else null. */
export function nameOf(value: JsonValue | undefined): string | null {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : null;
  if (typeof value !== "string") return null;
  const text = value.trim();
  return text === "" ? null : text;
}

/**
 * @param path As for `valueAt`, but a step descends into each element of an array. In XML a repeated element becomes an
 *   array, and a document does not show which elements may repeat.
 * @returns All values at the path, in order. An array counts as its elements.
 */
export function valuesThrough(json: JsonValue, path: string): readonly JsonValue[] {
  let here: readonly JsonValue[] = [json];
  for (const step of path === "" ? [] : path.split(".")) {
    here = here.flatMap((value) => {
      const found = valueAt(value, step);
      return found === undefined ? [] : found;
    });
  }
  return here;
}

/**
 * Zapier ("Wrap Request In Array"), n8n and Make send a single event as `[{ … }]`.
 *
 * @returns The object of an array that holds one object alone; any other value unchanged.
 */
export function unwrapped(json: JsonValue): JsonValue {
  return Array.isArray(json) && json.length === 1 && isObject(json[0]) ? json[0] : json;
}

/** The parts of a request that a `ValueLocation` refers to. */
export type LocationContext = {
  readonly headers: Readonly<Record<string, string>>;
  readonly envelope: JsonValue;
  readonly payload: JsonValue;
  /** If the body is XML, a path descends into arrays and takes the first value. */
  readonly isXml?: boolean;
};

/** @returns The value at a location as an id, or null. */
export function valueAtLocation(place: ValueLocation, around: LocationContext): string | null {
  if ("header" in place) return nameOf(headerOf(around.headers, place.header) ?? undefined);
  if ("path" in place) return afterText(nameOf(lookUp(around.payload, place.path, around.isXml)), place.after);
  if ("envelope" in place) return nameOf(lookUp(around.envelope, place.envelope, around.isXml));
  const parts = place.joined.map((part) => valueAtLocation(part, around));
  return parts.includes(null) ? null : parts.join(place.by);
}

function afterText(name: string | null, text: string | undefined): string | null {
  if (name === null || text === undefined) return name;
  const at = name.indexOf(text);
  return at < 0 ? name : nameOf(name.slice(at + text.length));
}

/** @returns The value at a location as a time. Unlike an id, epoch seconds may have a fraction. */
export function timeAtLocation(place: ValueLocation, around: LocationContext): string | null {
  const found = "path" in place ? lookUp(around.payload, place.path, around.isXml) : null;
  return typeof found === "number" && !Number.isInteger(found) ? String(found) : valueAtLocation(place, around);
}

/** Whether the sender wrote a value at a location. `null`, `false` and white space mean "no value". */
export function isWrittenAt(place: ValueLocation, around: LocationContext): boolean {
  if ("joined" in place) return place.joined.every((part) => isWrittenAt(part, around));
  const found = "header" in place ? headerOf(around.headers, place.header) : pathValue(place, around);
  return typeof found === "string" ? found.trim() !== "" : found !== undefined && found !== null && found !== false;
}

function pathValue(
  place: { readonly path: string } | { readonly envelope: string },
  { payload, envelope, isXml }: LocationContext,
): JsonValue | undefined {
  return "path" in place ? lookUp(payload, place.path, isXml) : lookUp(envelope, place.envelope, isXml);
}

function lookUp(json: JsonValue, path: string, isXml = false): JsonValue | undefined {
  return isXml ? valuesThrough(json, path)[0] : valueAt(json, path);
}
