import { describe, expect, it } from "vitest";
import { type Outcome, outcomes } from "../../src/domain/call.ts";
import { pollGiveUpMs } from "../../src/domain/limits.ts";
import { furtherTry, nextPoll, type Report, reportOf } from "../../src/domain/settle.ts";
import { at, HOUR_MS, hours, now, support } from "./scene.ts";

const report: Report = {
  callId: null,
  ended: true,
  outcome: "completed",
  raw: "completed",
  durationS: 42,
  summary: "All is well.",
  recordingUrl: null,
  startedAt: now + 1_000,
};

describe("the report of a call", () => {
  const call = { mihuId: "call-1", placedAt: now };
  const named: Report = { ...report, callId: "call-1" };
  const other: Report = { ...report, callId: "call-0", summary: "Another call." };
  const old: Report = { ...other, startedAt: now - HOUR_MS };

  it.each<[string, Report[], Report | null]>([
    ["none, when there is no report", [], null],
    ["the one with Mihu's id of the call", [old, other, named], named],
    [
      "the one with Mihu's id, though it began at no known time",
      [{ ...named, startedAt: null }],
      { ...named, startedAt: null },
    ],
    ["the only one that began after the call was placed", [old, report], report],
    ["none of which no time is known: it may be an older call's", [{ ...report, startedAt: null }], null],
    ["none of two that may both be meant", [report, { ...report, startedAt: now + 2_000 }], null],
    ["none that began long before the call was placed", [old], null],
  ])("is %s", (_, reports, expected) => {
    expect(reportOf(call, reports, true)).toEqual(expected);
  });

  it("is found without Mihu's id when no other call of ours can be meant", () => {
    expect(reportOf({ mihuId: null, placedAt: now }, [old, report], true)).toEqual(report);
  });

  it("is not guessed when another open call of ours is in the conversation", () => {
    expect(reportOf(call, [report], false)).toBeNull();
    expect(reportOf(call, [named, other], false)).toEqual(named);
  });

  it("may have begun a little before our clock says that the call was placed", () => {
    const early = { ...report, startedAt: now - 35_000 };
    expect(reportOf(call, [early], true)).toEqual(early);
    expect(reportOf(call, [{ ...report, startedAt: now - 35_001 }], true)).toBeNull();
  });
});

describe("asking after a call that goes on", () => {
  it("is close at first, then rare, and at most an hour apart", () => {
    const waits = Array.from({ length: 8 }, (_, polls) => nextPoll({ placedAt: now, polls }, now));
    expect(waits).toEqual([60_000, 120_000, 300_000, 900_000, 1_800_000, 3_600_000, 3_600_000, 3_600_000]);
  });

  it("ends after a day without news", () => {
    expect(nextPoll({ placedAt: now, polls: 30 }, now + pollGiveUpMs - 1)).toBe(3_600_000);
    expect(nextPoll({ placedAt: now, polls: 30 }, now + pollGiveUpMs)).toBeNull();
  });
});

describe("a further try", () => {
  const rule = {
    expiresMs: 4 * HOUR_MS,
    tryAgain: { on: ["no_answer", "busy"] as const, afterMs: [2 * HOUR_MS, 24 * HOUR_MS] },
  };
  const again = (which: number, outcome: Outcome, deviation: Partial<typeof rule> | { tryAgain: null } = {}) =>
    furtherTry({ ...rule, ...deviation }, { try: which }, outcome, support, ["America/New_York"], now);

  it.each(outcomes.map((outcome) => [outcome, outcome === "no_answer" || outcome === "busy"] as const))(
    "after %s: %s",
    (outcome, wanted) => {
      expect(again(1, outcome) !== null).toBe(wanted);
    },
  );

  it("comes as long after the outcome as the rule says for this try, and expires from there", () => {
    expect(again(1, "busy")).toEqual({ dueAt: now + 2 * HOUR_MS, closesAt: null, expiresAt: now + 6 * HOUR_MS });
    expect(again(2, "busy")).toEqual({ dueAt: now + 24 * HOUR_MS, closesAt: null, expiresAt: now + 28 * HOUR_MS });
  });

  it("is not made once the rule's pauses are used up, nor where it names none", () => {
    expect(again(3, "busy")).toBeNull();
    expect(again(1, "busy", { tryAgain: null })).toBeNull();
  });

  it("waits for the line's hours where the customer is", () => {
    const line = { ...support, hours: hours("09:00", "17:00") };
    // 13:00 in New York, and eight hours later it is closed.
    const wanted = { ...rule, tryAgain: { on: ["busy"] as const, afterMs: [8 * HOUR_MS] } };
    expect(furtherTry(wanted, { try: 1 }, "busy", line, ["America/New_York"], now)).toEqual({
      dueAt: at("2026-01-06T14:00:00Z"),
      closesAt: at("2026-01-06T22:00:00Z"),
      expiresAt: at("2026-01-06T18:00:00Z"),
    });
  });

  it("is not made where it could never be placed", () => {
    expect(furtherTry(rule, { try: 1 }, "busy", { ...support, hours: hours("09:00", "17:00") }, [], now)).toBeNull();
  });
});
