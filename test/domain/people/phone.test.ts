import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseNumber, pickNumber } from "../../../src/domain/people/phone.ts";

type Rung = [raw: string, country: string | null, e164: string, itsCountry: string];

const rung: Rung[] = [
  ["+14155550100", null, "+14155550100", "US"],
  ["+12345678900", null, "+12345678900", "US"],
  ["4155550100", "US", "+14155550100", "US"],
  ["14155550100", "US", "+14155550100", "US"],
  ["1 (415) 555.0100", "US", "+14155550100", "US"],
  ["+1 (415) 555-0100", "us", "+14155550100", "US"],
  ["+1.415.555.0100", null, "+14155550100", "US"],
  ["  +1 415 555 0100  ", null, "+14155550100", "US"],
  ["+18005550100", null, "+18005550100", "US"],
  ["+1 416 555 0100", "US", "+14165550100", "CA"],
  ["+1 876 555 0123", "US", "+18765550123", "JM"],
  ["876-555-0123", "US", "+18765550123", "JM"],
  ["+1 787 555 0123", "US", "+17875550123", "PR"],
  ["+1 242 365 1234", "US", "+12423651234", "BS"],
  // United Kingdom and its islands; trunk zeros
  ["+44 20 7946 0958", null, "+442079460958", "GB"],
  ["+44 (0)20 7946 0958", null, "+442079460958", "GB"],
  ["+44(0)2079460958", "US", "+442079460958", "GB"],
  ["+4402079460958", null, "+442079460958", "GB"],
  ["020 7946 0958", "GB", "+442079460958", "GB"],
  ["442079460958", "GB", "+442079460958", "GB"],
  ["+447624123456", "GB", "+447624123456", "IM"],
  ["+44 300 123 4567", null, "+443001234567", "GB"],
  // Prefixes for dialling abroad, and what people make of the plus
  ["00442079460958", null, "+442079460958", "GB"],
  ["00442079460958", "DE", "+442079460958", "GB"],
  ["0044 (0)20 7946 0958", "US", "+442079460958", "GB"],
  ["011 44 20 7946 0958", "US", "+442079460958", "GB"],
  ["010 44 2079460958", "JP", "+442079460958", "GB"],
  ["810 44 20 7946 0958", "RU", "+442079460958", "GB"],
  ["+00442079460958", null, "+442079460958", "GB"],
  ["++442079460958", null, "+442079460958", "GB"],
  ["+(44) 20 7946 0958", null, "+442079460958", "GB"],
  ["(+44) 20 7946 0958", null, "+442079460958", "GB"],
  // Germany: numbers of any length, and area codes that look like the country code
  ["0151 12345678", "DE", "+4915112345678", "DE"],
  ["0151/12345678", "DE", "+4915112345678", "DE"],
  ["4915112345678", "DE", "+4915112345678", "DE"],
  ["436641234567", "AT", "+436641234567", "AT"],
  // Italy keeps its zero
  ["+39 06 1234 5678", null, "+390612345678", "IT"],
  ["0612345678", "IT", "+390612345678", "IT"],
  ["+39 06 698 12345", null, "+390669812345", "VA"],
  ["393451234567", "IT", "+393451234567", "IT"],
  // Other plans
  ["06 12 34 56 78", "FR", "+33612345678", "FR"],
  ["+33(0)612345678", null, "+33612345678", "FR"],
  ["06-12345678", "NL", "+31612345678", "NL"],
  ["34612345678", "ES", "+34612345678", "ES"],
  ["8 (912) 345-67-89", "RU", "+79123456789", "RU"],
  ["+7 701 234 5678", "RU", "+77012345678", "KZ"],
  ["011 15-2345-6789", "AR", "+5491123456789", "AR"],
  ["+54 11 15 2345-6789", null, "+5491123456789", "AR"],
  ["0 21 11 96123-4567", "BR", "+5511961234567", "BR"],
  ["+52 1 55 1234 5678", null, "+525512345678", "MX"],
  ["5215512345678", "MX", "+525512345678", "MX"],
  ["098765 43210", "IN", "+919876543210", "IN"],
  ["919876543210", "IN", "+919876543210", "IN"],
  ["+86 138 0013 8000", null, "+8613800138000", "CN"],
  ["090-1234-5678", "JP", "+819012345678", "JP"],
  ["+81 (0)90-1234-5678", null, "+819012345678", "JP"],
  ["00380501234567", "UA", "+380501234567", "UA"],
  ["+590690001234", "FR", "+590690001234", "GP"],
  ["+358181234567", null, "+358181234567", "AX"],
  ["+4779123456", null, "+4779123456", "SJ"],
  ["4012", "NU", "+6834012", "NU"],
  // Other digits, other marks
  ["٠٥٠١٢٣٤٥٦٧", "SA", "+966501234567", "SA"],
  ["۰۹۱۲۳۴۵۶۷۸۹", "IR", "+989123456789", "IR"],
  ["०९८७६५४३२१०", "IN", "+919876543210", "IN"],
  ["＋１４１５５５５０１００", null, "+14155550100", "US"],
  ["𝟒𝟏𝟓𝟓𝟓𝟓𝟎𝟏𝟎𝟎", "US", "+14155550100", "US"],
  ["\u202A+14155550100\u202C", null, "+14155550100", "US"],
  ["+1\u00A0415\u2011555\u20110100", null, "+14155550100", "US"],
  ["+33 6\u202F12\u202F34\u202F56\u202F78", null, "+33612345678", "FR"],
  // URIs and labels
  ["tel:+1-415-555-0100", null, "+14155550100", "US"],
  ["TEL:%2B1%20415%20555%200100", null, "+14155550100", "US"],
  ["tel:555-0100;phone-context=+1415", null, "+14155550100", "US"],
  ["tel:+14155550100;isub=12", null, "+14155550100", "US"],
  ["whatsapp:+14155550100", null, "+14155550100", "US"],
  ["Tel: +1 415 555 0100", null, "+14155550100", "US"],
  ["Mobile 415-555-0100", "US", "+14155550100", "US"],
  ["+14155550100 (mobile)", null, "+14155550100", "US"],
  ["Tel.: +1 415 555 0100", null, "+14155550100", "US"],
  ["Ph: 415 555 0100", "US", "+14155550100", "US"],
  ["Phone number: 415 555 0100", "US", "+14155550100", "US"],
  ["cell# 415 555 0100", "US", "+14155550100", "US"],
  ["M. 415 555 0100", "US", "+14155550100", "US"],
  ["teléfono 91 123 45 67", "ES", "+34911234567", "ES"],
  // Characters that spreadsheets and mail programs put around a number
  ["'+14155550100", null, "+14155550100", "US"],
  ["'+14155550100'", null, "+14155550100", "US"],
  ['"+14155550100"', null, "+14155550100", "US"],
  ["<+14155550100>", null, "+14155550100", "US"],
  ["+1 [415] 555-0100", null, "+14155550100", "US"],
  // Marks that nobody sees, wherever they stand
  ["\u2066+1 415\u200b555\u200d0100\u2069", null, "+14155550100", "US"],
  ["\ufeff+1\u00ad415\u00ad555\u00ad0100", null, "+14155550100", "US"],
  ["+1\ufe0f4155550100\u0007", null, "+14155550100", "US"],
  ["\u3164+1\u20604155550100", null, "+14155550100", "US"],
  ["+1–415—555−0100", null, "+14155550100", "US"],
  // Digits of other scripts in other forms
  ["٠٠٩٦٦٥٠١٢٣٤٥٦٧", "SA", "+966501234567", "SA"],
  ["+۹۸ ۹۱۲ ۳۴۵ ۶۷۸۹", null, "+989123456789", "IR"],
  ["০১৭১২৩৪৫৬৭৮", "BD", "+8801712345678", "BD"],
  ["๐๘๑๒๓๔๕๖๗๘", "TH", "+66812345678", "TH"],
  ["（０３）１２３４－５６７８", "JP", "+81312345678", "JP"],
  // Slashes: behind an area code, and between all groups
  ["0470/12.34.56", "BE", "+32470123456", "BE"],
  ["+49 34321/123456", null, "+4934321123456", "DE"],
  ["415/555/0100", "US", "+14155550100", "US"],
  // A German extension that is dialled as part of the number
  ["030/123456-12", "DE", "+493012345612", "DE"],
  // Companies' numbers of no town: free, or an ordinary call
  ["0800 123 4567", "GB", "+448001234567", "GB"],
  ["1800 123 456", "AU", "+611800123456", "AU"],
  ["021-111-825-888", "PK", "+9221111825888", "PK"],
  ["+44 56 1234 5678", null, "+445612345678", "GB"],
  // The Caribbean looks like the United States
  ["(876) 555-0123", "US", "+18765550123", "JM"],
  ["1 809 220 1111", "US", "+18092201111", "DO"],
  ["+1 473 440 1234", "US", "+14734401234", "GD"],
  ["+1 671 555 0123", "US", "+16715550123", "GU"],
  // Trunk prefixes of other countries
  ["06 20 123 4567", "HU", "+36201234567", "HU"],
  ["015 11 96123-4567", "BR", "+5511961234567", "BR"],
  ["+91-098765-43210", null, "+919876543210", "IN"],
  ["00 44 (0) 7400 123456", null, "+447400123456", "GB"],
];

const cannot: [raw: string, country: string | null, detail: RegExp][] = [
  ["", "US", /empty/],
  [" \t\u00A0", "US", /empty/],
  ["undefined", "US", /not a phone number/],
  ["[object Object]", "US", /not a phone number/],
  ["{{ data.phone }}", "US", /not a phone number/],
  ["anonymous", "US", /not a phone number/],
  ["-", "US", /not a phone number/],
  ["+", null, /not a phone number/],
  ["0", "US", /too short/],
  ["4155550100", null, /no country code/],
  ["14155550100", null, /no country code/],
  ["4155550100", "XX", /no country code/],
  ["4155550100", "FR", /not a valid number/],
  ["5550100", "US", /not a valid number/],
  ["+15551234567", null, /not a valid number/],
  ["555-625-1199", "US", /not a valid number/],
  ["+441632960001", null, /not a valid number/],
  ["+44 7911 123456 7", null, /not a valid number/],
  ["+999123456789", null, /unknown country code/],
  ["12345678901234567890", "US", /too long/],
  [`+1415555${"0".repeat(60)}`, "US", /longer than 64/],
  ["+1 415 555 0100\n+1 415 555 0101", null, /more than one line/],
  ["415-555-0100 / 415-555-0101", "US", /several/],
  ["415-555-0100 or 415-555-0101", "US", /not a phone number/],
  ["order 4155550100", "US", /not a phone number/],
  ["1.41556E+10", "US", /lost digits/],
  ["+1 415 555 01OO", "US", /not a phone number/],
  ["+1 415 555 0100²", null, /not a phone number/],
  ["+1 800 FLOWERS", null, /not a phone number/],
  ["sip:4155550100@example.com", "US", /not a phone number/],
  ["+1 415 555 0100 x12", null, /extension/],
  ["415-555-0100 ext. 9", "US", /extension/],
  ["+14155550100,,12#", null, /extension/],
  ["+14155550100;12", null, /extension/],
  ["+14155550100#12", null, /extension/],
  ["tel:+1-415-555-0100;ext=3", null, /extension/],
  ["+52 1 55 1234 5678 x9", null, /extension/],
  ["+14155550100p12", null, /not a phone number/],
  // Letters: what they stand for differs from one country's keypad to another's
  ["1-800-FLOWERS", "US", /not a phone number/],
  ["13 CABS", "AU", /not a phone number/],
  ["0800 REVERSE", "GB", /not a phone number/],
  // Two numbers: nobody can say which is meant, and the digits of both may make a third
  ["030 123456/57", "DE", /several/],
  ["+49 30 12345-0/-12", null, /several/],
  ["04321 1234/5678", "DE", /several/],
  ["020 7946 0958/9", "GB", /several/],
  ["030 123456 + 0151 12345678", "DE", /not a phone number/],
  ["0151 12345678 o. 030 123456", "DE", /not a phone number/],
  ["+14155550100 +14155550101", null, /not a phone number/],
  ["+14155550100;+14155550101", null, /not a phone number/],
  ["415-555-0100, 415-555-0101", "US", /not a phone number/],
  ["4155550100\t4155550101", "US", /too long/],
  // Codes of the keypad
  ["*67 415 555 0100", "US", /not a phone number/],
  ["#31#4155550100", "US", /not a phone number/],
  // Extensions as they are written elsewhere
  ["8 (495) 123-45-67 доб. 12", "RU", /extension/],
  ["+1 415 555 0100 int 5", null, /extension/],
  ["01 23 45 67 89 poste 12", "FR", /not a phone number/],
  ["+81 3-1234-5678 内線 12", "JP", /not a phone number/],
  ["+1 415 555 0100w12", null, /not a phone number/],
  // Notations of spreadsheets, and unknown forms
  ["4155550100.5", "US", /lost digits/],
  ["0000000000", "US", /not a valid number/],
  ["1234567890", "US", /not a valid number/],
  ["44 7400 123456", null, /no country code/],
  ["+8 912 345 67 89", "RU", /unknown country code/],
  ["''", "US", /not a phone number/],
];

const refused: [raw: string, country: string | null, detail: RegExp][] = [
  ["+1 900 555 0123", "US", /premium/],
  ["900-555-0123", "US", /premium/],
  ["+1 415 976 1234", "US", /premium/],
  ["+1 415 555 1212", "US", /premium/],
  ["+44 909 879 0000", null, /premium/],
  ["+44 843 123 4567", null, /premium/],
  ["+49 900 1 123456", null, /premium/],
  ["+979 123 456 789", null, /premium/],
  ["+1 900 555 0123 x5", null, /premium/],
  ["+49 1805 123456", null, /shared-cost/],
  ["+61 1300 123 456", null, /shared-cost/],
  ["13 12 34", "AU", /shared-cost/],
  ["+44 7600 123456", null, /pager/],
  ["+44 70 1234 5678", null, /personal/],
  ["+1 500 234 5678", null, /personal/],
  ["+870 773 111 632", null, /no country/],
  ["+881 6 1234 5678", null, /no country/],
  ["+800 1234 5678", null, /no country/],
  ["911", "US", /emergency/],
  ["9-1-1", "US", /emergency/],
  ["+1911", "US", /emergency/],
  ["112", "DE", /emergency/],
  ["+49112", null, /emergency/],
  ["١١٢", "SA", /emergency/],
  ["tel:112", "FR", /emergency/],
  ["999", null, /emergency/],
  ["000", "AU", /emergency/],
  ["15", "FR", /emergency/],
  ["116 117", "DE", /emergency/],
  ["116117", "IR", /emergency/],
  ["12345", "US", /short/],
  ["1-911", "US", /emergency/],
  ["9 911", "US", /emergency/],
  ["９１１", "US", /emergency/],
  ["00112", "DE", /emergency/],
  ["0112", "DE", /emergency/],
  ["988", "US", /emergency/],
  ["411", "US", /short/],
  ["+49 30 112", null, /emergency/],
  ["030 110", "DE", /emergency/],
  ["*86", "US", /short/],
  ["3311", "DE", /short/],
  ["118 118", "GB", /short/],
  ["11880", "DE", /short/],
  ["+49 177 99 1234567", null, /voicemail/],
  ["0871 123 4567", "GB", /premium/],
  ["0 892 70 12 34", "FR", /premium/],
  ["899 123456", "IT", /premium/],
  ["807 123 456", "ES", /premium/],
  ["+65 1900 123 4567", null, /premium/],
  ["+1 600 555 0123", null, /premium/],
  ["0137 1234567", "DE", /shared-cost/],
  ["0810 12 34 56", "FR", /shared-cost/],
  ["902 123 456", "ES", /shared-cost/],
  ["0570-012-345", "JP", /shared-cost/],
  ["1860 123 456 7", "IN", /shared-cost/],
  ["+882 16 123 456", null, /no country/],
];

describe("parseNumber", () => {
  it.each(rung)("reads %j of source country %s as %s of %s", (raw, country, e164, itsCountry) => {
    expect(parseNumber(raw, country)).toEqual({ ok: true, e164, country: itsCountry });
  });

  it.each(cannot)("finds no number to dial in %j of source country %s", (raw, country, detail) => {
    expect(parseNumber(raw, country)).toEqual({
      ok: false,
      reason: "no_number",
      detail: expect.stringMatching(detail),
    });
  });

  it.each(refused)("refuses %j of source country %s for its kind", (raw, country, detail) => {
    expect(parseNumber(raw, country)).toEqual({
      ok: false,
      reason: "number_refused",
      detail: expect.stringMatching(detail),
    });
  });

  it("never shows digits of the number in a detail", () => {
    for (const [raw, country] of [...cannot, ...refused]) {
      const parsed = parseNumber(raw, country);
      const digits = raw.replace(/\D/g, "");
      if (parsed.ok || digits.length < 3) continue;
      expect(parsed.detail.replace("64 characters", "")).not.toMatch(/\d/);
    }
  });

  it("reads its own result back as the same number, whatever the source's country", () => {
    const countries = fc.constantFrom(null, "US", "DE", "IT", "RU", "XX");
    fc.assert(
      fc.property(fc.constantFrom(...rung), countries, ([, , e164, itsCountry], country) => {
        expect(parseNumber(e164, country)).toEqual({ ok: true, e164, country: itsCountry });
      }),
      { seed: 20_261_123, numRuns: 200 },
    );
  });

  it("answers any text with E.164 and a country or with a reason, and never throws", { timeout: 30_000 }, () => {
    const symbol = fc.constantFrom(
      ..."0123456789+()-./ ;,x#*٣５%\u202A".split(""),
      "00",
      "tel:",
      ";ext=",
      "+1",
      "+44",
      "(0)",
    );
    const text = fc.oneof(
      fc.array(symbol, { maxLength: 24 }).map((symbols) => symbols.join("")),
      fc.string({ unit: "binary", maxLength: 80 }),
    );
    fc.assert(
      fc.property(text, fc.constantFrom(null, "US", "DE", "NU", "", "🙂"), (raw, country) => {
        const parsed = parseNumber(raw, country);
        if (!parsed.ok) return;
        expect(parsed.e164).toMatch(/^\+[1-9]\d{4,14}$/);
        expect(parsed.country).toMatch(/^[A-Z]{2}$/);
      }),
      { seed: 20_261_124, numRuns: 2_000 },
    );
  });
});

const pick = (texts: readonly string[], country: string) => pickNumber(texts.map((text) => parseNumber(text, country)));

describe("pickNumber", () => {
  it("picks the first candidate that can be rung and tells its place", () => {
    expect(pick(["", "415-555-0100 x7", "+1 900 555 0123", "+1 415 555 0101", "+14155550102"], "US")).toEqual({
      ok: true,
      e164: "+14155550101",
      country: "US",
      index: 3,
    });
  });

  it("says of each candidate why it cannot be rung, and calls it refused when one was", () => {
    expect(pick(["", "911"], "US")).toEqual({
      ok: false,
      reason: "number_refused",
      detail: "1: is empty; 2: is a short or emergency number",
    });
    expect(pick(["n/a"], "US")).toEqual({ ok: false, reason: "no_number", detail: "is not a phone number" });
  });

  it("finds no number in an empty list", () => {
    expect(pick([], "US")).toEqual({ ok: false, reason: "no_number", detail: "no candidate" });
  });
});
