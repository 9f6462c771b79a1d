/** Masks numbers and texts for readers without `pii:read`. All masked output of the service comes from this file. */

const hiddenText = "•••";
/** Always five signs, so that the mask does not reveal the length of the number. */
const hiddenDigits = "•••••";
const e164 = /^\+[1-9]\d{1,14}$/;
/** Calling codes are prefix-free: 1 and 7 have one digit, these two, all others three (ITU-T E.164). */
const twoDigitCallingCode = /^(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;
const shownLastDigits = 2;
/** Minimum number of hidden digits. Islands with four-digit numbers have fewer, so their last digits are hidden too. */
const hiddenDigitsMin = 3;

/**
 * Masks a phone number: `+14155550100` becomes `+1•••••00`. Calling code and last two digits remain, which
 * distinguishes two calls of one order but identifies nobody.
 *
 * @param number E.164. Any other text is hidden completely; null stays null.
 */
export function maskNumber(number: string): string;
export function maskNumber(number: string | null): string | null;
export function maskNumber(number: string | null): string | null {
  if (number === null) return null;
  if (!e164.test(number)) return hiddenText;
  const digits = number.slice(1);
  const code = digits.slice(0, callingCodeLength(digits));
  const hiddenCount = digits.length - code.length - shownLastDigits;
  const last = hiddenCount < hiddenDigitsMin ? "" : digits.slice(-shownLastDigits);
  return `+${code}${hiddenDigits}${last}`;
}

function callingCodeLength(digits: string): number {
  if (digits.startsWith("1") || digits.startsWith("7")) return 1;
  return twoDigitCallingCode.test(digits) ? 2 : 3;
}

/**
 * Masks a text (a prompt, a summary, a link to a recording). The mask shows that there is one, but not its length.
 *
 * @param text Null and the empty text are returned unchanged.
 */
export function maskText(text: string): string;
export function maskText(text: string | null): string | null;
export function maskText(text: string | null): string | null {
  return text === null || text === "" ? text : hiddenText;
}
