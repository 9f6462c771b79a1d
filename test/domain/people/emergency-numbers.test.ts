/** The emergency services of a town, behind its area code, and subscriber numbers that only look like them. */
import examples from "libphonenumber-js/examples.mobile.json" with { type: "json" };
import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { expect, test } from "vitest";
import { isShortCodeOfTown } from "../../../src/domain/people/emergency-numbers.ts";
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
  "+49 30 115",
  "+49 2241 116117",
  "+49 221 11833",
  "+49 33203 118118",
  "+49 30 19222",
  "+49 (0)2241 / 19222",
  "+43 316 141",
  "+43 5572 1450",
  "+43 316 118877",
  "+39 06 1254",
  "+39 011 12345",
  "+86 10 12345",
  "+86 21 10086",
  "+86 755 95588",
  "+82 31 120",
  "+358 100 100",
  "+358 200 12345",
  "+358 20 202",
  "+358 20 98123",
  "+358 300 20200",
])("%s is the short code or the charged number of a service, and is never rung", (number) => {
  expect(parseNumber(number, null)).toMatchObject({ ok: false });
});

test.each([
  ["11880", "DE"],
  ["118218", "FR"],
  ["118 118", "GB"],
  ["3131", "FR"],
  ["892424", "IT"],
  ["411", "US"],
  ["46645", "US"],
  ["+1 411", null],
  ["+46 118118", null],
  ["+47 1881", null],
  ["+34 11888", null],
  ["+48 118913", null],
  ["+41 1811", null],
  ["+61 1223", null],
  ["+55 10315", null],
  ["+91 56161", null],
  ["+90 11880", null],
  ["+353 1 11811", null],
  ["+385 1 18981", null],
  ["+84 24 1080", null],
  ["+86 95588", null],
  ["0900 1234567", "DE"],
  ["0906 123 4567", "GB"],
  ["0899 123456", "FR"],
  ["0900 123456", "AT"],
  ["900 555 1234", "US"],
  ["0900 1234", "NL"],
  ["1900 1234", "VN"],
  ["0990 123456", "JP"],
])("%s of %s, a short code or a premium number as people write it, is never rung", (number, country) => {
  expect(parseNumber(number, country)).toMatchObject({ ok: false, reason: "number_refused" });
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
  "+49 30 2115",
  "+49 2241 9118",
  "+49 221 1157000",
  "+49 2241 19223",
  "+49 151 11883311",
  "+49 800 1188000",
  "+43 316 2141",
  "+43 664 1181181",
  "+43 5 1700",
  "+39 06 21254",
  "+39 011 612345",
  "+39 347 1161171",
  "+86 10 6212 3456",
  "+86 138 0013 8000",
  "+82 31 8120 1200",
  "+82 10 1201 2345",
  "+358 20 7181000",
  "+358 10 2345678",
  "+358 29 5000000",
  "+358 9 1234567",
  "+358 40 1182000",
])("%s is a subscriber's, and is rung", (number) => {
  expect(parseNumber(number, null)).toMatchObject({ ok: true });
});

/** Behind an area code of Austria they are refused: its examples are that short. */
const services = ["115", "1450", "11880", "116117", "12345"];

test("No valid number of a usual length is taken for one, however it ends: every country, each of its likely endings.", () => {
  const refused: string[] = [];
  let tried = 0;
  for (const country of getCountries()) {
    const like = examples[country];
    for (const ending of [
      "110",
      "112",
      "911",
      "999",
      "000",
      "118",
      "122",
      "144",
      "17",
      "15",
      ...(country === "AT" ? [] : services),
    ]) {
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
        if (isShortCodeOfTown(number)) refused.push(`${country} ${number.formatNational()}`);
      }
    }
  }
  expect(tried).toBeGreaterThan(4_000);
  expect(refused).toEqual([]);
});
