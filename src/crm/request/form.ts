import { parse } from "picoquery";
import { type JsonValue, sanitizeText } from "../../domain/json.ts";
import type { UnreadBody } from "./body.ts";

/** Fields of a form-encoded body. A CRM's record with all its own fields has some hundreds. */
export const formFieldsMax = 2_000;

/** Steps of a form's name such as `contact[fields][1]`. */
const formStepsMax = 32;

/** The content of one name: its own values, and the fields that its brackets name. */
type Field = { values: string[]; isList: boolean; readonly under: Map<string, Field> };

/**
 * Reads a form-encoded body. `contact[id]=1` is `{contact: {id: "1"}}`, `tags[]=a` and a repeated name are arrays, and so are brackets
 * that count from 0. Every value is a text. If a name has both a value and brackets, the value is stored under `""`.
 *
 * The nesting is done here, because the library would create ten million empty elements for `a[9999999]=1`.
 */
export function decodeForm(text: string): { readonly ok: true; readonly value: JsonValue } | UnreadBody {
  let fields = 1;
  for (let at = text.indexOf("&"); at !== -1; at = text.indexOf("&", at + 1)) {
    if (++fields > formFieldsMax)
      return { ok: false, reason: "too_many_fields", detail: `a form may have ${formFieldsMax} fields` };
  }
  const flat = parse(withSoundEscapes(text), { nesting: false, arrayRepeat: true });
  const root = emptyField();
  for (const [name, value] of Object.entries(flat)) {
    // Names are cleaned first: two names that become equal later would lose a value.
    const steps = stepsOf(sanitizeText(name));
    if (steps.length > formStepsMax)
      return { ok: false, reason: "too_deep", detail: `nested over ${formStepsMax} levels` };
    put(root, steps, [value].flat().map(String));
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

function put(root: Field, steps: readonly string[], values: readonly string[]): void {
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

/** Percent-escapes that are no UTF-8 become U+FFFD, and a `%` that escapes nothing stays (WHATWG URL, 1.3 and 5.1). */
function withSoundEscapes(text: string): string {
  if (isSound(text)) return text;
  return text.replace(/(?:%[\da-f]{2})+|%/gi, (run) => {
    if (isSound(run)) return run;
    const bytes = Uint8Array.from(run.split("%").slice(1).filter(Boolean), (pair) => Number.parseInt(pair, 16));
    return bytes.length === 0 ? "%25" : encodeURIComponent(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
  });
}

function isSound(escaped: string): boolean {
  try {
    decodeURIComponent(escaped);
    return true;
  } catch {
    return false;
  }
}
