/**
 * The allowed filters. They are implemented here instead of in the library, so that each is charged before it works,
 * cannot reach a prototype, and reads no clock. Pure. `default` is part of render.ts, which decides when a value is
 * missing.
 */

import { isObject } from "../../json.ts";
import { parsedJson, valuesWritten } from "../parsed-json.ts";
import { firstPlace, splitBy } from "../search.ts";
import { formatDate, formattingCost } from "./date.ts";
import { withoutTags } from "./html.ts";
import { chargeCharacters, chargeIterations, endRender, type Meter } from "./meter.ts";
import { fieldOf, isEqual, isNothing, isTruthy, kindOf, needle, numericValue, textOf } from "./values.ts";

type Apply = (meter: Meter, value: unknown, args: readonly unknown[]) => unknown;

/** A filter: the number of its arguments, and its function. */
export type Filter = { readonly least: number; readonly most: number; readonly apply: Apply };

/** Parts that `split` may return. */
const partsMax = 1_000;

/** Cost of splitting a text into code points, as a multiple of reading it. */
const pointCost = 4;

/** Cost of matching a pattern throughout a text, as a multiple of reading it. */
const patternCost = 2;

/** Cost of each piece that a text is split into. */
const pieceCost = 16;

/**
 * Cost of parsing one value or key of JSON. A render's budget is enough for a text of a megabyte with 50,000 values and
 * keys.
 */
const jsonValueCost = 32;

const text = (change: (value: string) => string, times = 1): Filter => ({
  least: 0,
  most: 0,
  apply: (meter, value) => change(long(meter, value, times)),
});

const math = (compute: (left: number, right: number) => number): Filter => ({
  least: 1,
  most: 1,
  apply: (_meter, value, [arg]) => compute(numericValue(value), numericValue(arg)),
});

const whole = (round: (value: number) => number): Filter => ({
  least: 0,
  most: 0,
  apply: (_meter, value) => round(numericValue(value)),
});

export const filters = {
  // Implemented by the renderer; listed here so that the list is complete.
  default: { least: 1, most: 1, apply: (_meter, value) => value },

  // Texts.
  upcase: text((value) => value.toUpperCase()),
  downcase: text((value) => value.toLowerCase()),
  capitalize: text((value) => value.charAt(0).toUpperCase() + value.slice(1).toLowerCase()),
  strip: text((value) => value.trim()),
  lstrip: text((value) => value.trimStart()),
  rstrip: text((value) => value.trimEnd()),
  squish: text((value) => value.trim().split(/\s+/).join(" "), patternCost),
  strip_newlines: text((value) => value.replaceAll(/[\r\n]/g, ""), patternCost),
  strip_html: text(withoutTags, patternCost),
  truncate: { least: 0, most: 2, apply: truncate },
  truncatewords: { least: 0, most: 2, apply: truncateWords },
  append: {
    least: 1,
    most: 1,
    apply: (meter, value, [arg]) => joined(meter, textOf(meter, value), textOf(meter, arg)),
  },
  prepend: {
    least: 1,
    most: 1,
    apply: (meter, value, [arg]) => joined(meter, textOf(meter, arg), textOf(meter, value)),
  },
  replace: { least: 2, most: 2, apply: (meter, value, [from, to]) => replaceAll(meter, value, from, to) },
  replace_first: { least: 2, most: 2, apply: (meter, value, [from, to]) => replaceFirst(meter, value, from, to) },
  remove: { least: 1, most: 1, apply: (meter, value, [from]) => replaceAll(meter, value, from, "") },
  remove_first: { least: 1, most: 1, apply: (meter, value, [from]) => replaceFirst(meter, value, from, "") },
  split: { least: 1, most: 1, apply: split },
  slice: { least: 1, most: 2, apply: slice },
  parse_json: { least: 0, most: 0, apply: parseJson },
  date: { least: 1, most: 1, apply: date },

  // Numbers. A value that is no number gives NaN, which is never printed.
  plus: math((left, right) => left + right),
  minus: math((left, right) => left - right),
  times: math((left, right) => left * right),
  divided_by: math((left, right) => left / right),
  modulo: math((left, right) => ((left % right) + right) % right),
  at_least: math(Math.max),
  at_most: math(Math.min),
  abs: whole(Math.abs),
  ceil: whole(Math.ceil),
  floor: whole(Math.floor),
  round: { least: 0, most: 1, apply: round },

  // Lists.
  size: { least: 0, most: 0, apply: (meter, value) => fieldOf(meter, value, "size") ?? 0 },
  first: { least: 0, most: 0, apply: (meter, value) => list(meter, value, 0)[0] },
  last: { least: 0, most: 0, apply: (meter, value) => list(meter, value, 0).at(-1) },
  join: { least: 0, most: 1, apply: join },
  map: {
    least: 1,
    most: 1,
    apply: (meter, value, [key]) => list(meter, value).map((item) => fieldOf(meter, item, textOf(meter, key))),
  },
  where: { least: 1, most: 2, apply: where },
  compact: { least: 0, most: 0, apply: (meter, value) => list(meter, value).filter((item) => !isNothing(item)) },
  reverse: { least: 0, most: 0, apply: (meter, value) => list(meter, value).toReversed() },
  uniq: { least: 0, most: 0, apply: (meter, value) => [...new Set(list(meter, value))] },
} as const satisfies Record<string, Filter>;

export type FilterName = keyof typeof filters;

/** @returns Whether a text may use the filter. */
export function isFilter(name: string): name is FilterName {
  return Object.hasOwn(filters, name);
}

/**
 * JSON inside a text. A value that is no text is returned unchanged, because senders write the same field in both ways.
 */
function parseJson(meter: Meter, value: unknown): unknown {
  if (typeof value !== "string") return value;
  chargeCharacters(meter, value.length);
  chargeCharacters(meter, valuesWritten(value) * jsonValueCost);
  const parsed = parsedJson(value);
  return parsed === undefined ? endRender(meter, "placeholder", "parse_json needs a text of JSON") : parsed;
}

function date(meter: Meter, value: unknown, [format]: readonly unknown[]): string | null {
  const shown = textOf(meter, format);
  chargeCharacters(meter, formattingCost(shown));
  return formatDate(value, shown);
}

/** The text of a value, charged by its length each time it is read. */
function long(meter: Meter, value: unknown, times = 1): string {
  const made = textOf(meter, value);
  chargeCharacters(meter, made.length * times);
  return made;
}

function joined(meter: Meter, left: string, right: string): string {
  chargeCharacters(meter, left.length + right.length);
  return left + right;
}

/** The elements of a value. `visited` of them are charged: all, unless a filter reads fewer. */
function list(meter: Meter, value: unknown, visited?: number): readonly unknown[] {
  if (!Array.isArray(value)) return endRender(meter, "placeholder", `${kindOf(value)} stands where a list is needed`);
  chargeIterations(meter, visited ?? value.length);
  return value;
}

function truncate(meter: Meter, value: unknown, [length, end]: readonly unknown[]): string {
  const made = textOf(meter, value);
  const most = count(meter, length, 50);
  // Code points, so that no character is cut in half. Only as many are read as fit.
  const looked = made.slice(0, (most + 1) * 2);
  chargeCharacters(meter, looked.length * pointCost);
  const points = Array.from(looked);
  if (points.length <= most) return made;
  const ellipsis = Array.from(end === undefined ? "..." : textOf(meter, end).slice(0, most));
  return points.slice(0, Math.max(most - ellipsis.length, 0)).join("") + ellipsis.join("");
}

function truncateWords(meter: Meter, value: unknown, [words, end]: readonly unknown[]): string {
  const made = long(meter, value).trim();
  const most = Math.max(count(meter, words, 15), 1);
  const all = made.split(/\s+/, most + 1);
  if (all.length <= most) return made;
  return joined(meter, all.slice(0, most).join(" "), end === undefined ? "..." : textOf(meter, end));
}

/** A count given to a filter: whole, from 0 to the longest text. */
function count(meter: Meter, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  const made = Math.trunc(numericValue(value));
  if (Number.isNaN(made)) return endRender(meter, "placeholder", `${kindOf(value)} stands where a number is needed`);
  return Math.min(Math.max(made, 0), 100_000);
}

function replaceAll(meter: Meter, value: unknown, from: unknown, to: unknown): string {
  const made = textOf(meter, value);
  const searched = needle(meter, made, textOf(meter, from));
  if (searched === "") return made;
  const put = textOf(meter, to);
  chargeCharacters(meter, made.length);
  return splitBy(made, searched, () => chargeCharacters(meter, pieceCost + put.length)).join(put);
}

function replaceFirst(meter: Meter, value: unknown, from: unknown, to: unknown): string {
  const made = textOf(meter, value);
  const put = textOf(meter, to);
  const at = firstPlace(made, needle(meter, made, textOf(meter, from)));
  chargeCharacters(meter, put.length);
  return at < 0 ? made : made.slice(0, at) + put + made.slice(at + textOf(meter, from).length);
}

function split(meter: Meter, value: unknown, [by]: readonly unknown[]): readonly string[] {
  const made = textOf(meter, value);
  const separator = needle(meter, made, textOf(meter, by));
  const parts = splitBy(made, separator, () => chargeCharacters(meter, pieceCost), partsMax + 1);
  if (parts.length > partsMax) endRender(meter, "too_much_work", `split gives at most ${partsMax} parts`);
  // Empty parts at the end are dropped, as in Liquid.
  return parts.slice(0, parts.findLastIndex((part) => part !== "") + 1);
}

function slice(meter: Meter, value: unknown, [begin, length]: readonly unknown[]): unknown {
  const from = Math.trunc(numericValue(begin));
  const most = count(meter, length, 1);
  if (Number.isNaN(from)) return endRender(meter, "placeholder", "slice needs a number to begin at");
  if (Array.isArray(value)) {
    const items = cut(value, from, most);
    chargeIterations(meter, items.length);
    return items;
  }
  const made = textOf(meter, value);
  chargeCharacters(meter, made.length * pointCost);
  return cut(Array.from(made), from, most).join("");
}

function cut<Item>(items: readonly Item[], from: number, most: number): readonly Item[] {
  const begin = from < 0 ? Math.max(items.length + from, 0) : from;
  return items.slice(begin, begin + most);
}

function round(meter: Meter, value: unknown, [digits]: readonly unknown[]): number {
  const scale = 10 ** Math.min(count(meter, digits, 0), 15);
  const scaled = Number((numericValue(value) * scale).toPrecision(15));
  return (Math.sign(scaled) * Math.round(Math.abs(scaled))) / scale;
}

function join(meter: Meter, value: unknown, [by]: readonly unknown[]): string {
  const between = by === undefined ? " " : textOf(meter, by);
  const items = list(meter, value);
  let length = 0;
  const texts = items.map((item) => {
    const made = textOf(meter, item);
    length += made.length + between.length;
    return made;
  });
  chargeCharacters(meter, length);
  return texts.join(between);
}

function where(meter: Meter, value: unknown, [key, expected]: readonly unknown[]): readonly unknown[] {
  const name = textOf(meter, key);
  return list(meter, value).filter((item) => {
    const found = isObject(item) ? fieldOf(meter, item, name) : undefined;
    return expected === undefined ? isTruthy(found) : isEqual(meter, found, expected);
  });
}
