/**
 * Detects an address in the payload that contradicts the country by which a rule's number was read. Pure.
 *
 * Only numbers without a calling code count, and only if the address's country makes another valid number of the same
 * digits. The number that rang may then be a stranger's. One event is enough. Countries and paths are stored, never a
 * number.
 */
import type { PlannableEvent } from "../events/event.ts";
import { isObject } from "../json.ts";
import { readCountry } from "../people/country.ts";
import { parseNumber } from "../people/phone.ts";
import { evaluateCondition } from "../rules/condition/condition.ts";
import type { MappingContext } from "../rules/context.ts";
import { valuesAt } from "../rules/field-paths.ts";
import type { Rule } from "../rules/rule.ts";
import { pathsOf } from "../rules/text/text.ts";
import type { PlanSource } from "./draft.ts";
import { candidateNumbers } from "./number.ts";
import { contextOf } from "./plan.ts";

/** Numbers in a row that agree with their address, after which an earlier difference is no longer reported. */
const countryAgreedMin = 20;

/** Objects of a payload that are searched for addresses, and their maximum depth. */
const objectsMax = 500;
const depthMax = 6;

/** The last difference that a rule's number had. A new version of the rule starts without a difference. */
export type CountryDifference = {
  readonly version: number;
  readonly since: number;
  /** The country by which the number was read (`none` if there was none), and the address's country. */
  readonly from: string;
  readonly to: string;
  /** Path of the address's country. */
  readonly address: string;
  agreed: number;
};

/** A number of an event beside an address. `path`: the field of the number. */
type CountryReading = { readonly path: string } & (
  | { readonly agrees: true }
  | { readonly agrees: false; readonly from: string; readonly to: string; readonly address: string }
);

type AddressCountry = { readonly country: string; readonly path: string };

/**
 * Checks the numbers of one event against its addresses, and updates the states of their fields.
 *
 * @param rules The source's rules.
 * @param states States of the watched fields. They are modified.
 */
export function observeCountries(
  rules: readonly Rule[],
  states: readonly { readonly rule: string; readonly path: string; country?: CountryDifference | undefined }[],
  event: PlannableEvent,
  source: PlanSource,
): void {
  const context = contextOf(event, source.slug, event.data);
  for (const rule of rules) {
    if (rule.mode === "off" || (rule.on !== null && !rule.on.includes(event.type))) continue;
    for (const one of states)
      if (one.rule === rule.name && one.country?.version !== rule.version) one.country = undefined;
    const asked = rule.when === null ? null : evaluateCondition(rule.when, context);
    if (asked !== null && !(asked.ok && asked.value)) continue;
    const reading = compareCountry(rule, context, source);
    const state = states.find((one) => one.rule === rule.name && one.path === reading?.path);
    if (reading !== null && state !== undefined)
      state.country = noteCountry(state.country, reading, rule.version, event.receivedAt);
  }
}

/** @returns The address's country in relation to the number's; null without an address. */
function compareCountry(rule: Rule, context: MappingContext, source: PlanSource): CountryReading | null {
  const candidates = candidateNumbers(rule, context, source);
  const rung = candidates.findIndex(({ read }) => read.ok);
  const index = rung >= 0 ? rung : candidates.findIndex(({ text }) => text.trim() !== "");
  const [candidate, template] = [candidates[index], rule.numbers[index]];
  const path = template === undefined ? undefined : pathsOf(template)[0];
  if (candidate === undefined || path === undefined || candidate.by.problem === "country_unreadable") return null;
  const { text, by, read } = candidate;
  if (parseNumber(text, null).ok) return null;
  const addresses = addressesBeside(path, context);
  const [address] = addresses;
  if (address === undefined) return null;
  if (addresses.some(({ country }) => country === by.country)) return { path, agrees: true };
  const meant = parseNumber(text, address.country);
  if (!meant.ok || (read.ok && read.e164 === meant.e164)) return null;
  return { path, agrees: false, from: by.country ?? "none", to: address.country, address: address.path };
}

/** @returns The difference to store after one more reading. */
function noteCountry(
  before: CountryDifference | undefined,
  reading: CountryReading,
  version: number,
  atMs: number,
): CountryDifference | undefined {
  if (!reading.agrees) {
    const { from, to, address } = reading;
    return { version, since: before?.since ?? atMs, from, to, address, agreed: 0 };
  }
  if (before === undefined || before.agreed + 1 >= countryAgreedMin) return undefined;
  return { ...before, agreed: before.agreed + 1 };
}

/** @returns Countries named by the object that holds the number, else by all addresses and persons in the payload. */
function addressesBeside(path: string, context: MappingContext): AddressCountry[] {
  const parent = path.replace(/(?:\.[^.[\]]+|\[[^[\]]*\])$/, "");
  const [own] = valuesAt(context, parent);
  const beside = countriesIn(own, parent);
  if (beside.length > 0) return beside;
  const root = path.startsWith("record") ? "record" : "data";
  return addressesIn(root === "record" ? context.record : context.data, root);
}

function addressesIn(payload: unknown, root: string): AddressCountry[] {
  const found = countriesIn(payload, root);
  const open: { value: unknown; path: string; depth: number }[] = [{ value: payload, path: root, depth: 0 }];
  for (let seen = 0; seen < objectsMax; seen++) {
    const next = open.shift();
    if (next === undefined) break;
    if (!isObject(next.value) || next.depth === depthMax) continue;
    for (const [name, value] of Object.entries(next.value).slice(0, objectsMax)) {
      if (!isObject(value)) continue;
      const path = `${next.path}${/^\w+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`}`;
      if (holdsAddress.test(name)) found.push(...countriesIn(value, path));
      open.push({ value, path, depth: next.depth + 1 });
    }
  }
  return found;
}

const holdsAddress =
  /address|billing|shipping|delivery|customer|contact|person|recipient|requester|propert|sobject|user|lead|buyer/i;
/**
 * Names such as `country`, `country_code`, `countryCode`, `billing_country`, `MailingCountryCode`, `country_iso2`; not
 * a product's country of origin.
 */
const namesCountry =
  /^(?!.*(?:origin|tax|bank|card|currency|phone|ip_))[a-z_ -]*country(?:[_ -]?(?:code|iso\d?|name))?(?:__c)?$/i;

/** @returns Countries in an object's own fields, those by code first. */
function countriesIn(value: unknown, path: string): AddressCountry[] {
  if (!isObject(value)) return [];
  return Object.entries(value)
    .filter(([name, text]) => typeof text === "string" && namesCountry.test(name))
    .map(([name, text]) => ({ country: readCountry(String(text)), path: `${path}.${name}` }))
    .filter((one): one is AddressCountry => one.country !== null)
    .sort((one, other) => Number(/code|iso/i.test(other.path)) - Number(/code|iso/i.test(one.path)));
}
