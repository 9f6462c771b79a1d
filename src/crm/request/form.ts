import { parse } from "picoquery";
import { type JsonValue, sanitizeText } from "../../domain/json.ts";
import { mayLackPlus } from "../../domain/people/phone.ts";
import { utf8 } from "../../platform/bytes.ts";
import type { UnreadBody } from "./unread-body.ts";

/** Fields of a form-encoded body. A CRM's record with all its own fields has some hundreds. */
export const formFieldsMax = 2_000;

/** Steps of a form's name such as `contact[fields][1]`. */
const formStepsMax = 32;

/**
 * A plus that was not escaped, before what may be a number: the decoding of a form would make a blank of it. A number with a calling code
 * begins with no zero, so `+0151…` is a blank that a person typed, and so is a plus that makes no number of its country's length:
 * `+4155550100`, `+2026-11-28`. An escaped blank (`%20`) is one.
 */
const unescapedPlus = /((?:^|&)[^=&]*=)\++(?=([1-9](?:%2[089BDF]|[\d+().\-/]){6}[^&]*))/gi;

/** Characters of a value, as a form escapes it, that may be a number. */
const escapedNumberCharactersMax = 192;

function withPluses(form: string): string {
  return form.replace(unescapedPlus, (whole, name: string, value: string) =>
    value.length <= escapedNumberCharactersMax && mayLackPlus(unescaped(value)) ? `${name}%2B` : whole,
  );
}

function unescaped(value: string): string {
  return value
    .replaceAll("+", " ")
    .replace(/%([2-7][\dA-F])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The content of one name: its own values, and the fields that its brackets name. */
type Field = { values: JsonValue[]; isList: boolean; readonly under: Map<string, Field> };

/** A byte order mark within a form is a character of it. */
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/** The answer to a form of more fields than may be read. */
export const tooManyFields: UnreadBody = {
  ok: false,
  reason: "too_many_fields",
  detail: `a form may have ${formFieldsMax} fields`,
};

/** A form's fields. `isUtf8`: all escaped bytes are UTF-8. */
type DecodedForm = { readonly ok: true; readonly value: JsonValue; readonly isUtf8: boolean };

/**
 * Reads a form-encoded body. `contact[id]=1` is `{contact: {id: "1"}}`, `tags[]=a` and a repeated name are arrays, and so are brackets
 * that count from 0. Every value is a text. If a name has both a value and brackets, the value is stored under `""`.
 *
 * The nesting is done here, because the library would create ten million empty elements for `a[9999999]=1`.
 *
 * @param decode Reads escaped bytes that are no UTF-8; null if they are in a charset that is not known, which refuses them.
 */
export function decodeForm(
  text: string,
  decode: ((bytes: Uint8Array) => string) | null,
): DecodedForm | UnreadBody | "charset_unknown" {
  let fields = 1;
  for (let at = text.indexOf("&"); at !== -1; at = text.indexOf("&", at + 1)) {
    if (++fields > formFieldsMax) return tooManyFields;
  }
  const isUtf8 = !text.includes("%") || isDecodable(text);
  const sound = isUtf8 ? text : withSoundEscapes(text, decode);
  if (sound === null) return "charset_unknown";
  const flat = parse(withPluses(sound), { nesting: false, arrayRepeat: true });
  const value = formValue(Object.entries(flat).map(([name, values]) => [name, [values].flat().map(String)]));
  return value.ok ? { ...value, isUtf8 } : value;
}

/** @returns Fields as one value, their names' brackets undone; a repeated name is an array. */
export function formValue(
  fields: readonly (readonly [name: string, values: JsonValue | readonly JsonValue[]])[],
): { readonly ok: true; readonly value: JsonValue } | UnreadBody {
  const root = emptyField();
  for (const [name, values] of fields) {
    // Names are cleaned first: two names that become equal later would lose a value.
    const steps = stepsOf(sanitizeText(name));
    if (steps.length > formStepsMax)
      return { ok: false, reason: "too_deep", detail: `nested over ${formStepsMax} levels` };
    put(root, steps, [values].flat());
  }
  return { ok: true, value: Object.fromEntries([...root.under].map(([name, field]) => [name, fieldValue(field)])) };
}

function emptyField(): Field {
  return { values: [], isList: false, under: new Map() };
}

/** The steps of a name: `a[b][c]` has three. A name whose brackets do not match is one step. */
function stepsOf(name: string): readonly string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])+)$/.exec(name);
  return match === null ? [name] : [match[1] ?? "", ...(match[2] ?? "").slice(1, -1).split("][")];
}

function put(root: Field, steps: readonly string[], values: readonly JsonValue[]): void {
  let here = root;
  for (const [index, step] of steps.entries()) {
    // `tags[]` adds a value to a list, also if it is the only one.
    if (step === "" && index > 0 && index === steps.length - 1) {
      here.isList = true;
      break;
    }
    let next = here.under.get(step);
    if (next === undefined) {
      next = emptyField();
      here.under.set(step, next);
    }
    here = next;
  }
  here.values.push(...values);
}

function fieldValue({ values, isList, under }: Field): JsonValue {
  const [only] = values;
  const own = values.length === 1 && only !== undefined && !isList ? only : values;
  if (under.size === 0) return own;
  const isArray = values.length === 0 && [...under.keys()].every((step) => /^\d{1,5}$/.test(step)) && countsUp(under);
  if (isArray)
    return Array.from({ length: under.size }, (_, index) => fieldValue(under.get(String(index)) ?? emptyField()));
  // A `Map` and `fromEntries` define properties and never assign them, so `__proto__` is an ordinary name.
  const named = new Map([...under].map(([step, field]) => [step, fieldValue(field)] as const));
  if (values.length > 0) named.set("", named.has("") ? [own, named.get("") ?? null].flat() : own);
  return Object.fromEntries(named);
}

function countsUp(under: ReadonlyMap<string, Field>): boolean {
  for (let index = 0; index < under.size; index++) if (!under.has(String(index))) return false;
  return true;
}

/** One exception at most for each form. */
function isDecodable(escaped: string): boolean {
  try {
    decodeURIComponent(escaped);
    return true;
  } catch {
    return false;
  }
}

/**
 * Percent-escapes that are no UTF-8 are read in the declared charset, else they become U+FFFD; a `%` that escapes nothing stays (WHATWG
 * URL, 1.3 and 5.1).
 */
function withSoundEscapes(text: string, decode: ((bytes: Uint8Array) => string) | null): string | null {
  let isKnown = true;
  const sound = text.replace(/(?:%[\da-f]{2})+|%/gi, (run) => {
    if (run === "%") return "%25";
    const bytes = bytesOf(run);
    if (isSoundUtf8(bytes)) return run;
    isKnown &&= decode !== null;
    return decode === null ? run : encodeURIComponent(decode(bytes));
  });
  return isKnown ? sound : null;
}

function bytesOf(run: string): Uint8Array {
  return Uint8Array.from({ length: run.length / 3 }, (_, at) => Number.parseInt(run.slice(at * 3 + 1, at * 3 + 3), 16));
}

/** Nothing is thrown: a form may hold 300,000 runs. */
function isSoundUtf8(bytes: Uint8Array): boolean {
  const text = lossy.decode(bytes);
  if (!text.includes("\ufffd")) return true;
  // An escaped U+FFFD is sound, and decodes to the bytes that it was.
  const again = utf8(text);
  return again.length === bytes.length && again.every((byte, at) => byte === bytes[at]);
}
