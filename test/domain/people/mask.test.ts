import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvCell, maskNumber, maskText } from "../../../src/domain/people/mask.ts";

describe("maskNumber", () => {
  it.each([
    ["+14155550100", "+1•••••00"],
    ["+79123456789", "+7•••••89"],
    ["+442079460958", "+44•••••58"],
    ["+4915112345678", "+49•••••78"],
    ["+380501234567", "+380•••••67"],
    ["+18765550123", "+1•••••23"],
    ["+6834012", "+683•••••"],
    ["4155550100", "•••"],
    ["+1 415 555 0100", "•••"],
    ["not a number", "•••"],
    ["", "•••"],
  ])("shows of %j only %j", (number, masked) => {
    expect(maskNumber(number)).toBe(masked);
  });

  it("keeps null", () => {
    expect(maskNumber(null)).toBeNull();
  });

  it("never shows more than a calling code and two digits, nor how long the number is", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+[1-9]\d{7,14}$/), (number) => {
        expect(maskNumber(number)).toMatch(/^\+\d{1,3}•{5}(?:\d\d)?$/);
      }),
      { seed: 20_261_123 },
    );
  });
});

describe("maskText", () => {
  it("says only that there is a text", () => {
    expect(maskText("They said that the box was empty.")).toBe("•••");
    expect(maskText("x")).toBe("•••");
    expect(maskText(null)).toBeNull();
    expect(maskText("")).toBe("");
  });
});

describe("csvCell", () => {
  it.each<[string | number | boolean | null | undefined, string]>([
    ["plain", "plain"],
    [null, ""],
    [undefined, ""],
    [12, "12"],
    [false, "false"],
    ["+14155550100", "+14155550100"],
    ["+14155550100 ", '"\'+14155550100 "'],
    ["+1415555010012345678", "'+1415555010012345678"],
    ["+0123", "'+0123"],
    ["+1+1", "'+1+1"],
    ["=1+1", "'=1+1"],
    ['=HYPERLINK("https://x")', '"\'=HYPERLINK(""https://x"")"'],
    ["-2+3", "'-2+3"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", '"\'\t=1"'],
    ["\r=1", '"\'\r=1"'],
    ["  =1", "'  =1"],
    ["＝1+1", "'＝1+1"],
    ["a,b", '"a,b"'],
    ["a;=1", '"a;=1"'],
    ['say "hi"', '"say ""hi"""'],
    ["two\nlines", '"two\nlines"'],
    ["•••", "•••"],
  ])("writes %j as %j", (value, cell) => {
    expect(csvCell(value)).toBe(cell);
  });

  it("makes no cell that begins as a formula, and loses nothing else", () => {
    const text = fc
      .array(fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", '"', "'", ",", ";", " ", "a", "1"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (raw) => {
        const cell = csvCell(raw);
        const content = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
        if (!/^\+[1-9]\d{1,14}$/.test(content)) expect(content).not.toMatch(/^\s*[=+\-@]|^[\t\r]/);
        expect(content === raw || content === `'${raw}`).toBe(true);
      }),
      { seed: 20_261_123, numRuns: 1_000 },
    );
  });
});
