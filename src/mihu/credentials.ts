/**
 * Credentials in Mihu's webhooks, which contain parts of its configuration (`data.fields`: `Authorization`, `api_key`,
 * `account_domain`).
 *
 * They are removed before anything is stored, at any depth and under any spelling of their names. Pure.
 *
 * Not guaranteed: a secret without a recognizable form, spoken or written inside a sentence, is not found.
 */
import { type JsonObject, type JsonValue, readJson } from "../domain/json.ts";

/** Names of fields to remove, reduced to lower-case letters and digits. */
const names: ReadonlySet<string> = new Set(["auth", "bearer", "jwt", "sid", "accountsid", "pwd", "pin", "otp"]);
/** Parts of names of fields to remove. */
const parts =
  /authori[sz]ation|accountdomain|apikey|accesskey|privatekey|secretkey|signingkey|clientkey|token|secret|passw|passphrase|credential|cookie|signature/;

/** Fields that together hold a name and a value (`{"name": "Authorization", "value": …}`). */
const pairNames = ["name", "key", "field", "header", "label", "title"];
const pairValues = ["value", "values", "content", "text", "default", "default_value"];

/** Secrets that are recognized in any text by their form. */
const forms: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]+\.[\w-]*\.[\w-]*(?:\.[\w-]*)*/g, "[dropped]"],
  [/\b(bearer|basic)\s+[\w.~+/=:-]{8,}/gi, "$1 [dropped]"],
  [/:\/\/[^\s/?#@]+@/g, "://[dropped]@"],
  [/([?&;][\w-]*(?:key|token|secret|sig|signature|password)=)[^\s&#"']+/gi, "$1[dropped]"],
  [/\b(authorization|api[-_ ]?key|account[-_ ]?domain)(["']?\s*[:=]\s*["']?)[^\s"',;}]+/gi, "$1$2[dropped]"],
  [/\b(?:whsec|whsk|sk|pk|rk|shpss|shpat|xox[a-z]|gh[a-z]|pat)[_-][\w+/=-]{8,}/g, "[dropped]"],
];

/** Levels of JSON inside JSON strings that are searched. Deeper ones are removed. */
const nestedMax = 3;

/** @returns A copy without credentials. A field with a credential's name is removed with everything below it. */
export function stripCredentials(value: JsonValue, nested = 0): JsonValue {
  if (typeof value === "string") return cleanText(value, nested);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return isPairOfTexts(value) ? [] : value.map((item) => stripCredentials(item, nested));
  return cleanObject(value, nested);
}

function cleanObject(value: JsonObject, nested: number): JsonObject {
  const pairName = pairNames.map((name) => ownText(value, name)).find((name) => name !== null && isCredential(name));
  const kept = Object.entries(value)
    .filter(([name]) => !isCredential(name) && !(pairName !== undefined && pairValues.includes(name.toLowerCase())))
    .map(([name, item]): [string, JsonValue] => [name, stripCredentials(item, nested)]);
  // `fromEntries` defines properties instead of assigning them, so `__proto__` cannot change a prototype.
  return Object.fromEntries(kept);
}

function ownText(value: JsonObject, name: string): string | null {
  const text = Object.hasOwn(value, name) ? value[name] : null;
  return typeof text === "string" ? text : null;
}

/** A pair in a list of headers: `["Authorization", "Bearer …"]`. */
function isPairOfTexts(value: readonly JsonValue[]): boolean {
  const [name, content] = value;
  return value.length === 2 && typeof name === "string" && typeof content === "string" && isCredential(name);
}

function isCredential(name: string): boolean {
  const plain = name.toLowerCase().replace(/[^a-z\d]/g, "");
  return names.has(plain) || parts.test(plain);
}

function cleanText(text: string, nested: number): string {
  const trimmed = text.trim();
  if (/^[[{]/.test(trimmed)) {
    const read = readJson(trimmed);
    if (read.ok && typeof read.value === "object")
      return nested >= nestedMax ? "[dropped]" : JSON.stringify(stripCredentials(read.value, nested + 1));
  }
  return forms.reduce((clean, [form, instead]) => clean.replace(form, instead), text);
}
