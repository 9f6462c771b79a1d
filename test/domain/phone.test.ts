import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseNumber, pickNumber } from "../../src/domain/phone.ts";

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
  ["415-555-0100 / 415-555-0101", "US", /too long/],
  ["415-555-0100 or 415-555-0101", "US", /not a phone number/],
  ["order 4155550100", "US", /not a phone number/],
  ["1.4155550100E10", "US", /not a phone number/],
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

  it("answers any text with E.164 and a country or with a reason, and never throws", () => {
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

describe("pickNumber", () => {
  it("picks the first candidate that can be rung and tells its place", () => {
    expect(pickNumber(["", "415-555-0100 x7", "+1 900 555 0123", "+1 415 555 0101", "+14155550102"], "US")).toEqual({
      ok: true,
      e164: "+14155550101",
      country: "US",
      index: 3,
    });
  });

  it("says of each candidate why it cannot be rung, and calls it refused when one was", () => {
    expect(pickNumber(["", "911"], "US")).toEqual({
      ok: false,
      reason: "number_refused",
      detail: "1: is empty; 2: a short or emergency number",
    });
    expect(pickNumber(["n/a"], "US")).toEqual({ ok: false, reason: "no_number", detail: "is not a phone number" });
  });

  it("finds no number in an empty list", () => {
    expect(pickNumber([], "US")).toEqual({ ok: false, reason: "no_number", detail: "no candidate" });
  });
});
