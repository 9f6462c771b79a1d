import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normaliseOrderNumber } from "../../../src/domain/events/order-number.ts";

describe("normaliseOrderNumber", () => {
  it.each([
    ["12345", "12345"],
    ["#12345", "12345"],
    [" #12345 ", "12345"],
    ["# 12345", "12345"],
    ["##12345", "12345"],
    ["№12345", "12345"],
    ["№ 12345", "12345"],
    ["\u00A0№\u00A012345", "12345"],
    ["＃１２３４５", "12345"],
    ["﹟12345", "12345"],
    ["\u200B#12345\u200F", "12345"],
    ["\uFEFF12345", "12345"],
    ["ACME-0042/B", "acme-0042/b"],
    ["ＡＣＭＥ", "acme"],
    ["Straße", "strasse"],
    ["STRASSE", "strasse"],
    ["e\u0301", "é"],
    ["No12345", "no12345"],
    ["N°12345", "n°12345"],
    ["12#45", "12#45"],
    ["0012345", "0012345"],
    ["#", ""],
    ["", ""],
    ["12\u000045", "12\uFFFD45"],
    ["12\uD80045", "12\uFFFD45"],
  ])("makes %j to %j", (raw, normal) => {
    expect(normaliseOrderNumber(raw)).toBe(normal);
  });

  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
    fc
      .array(
        fc.constantFrom(
          "#",
          "№",
          "＃",
          " ",
          "\u3000",
          "\u200B",
          "1",
          "ß",
          "ẞ",
          "İ",
          "Σ",
          "ﬁ",
          "ŉ",
          "ᾳ",
          "\u0345",
          "\0",
        ),
      )
      .map((parts) => parts.join("")),
  );

  it("is idempotent", () => {
    fc.assert(
      fc.property(text, (raw) => {
        const normal = normaliseOrderNumber(raw);
        expect(normaliseOrderNumber(normal)).toBe(normal);
      }),
      { seed: 20_261_123, numRuns: 5_000 },
    );
  });

  it("gives the same for any case, any sign before it and any blank around it", () => {
    const number = fc.stringMatching(/^[A-Za-z0-9]{1,6}-?[A-Za-z0-9]{1,6}$/);
    fc.assert(
      fc.property(
        number,
        fc.constantFrom("", "#", "№", "＃", "# "),
        fc.constantFrom("", " ", "\n"),
        (raw, sign, blank) => {
          expect(normaliseOrderNumber(blank + sign + raw.toUpperCase() + blank)).toBe(normaliseOrderNumber(raw));
        },
      ),
      { seed: 20_261_123 },
    );
  });

  it("leaves nothing that Postgres refuses", () => {
    fc.assert(
      fc.property(text, (raw) => {
        const normal = normaliseOrderNumber(raw);
        expect(normal.isWellFormed() && !normal.includes("\0")).toBe(true);
      }),
      { seed: 20_261_123 },
    );
  });
});
