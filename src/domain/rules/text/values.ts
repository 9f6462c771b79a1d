/** Liquid's rules for missing, truthy, equal and printed values, over JSON. Pure. Long work is charged to the meter. */

import { isObject } from "../../json.ts";
import { needleCharactersMax } from "../../limits.ts";
import { readAmount } from "../../written-amount.ts";
import { firstPlace } from "../search.ts";
import { chargeCharacters, chargeIterations, endRender, type Meter } from "./meter.ts";

/** White space at the start of a text after which it counts as blank. */
const leadingCharactersMax = 4_096;

/** Whether a value is missing, null, empty or blank, so that a text with it would say nothing. */
export function isBlank(value: unknown): boolean {
  // More leading white space than any limit leaves room for: nothing of the text would be shown.
  return isNothing(value) || (typeof value === "string" && !/\S/.test(value.slice(0, leadingCharactersMax)));
}

/** Missing or null. */
export function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** Liquid's truthiness: all values except false and nil. */
export function isTruthy(value: unknown): boolean {
  return !isNothing(value) && value !== false;
}

/** Numbers as people write them. Digits that come from binary arithmetic are rounded away. */
function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(15)));
}

/**
 * @returns The text of a text, number or bool; empty for a missing value. A list, an object or NaN has no text: the
 *   render stops with `placeholder`.
 */
export function textOf(meter: Meter, value: unknown): string {
  if (typeof value === "string") return value;
  if (isNothing(value)) return "";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return numberText(value);
  return endRender(meter, "placeholder", `${kindOf(value)} stands where a text is needed`);
}

/**
 * @returns The number of a number, or of a text that is one (`"12.50"`) or an amount (`"$1,299"`); NaN for anything
 *   else.
 */
export function numericValue(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return Number.NaN;
  if (value.length <= 40 && /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(value)) return Number(value);
  const amount = readAmount(value);
  return amount.ok ? amount.value : Number.NaN;
}

/** `==`: same type and value. Lists and objects equal only themselves. */
export function isEqual(meter: Meter, left: unknown, right: unknown): boolean {
  if (isNothing(left) || isNothing(right)) return isNothing(left) && isNothing(right);
  if (typeof left === "string" && typeof right === "string" && left.length === right.length)
    chargeCharacters(meter, left.length);
  return left === right;
}

/**
 * `<`: numbers by size, texts by their letters, a number and a numeric text by size. Anything else is not comparable.
 */
export function isLess(meter: Meter, left: unknown, right: unknown): boolean {
  if (typeof left === "string" && typeof right === "string") {
    chargeCharacters(meter, Math.min(left.length, right.length));
    return left < right;
  }
  return numericValue(left) < numericValue(right);
}

/** `contains`: a text in a text, or a value in a list. */
export function contains(meter: Meter, whole: unknown, part: unknown): boolean {
  if (typeof whole === "string")
    return !isNothing(part) && firstPlace(whole, needle(meter, whole, textOf(meter, part))) >= 0;
  if (!Array.isArray(whole)) return false;
  chargeIterations(meter, whole.length);
  return whole.some((item) => isEqual(meter, item, part));
}

/**
 * Charges a search.
 *
 * @returns The needle, if it is short enough.
 */
export function needle(meter: Meter, whole: string, part: string): string {
  chargeCharacters(meter, whole.length);
  if (part.length > needleCharactersMax)
    endRender(meter, "too_much_work", `a text that is searched for has at most ${needleCharactersMax} characters`);
  return part;
}

/** `empty` and `blank`. */
export function isEmptiness(meter: Meter, value: unknown, blank: boolean): boolean {
  if (value === "" || (Array.isArray(value) && value.length === 0)) return true;
  if (isObject(value)) return keysOf(meter, value).length === 0;
  return blank && (value === false || isBlank(value));
}

/**
 * @returns An own property of a value: an object's key, a list's index, or `size`, `first` and `last` as in Liquid.
 *   Never one of a prototype.
 */
export function fieldOf(meter: Meter, value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) {
    if (typeof key === "number") return value.at(key);
    if (key === "size") return value.length;
    if (key === "first") return value[0];
    return key === "last" ? value.at(-1) : undefined;
  }
  if (typeof value === "string") return key === "size" ? value.length : undefined;
  if (!isObject(value)) return undefined;
  if (Object.hasOwn(value, key)) return value[key];
  return key === "size" ? keysOf(meter, value).length : undefined;
}

/** An object's keys, charged as visited elements. */
export function keysOf(meter: Meter, value: object): readonly string[] {
  const keys = Object.keys(value);
  chargeIterations(meter, keys.length);
  return keys;
}

/** A word for a value's type. It reveals nothing of the value. */
export function kindOf(value: unknown): string {
  if (isNothing(value)) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "number" && !Number.isFinite(value) ? "something that is not a number" : `a ${typeof value}`;
}
