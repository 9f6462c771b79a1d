import { expect, test } from "vitest";
import { promisedFrom } from "./promises.ts";

const at = Date.parse("2026-11-28T12:00:00Z");
const later = new Date(at + 30_000).toISOString();
const latest = new Date(at + 75_000).toISOString();

test.each([
  ["a confirmed answer: at once", { confirmed: true, stopped: { confirmed: true, in_flight: 0 } }, at],
  ["a confirmed change of a source: at once", { confirmed: true }, at],
  ["calls on their way: once they have begun", { stopped: { confirmed: true, in_flight: 2 } }, at + 2_500],
  [
    "a line that did not confirm: at the time of its answer",
    { stopped: { confirmed: false, until: latest, in_flight: 0 } },
    at + 75_500,
  ],
  ["an inbox that did not confirm: at the time of its answer", { confirmed: false, until: later }, at + 30_500],
  [
    "both: at the later time",
    { confirmed: false, until: later, stopped: { confirmed: false, until: latest, in_flight: 1 } },
    at + 75_500,
  ],
  ["an earlier version: never", {}, null],
])("the answer is to be true with %s", (_, told, from) => {
  expect(promisedFrom(told, at)).toBe(from);
});

test("an answer that is not confirmed names its time", () => {
  expect(() => promisedFrom({ confirmed: false }, at)).toThrow("until when");
});
