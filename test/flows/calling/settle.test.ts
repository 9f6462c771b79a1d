import { describe, expect, it } from "vitest";
import type { Found, FoundCall } from "../../../src/domain/calls/reconcile.ts";
import type { ConversationReport } from "../../../src/domain/calls/settle.ts";
import { pollOpen, settleConversations } from "../../../src/flows/calling/settle.ts";
import type { Foreign, OpenCall, Settlement, SettlementStore } from "../../../src/ports/calling/settlements.ts";
import type { Voice } from "../../../src/ports/calling/voice.ts";
import { HOUR_MS, now, rule, support } from "../../domain/scene.ts";
import { port } from "../ports.ts";
import { open } from "./lines.ts";

const reportsPerRunMax = 20;
const pollGiveUpMs = 86_400_000;
const report: ConversationReport = {
  callId: "mihu-1",
  ended: true,
  outcome: "completed",
  raw: "completed",
  durationS: 42,
  summary: "All is well.",
  recordingUrl: null,
  startedAt: now - 59_000,
  number: open.number,
  agent: support.agent,
  elsewhere: false,
};

/** Open calls, and Mihu's report of their conversation. Records which calls the flow settles and which it postpones. */
function stage(
  calls: readonly OpenCall[],
  reports: readonly ConversationReport[] | null,
  given: Partial<SettlementStore> = {},
) {
  const settled: { settlements: Settlement[]; actor: string }[] = [];
  const later: { callId: string; waitMs: number }[] = [];
  const foreign: Foreign[] = [];
  return {
    settled,
    foreign,
    later,
    ports: {
      clock: { now: () => now },
      voice: port<Voice>({
        conversation: async () => (reports === null ? null : { reports, complete: true }),
        find: async () => null,
      }),
      settlements: port<SettlementStore>({
        ofConversations: async () => [...calls],
        async noteForeign(notes) {
          foreign.push(...notes);
        },
        openToPoll: async () => [...calls],
        ruleOf: async () => null,
        async settle(settlements, actor) {
          settled.push({ settlements, actor });
          return { pokes: ["support"], left: [] };
        },
        async pollLater(polls) {
          later.push(...polls);
        },
        ...given,
      }),
    },
  };
}
const pokes = ["support"];
const settleConversation = async (ports: Parameters<typeof settleConversations>[0], line: string, uuid: string) =>
  (await settleConversations(ports, line, [uuid])).pokes;

describe("news of a conversation", () => {
  it("ends the call with what Mihu itself says of it", async () => {
    const { ports, settled } = stage([open], [report]);
    expect(await settleConversation(ports, "support", "conversation-1")).toEqual(pokes);
    expect(settled).toEqual([
      {
        actor: "mihu",
        settlements: [
          {
            callId: "call-1",
            outcome: "completed",
            outcomeRaw: "completed",
            durationS: 42,
            summary: "All is well.",
            recordingUrl: null,
            endedAt: now,
            again: null,
          },
        ],
      },
    ]);
  });

  it.each<[string, OpenCall[], ConversationReport[] | null]>([
    ["that is none of ours", [], [report]],
    ["that cannot be read now", [open], null],
    ["without a report", [open], []],
    ["that still continues", [open], [{ ...report, ended: false, outcome: null }]],
    ["about another call", [open], [{ ...report, callId: "other", startedAt: now - HOUR_MS }]],
    ["in a word that nobody knows", [open], [{ ...report, ended: false, outcome: null, raw: "vanished" }]],
    ["of another line's call", [{ ...open, line: "other" }], [report]],
    ["of a call that has all that can be told", [{ ...open, ended: true, settled: true }], [report]],
  ])("%s settles nothing", async (_, calls, reports) => {
    const { ports, settled } = stage(calls, reports);
    expect(await settleConversation(ports, "support", "conversation-1")).toEqual([]);
    expect(settled).toEqual([]);
  });

  it("that ended in a way that nobody names ends as unspecified, with Mihu's own word", async () => {
    const { ports, settled } = stage([open], [{ ...report, outcome: null, raw: "vanished" }]);
    await settleConversation(ports, "support", "conversation-1");
    expect(settled[0]?.settlements[0]).toMatchObject({ outcome: "unspecified", outcomeRaw: "vanished" });
  });

  it("gives each of several calls its own report", async () => {
    const second = { ...open, id: "call-2", mihuId: "mihu-2" };
    const reports = [
      { ...report, callId: "mihu-2", summary: "Two." },
      { ...report, summary: "One." },
    ];
    const { ports, settled } = stage([open, second], reports);
    await settleConversation(ports, "support", "conversation-1");
    expect(settled[0]?.settlements.map(({ callId, summary }) => [callId, summary])).toEqual([
      ["call-1", "One."],
      ["call-2", "Two."],
    ]);
  });

  it("guesses for none of several open calls", async () => {
    const both = [open, { ...open, id: "call-2" }].map((call) => ({ ...call, mihuId: null }));
    const { ports, settled } = stage(both, [{ ...report, callId: null }]);
    expect(await settleConversation(ports, "support", "conversation-1")).toEqual([]);
    expect(settled).toEqual([]);
  });

  it("never takes the report of an open call for one that ended before it", async () => {
    const before: OpenCall = {
      ...open,
      id: "call-0",
      mihuId: null,
      placedAt: now - 2 * HOUR_MS,
      claimedAt: now - 2 * HOUR_MS,
      ended: true,
    };
    const { ports, settled } = stage([open, before], [report]);
    await settleConversation(ports, "support", "conversation-1");
    expect(settled[0]?.settlements.map(({ callId }) => callId)).toEqual(["call-1"]);
  });

  it("is the going call's, though one that ended before it is in the conversation, and neither has Mihu's id", async () => {
    const before: OpenCall = {
      ...open,
      id: "call-0",
      mihuId: null,
      placedAt: now - 2 * HOUR_MS,
      claimedAt: now - 2 * HOUR_MS,
      ended: true,
    };
    const { ports, settled } = stage([{ ...open, mihuId: null }, before], [{ ...report, callId: null }]);
    await settleConversation(ports, "support", "conversation-1");
    expect(settled[0]?.settlements.map(({ callId }) => callId)).toEqual(["call-1"]);
  });

  it("of a call that ended already may add, and makes no further try", async () => {
    const busy = { ...report, outcome: "busy" } as const;
    const { ports, settled } = stage([{ ...open, ended: true }], [busy], {
      ruleOf: () => Promise.reject(new Error("the test gives no rule")),
    });
    await settleConversation(ports, "support", "conversation-1");
    expect(settled[0]?.settlements[0]).toMatchObject({ outcome: "busy", again: null });
  });
});

describe("what news comes to", () => {
  it("says which conversations are none of ours, could not be read, or had no turn", async () => {
    const calls = Array.from({ length: reportsPerRunMax + 2 }, (_, n) => ({
      ...open,
      id: `call-${n}`,
      conversationUuid: `c-${n}`,
    }));
    const { ports } = stage(calls, null);
    const uuids = calls.map(({ conversationUuid }) => conversationUuid);
    const read = await settleConversations(ports, "support", ["strange", ...uuids]);
    expect(read).toEqual({
      pokes: [],
      unknown: ["strange"],
      unread: uuids.slice(0, reportsPerRunMax),
      left: uuids.slice(reportsPerRunMax),
    });
  });

  it("settles nothing of another number or agent, and notes it", async () => {
    const { ports, settled, foreign } = stage([open], [{ ...report, number: "+14155550101" }]);
    expect(await settleConversation(ports, "support", "conversation-1")).toEqual([]);
    expect(settled).toEqual([]);
    expect(foreign).toEqual([{ callId: "call-1", conversationUuid: "conversation-1", mismatch: "number" }]);
  });
});

describe("a further try", () => {
  const definition = { ...rule, try_again: { on: ["busy" as const], after: ["2h"] } };
  const again = async (
    outcome: "busy" | "no_answer",
    made: Awaited<ReturnType<SettlementStore["ruleOf"]>>,
    which = 1,
  ) => {
    const { ports, settled } = stage([{ ...open, try: which }], [{ ...report, outcome }], { ruleOf: async () => made });
    await settleConversation(ports, "support", "conversation-1");
    return settled[0]?.settlements[0]?.again;
  };
  const made = { definition, zones: ["America/New_York"], line: support };

  it("is asked for by the rule that made the call, after an outcome that it names", async () => {
    expect(await again("busy", made)).toEqual({
      askedAt: now + 2 * HOUR_MS,
      dueAt: now + 2 * HOUR_MS,
      closesAt: null,
      expiresAt: now + 26 * HOUR_MS,
      line: support,
    });
  });

  it("is not made after another outcome, past the last try, or without the rule", async () => {
    expect(await again("no_answer", made)).toBeNull();
    expect(await again("busy", made, 2)).toBeNull();
    expect(await again("busy", null)).toBeNull();
    expect(await again("busy", { ...made, definition: { ...definition, when: "((" } })).toBeNull();
  });
});

describe("asking after calls that nobody told us about", () => {
  it("settles what ended, and asks later after what continues", async () => {
    const going = { ...open, id: "call-2", mihuId: "mihu-2", polls: 2 };
    const reports = [report, { ...report, callId: "mihu-2", ended: false }];
    const { ports, settled, later } = stage([open, going], reports);
    expect(await pollOpen(ports, "support")).toEqual(pokes);
    expect(settled).toMatchObject([{ actor: "poll", settlements: [{ callId: "call-1", outcome: "completed" }] }]);
    expect(later).toEqual([{ callId: "call-2", waitMs: 300_000 }]);
  });

  it("that cannot be read waits, and after a day ends as unspecified", async () => {
    const old = { ...open, id: "call-2", placedAt: now - pollGiveUpMs };
    const { ports, settled, later } = stage([open, old], null);
    await pollOpen(ports, "support");
    expect(later).toEqual([{ callId: "call-1", waitMs: 60_000 }]);
    expect(settled).toMatchObject([
      { settlements: [{ callId: "call-2", outcome: "unspecified", outcomeRaw: null, again: null }] },
    ]);
  });

  describe("about a call of which Mihu gave an id alone", () => {
    const bare = { ...open, conversationUuid: null, mihuId: "mihu-1" };
    const listed: FoundCall = {
      conversationUuid: "conversation-9",
      contactUuid: "contact-1",
      callId: "mihu-1",
      agent: open.agent,
      number: open.number,
      moments: [open.claimedAt],
      channel: "call",
      simulation: false,
      inbound: false,
      campaign: false,
      task: false,
    };
    const poll = async (found: Found | null, polls = 0, joins = true) => {
      const joined: string[] = [];
      const one = { ...bare, polls };
      const staged = stage([one], [{ ...report, callId: "mihu-1" }], {
        openToPoll: async () => [one],
        ofConversations: async (uuids) => uuids.map((conversationUuid) => ({ ...one, conversationUuid })),
        othersOf: async () => [],
        async joinConversation(_id, { conversationUuid }) {
          joined.push(conversationUuid);
          return joins;
        },
      });
      staged.ports.voice.find = async () => found;
      await pollOpen(staged.ports, "support");
      return { joined, settled: staged.settled, later: staged.later };
    };

    it("finds its conversation in Mihu's list, and its outcome there", async () => {
      const { joined, settled } = await poll({ calls: [listed], complete: true });
      expect(joined).toEqual(["conversation-9"]);
      expect(settled).toMatchObject([{ settlements: [{ outcome: "completed" }], actor: "poll" }]);
    });

    it.each<[string, Found, boolean]>([
      ["is not in the list", { calls: [], complete: true }, true],
      ["is another's there", { calls: [{ ...listed, callId: "mihu-2" }], complete: true }, true],
      ["was given one by somebody who was first", { calls: [listed], complete: true }, false],
    ])("asks later where it %s", async (_, found, joins) => {
      const { settled, later } = await poll(found, 4, joins);
      expect([settled, later]).toEqual([[], [{ callId: "call-1", waitMs: 1_800_000 }]]);
    });

    it("asks again within five minutes while the list cannot be read, however often it was asked", async () => {
      expect((await poll(null, 5)).later).toEqual([{ callId: "call-1", waitMs: 300_000 }]);
      expect((await poll(null, 0)).later).toEqual([{ callId: "call-1", waitMs: 60_000 }]);
    });
  });

  it("with nothing open does nothing", async () => {
    const { ports, settled, later } = stage([], null);
    expect(await pollOpen(ports, "support")).toEqual([]);
    expect([settled, later]).toEqual([[], []]);
  });
});
