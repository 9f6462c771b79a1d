import { describe, expect, it } from "vitest";
import {
  conversationOf,
  type FoundCall,
  type OtherCall,
  reconcileCall,
  type UnknownCall,
  unreadablePause,
} from "../../../src/domain/calls/reconcile.ts";
import { looksAfterMs } from "../../../src/domain/limits.ts";
import { HOUR_MS, now } from "../scene.ts";

const call: UnknownCall = { id: "ours", agent: "agent-1", number: "+14155550100", claimedAt: now, looks: 0 };

/** The one that is ours. */
const good: FoundCall = {
  conversationUuid: "conversation-1",
  contactUuid: "contact-1",
  callId: "call-1",
  agent: "agent-1",
  number: "+14155550100",
  moments: [now + 1_000],
  channel: "call",
  simulation: false,
  inbound: false,
  campaign: false,
  task: false,
};

const decide = (calls: FoundCall[], others: OtherCall[] = [], complete = true) =>
  reconcileCall(call, { calls, complete }, others);
const adopted = {
  kind: "adopt",
  adoption: {
    conversationUuid: "conversation-1",
    contactUuid: "contact-1",
    mihuId: "call-1",
    placedAt: now + 1_000,
  },
};
const later = { kind: "later", waitMs: 45_000 };

describe("a single call of Mihu's", () => {
  it("that can be ours and no other is adopted with its ids, as placed when it began", () => {
    expect(decide([good])).toEqual(adopted);
  });

  it.each<[string, Partial<FoundCall>]>([
    ["five seconds before the claim", { moments: [now - 5_000] }],
    ["two minutes after the claim", { moments: [now + 120_000] }],
    ["in an older conversation, as its newest session", { moments: [now - HOUR_MS, now + 2_000] }],
    ["with an agent whose id is written in capitals", { agent: "AGENT-1" }],
    ["with no id of its own yet", { callId: null }],
    ["on a channel that is not named", { channel: null }],
  ])("is adopted %s", (_, deviation) => {
    expect(decide([{ ...good, ...deviation }]).kind).toBe("adopt");
  });

  it.each<[string, Partial<FoundCall>]>([
    ["began more than five seconds before the claim", { moments: [now - 5_001] }],
    ["began more than two minutes after the claim", { moments: [now + 120_001] }],
    ["began at no known time", { moments: [] }],
    ["is the customer's own, inbound", { inbound: true }],
    ["is a simulation", { simulation: true }],
    ["is of a campaign", { campaign: true }],
    ["is of a task", { task: true }],
    ["is of another agent", { agent: "agent-2" }],
    ["is of no known agent", { agent: null }],
    ["is to a number that only contains ours", { number: "+141555501009" }],
    ["is to a number that cannot be read", { number: null }],
    ["is no phone call", { channel: "whatsapp" }],
  ])("is not adopted when it %s", (_, deviation) => {
    expect(decide([{ ...good, ...deviation }])).toEqual(later);
  });

  it("is adopted among others that cannot be ours", () => {
    const others = [
      { ...good, conversationUuid: "conversation-2", callId: "call-2", inbound: true },
      { ...good, callId: "call-0", moments: [now - HOUR_MS] },
    ];
    expect(decide([...others, good])).toEqual(adopted);
  });
});

describe("what another call of ours has", () => {
  const other: OtherCall = { conversationUuid: "conversation-1", mihuId: "call-1", claimedAt: now - 60_000 };
  const sibling: FoundCall = { ...good, callId: "call-0", moments: [now - 55_000] };

  it.each<[string, FoundCall[], OtherCall]>([
    ["the same call of Mihu's", [good, sibling], other],
    ["the same call, of which it knows no conversation", [good], { ...other, conversationUuid: null }],
    ["the only call of its conversation, named in another way", [good], { ...other, mihuId: "CA0123" }],
    ["the only call of its conversation, however old", [good], { ...other, mihuId: null, claimedAt: now - HOUR_MS }],
    ["its conversation, and a window in which this one began", [good, sibling], { ...other, mihuId: null }],
    [
      "no conversation, an id that names nothing, and a window in which this one began",
      [good, sibling],
      { ...other, conversationUuid: null, mihuId: "CA0123" },
    ],
    [
      "nothing yet: a person decides about it, and this one began in its window",
      [good],
      { ...other, conversationUuid: null, mihuId: null },
    ],
  ])("is not adopted: %s", (_, calls, taker) => {
    expect(decide(calls, [taker])).toEqual(later);
  });

  it.each<[string, FoundCall[], OtherCall]>([
    ["another call of the same conversation", [good, sibling], { ...other, mihuId: "call-0" }],
    ["a call of another conversation", [good], { ...other, conversationUuid: "conversation-2", mihuId: null }],
    [
      "this conversation, but was claimed long before this one began",
      [good, sibling],
      { ...other, mihuId: null, claimedAt: now - HOUR_MS },
    ],
  ])("leaves this one free when it is %s", (_, calls, taker) => {
    expect(decide(calls, [taker])).toEqual(adopted);
  });
});

describe("what nobody can tell apart is put before a person", () => {
  const second = { ...good, conversationUuid: "conversation-2", callId: "call-2", moments: [now + 90_000] };

  it("when several calls may be meant, with their conversations", () => {
    expect(decide([good, second])).toEqual({
      kind: "review",
      doubt: { reason: "several_found", conversations: ["conversation-1", "conversation-2"] },
    });
  });

  it("when one conversation holds two calls that may be meant: that customer may have been rung twice", () => {
    expect(decide([good, { ...good, callId: "call-2" }])).toEqual({
      kind: "review",
      doubt: { reason: "several_found", conversations: ["conversation-1"] },
    });
  });

  it("when one may be meant and not all was read", () => {
    expect(decide([good], [], false)).toMatchObject({ kind: "review", doubt: { reason: "several_found" } });
  });

  it("but not while all but one are taken", () => {
    expect(decide([good, second], [{ conversationUuid: "conversation-2", mihuId: "call-2", claimedAt: now }])).toEqual(
      adopted,
    );
  });
});

describe("a call that is not found", () => {
  it("is looked up 15 s, 60 s and 5 min after it became unknown, and then put before a person", () => {
    const decisions = [0, 1, 2, 3].map((looks) => reconcileCall({ ...call, looks }, { calls: [], complete: true }, []));
    expect(looksAfterMs).toEqual([15_000, 60_000, 300_000]);
    expect(decisions).toEqual([
      { kind: "later", waitMs: 45_000 },
      { kind: "later", waitMs: 240_000 },
      { kind: "review", doubt: { reason: "not_found", conversations: [] } },
      { kind: "review", doubt: { reason: "not_found", conversations: [] } },
    ]);
  });

  it("is still adopted at the last look", () => {
    expect(reconcileCall({ ...call, looks: 2 }, { calls: [good], complete: true }, [])).toEqual(adopted);
  });
});

describe("a list that cannot be read", () => {
  it.each([
    [1_000, 15_000],
    [15_000, 15_000],
    [40_000, 40_000],
    [900_000, 900_000],
    [24 * HOUR_MS, 900_000],
    [-5_000, 15_000],
  ])("is asked for again: %i ms after the claim, in %i ms", (age, waitMs) => {
    expect(unreadablePause(now, now + age)).toBe(waitMs);
  });
});

describe("the conversation of a call that Mihu answered for with an id alone", () => {
  const named = (calls: FoundCall[], others: OtherCall[] = [], complete = true) =>
    conversationOf({ ...call, mihuId: "call-1" }, { calls, complete }, others)?.conversationUuid ?? null;
  const another = { ...good, conversationUuid: "conversation-2", callId: "call-2" };

  it.each<[string, FoundCall[], string | null]>([
    ["is the one whose call has its id", [another, good], "conversation-1"],
    ["in capitals too", [{ ...good, callId: "CALL-1" }], "conversation-1"],
    ["at whatever time that began", [{ ...good, moments: [now + HOUR_MS] }], "conversation-1"],
    ["is the only one that may be meant, where Mihu names no call", [{ ...good, callId: null }], "conversation-1"],
    ["is not the only one, where that is another call's", [another], null],
    [
      "is none where two may be meant",
      [
        { ...good, callId: null },
        { ...another, callId: null },
      ],
      null,
    ],
    ["is not with another number", [{ ...good, number: "+14155550199" }], null],
    ["is not with another agent", [{ ...good, agent: "agent-2" }], null],
    ["is none that came in", [{ ...good, inbound: true }], null],
    ["is none where there is none", [], null],
  ])("%s", (_, calls, expected) => {
    expect(named(calls)).toBe(expected);
  });

  it("is not another call's of ours, and none while not all was read", () => {
    const free = { ...good, callId: null };
    expect(named([free], [{ conversationUuid: "conversation-1", mihuId: null, claimedAt: now }])).toBeNull();
    expect(named([free], [], false)).toBeNull();
  });
});
