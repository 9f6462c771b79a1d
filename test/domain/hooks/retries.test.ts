import { describe, expect, it } from "vitest";
import { verdictOn } from "../../../src/domain/hooks/retries.ts";

const minuteMs = 60_000;
const hourMs = 3_600_000;
const answered = (status: number | null, retryAfterMs: number | null = null) => ({ status, retryAfterMs });

describe("an answer of a receiver", () => {
  it.each([200, 201, 202, 204, 299])("%i is delivered", (status) => {
    expect(verdictOn(answered(status), 10, 0)).toEqual({ is: "delivered" });
  });

  it("410 ends the hook at once", () => {
    expect(verdictOn(answered(410), 1, 0)).toEqual({ is: "end_hook", reason: "receiver_gone" });
  });

  it.each([400, 401, 403, 404, 405, 413, 422, 451, 499])("%i is given up after three tries", (status) => {
    expect([1, 2].map((tries) => verdictOn(answered(status), tries, 0).is)).toEqual(["retry", "retry"]);
    expect(verdictOn(answered(status), 3, 0)).toEqual({ is: "give_up", reason: "receiver_refuses" });
  });

  it.each([null, 100, 300, 301, 302, 304, 307, 308, 408, 425, 429, 500, 502, 503, 599])(
    "%s is retried nine times, then given up",
    (status) => {
      const verdicts = Array.from({ length: 10 }, (_, at) => verdictOn(answered(status), at + 1, 0));
      expect(verdicts.slice(0, 9).map(({ is }) => is)).toEqual(Array(9).fill("retry"));
      expect(verdicts[9]).toEqual({ is: "give_up", reason: "tries_used_up" });
      expect(verdictOn(answered(status), 11, 0)).toEqual(verdicts[9]);
    },
  );
});

describe("the pause before a retry", () => {
  const pauseOf = (tries: number, random: number, retryAfterMs: number | null = null) => {
    const verdict = verdictOn(answered(503, retryAfterMs), tries, random);
    return verdict.is === "retry" ? verdict.afterMs : null;
  };
  const planned = [5_000, 5 * minuteMs, 30 * minuteMs, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * hourMs)];

  it("grows by the plan", () => {
    expect(planned.map((_, at) => pauseOf(at + 1, 0))).toEqual(planned);
  });

  it("is longer by up to a tenth, by chance", () => {
    for (const [at, ms] of planned.entries()) {
      expect(pauseOf(at + 1, 0.5)).toBe(ms * 1.05);
      expect(pauseOf(at + 1, 0.999_999)).toBeLessThanOrEqual(ms * 1.1);
    }
  });

  it.each([
    [60_000, 60_000],
    [1_000, 5_000],
    [0, 5_000],
    [-5_000, 5_000],
    [24 * hourMs, 24 * hourMs],
    [25 * hourMs, 24 * hourMs],
    [Number.MAX_VALUE, 24 * hourMs],
  ])("obeys a Retry-After of %i ms with %i ms", (retryAfterMs, ms) => {
    expect(pauseOf(1, 0, retryAfterMs)).toBe(ms);
  });
});
