import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskNumber, maskText } from "../../../src/domain/people/mask.ts";

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
