import { expect, test } from "vitest";
import { durationText, timeText } from "../../src/pages/times.ts";

test.each([
  ["2026-11-23T15:33:07.123Z", "23 Nov 2026, 15:33:07 UTC"],
  ["2026-01-05T00:00:00+00:00", "5 Jan 2026, 00:00:00 UTC"],
  ["2026-11-23T15:33:07+02:00", "2026-11-23T15:33:07+02:00"],
  ["yesterday", "yesterday"],
])("The time %s reads %s: only what is UTC is called so.", (iso, text) => {
  expect(timeText(iso, "seconds")).toBe(text);
});

test.each([
  [0, "0 s"],
  [59.4, "59 s"],
  [133, "2 min 13 s"],
  [3_725, "1 h 2 min"],
])("%d seconds read %s.", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
