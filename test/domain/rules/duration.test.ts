import { describe, expect, it } from "vitest";
import { parseDuration } from "../../../src/domain/rules/duration.ts";

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
