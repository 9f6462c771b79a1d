import { describe, expect, it } from "vitest";
import { type Outcome, outcomes } from "../../../src/domain/calls/call.ts";
import {
  assignReports,
  type ConversationReport,
  furtherTryOf,
  type Mismatch,
  nextPoll,
  type OwnCall,
} from "../../../src/domain/calls/settle.ts";
import { at, HOUR_MS, hours, now, support } from "../scene.ts";

const pollGiveUpMs = 86_400_000;
const report: ConversationReport = {
  callId: null,
  ended: true,
  outcome: "completed",
  raw: "completed",
  durationS: 42,
  summary: "All is well.",
  recordingUrl: null,
  startedAt: now + 1_000,
  number: "+14155550100",
  agent: "agent-1",
  elsewhere: false,
};

describe("the report of a call", () => {
  const call: OwnCall = {
    id: "one",
    mihuId: "call-1",
    number: "+14155550100",
    agent: "AGENT-1",
    claimedAt: now,
    placedAt: now + 2_000,
  };
  const nameless = { ...call, mihuId: null };
  const named: ConversationReport = { ...report, callId: "call-1" };
  const of = (own: OwnCall, reports: ConversationReport[], complete = true) =>
    assignReports([own], { reports, complete }).found.get(own.id) ?? null;

  it.each<[string, ConversationReport]>([
    ["named by Mihu's id", named],
    ["named in capitals", { ...named, callId: "CALL-1" }],
    ["named, though it began at no known time", { ...named, startedAt: null }],
    ["named, though Mihu does not say whom it rang", { ...named, number: null, agent: null }],
    ["named, and called inbound: the id decides", { ...named, elsewhere: true }],
    ["the only one that began when it did", report],
    ["five seconds early by Mihu's clock", { ...report, startedAt: now - 5_000 }],
    ["two minutes late: Mihu waited for a free channel", { ...report, startedAt: now + 122_000 }],
  ])("is the one that is %s", (_, its) => {
    expect(of(call, [its])).toEqual(its);
  });

  it("is the named one, whatever else the conversation holds", () => {
    expect(of(call, [report, { ...report, callId: "call-0" }, named])).toEqual(named);
  });

  it.each<[string, OwnCall, ConversationReport[]]>([
    ["there is none", call, []],
    ["it is with another number", call, [{ ...report, number: "+14155550101" }]],
    ["it is with another number, though it has Mihu's id of the call", call, [{ ...named, number: "+14155550101" }]],
    ["it is of another agent", call, [{ ...named, agent: "agent-2" }]],
    ["it has no id, and Mihu does not say whom it rang", call, [{ ...report, number: null }]],
    ["it began earlier", call, [{ ...report, startedAt: now - 5_001 }]],
    ["it began later", call, [{ ...report, startedAt: now + 122_001 }]],
    ["it began at no known time", call, [{ ...report, startedAt: null }]],
    ["it is inbound, simulated, of a campaign or a task", nameless, [{ ...report, elsewhere: true }]],
    ["two may be meant", nameless, [report, { ...report, startedAt: now + 3_000 }]],
    [
      "it has another id, and ours is there with another number",
      call,
      [
        { ...report, callId: "call-0" },
        { ...named, number: "+14155550101" },
      ],
    ],
  ])("is none where %s", (_, own, reports) => {
    expect(of(own, reports)).toBeNull();
  });

  it("is not guessed from a conversation that was not read whole, but by its id", () => {
    expect(of(call, [report], false)).toBeNull();
    expect(of(call, [named], false)).toEqual(named);
  });

  it("is not guessed where two calls of ours may be meant", () => {
    const other = { ...nameless, id: "two", claimedAt: now + 60_000, placedAt: now + 61_000 };
    const reports = [{ ...report, startedAt: now + 61_000 }];
    expect(assignReports([nameless, other], { reports, complete: true }).found.size).toBe(0);
  });

  it("is each call's own by time where nothing else can be meant, whichever ended before", () => {
    const early = { ...nameless, id: "early", claimedAt: now - HOUR_MS, placedAt: now - HOUR_MS };
    const before = { ...report, startedAt: now - HOUR_MS + 1_000, summary: "Before." };
    const { found } = assignReports([nameless, early], { reports: [report, before], complete: true });
    expect([...found].map(([id, { summary }]) => [id, summary])).toEqual([
      ["one", "All is well."],
      ["early", "Before."],
    ]);
  });

  it.each<[Mismatch, ConversationReport]>([
    ["number", { ...report, number: "+14155550101" }],
    ["number", { ...named, number: "+14155550101" }],
    ["agent", { ...named, agent: "agent-2" }],
  ])("is foreign where nothing in the conversation has the call's %s", (mismatch, its) => {
    expect([...assignReports([call], { reports: [its], complete: true }).foreign]).toEqual([["one", mismatch]]);
  });

  it("is not foreign where Mihu says nothing, nor of an agent that the line has no more", () => {
    expect(assignReports([call], { reports: [], complete: true }).foreign.size).toBe(0);
    expect(of({ ...call, agent: null }, [{ ...named, agent: "agent-2" }])).not.toBeNull();
  });
});

describe("asking after a call that continues", () => {
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
    furtherTryOf({ ...rule, ...deviation }, { try: which, outcome, line: support, zones: ["America/New_York"] }, now);

  it.each(outcomes.map((outcome) => [outcome, outcome === "no_answer" || outcome === "busy"] as const))(
    "after %s: %s",
    (outcome, wanted) => {
      expect(again(1, outcome) !== null).toBe(wanted);
    },
  );

  it("comes as long after the outcome as the rule says for this try, and expires from there", () => {
    expect(again(1, "busy")).toEqual({
      askedAt: now + 2 * HOUR_MS,
      dueAt: now + 2 * HOUR_MS,
      closesAt: null,
      expiresAt: now + 6 * HOUR_MS,
    });
    expect(again(2, "busy")).toEqual({
      askedAt: now + 24 * HOUR_MS,
      dueAt: now + 24 * HOUR_MS,
      closesAt: null,
      expiresAt: now + 28 * HOUR_MS,
    });
  });

  it("is not made once the rule's pauses are used up, nor where it names none", () => {
    expect(again(3, "busy")).toBeNull();
    expect(again(1, "busy", { tryAgain: null })).toBeNull();
  });

  it("waits for the line's hours where the customer is", () => {
    const line = { ...support, hours: hours("09:00", "17:00") };
    // 13:00 in New York, and eight hours later it is closed.
    const wanted = { ...rule, tryAgain: { on: ["busy"] as const, afterMs: [8 * HOUR_MS] } };
    expect(furtherTryOf(wanted, { try: 1, outcome: "busy", line, zones: ["America/New_York"] }, now)).toEqual({
      askedAt: now + 8 * HOUR_MS,
      dueAt: at("2026-01-06T14:00:00Z"),
      closesAt: at("2026-01-06T22:00:00Z"),
      expiresAt: at("2026-01-06T18:00:00Z"),
    });
  });

  it("is not made where it could never be placed", () => {
    expect(
      furtherTryOf(
        rule,
        { try: 1, outcome: "busy", line: { ...support, hours: hours("09:00", "17:00") }, zones: [] },
        now,
      ),
    ).toBeNull();
  });
});
