/**
 * Form-encoded bodies (WHATWG URL, section 5.1), with the bracket notation of PHP and Rails.
 *
 * Refused: over 2,000 fields, names of over 32 steps, escaped bytes of an unknown charset. The nesting is built here
 * and not by the library, which would allocate ten million elements for `a[9999999]=1`. `__proto__` is an ordinary
 * name.
 */

import { parse } from "picoquery";
import { type JsonValue, sanitizeText } from "../../domain/json.ts";
import { mayLackPlus } from "../../domain/people/phone.ts";
import { utf8 } from "../../platform/bytes.ts";
import type { UnreadBody } from "./unread-body.ts";

/** Fields of a form-encoded body. A CRM's record with all its custom fields has some hundreds. */
export const formFieldsMax = 2_000;

/** Steps of a field's name: `contact[fields][1]` has three. */
const formStepsMax = 32;

/**
 * An unescaped plus before a possible phone number. A form decodes it to a blank, and the number would lose its
 * international prefix.
 *
 * The blank is right if the digits make no number of the country with that calling code, as in `+4155550100` or
 * `+2026-11-28`, and if they begin with zero, because no calling code does. An escaped blank (`%20`) always stays a
 * blank.
 */
const unescapedPlus = /((?:^|&)[^=&]*=)\++(?=([1-9](?:%2[089BDF]|[\d+().\-/]){6}[^&]*))/gi;

/** Escaped characters of a value that may be a phone number. */
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

/** A node of the tree of names: its own values, and the nodes under its brackets. */
type Field = { values: JsonValue[]; isList: boolean; readonly under: Map<string, Field> };

/** Inside a form, U+FEFF is a character and no byte order mark. */
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/** The refusal of a form with too many fields. */
export const tooManyFields: UnreadBody = {
  ok: false,
  reason: "too_many_fields",
  detail: `a form may have ${formFieldsMax} fields`,
};

/** A form's fields. `isUtf8`: all escaped bytes are valid UTF-8. */
type DecodedForm = { readonly ok: true; readonly value: JsonValue; readonly isUtf8: boolean };

/**
 * Decodes a form. `contact[id]=1` becomes `{contact: {id: "1"}}`. `tags[]=a`, a repeated name, and brackets that count
 * from 0 become arrays. Every value is a text. If a name has both a value and brackets, its own value is stored under
 * `""`.
 *
 * @param decode Decodes escaped bytes that are not UTF-8; null refuses them, because their charset is unknown.
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

/** @returns The fields as one nested value. A repeated name becomes an array. */
export function formValue(
  fields: readonly (readonly [name: string, values: JsonValue | readonly JsonValue[]])[],
): { readonly ok: true; readonly value: JsonValue } | UnreadBody {
  const root = emptyField();
  for (const [name, values] of fields) {
    // Names are sanitized before they are merged. Two names that become equal afterwards would overwrite each other.
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

/** Splits `a[b][c]` into three steps. A name with unbalanced brackets is one step. */
function stepsOf(name: string): readonly string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])+)$/.exec(name);
  return match === null ? [name] : [match[1] ?? "", ...(match[2] ?? "").slice(1, -1).split("][")];
}

function put(root: Field, steps: readonly string[], values: readonly JsonValue[]): void {
  let here = root;
  for (const [index, step] of steps.entries()) {
    // `tags[]` makes a list, even of one value.
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
  // `Map` and `fromEntries` define properties instead of assigning them, so `__proto__` cannot change a prototype.
  const named = new Map([...under].map(([step, field]) => [step, fieldValue(field)] as const));
  if (values.length > 0) named.set("", named.has("") ? [own, named.get("") ?? null].flat() : own);
  return Object.fromEntries(named);
}

function countsUp(under: ReadonlyMap<string, Field>): boolean {
  for (let index = 0; index < under.size; index++) if (!under.has(String(index))) return false;
  return true;
}

/** Throws at most one exception per form. */
function isDecodable(escaped: string): boolean {
  try {
    decodeURIComponent(escaped);
    return true;
  } catch {
    return false;
  }
}

/**
 * Decodes percent-escapes that are not UTF-8 by the declared charset, else to U+FFFD. A `%` without two hex digits is
 * literal (WHATWG URL, sections 1.3 and 5.1).
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

/** Does not throw: a form may hold 300,000 escapes, and an exception for each would be slow. */
function isSoundUtf8(bytes: Uint8Array): boolean {
  const text = lossy.decode(bytes);
  if (!text.includes("\ufffd")) return true;
  // An escaped U+FFFD is valid. It encodes back to the same bytes.
  const again = utf8(text);
  return again.length === bytes.length && again.every((byte, at) => byte === bytes[at]);
}
