import { expect, test } from "vitest";
import { backoff } from "../../src/platform/backoff.ts";

test("A pause doubles with each failure up to its maximum, and begins anew after a success.", () => {
  const pause = backoff(1_000, 15_000);
  const pauses = Array.from({ length: 6 }, () => {
    const ms = pause.ms();
    pause.grow();
    return ms;
  });
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  pause.reset();
  expect(pause.ms()).toBe(1_000);
});
