import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "../../../src/domain/rules/duration.ts";

describe("parseDuration", () => {
  it.each([
    ["90s", 90_000],
    ["10m", 600_000],
    ["4h", 14_400_000],
    ["30d", 2_592_000_000],
    ["1w", 604_800_000],
    ["400d", 34_560_000_000],
    ["007m", 420_000],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text)).toEqual({ ok: true, ms });
  });

  it.each([
    "",
    "4",
    "h",
    "4 h",
    " 4h",
    "4H",
    "-4h",
    "+4h",
    "1.5h",
    "1e3s",
    "4h30m",
    "4ms",
    "٤h",
    "0s",
    "401d",
    "58w",
    "9999999999s",
  ])("refuses %j with a sentence", (text) => {
    expect(parseDuration(text)).toEqual({ ok: false, reason: expect.stringMatching(/^must be /) });
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0s"],
    [-5, "0s"],
    [1, "1s"],
    [90_000, "90s"],
    [5_400_000, "90m"],
    [86_400_000, "1d"],
    [1_209_600_000, "2w"],
    [2_592_000_000, "30d"],
  ])("writes %d ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it("writes what parseDuration reads back as the same time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 * 86_400 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1_000))).toEqual({ ok: true, ms: seconds * 1_000 });
      }),
      { seed: 20_261_123 },
    );
  });
});
