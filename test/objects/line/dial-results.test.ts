import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dialResults } from "../../../src/objects/line/dial-results.ts";
import { probes } from "../../../src/objects/line/probes.ts";
import { createLog } from "../../../src/platform/log.ts";
import type { ClaimRef } from "../../../src/ports/calling/claims.ts";
import type { DialResult } from "../../../src/ports/calling/results.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const quiet = createLog({ info: () => {}, warn: () => {}, error: () => {} });
const refusal = new Error("a CHECK says no");
const result = (callId: string): DialResult => ({
  callId,
  claimSeq: 7,
  status: "rejected",
  reason: "refused",
  detail: {},
});

function stage(record: (ids: string[]) => void) {
  const [taken, closed, told]: [string[][], string[], string[]] = [[], [], []];
  const kept = dialResults(
    {
      results: {
        refuses: (error) => error === refusal,
        async record(_, results) {
          const ids = results.map(({ callId }) => callId);
          record(ids);
          taken.push(ids);
        },
      },
      journal: {
        async recorded(claims: readonly ClaimRef[]) {
          closed.push(...claims.map(({ callId }) => callId));
        },
      },
      log: quiet,
    },
    () => "support",
    (results) => told.push(...results.map(({ callId }) => callId)),
  );
  return { kept, taken, closed, told };
}

describe("an answer", () => {
  it("is held until Postgres has it and the journal knows", async () => {
    const { kept, taken, closed, told } = stage(() => {});
    kept.hold([{ callId: "b", claimSeq: 7 }]);
    kept.record(result("a"));
    expect(kept.holds(result("a"))).toBe(true);
    await vi.advanceTimersByTimeAsync(100);
    expect([taken, closed, told]).toEqual([[["a"]], ["a"], ["a"]]);
    expect(kept.holds(result("a"))).toBe(false);
    expect(kept.holds({ callId: "b", claimSeq: 7 })).toBe(true);
    expect(kept.holds({ callId: "b", claimSeq: 8 })).toBe(false);
    kept.drop({ callId: "b", claimSeq: 7 });
    expect(kept.holds({ callId: "b", claimSeq: 7 })).toBe(false);
  });

  it("is recorded again and again while Postgres is away", async () => {
    let tries = 0;
    const { kept, taken } = stage(() => {
      if (++tries < 4) throw new Error("Postgres is away");
    });
    kept.record(result("a"));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(tries).toBe(4);
    expect(taken).toEqual([["a"]]);
  });

  it("that Postgres refuses keeps none of the others", async () => {
    const { kept, taken, closed } = stage((ids) => {
      if (ids.includes("bad")) throw refusal;
    });
    for (const id of ["a", "bad", "b", "c"]) kept.record(result(id));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(taken.flat().sort()).toEqual(["a", "b", "c"]);
    expect(closed.sort()).toEqual(["a", "b", "bad", "c"]);
  });
});

describe("a paused line", () => {
  it("asks at its start, and then every thirty seconds", () => {
    const asks = probes();
    expect(asks.due(1_000_000)).toBe(true);
    expect(asks.due(1_029_999)).toBe(false);
    expect(asks.due(1_030_000)).toBe(true);
  });

  it("that pauses again right after it went on asks ever more rarely, and no more rarely than every quarter of an hour", () => {
    const asks = probes();
    let now = 1_000_000;
    const waits: number[] = [];
    for (let round = 0; round < 7; round++) {
      asks.resumed(now);
      asks.paused(now);
      const from = now;
      while (!asks.due(now)) now += 10_000;
      waits.push((now - from) / 1_000);
    }
    expect(waits).toEqual([60, 120, 240, 480, 900, 900, 900]);
    asks.paused(now + 60_000);
    expect(asks.due(now + 89_000)).toBe(false);
    expect(asks.due(now + 90_000)).toBe(true);
  });
});
