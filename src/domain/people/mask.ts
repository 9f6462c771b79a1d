/** Masks numbers and texts for readers without `pii:read`. Everything that leaves the service masked goes through this file. */

const hiddenText = "•••";
/** Always five signs, so that the mask does not reveal the length of the number. */
const hiddenDigits = "•••••";
const e164 = /^\+[1-9]\d{1,14}$/;
/** Calling codes are prefix-free: 1 and 7 stand alone, these have two digits, all others three (ITU-T E.164). */
const twoDigitCallingCode = /^(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;
const shownLastDigits = 2;
/** If fewer digits would stay hidden (islands with four-digit numbers), the last ones are hidden as well. */
const hiddenDigitsMin = 3;

/**
 * Masks a phone number: `+14155550100` → `+1•••••00`. The calling code and the last two digits remain: enough to distinguish two
 * calls of one order, too little to ring or to guess anyone.
 *
 * @param number E.164; anything else is hidden whole; null stays null
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
 * Masks a text (a prompt, a summary, a link to a recording): the mask shows that there is one, and not its length.
 *
 * @param text null and the empty text, where nothing is to be hidden, stay as they are
 */
export function maskText(text: string): string;
export function maskText(text: string | null): string | null;
export function maskText(text: string | null): string | null {
  return text === null || text === "" ? text : hiddenText;
}
