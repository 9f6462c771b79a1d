import { describe, expect, it, test } from "vitest";
import { parseNumber, pickNumber } from "../../../src/domain/people/phone.ts";
import { callingCode, type Planned, plannedCountries, validNumbers } from "./valid-numbers.ts";

const pick = (texts: readonly string[], country: string) => pickNumber(texts.map((text) => parseNumber(text, country)));
const ambiguous = (...readings: [e164: string, country: string][]) => ({
  ok: false,
  reason: "number_ambiguous",
  detail: expect.stringMatching(/^may be one of [A-Z]{2}, or with a plus one of [A-Z]{2}$/),
  readings: readings.map(([e164, country]) => ({ ok: true, e164, country })),
});

describe("a plus behind digits, as right-to-left text moves it", () => {
  it.each<[raw: string, home: string | null, e164: string]>([
    ["33612345678+", "DE", "+33612345678"],
    ["33612345678+", null, "+33612345678"],
    ["14155550100+", "US", "+14155550100"],
    ["14155550100+", "DE", "+14155550100"],
    ["442079460958+", "US", "+442079460958"],
    ["44 20 7946 0958+", "IT", "+442079460958"],
    ["4915112345678+", "AT", "+4915112345678"],
    ["5215512345678+", "US", "+525512345678"],
    ["525512345678+", "US", "+525512345678"],
    ["972502345678+", "DE", "+972502345678"],
    ["551161234567+", "DE", "+5511961234567"],
  ])("is a plus: %j of source country %s is %s", (raw, home, e164) => {
    expect(parseNumber(raw, home)).toMatchObject({ ok: true, e164 });
  });

  it.each<[raw: string, home: string, e164: string]>([
    ["4155550100+", "US", "+14155550100"],
    [" 0151 12345678", "DE", "+4915112345678"],
    ["55 1234 5678+", "MX", "+525512345678"],
    ["30 12345678+", "DE", "+493012345678"],
    ["  (415) 555-0100", "US", "+14155550100"],
  ])("is none where no number begins so with a plus: %j of %s is %s", (raw, home, e164) => {
    expect(parseNumber(raw, home)).toMatchObject({ ok: true, e164 });
  });

  it("rings nobody if the number has the length of one with a plus, and is not valid", () => {
    expect(parseNumber("972501234567+", "DE")).toEqual({
      ok: false,
      reason: "no_number",
      detail: "has lost its plus, and is not a valid number of IL",
    });
  });

  it("is not guessed at if both are whole numbers as written", () => {
    expect(parseNumber("4315131234+", "US")).toEqual(ambiguous(["+14315131234", "CA"], ["+4315131234", "AT"]));
  });
});

describe("bare digits that may have lost their plus", () => {
  it.each<[raw: string, home: string, local: [string, string], plus: [string, string]]>([
    ["33612345678", "DE", ["+4933612345678", "DE"], ["+33612345678", "FR"]],
    ["33 6 12 34 56 78", "DE", ["+4933612345678", "DE"], ["+33612345678", "FR"]],
    ["390612345678", "DE", ["+49390612345678", "DE"], ["+390612345678", "IT"]],
    ["358961019", "FR", ["+33358961019", "FR"], ["+358961019", "FI"]],
    ["2039235592", "GB", ["+442039235592", "GB"], ["+2039235592", "EG"]],
  ])("are not guessed at if the national reading needs digits that nobody wrote: %j of %s", (raw, home, ...both) => {
    expect(parseNumber(raw, home)).toEqual(ambiguous(...both));
  });

  it.each<[raw: string, home: string, e164: string]>([
    ["4315131234", "US", "+14315131234"],
    ["3225551234", "IT", "+393225551234"],
    ["9512345678", "IN", "+919512345678"],
    ["4951234567", "RU", "+74951234567"],
    ["033612345678", "DE", "+4933612345678"],
    ["03361 2345678", "DE", "+4933612345678"],
    ["4915112345678", "DE", "+4915112345678"],
    ["33 (0)6 12 34 56 78", "DE", "+33612345678"],
    ["44 (0) 20 7946 0958", "US", "+442079460958"],
  ])("are read as they are written where the national reading is whole: %j of %s is %s", (raw, home, e164) => {
    expect(parseNumber(raw, home)).toMatchObject({ ok: true, e164 });
  });

  it("behind 00 are not guessed at where a carrier's prefix begins so, and another country follows", () => {
    expect(parseNumber("0052 782 630 1441", "SG")).toEqual(ambiguous(["+27826301441", "ZA"], ["+527826301441", "MX"]));
    expect(parseNumber("0052 782 630 1441", "DE")).toMatchObject({ ok: true, e164: "+527826301441" });
    expect(parseNumber("001 44 20 7946 0958", "SG")).toMatchObject({ ok: true, e164: "+442079460958" });
  });

  it("of another country only are refused, and the detail says which", () => {
    expect(parseNumber("33612345678", "US")).toEqual({
      ok: false,
      reason: "no_number",
      detail: "is no number of US; with a plus it would be one of FR",
    });
  });

  it("are refused for their kind if one of the readings must never be rung", () => {
    expect(parseNumber("449098790000", "DE")).toMatchObject({ ok: false, reason: "number_refused" });
  });

  it("are passed over for a candidate that can be rung, and named beside others that cannot", () => {
    expect(pick(["33612345678", "+14155550100"], "DE")).toMatchObject({ ok: true, index: 1 });
    expect(pick(["33612345678", "reception"], "DE")).toMatchObject({
      reason: "number_ambiguous",
      detail: "1: may be one of DE, or with a plus one of FR; 2: is not a phone number",
      readings: [{ e164: "+4933612345678" }, { e164: "+33612345678" }],
    });
  });
});

describe("the measure of the rule", () => {
  it.each<Planned>(["US", "CA", "MX", "IT"])(
    "is that none of 10,000 bare numbers of %s is ambiguous",
    { timeout: 60_000 },
    (country) => {
      const other = validNumbers(country, 10_000, 20_261_128).filter((national) => {
        const read = parseNumber(national, country);
        return read.ok ? read.e164 !== `+${callingCode(country)}${national}` : read.reason !== "number_refused";
      });
      expect(other).toEqual([]);
    },
  );

  const homes: Planned[] = ["DE", "FR", "GB", "AT", "NL", "US", "MX", "IT"];
  it.each(homes)("is that no foreign number that lost its plus rings a stranger of %s", { timeout: 60_000 }, (home) => {
    const strangers: string[] = [];
    for (const country of plannedCountries) {
      if (callingCode(country) === callingCode(home)) continue;
      for (const national of validNumbers(country, 60, 20_261_129)) {
        const digits = `${callingCode(country)}${national}`;
        const inForm = parseNumber(`${digits}+`, home);
        if (inForm.ok && inForm.e164 !== `+${digits}`) strangers.push(`${digits}+`);
        const bare = parseNumber(digits, home);
        // Ten digits that are a whole number of this country as they stand are one.
        const isWhole = bare.ok && bare.e164 === `+${callingCode(home)}${digits}` && ["US", "MX", "IT"].includes(home);
        if (bare.ok && bare.e164 !== `+${digits}` && !isWhole) strangers.push(digits);
      }
    }
    expect(strangers).toEqual([]);
  });
});

test.each([" 17878880951", "  17878880951", "17878880951"])("a blank is no plus: %j is bare digits", (written) => {
  expect(parseNumber(written, "AT")).toEqual(parseNumber("17878880951", "AT"));
  expect(parseNumber(written, "AT")).not.toMatchObject({ e164: "+17878880951" });
});

test.each([
  ["00 55 84 97494-4049", "BR", "+5584974944049"],
  ["00-49-30-12345678", "DE", "+493012345678"],
  ["00.44.20.7946.0958", "DE", "+442079460958"],
  ["030 12345678 (Büro)", "DE", "+493012345678"],
  ["030 12345678 (mother, home)", "DE", "+493012345678"],
])("%s of %s is %s", (written, home, e164) => {
  expect(parseNumber(written, home)).toMatchObject({ ok: true, e164 });
});

test.each(["falsche Nummer", "ungültig", "faxnummer", "DNC", "deceased", "verstorben"])(
  "a note (%s) refuses",
  (note) => {
    expect(parseNumber(`030 12345678 (${note})`, "DE")).toMatchObject({ ok: false, reason: "no_number" });
  },
);
