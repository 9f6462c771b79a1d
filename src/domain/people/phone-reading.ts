/**
 * Reads a number's text as its writer meant it. Pure.
 *
 * **Bare digits** (no plus, no `00`) may have lost their plus. `33612345678` of a German source is a number of France,
 * and +49 3361 2345678 as well. The number is ambiguous, and not guessed, if both are true:
 * - with a plus it is a valid number of another reading;
 * - the national reading is not what was written: the country's national format adds digits (a trunk prefix, a ninth
 *   digit) or lacks some.
 *
 * If the national format has exactly the written digits (ten digits in the United States, Mexico or Italy), the
 * national reading is taken. The national format is libphonenumber's, without the trunk prefix where its data calls it
 * optional (India, Russia).
 *
 * **A mark in place of the plus** (at the end, where right-to-left text moves it) reverses this: the plus is taken, and
 * the number is ambiguous if the national reading is what was written. If the number has the length of one with a plus
 * but is invalid, it is refused.
 */
import {
  type CountryCode,
  getCountryCallingCode,
  ParseError,
  type PhoneNumber,
  parsePhoneNumberWithError,
} from "libphonenumber-js/max";
import { successorsOf } from "./old-plans.ts";
import type { NumberText } from "./phone-text.ts";

/** One reading, two equally likely readings, or the mistake. */
type NumberReading =
  | { readonly number: PhoneNumber }
  | { readonly either: readonly [PhoneNumber, PhoneNumber] }
  | { readonly problem: string };

/** @param home Country of numbers without a calling code. */
export function readAsMeant({ text, lostPlus }: Omit<NumberText, "ok">, home: CountryCode | null): NumberReading {
  const abroad = /^00[\s.\-/]*[1-9]/.test(text) ? text.replace(/^00[\s.\-/]*/, "+") : null;
  const isBare = abroad === null && /^\(?[1-9]/.test(text);
  const withPlus = isBare ? tryRead(`+${text}`, null) : "";
  const plus = validOf(withPlus);
  // A zero in brackets is only written after a calling code.
  if (plus !== null && (/^\d{1,3}[\s.-]*\(0\)/.test(text) || (home === null && lostPlus))) return { number: plus };
  if (home === null) return readingOf(mended(tryRead(abroad ?? text, null)));

  const local = mended(tryRead(text, home));
  if (typeof local === "string" || !local.isValid()) {
    if (plus !== null && lostPlus) return { number: plus };
    if (plus !== null) return { problem: `is no number of ${home}; with a plus it would be one of ${nameOf(plus)}` };
    // People write 00 for international numbers everywhere, although only some countries dial it.
    return readingOf(abroad === null ? local : mended(tryRead(abroad, home)));
  }
  // 0052 is Mexico almost everywhere. In Singapore, a carrier's 005 before South Africa's 27 … begins the same way.
  const other = abroad === null ? null : validOf(tryRead(abroad, null));
  // 00 with this country's own calling code and a valid number has no other meaning.
  if (other?.countryCallingCode === getCountryCallingCode(home)) return { number: other };
  if (other !== null && other.number !== local.number) return { either: [local, other] };
  const meant = isBare ? withCallingCodeIfMeant(text, home, local) : local;
  if (plus?.number === meant.number) return { number: meant };
  const isWhole = isAsWritten(meant, digitsOf(text));
  if (plus === null) return lostPlus && !isWhole ? withoutPlus(withPlus, meant) : { number: meant };
  if (isWhole !== lostPlus) return { number: isWhole ? meant : plus };
  return { either: [meant, plus] };
}

/**
 * A mark replaces a plus, and the number is invalid with one. It may be mistyped, or of a range that is newer than the
 * data.
 */
function withoutPlus(made: PhoneNumber | string, meant: PhoneNumber): NumberReading {
  if (typeof made === "string" || !made.isPossible() || made.countryCallingCode === meant.countryCallingCode)
    return { number: meant };
  return { problem: `has lost its plus, and is not a valid number of ${nameOf(made)}` };
}

/** Whether a text that is no complete number, such as a short code, is valid in its country. */
export function isValidIn(text: string, home: CountryCode): boolean {
  return validOf(tryRead(text, home)) !== null;
}

/**
 * Whether a text, with a plus before it, has the length of a complete number of its country, or is one of a former
 * plan.
 */
export function isPossibleWithPlus(text: string): boolean {
  const made = mended(tryRead(`+${text}`, null));
  return typeof made !== "string" && (made.isPossible() || made.isValid());
}

function readingOf(made: PhoneNumber | string): NumberReading {
  return typeof made === "string" ? { problem: made } : { number: made };
}

function validOf(made: PhoneNumber | string): PhoneNumber | null {
  const whole = mended(made);
  return typeof whole !== "string" && whole.isValid() ? whole : null;
}

function nameOf({ country, countryCallingCode }: PhoneNumber): string {
  return country ?? `+${countryCallingCode}`;
}

const digitsOf = (text: string): string => text.replace(/\D/g, "");

/** Whether a number's national format has exactly the written digits. */
function isAsWritten(number: PhoneNumber, digits: string): boolean {
  const spare = { nationalPrefix: false };
  return digitsOf(number.formatNational()) === digits || digitsOf(number.format("NATIONAL", spare)) === digits;
}

/**
 * `4915112345678` from a German source is +49 151… without its plus, although 0491 is an area code too: the national
 * form would have a trunk zero. If a national reading lacks the prefix that its country writes, and the same digits
 * with a plus are a valid number of that country, the latter is taken.
 */
function withCallingCodeIfMeant(text: string, home: CountryCode, local: PhoneNumber): PhoneNumber {
  const digits = digitsOf(text);
  if (local.nationalNumber !== digits || !digits.startsWith(local.countryCallingCode)) return local;
  if (digitsOf(local.formatNational()) === digits) return local;
  return validOf(tryRead(`+${digits}`, home)) ?? local;
}

/** A number that is invalid as written: of a former plan, or with its calling code twice. */
function mended(reading: PhoneNumber | string): PhoneNumber | string {
  if (typeof reading === "string" || reading.isValid()) return reading;
  const { countryCallingCode: code, nationalNumber, ext } = reading;
  const national = String(nationalNumber);
  const again = national.startsWith(code) ? [national.slice(code.length)] : [];
  const found = new Map<string, PhoneNumber>();
  for (const candidate of [...successorsOf(code, national), ...again]) {
    const made = tryRead(`+${code}${candidate}${ext === undefined ? "" : ` x${ext}`}`, null);
    if (typeof made !== "string" && made.isValid()) found.set(made.number, made);
  }
  const [only, ...others] = found.values();
  return only === undefined || others.length > 0 ? reading : only;
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
