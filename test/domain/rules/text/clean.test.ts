import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clean } from "../../../../src/domain/rules/text/clean.ts";

describe("clean", () => {
  it.each([
    ["plain", "plain"],
    ["  trimmed  ", "trimmed"],
    ["a\u0000b\u0007c\u001b[31md\u007f\u009f", "abc[31md"],
    ["a\ud800b\udc00", "a\ufffdb\ufffd"],
    ["a\u202eb\u2066c\u200fd\u061ce", "abcde"],
    ["a\u200bb\ufeffc\u00add\u2060e", "abcde"],
    ["a\u{e0041}\u{e0042}b", "ab"],
    ["a\t\tb", "a b"],
    ["a \n \n b", "a b"],
    ["é e\u0301 ß 你好 👍🏽", "é e\u0301 ß 你好 👍🏽"],
    ["\n\n", ""],
    ["", ""],
  ])("makes %j %j on one line", (value, made) => {
    expect(clean(value, 80, "blanks")).toBe(made);
  });

  it("cuts between graphemes, never within one", () => {
    const family = "👨‍👩‍👧";
    expect(clean(family.repeat(4), 12, "blanks")).toBe(family.repeat(2));
    expect(clean(`${"x".repeat(79)}e\u0301`, 80, "blanks")).toBe("x".repeat(79));
    expect(clean(`${"x".repeat(78)}e\u0301y`, 80, "blanks")).toBe(`${"x".repeat(78)}e\u0301`);
    expect(clean("👍".repeat(81), 80, "blanks")).toBe("👍".repeat(80));
  });

  it("cuts one endless grapheme all the same", () => {
    expect(clean(`e${"\u0301".repeat(5_000)}`, 80, "blanks")).toHaveLength(80);
  });

  it("gives well-formed text of at most so many characters, for anything", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 300 }),
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom("kept" as const, "commas" as const, "blanks" as const),
        (value, most, breaks) => {
          const made = clean(value, most, breaks);
          expect(made.isWellFormed()).toBe(true);
          expect(Array.from(made).length).toBeLessThanOrEqual(most);
          expect(made).toBe(made.trim());
          if (breaks !== "kept") expect(made).not.toMatch(/[\n\r]/);
        },
      ),
      { seed: 3, numRuns: 2_000 },
    );
  });
});
