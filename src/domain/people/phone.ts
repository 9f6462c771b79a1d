/**
 * Converts the content of a phone field to a number that may be dialled: E.164, of a known country and an ordinary
 * kind.
 *
 * Decisions:
 * - **Valid, not just possible.** A number must be in an allocated range of its country's plan. A number that merely has the
 *   right length has no known kind and could be a premium number. The price: a range newer than libphonenumber's data
 *   is refused, visibly, until the dependency is updated. `+1 415 555 0100` and similar numbers (555-01xx in a real
 *   area code) are valid; area code 555 itself is not.
 * - **An extension refuses the number.** E.164 cannot contain it. Without it another person answers (a switchboard, a
 *   colleague) and would hear about this customer's order. The next candidate may still be called.
 * - **Nothing is guessed.** Without `+`, `00` and a source country a number has no meaning: `4155550100` is a number in
 *   San Francisco and, as `+41…`, one in Switzerland. Text around a number refuses it, except for a label.
 * - **Numbers of no country** (satellite, international networks, +800, +882, +979 …) are refused: no line can allow
 *   their country, and toll fraud uses them.
 * - Personal numbers (+44 70, +1 500) are refused: they forward at the caller's cost, often at a premium. Universal
 *   access numbers of companies (+44 3) and toll-free numbers cost an ordinary call or nothing, and are called.
 */

import { type CountryCode, isSupportedCountry, type PhoneNumber } from "libphonenumber-js/max";
import { isShortCodeOfTown } from "./emergency-numbers.ts";
import { isPossibleWithPlus, isValidIn, readAsMeant } from "./phone-reading.ts";
import { numberText } from "./phone-text.ts";

export type DialableNumber = { ok: true; e164: string; country: string };
export type NumberRefusal = {
  ok: false;
  reason: "no_number" | "number_refused" | "number_ambiguous" | "country_unreadable";
  /** A sentence about the number, without its digits. */
  detail: string;
  /** For `number_ambiguous`: the possible numbers. */
  readings?: readonly DialableNumber[];
  /** For `country_unreadable`: the field that should contain the country. */
  path?: string | null;
};

const refusedTypes: ReadonlyMap<string, string> = new Map([
  ["PREMIUM_RATE", "a premium-rate number"],
  ["SHARED_COST", "a shared-cost number"],
  ["PERSONAL_NUMBER", "a personal number, which forwards at the caller's cost"],
  ["PAGER", "a pager"],
  ["VOICEMAIL", "a voicemail access number"],
]);

/**
 * Numbers that cost extra, or that no customer answers, although their plan calls them ordinary; by country, in
 * national form.
 *
 * - US and CA: exchange 976 (pay per call) and 555-1212 (directory assistance) in any area code, and 600 (the caller
 *   pays for the airtime).
 * - JP: 0570, for which the caller pays the forwarding.
 * - FI: service numbers, many of which cost extra: 0100, 0200, 0300 and parts of 020.
 *
 * @see https://www.traficom.fi/en/communications/broadband-and-telephone/service-numbers
 */
const refusedNumbers: ReadonlyMap<string, readonly (readonly [RegExp, string])[]> = new Map([
  ["US", [[/^\d{3}(?:976\d{4}|5551212)$/, "a premium-rate number"]]],
  ["CA", [[/^(?:\d{3}(?:976\d{4}|5551212)|600\d{7})$/, "a premium-rate number"]]],
  ["JP", [[/^570/, "a shared-cost number"]]],
  ["FI", [[/^(?:[123]00|20(?:2[023]|9[89]))/, "a service number"]]],
]);
/** Emergency numbers, short codes and N11 services have at most six digits. 116xxx are the European helplines. */
const shortNumber = /^(?:\d{2,6}|116\d{3})$/;
const helpline = /^116\d{3}$/;

/**
 * Reads one number.
 *
 * @param raw The field's content: digits of any script, any punctuation, `tel:` URIs, a label ("Mobile: …").
 * @param country ISO 3166 country of numbers without a calling code; null if it is unknown.
 * @returns The number in E.164 and *its own* country (+1 876 is JM, also for a US source). Otherwise `no_number` if it
 *   cannot be dialled, `number_refused` if it must not be, `number_ambiguous` if it may be one of two.
 */
export function parseNumber(raw: string, country: string | null): DialableNumber | NumberRefusal {
  const written = numberText(raw);
  if (!written.ok) return noNumber(written.detail);
  const { text } = written;
  if (isSeveral(text)) return noNumber("may be several numbers");
  const home = homeCountry(country);
  if (isShort(text, home)) return numberRefused("a short or emergency number");

  const reading = readAsMeant(written, home);
  if ("problem" in reading) return noNumber(reading.problem);
  if ("number" in reading) return checkDialable(reading.number, text);
  return oneOf(reading.either.map((number) => checkDialable(number, text)));
}

/**
 * @param raw As for {@link parseNumber}.
 * @returns Whether a text that may have lost its plus has the length of a number with one. `4155550100` has not: no
 *   Swiss number is so short.
 */
export function mayLackPlus(raw: string): boolean {
  const written = numberText(raw);
  return written.ok && /^[1-9]/.test(written.text) && isPossibleWithPlus(written.text);
}

/**
 * If there are two readings, the refusal names both. If one of them must not be called, or has an extension, that is
 * the result.
 */
function oneOf(readings: readonly (DialableNumber | NumberRefusal)[]): NumberRefusal {
  for (const reading of readings) if (!reading.ok) return reading;
  const numbers = readings.filter((reading) => reading.ok);
  const detail = `may be one of ${numbers.map(({ country }) => country).join(", or with a plus one of ")}`;
  return { ok: false, reason: "number_ambiguous", detail, readings: numbers };
}

/** Reasons that are more specific than `no_number`, the most specific first. */
const tellingReasons = ["number_refused", "number_ambiguous", "country_unreadable"] as const;

/**
 * Picks the first of several numbers that can be called.
 *
 * @param candidates Results of reading, in the order of the rule. An empty number is skipped.
 * @returns The number with its position in the list; or the most specific reason, with the detail of each by its
 *   position (from 1).
 */
export function pickNumber(
  candidates: readonly (DialableNumber | NumberRefusal)[],
): (DialableNumber & { index: number }) | NumberRefusal {
  const index = candidates.findIndex(({ ok }) => ok);
  const found = candidates[index];
  if (found?.ok) return { ...found, index };
  const refusals = candidates.filter((one) => !one.ok);
  const [only] = refusals;
  if (only === undefined) return noNumber("no candidate");
  if (refusals.length === 1) return only;
  const reason = tellingReasons.find((telling) => refusals.some((one) => one.reason === telling)) ?? "no_number";
  const detail = refusals.map((one, place) => `${place + 1}: ${one.detail}`).join("; ");
  const readings = refusals.flatMap((one) => one.readings ?? []);
  return { ok: false, reason, detail, ...(readings.length === 0 ? {} : { readings }) };
}

/**
 * `030 123456/57` are two numbers. In a country with numbers of any length, the digits of both make a valid third. A
 * slash may follow an area code, or separate all groups of a number. After more digits it begins another number.
 */
function isSeveral(text: string): boolean {
  const [before, after, ...more] = text.split("/");
  if (before === undefined || after === undefined || more.length > 0 || !/\d/.test(after)) return false;
  const areaDigitsMax = /^(?:\+|00)/.test(text) ? 8 : 6;
  return before.replace(/\D/g, "").length > areaDigitsMax;
}

function homeCountry(country: string | null): CountryCode | null {
  const code = country?.trim().toUpperCase() ?? "";
  return isSupportedCountry(code) ? code : null;
}

/**
 * A few islands have numbers this short. A valid number of the source's own country is therefore no short code, except
 * for helplines.
 */
function isShort(text: string, home: CountryCode | null): boolean {
  const digits = text.replace(/\D/g, "");
  if (text.startsWith("+") || !shortNumber.test(digits) || /\p{L}/u.test(text)) return false;
  if (helpline.test(digits) || home === null) return true;
  return !isValidIn(text, home);
}

function checkDialable(number: PhoneNumber, text: string): DialableNumber | NumberRefusal {
  const national = String(number.nationalNumber);
  if (!number.isValid()) {
    if ((shortNumber.test(national) && !/\p{L}/u.test(text)) || isShortCodeOfTown(number))
      return numberRefused("a short or emergency number");
    return noNumber("is not a valid number of its country");
  }
  const type = number.getType();
  const why = type === undefined ? "a number of unknown kind" : refusedTypes.get(type);
  if (why !== undefined) return numberRefused(why);
  if (number.country === undefined) return numberRefused("a number of no country (satellite or international network)");
  const special = refusedNumbers.get(number.country)?.find(([form]) => form.test(national));
  if (special !== undefined) return numberRefused(special[1]);
  if (helpline.test(national) || isShortCodeOfTown(number)) return numberRefused("a short or emergency number");
  if (number.ext !== undefined) return noNumber("has an extension, which cannot be dialled");
  return { ok: true, e164: number.number, country: number.country };
}

function noNumber(detail: string): NumberRefusal {
  return { ok: false, reason: "no_number", detail };
}

function numberRefused(detail: string): NumberRefusal {
  return { ok: false, reason: "number_refused", detail: `is ${detail}` };
}
