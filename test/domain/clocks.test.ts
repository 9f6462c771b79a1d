import { describe, expect, it } from "vitest";
import { type ClockSample, clocksApartMs, clockWords, isApart, readClock } from "../../src/domain/clocks.ts";

const t = 1_700_000_000_000;
/** A question that took so long there and back, of a clock that is so much ahead. */
const ask = (aheadMs: number, thereMs: number, backMs = thereMs, at = t): ClockSample => ({
  sentAt: at,
  receivedAt: at + thereMs + backMs,
  theirs: at + thereMs + aheadMs,
});

describe("two clocks", () => {
  it.each([
    ["alike", 0],
    ["4 ms apart", 4],
    ["37 s apart", 37_000],
    ["an hour behind", -3_600_000],
    ["a day ahead", 86_400_000],
  ])("that are %s are measured exactly over an even way", (_, aheadMs) => {
    expect(readClock([ask(aheadMs, 20)])).toEqual({ aheadMs, errorMs: 21, asks: 1, movedMs: null });
  });

  it("are known within half of the round trip, however uneven its two ways are", () => {
    for (const [there, back] of [
      [0, 300],
      [300, 0],
      [1, 299],
      [150, 150],
      [290, 10],
    ] as const) {
      const reading = readClock([ask(5_000, there, back)]);
      expect(Math.abs((reading?.aheadMs ?? 0) - 5_000)).toBeLessThanOrEqual(reading?.errorMs ?? 0);
    }
  });

  it("are judged by the shortest of several round trips, wherever it stands", () => {
    const samples = [ask(100, 900, 0), ask(100, 2, 4, t + 2_000), ask(100, 0, 700, t + 3_000)];
    expect(readClock(samples)).toMatchObject({ aheadMs: 99, errorMs: 4, asks: 3, movedMs: null });
    expect(readClock([...samples].reverse())).toMatchObject({ aheadMs: 99, errorMs: 4 });
  });

  it("are unknown without a sample, and never 0", () => {
    expect(readClock([])).toBeNull();
    expect(readClock([{ sentAt: t, receivedAt: t - 5, theirs: t }])).toBeNull();
  });

  it("do not count a sample during which our own clock went back", () => {
    const reading = readClock([{ sentAt: t, receivedAt: t - 9_000, theirs: t + 1 }, ask(7, 5)]);
    expect(reading).toMatchObject({ aheadMs: 7, asks: 1 });
  });

  it("that stand still between I/O, as a Worker's does, widen the error and keep the truth within it", () => {
    // The question was sent 400 ms after the clock stood still.
    const reading = readClock([{ sentAt: t, receivedAt: t + 410, theirs: t + 405 + 3_000 }]);
    expect(Math.abs((reading?.aheadMs ?? 0) - 3_000)).toBeLessThanOrEqual(reading?.errorMs ?? 0);
  });
});

describe("a clock that is moved between two questions", () => {
  it.each([
    ["back", 0, -60_000, -60_000],
    ["forward", 0, 60_000, 60_000],
    ["to another server's, slightly", 0, 500, 500],
  ])("%s is noticed, with what is certain of it", (_, before, after, moved) => {
    const reading = readClock([ask(before, 3), ask(after, 3, 3, t + 50)]);
    expect(reading?.movedMs).toBe(moved - Math.sign(moved) * 8);
  });

  it("back and forth is noticed by its largest step", () => {
    expect(readClock([ask(0, 1), ask(9_000, 1), ask(2_000, 1)])?.movedMs).toBe(8_996);
  });

  it("by less than the error is not noticed, so that slow answers are no alarm", () => {
    expect(readClock([ask(0, 400, 0), ask(0, 0, 400, t + 900), ask(100, 200, 200, t + 2_000)])?.movedMs).toBeNull();
  });
});

describe("a difference counts as one", () => {
  const reading = (aheadMs: number, errorMs: number) => ({ aheadMs, errorMs, asks: 3, movedMs: null });
  it.each([
    [1_999, 0, false],
    [2_000, 0, true],
    [-2_000, 0, true],
    [-1_999, 0, false],
    [2_400, 500, false],
    [-2_600, 500, true],
    [40_000, 39_000, false],
  ])("of %d ms known within %d ms: %s", (aheadMs, errorMs, apart) => {
    expect(isApart(reading(aheadMs, errorMs), clocksApartMs)).toBe(apart);
  });

  it.each([
    [37_200, 4, "37.2 s ahead (± 0.004 s)"],
    [-3_600_000, 12.5, "3600 s behind (± 0.013 s)"],
    [0, 1, "0 s ahead (± 0.001 s)"],
    [-0.4, 1, "0 s behind (± 0.001 s)"],
  ])("in words: %d ± %d", (aheadMs, errorMs, words) => {
    expect(clockWords({ aheadMs, errorMs })).toBe(words);
  });
});
