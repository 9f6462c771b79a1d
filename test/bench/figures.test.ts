import { describe, expect, it } from "vitest";
import { billOf } from "../../bench/cost/price.ts";
import type { Usage, UsageMeasured } from "../../bench/cost/usage.ts";
import { spreadOf } from "../../bench/load/load.ts";
import { cpuParts } from "../../bench/report/parts.ts";
import type { Measured } from "../../bench/throughput.ts";

const nothing: Usage = {
  requests: 0,
  objectRequests: 0,
  calls: {},
  alarms: {},
  rowsWritten: 0,
  rowsRead: 0,
  objectSeconds: 0,
};
const none: UsageMeasured = {
  pauseMs: 2_592,
  even: nothing,
  burst: nothing,
  batches: nothing,
  call: nothing,
  sweep: nothing,
};
const line = (usage: UsageMeasured, what: string) =>
  billOf(usage, "batches", 0, 1).lines.find((one) => one.what === what);

describe("the bill of a million events a month", () => {
  it("has a million of what one event uses, ten thousand of a call's, and a sweep's each minute", () => {
    const usage = {
      ...none,
      batches: { ...nothing, rowsWritten: 3 },
      call: { ...nothing, rowsWritten: 10 },
      sweep: { ...nothing, rowsWritten: 1 },
    };
    expect(line(usage, "rows written by objects")?.quantity).toBe(3_000_000 + 100_000 + 43_200);
  });

  it("counts a cron run of each minute as a request of the Worker", () => {
    expect(line(none, "Worker requests")?.quantity).toBe(43_200);
  });

  it("bills 128 MB for each second of an object, and charges what is over the plan's own", () => {
    const awake = line({ ...none, batches: { ...nothing, objectSeconds: 10 } }, "object duration");
    expect(awake).toMatchObject({ quantity: 1_280_000, usd: 16, onTopUsd: 11 });
    const asleep = line({ ...none, batches: { ...nothing, objectSeconds: 1 } }, "object duration");
    expect(asleep).toMatchObject({ usd: 1.6, onTopUsd: 0 });
  });

  it("has one more call of the inbox for each event that comes by itself, and none in batches", () => {
    const requests = (way: "even" | "batches") =>
      billOf(none, way, 0, 1).lines.find(({ what }) => what.startsWith("object requests"))?.quantity;
    expect([requests("even"), requests("batches")]).toEqual([1_000_000, 0]);
  });

  it("has an inbox that never rests if its connection is kept for longer than the pause between two events", () => {
    const usage = {
      ...none,
      even: { ...nothing, objectSeconds: 1 },
      call: { ...nothing, objectSeconds: 2 },
      sweep: { ...nothing, objectSeconds: 3, alarms: { LINE: 0.5, NOTARY: 1 } },
    };
    const gbS = (idleSeconds: number) =>
      billOf(usage, "even", 0, idleSeconds).lines.find(({ what }) => what === "object duration")?.quantity;
    expect(gbS(1)).toBeCloseTo(0.128 * (1_000_000 + 2 * 10_000 + 3 * 43_200));
    expect(gbS(15)).toBeCloseTo(0.128 * (2_592_000 + 44 * 10_000 + 10 * 43_200));
  });

  it("sums its lines", () => {
    const { lines, usd, onTopUsd } = billOf(
      { ...none, even: { ...nothing, requests: 20, objectSeconds: 5 } },
      "even",
      90,
      1,
    );
    expect(usd).toBeCloseTo(lines.reduce((sum, each) => sum + each.usd, 0));
    expect(onTopUsd).toBeGreaterThan(0);
    expect(onTopUsd).toBeLessThan(usd);
  });
});

describe("the parts of a webhook's CPU", () => {
  const measured = (rounds: number[], backends = rounds): Measured => ({
    perSecond: 0,
    p50Ms: 0,
    p99Ms: 0,
    refused: 0,
    rounds: [],
    p50Rounds: [],
    cpuUs: Object.fromEntries(
      Object.entries({ own: rounds, backends }).map(([name, of]) => [name, { ...spreadOf(of), rounds: of }]),
    ),
  });

  it("are differences of arrangements, round by round, for each event", () => {
    const throughput = {
      hookline: measured([500, 700, 600], [90, 110, 100]),
      "no object": measured([400, 500, 450]),
      "no call": measured([300, 350, 320]),
      batches: measured([6_000], [4_000]),
      "batches, no object": measured([4_000]),
      "batches, no call": measured([3_000]),
    };
    const { single, batched } = cpuParts({ throughput, groups: { ignored: 30 } });
    expect(single.worker).toEqual({ median: 320, min: 300, max: 350 });
    expect(single.call).toEqual({ median: 130, min: 100, max: 150 });
    expect(single.object).toEqual({ median: 150, min: 100, max: 200 });
    expect(single.backends).toEqual({ median: 100, min: 90, max: 110 });
    expect([single.group, batched.group]).toEqual([30, 0]);
    expect([batched.worker.median, batched.call.median, batched.object.median]).toEqual([30, 10, 20]);
  });
});
