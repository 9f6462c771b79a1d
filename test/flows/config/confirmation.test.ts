import { expect, test } from "vitest";
import { allConfirmed, unconfirmed } from "../../../src/flows/config/confirmation.ts";

const done = { confirmed: true } as const;

test("A change is confirmed if each that was told has it, and also if nobody had to be told.", () => {
  expect(allConfirmed([])).toEqual(done);
  expect(allConfirmed([done, done])).toEqual(done);
});

test("One that was not told makes it unconfirmed until the latest time, and each kind is named once.", () => {
  const [one, other, third] = [new Error("one"), new Error("other"), new Error("third")];
  const parts = [unconfirmed("inbox", 7, one), done, unconfirmed("names", 9, other), unconfirmed("inbox", 8, third)];
  expect(allConfirmed(parts)).toEqual({
    ...{ confirmed: false, untilMs: 9, untold: ["inbox", "names"] },
    errors: [one, other, third],
  });
});
