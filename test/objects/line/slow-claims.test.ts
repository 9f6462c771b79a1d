import { describe, expect, it } from "vitest";
import { slowClaims } from "../../../src/objects/line/slow-claims.ts";

describe("claims that take so long that none of their calls may begin", () => {
  it("make the line rest, longer each time and a minute at most, and are told once", () => {
    const slow = slowClaims();
    const told = [2_000, 2_001, 90_000, 2_500, 5_000].map((tookMs) => slow.took(tookMs, 0));
    expect(told.map((one) => one.slow && one.pauseMs)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000]);
    expect(told.map((one) => one.slow && one.first)).toEqual([true, false, false, false, false]);
    expect([slow.restsUntil(59_999), slow.restsUntil(60_000)]).toEqual([60_000, null]);
  });

  it("are over with the first fast one, which says so once", () => {
    const slow = slowClaims();
    expect([slow.restsUntil(0), slow.took(1_999, 0)]).toEqual([null, { slow: false, recovered: false }]);
    slow.took(3_000, 0);
    expect(slow.took(10, 5_000)).toEqual({ slow: false, recovered: true });
    expect(slow.took(10, 5_010)).toEqual({ slow: false, recovered: false });
    expect(slow.took(2_000, 6_000)).toEqual({ slow: true, first: true, pauseMs: 5_000 });
  });
});
