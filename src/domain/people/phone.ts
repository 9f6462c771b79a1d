/**
 * From what people type into a phone field to a number that may be dialled: E.164, of a known country and a harmless kind.
 *
 * Decisions:
 * - **Valid, not just possible.** A number must fall into an allocated range of its country's plan. A number that merely
 *   has the right length has no known kind, and a premium number could hide behind that. The price: a range newer than
 *   libphonenumber's data is refused, visibly, until the dependency is updated. `+1 415 555 0100` and its like (555-01xx
 *   below a real area code) are valid; area code 555 itself is not.
 * - **An extension refuses the number.** E.164 cannot carry it, and without it another person answers (a switchboard, a
 *   menu, a colleague) and would hear about this customer's order. The next candidate may still be rung.
 * - **Nothing is guessed.** Without `+`, `00` and a source country a number means nothing: `4155550100` is a number in San
 *   Francisco and, read as `+41…`, one in Switzerland. Text around a number refuses it, but for a label.
 * - **Numbers of no country** (satellite, international networks, +800, +882, +979 …) are refused: no line can list their
 *   country, and they are what toll fraud rings.
 * - Personal numbers (+44 70, +1 500) are refused: they forward at the caller's cost, often at a premium. Universal access
 *   numbers of companies (+44 3) and toll-free numbers cost an ordinary call or nothing, and are rung.
 */

import {
  type CountryCode,
  isSupportedCountry,
  ParseError,
  type PhoneNumber,
  parsePhoneNumberWithError,
} from "libphonenumber-js/max";

export type NumberRefusal = { ok: false; reason: "no_number" | "number_refused"; detail: string };
export type DialableNumber = { ok: true; e164: string; country: string };

/** Longer than any number with every ornament; regular expressions see nothing longer. */
const numberCharactersMax = 64;

const refusedTypes: ReadonlyMap<string, string> = new Map([
  ["PREMIUM_RATE", "a premium-rate number"],
  ["SHARED_COST", "a shared-cost number"],
  ["PERSONAL_NUMBER", "a personal number, which forwards at the caller's cost"],
  ["PAGER", "a pager"],
  ["VOICEMAIL", "a voicemail access number"],
]);

/**
 * Numbers that are charged, or not answered by a customer, although their plan calls them ordinary; by country, national form.
 * US and CA: exchange 976 (pay per call) and 555-1212 (directory assistance) below any area code, 600 (the caller pays for the airtime).
 * JP: 0570, where the caller pays for the forwarding. DE: the emergency services of a town, behind its area code.
 */
const refusedNumbers: ReadonlyMap<string, readonly (readonly [RegExp, string])[]> = new Map([
  ["US", [[/^\d{3}(?:976\d{4}|5551212)$/, "a premium-rate number"]]],
  ["CA", [[/^(?:\d{3}(?:976\d{4}|5551212)|600\d{7})$/, "a premium-rate number"]]],
  ["JP", [[/^570/, "a shared-cost number"]]],
  ["DE", [[/^\d{2,3}11[02]$/, "a short or emergency number"]]],
]);
/** Emergency numbers, short codes and N11 services have at most six digits; 116xxx are the European helplines. */
const shortNumber = /^(?:\d{2,6}|116\d{3})$/;
const helpline = /^116\d{3}$/;

/**
 * Reads one number.
 *
 * @param raw what the field holds: any script's digits, any punctuation, `tel:` URIs, a label ("Mobile: …")
 * @param country the source's ISO 3166 country, for numbers without a country code; null or unknown: none
 * @returns the number in E.164 and *its own* country (+1 876 is JM, also for a US source); or `no_number` when it
 *   cannot be dialled, `number_refused` when it must not be. The detail never contains digits of the number.
 */
export function parseNumber(raw: string, country: string | null): DialableNumber | NumberRefusal {
  const trimmed = raw.trim();
  if (trimmed === "") return noNumber("is empty");
  if (trimmed.length > numberCharactersMax) return noNumber(`is longer than ${numberCharactersMax} characters`);
  if (/[\r\n\u2028\u2029]/.test(trimmed)) return noNumber("has more than one line");

  const text = plainNumber(trimmed);
  if (isSeveral(text)) return noNumber("may be several numbers");
  const home = homeCountry(country);
  if (isShort(text, home)) return numberRefused("a short or emergency number");

  const reading = readAsMeant(text, home);
  if (typeof reading === "string") return noNumber(reading);
  return checkDialable(reading, text);
}

/**
 * Picks the first of several candidates that can be rung.
 *
 * @param candidates in the order of the rule; an empty one is passed over
 * @returns the number with its place in the list; or `number_refused` if any candidate was that, else `no_number`, with the
 *   detail of each candidate by its place (from 1)
 */
export function pickNumber(
  candidates: readonly string[],
  country: string | null,
): (DialableNumber & { index: number }) | NumberRefusal {
  const details: string[] = [];
  let reason: NumberRefusal["reason"] = "no_number";
  for (const [index, candidate] of candidates.entries()) {
    const parsed = parseNumber(candidate, country);
    if (parsed.ok) return { ...parsed, index };
    if (parsed.reason === "number_refused") reason = "number_refused";
    details.push(candidates.length === 1 ? parsed.detail : `${index + 1}: ${parsed.detail}`);
  }
  return { ok: false, reason, detail: details.length === 0 ? "no candidate" : details.join("; ") };
}

const phoneUri = /^(?:tel|callto|sms|whatsapp):/i;
const leadingLabel =
  /^(?:(?:tel|telephone|téléphone|teléfono|telefon|phone|ph|mobile|mob|mobil|móvil|cell|cel|celular|handy|gsm|whatsapp|home|work)(?![\p{L}])(?:\s*(?:number|no|nr)\b)?|[tmp](?=[.:]))\s*[.:#]{0,2}\s*/iu;
/** Marks that a spreadsheet or a mail program puts around a number. */
const wrappedText = /^(?:'(.*?)'?|"(.*)"|<(.*)>|\[(.*)\])$/;
/** Invisible marks: format characters, variation selectors, fillers, controls that are no space. */
const invisible = /\p{Cf}|\p{Variation_Selector}|[\u115f\u1160\u3164\uffa0]|(?!\s)\p{Cc}/gu;
const trailingLabel = /\s*\(\p{L}[\p{L} ]{0,19}\)$/u;

/** Removes what is no part of the number: invisible marks, other scripts' digits, a scheme, a label, a doubled prefix. */
function plainNumber(raw: string): string {
  let text = asciiDigits(raw.replace(invisible, ""))
    .replace(/[\s·]+/gu, " ")
    .replaceAll("＋", "+")
    .trim();
  text = unwrapped(text).trim();
  if (phoneUri.test(text)) {
    text = text.replace(/%(2B|20|28|29|2D)/gi, (escaped) => decodeURIComponent(escaped));
    // A local number with its context is RFC 3966's business, which libphonenumber reads; other parameters do not dial.
    if (/;phone-context=/i.test(text)) return text;
    text = text.replace(phoneUri, "").replace(/;(?!ext=)[a-z-]+(?:=[^;]*)?/gi, "");
  }
  return text
    .trim()
    .replace(leadingLabel, "")
    .replace(trailingLabel, "")
    .replace(/^\(\s*(\+\s*\d{1,3})\s*\)/, "$1 ")
    .replace(/^\+[\s+]*(?:00)?\s*/, "+");
}

function unwrapped(text: string): string {
  const [, ...inner] = wrappedText.exec(text) ?? [];
  return inner.find((found) => found !== undefined) ?? text;
}

/** Digits of one script stand in a row from zero to nine (a promise of Unicode), so a digit's value is its distance. */
function asciiDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    if (digit >= "0" && digit <= "9") return digit;
    const code = digit.codePointAt(0) ?? 0;
    let distance = 0;
    while (distance < 100 && /\p{Nd}/u.test(String.fromCodePoint(code - distance - 1))) distance++;
    return String(distance % 10);
  });
}

/**
 * `030 123456/57` are two numbers, and in a country whose numbers have any length the digits of both make a valid third. A slash stands
 * behind an area code, or between all groups of a number; behind more digits it means another number.
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

/** A few islands have numbers this short: what is valid in the source's own country, helplines apart, is not a short code. */
function isShort(text: string, home: CountryCode | null): boolean {
  const digits = text.replace(/\D/g, "");
  if (text.startsWith("+") || !shortNumber.test(digits) || /\p{L}/u.test(text)) return false;
  if (helpline.test(digits) || home === null) return true;
  const reading = tryRead(text, home);
  return typeof reading === "string" || !reading.isValid();
}

/** The number as its writer most likely meant it, or what is wrong with it. */
function readAsMeant(text: string, home: CountryCode | null): PhoneNumber | string {
  const abroad = /^00\s*[1-9]/.test(text) ? text.replace(/^00\s*/, "+") : null;
  if (home === null) return withoutOldMobileDigit(tryRead(abroad ?? text, null));
  const local = tryRead(text, home);
  if (typeof local !== "string" && local.isValid()) return withCallingCodeIfMeant(text, home, local);
  // Few countries dial 00 to go abroad, yet everywhere people write it.
  return withoutOldMobileDigit(abroad === null ? local : tryRead(abroad, home));
}

/**
 * `4915112345678` from a German source is +49 151… without its plus, although 0491 is an area code too: the national form would have
 * the trunk zero. If a national reading lacks the prefix that its country writes, and the same digits behind a plus are a valid number
 * of that country, the latter is meant.
 */
function withCallingCodeIfMeant(text: string, home: CountryCode, local: PhoneNumber): PhoneNumber {
  const digits = text.replace(/\D/g, "");
  if (text.startsWith("+") || local.nationalNumber !== digits || !digits.startsWith(local.countryCallingCode))
    return local;
  if (local.formatNational().replace(/\D/g, "") === digits) return local;
  const international = tryRead(`+${digits}`, home);
  return typeof international !== "string" && international.isValid() ? international : local;
}

/** Mexico wrote +52 1 before mobile numbers until 2019; address books still do. */
function withoutOldMobileDigit(reading: PhoneNumber | string): PhoneNumber | string {
  if (typeof reading === "string" || !/^\+521\d{10}$/.test(reading.number) || reading.isValid()) return reading;
  const ext = reading.ext === undefined ? "" : ` x${reading.ext}`;
  return tryRead(`+52${reading.number.slice(4)}${ext}`, null);
}

function tryRead(text: string, home: CountryCode | null): PhoneNumber | string {
  try {
    return parsePhoneNumberWithError(
      text,
      home === null ? { extract: false } : { defaultCountry: home, extract: false },
    );
  } catch (error) {
    if (error instanceof ParseError) return parseFailure(error.message, text.startsWith("+"));
    throw error;
  }
}

function parseFailure(code: string, hasPlus: boolean): string {
  switch (code) {
    case "INVALID_COUNTRY":
      return hasPlus ? "has an unknown country code" : "has no country code, and the source has no country";
    case "TOO_SHORT":
      return "is too short";
    case "TOO_LONG":
      return "is too long";
    default:
      return "is not a phone number";
  }
}

function checkDialable(number: PhoneNumber, text: string): DialableNumber | NumberRefusal {
  const national = String(number.nationalNumber);
  if (!number.isValid()) {
    if (shortNumber.test(national) && !/\p{L}/u.test(text)) return numberRefused("a short or emergency number");
    return noNumber("is not a valid number of its country");
  }
  const type = number.getType();
  const why = type === undefined ? "a number of unknown kind" : refusedTypes.get(type);
  if (why !== undefined) return numberRefused(why);
  if (number.country === undefined) return numberRefused("a number of no country (satellite or international network)");
  const special = refusedNumbers.get(number.country)?.find(([form]) => form.test(national));
  if (special !== undefined) return numberRefused(special[1]);
  if (helpline.test(national)) return numberRefused("a short or emergency number");
  if (number.ext !== undefined) return noNumber("has an extension, which cannot be dialled");
  return { ok: true, e164: number.number, country: number.country };
}

function noNumber(detail: string): NumberRefusal {
  return { ok: false, reason: "no_number", detail };
}

function numberRefused(detail: string): NumberRefusal {
  return { ok: false, reason: "number_refused", detail };
}
