/** The emergency services of a town, behind its area code, and subscriber numbers that only look like them. */
import examples from "libphonenumber-js/examples.mobile.json" with { type: "json" };
import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { expect, test } from "vitest";
import { isEmergencyOfTown } from "../../../src/domain/people/emergency-numbers.ts";
import { parseNumber } from "../../../src/domain/people/phone.ts";

test.each([
  "+49 2241 112",
  "+49 6221 110",
  "+49 (0) 33203 112",
  "0049 3691/112",
  "+49 30 112",
  "+49 89 110",
  "+43 316 122",
  "+43 5572 133",
  "+43 (0)2742-144",
  "+39 0471 118",
  "+39 0165 113",
])("%s is never rung", (number) => {
  expect(parseNumber(number, null)).toMatchObject({ ok: false, reason: "number_refused" });
});

test.each([
  ["02241 112", "DE"],
  ["0316/122", "AT"],
  ["0471 118", "IT"],
])("%s of %s is never rung", (number, country) => {
  expect(parseNumber(number, country)).toMatchObject({ ok: false, reason: "number_refused" });
});

test.each([
  "+49 2241 1120",
  "+49 2241 9112",
  "+49 30 123112",
  "+49 33203 80110",
  "+43 1 5128144",
  "+43 316 8122",
  "+39 06 4567112",
  "+62 21 5550110",
  "+352 27 112",
  "+1 415 555 0112",
  "+33 1 42 68 51 12",
])("%s is a subscriber's, and is rung", (number) => {
  expect(parseNumber(number, null)).toMatchObject({ ok: true });
});

test("No valid number of a usual length is taken for one, however it ends: every country, each of its likely endings.", () => {
  const refused: string[] = [];
  let tried = 0;
  for (const country of getCountries()) {
    const like = examples[country];
    for (const ending of ["110", "112", "911", "999", "000", "118", "122", "144", "17", "15"]) {
      for (const national of [
        like,
        like.slice(0, -1),
        `2${like.slice(1)}`,
        `3${like.slice(1)}`,
        `21${like.slice(2)}`,
      ]) {
        const digits = national.slice(0, -ending.length) + ending;
        const number = parsePhoneNumberFromString(`+${getCountryCallingCode(country)}${digits}`);
        if (!number?.isValid() || number.nationalNumber.length < 6) continue;
        tried += 1;
        if (isEmergencyOfTown(number)) refused.push(`${country} ${number.formatNational()}`);
      }
    }
  }
  expect(tried).toBeGreaterThan(4_000);
  expect(refused).toEqual([]);
});
