import { describe, expect, it } from "vitest";
import { readCountry } from "../../../src/domain/people/country.ts";

describe("a country is read", () => {
  it.each<[written: string, code: string]>([
    ["MX", "MX"],
    ["mx", "MX"],
    [" mx ", "MX"],
    ["MEX", "MX"],
    ["mex", "MX"],
    ["484", "MX"],
    ["Mexico", "MX"],
    ["México", "MX"],
    ["MÉXICO", "MX"],
    ["Mexique", "MX"],
    ["Mexiko", "MX"],
    ["メキシコ", "MX"],
    ["🇲🇽", "MX"],
    ["United States", "US"],
    ["United States of America", "US"],
    ["The United States", "US"],
    ["U.S.A.", "US"],
    ["United States (US)", "US"],
    ["US - United States", "US"],
    ["Estados Unidos", "US"],
    ["Vereinigte Staaten", "US"],
    ["UK", "GB"],
    ["Great Britain", "GB"],
    ["England", "GB"],
    ["Reino Unido", "GB"],
    ["The Netherlands", "NL"],
    ["Holland", "NL"],
    ["Deutschland", "DE"],
    ["Allemagne", "DE"],
    ["Österreich", "AT"],
    ["osterreich", "AT"],
    ["Korea, Republic of", "KR"],
    ["South Korea", "KR"],
    ["Côte d’Ivoire", "CI"],
    ["Ivory Coast", "CI"],
    ["Czech Republic", "CZ"],
    ["Turkey", "TR"],
    ["Türkiye", "TR"],
    ["Hong Kong", "HK"],
    ["Bosnia & Herzegovina", "BA"],
    ["Россия", "RU"],
    ["Puerto Rico", "PR"],
    ["XK", "XK"],
  ])("%j is %s", (written, code) => {
    expect(readCountry(written)).toBe(code);
  });
});

describe("no country is read from", () => {
  it.each([
    "",
    " ",
    "Narnia",
    "XX",
    "EU",
    "Europe",
    "Korea",
    // Calling codes: 372 is Ireland's number as well.
    "372",
    "+372",
    "+52",
    "52",
    "1",
    // A code and a name that differ
    "Germany (FR)",
    "DE - France",
    "Schweiz/Suisse",
    "US, CA",
    // No phone numbers
    "Antarctica",
    "AQ",
    "__proto__",
    "constructor",
    "Our customers come from Mexico and the United States.",
    "M".repeat(10_240),
  ])("%j", (written) => {
    expect(readCountry(written)).toBeNull();
  });
});
