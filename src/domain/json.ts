/**
 * Parses JSON from outside. The result can be stored in Postgres, walked by templates and conditions, and parsed by any
 * program: no NUL, no lone surrogate, no lost digit of an id, no excessive depth.
 *
 * Objects are plain objects of own properties. A key `__proto__` is an own property and sets no prototype. Copy such
 * objects by spreading them, never by `Object.assign`.
 */

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export type JsonObject = { [key: string]: JsonValue };

export type JsonNote = "nul_replaced" | "malformed_unicode_replaced" | "large_number_kept_as_text";

type ReadJson =
  | { ok: true; value: JsonValue; notes: JsonNote[] }
  | { ok: false; reason: "not_json" | "too_deep" | "empty"; detail: string };

/** Maximum nesting. Deeper than any CRM nests, and safe for every recursive reader. */
export const jsonDepthMax = 64;

/** Number of consecutive digits from which an integer may not survive `JSON.parse`. */
const exactDigitsMax = 15;
/** A number with a huge exponent does not survive it either. */
const hugeExponent = /\d[eE]\+?\d{3}|\.[eE]/;
/** NUL can only appear as an escape, because raw control characters are invalid JSON. */
const escapedNul = /\\u0000/;
const escapedSurrogate = /\\u[dD][89a-fA-F]/;

/**
 * Parses one JSON text.
 *
 * - Depth is checked by a linear scan before any recursive code: over 64 levels is `too_deep`.
 * - An integer beyond ±(2^53 − 1), and a number beyond the range of a double, becomes its exact text.
 * - NUL and lone surrogates in strings and keys become U+FFFD.
 *
 * @param text The body. A leading byte order mark is skipped.
 * @returns The value, with a note for each kind of change; or the reason. Its detail never quotes the text.
 */
export function readJson(text: string): ReadJson {
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (/^\s*$/.test(body)) return { ok: false, reason: "empty", detail: "the body is empty" };
  if (mayBeTooDeep(body) && isTooDeep(body))
    return { ok: false, reason: "too_deep", detail: `nested over ${jsonDepthMax} levels` };

  const notes = new Set<JsonNote>();
  let value: JsonValue;
  try {
    value = mayHoldLargeNumber(body) ? parseKeepingDigits(body, notes) : JSON.parse(body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ok: false, reason: "not_json", detail: whereItFails(body, error.message) };
  }
  const escapes = body.includes("\\u");
  if ((escapes && (escapedNul.test(body) || escapedSurrogate.test(body))) || !body.isWellFormed()) {
    value = cleanValue(value, notes);
  }
  return { ok: true, value, notes: [...notes] };
}

/** Fast path: a text with at most as many opening brackets as allowed levels cannot be too deep. */
function mayBeTooDeep(text: string): boolean {
  let opening = 0;
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (++opening > jsonDepthMax) return true;
    }
  }
  return false;
}

/** Only every sixteenth character is examined, because a run of sixteen digits always contains one of them. */
function mayHoldLargeNumber(text: string): boolean {
  const step = exactDigitsMax + 1;
  for (let at = step - 1; at < text.length; at += step) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let from = at;
    while (from > 0 && isDigit(text.charCodeAt(from - 1))) from--;
    let to = at;
    while (to + 1 < text.length && isDigit(text.charCodeAt(to + 1))) to++;
    if (to - from + 1 > exactDigitsMax) return true;
  }
  return hugeExponent.test(text);
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/**
 * Measures the nesting of brackets outside strings. For invalid JSON the result is meaningless, but the parser rejects
 * it anyway.
 */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (inString) {
      if (unit === 0x5c) i++;
      else if (unit === 0x22) inString = false;
    } else if (unit === 0x22) inString = true;
    else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > jsonDepthMax) return true;
    } else if (unit === 0x7d || unit === 0x5d) depth--;
  }
  return false;
}

/** `JSON.parse` with the source text of each number (ECMAScript's "JSON.parse source text access"). */
function parseKeepingDigits(text: string, notes: Set<JsonNote>): JsonValue {
  const keepDigits = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value !== "number" || context?.source === undefined) return value;
    const isExact = Number.isFinite(value) && (Number.isSafeInteger(value) || !/^-?\d+$/.test(context.source));
    if (isExact) return value;
    notes.add("large_number_kept_as_text");
    return context.source;
  };
  return JSON.parse(text, keepDigits);
}

/** The parser's message quotes the text, which may be a customer's. Only the position is passed on. */
function whereItFails(text: string, message: string): string {
  const first = text.trimStart().charAt(0);
  if (first === "<") return "looks like XML or HTML, not JSON";
  if (/^[\w.%+-]+=/.test(text)) return "looks like a form, not JSON";
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position === String(text.length) || message.startsWith("Unexpected end")) return "ends too early";
  return position === undefined ? "not JSON" : `not JSON at character ${position}`;
}

function cleanValue(value: JsonValue, notes: Set<JsonNote>): JsonValue {
  if (typeof value === "string") return cleanText(value, notes);
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, notes));
  if (value === null || typeof value !== "object") return value;
  // `fromEntries` defines properties instead of assigning them, so `__proto__` stays an ordinary key.
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [cleanText(key, notes), cleanValue(item, notes)] as const),
  );
}

function cleanText(text: string, notes: Set<JsonNote>): string {
  if (text.includes("\0")) notes.add("nul_replaced");
  if (!text.isWellFormed()) notes.add("malformed_unicode_replaced");
  return sanitizeText(text);
}

/** Makes a text valid for Postgres and for UTF-8: NUL and lone surrogates become U+FFFD. */
export function sanitizeText(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}

/** Whether a value is an object, and neither an array nor null. */
export function isObject(value: JsonValue | undefined): value is JsonObject;
export function isObject(value: unknown): value is Readonly<Record<string, unknown>>;
export function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const arrayIndex = /^(?:0|[1-9]\d{0,8})$/;

/**
 * Looks up a dotted path such as `customer.phones.0.number`. Only own properties are found: `constructor`, `__proto__`
 * or an array's `length` only if the JSON contains them. A key with a dot cannot be named.
 *
 * @param path Keys and array indexes joined by dots. The empty path is the value itself.
 * @returns The value; undefined if any step is missing.
 */
export function valueAt(value: JsonValue, path: string): JsonValue | undefined {
  if (path === "") return value;
  let here: JsonValue | undefined = value;
  for (const step of path.split(".")) {
    if (Array.isArray(here)) here = arrayIndex.test(step) ? here[Number(step)] : undefined;
    else if (typeof here === "object" && here !== null && Object.hasOwn(here, step)) here = here[step];
    else return undefined;
    if (here === undefined) return undefined;
  }
  return here;
}
