import { describe, expect, it } from "vitest";
import type { PlaceAnswer } from "../../../src/domain/calls/dial.ts";
import { postWithinMs } from "../../../src/domain/limits.ts";
import { applyEffect, claimDue, dial } from "../../../src/flows/calling/dial.ts";
import type { Claim, ClaimStore } from "../../../src/ports/calling/claims.ts";
import type { LinePauses } from "../../../src/ports/calling/line-pauses.ts";
import type { Voice } from "../../../src/ports/calling/voice.ts";
import { now } from "../../domain/scene.ts";
import { journalDisk, journalOn } from "../../runtime/journal.ts";
import { port } from "../ports.ts";
import { claimed } from "./lines.ts";

const ports = (calls: Partial<ClaimStore & LinePauses> = {}, answers: PlaceAnswer[] = []) => {
  const asked: string[] = [];
  const storage = journalDisk();
  return {
    asked,
    storage,
    ports: {
      journal: journalOn(storage, () => now),
      clock: { now: () => now },
      claims: port<ClaimStore>(calls),
      pauses: port<LinePauses>(calls),
      voice: port<Voice>({
        async place(call) {
          asked.push(call.id);
          const answer = answers.shift();
          if (answer === undefined) throw new Error("nobody was to be rung");
          return answer;
        },
      }),
    },
  };
};
const placement = { conversationUuid: "c-1", contactUuid: null, mihuId: "m-1", listenUrl: null, recordUrl: null };

describe("dialling a claimed call", () => {
  it("places it once and gives the answer for the claim that it belongs to", async () => {
    const stage = ports({}, [{ kind: "placed", ...placement }]);
    await stage.ports.journal.claimed([claimed]);
    expect(await dial(stage.ports, claimed, now)).toEqual({
      result: { callId: "call-1", claimSeq: 7, status: "placed", ...placement },
      effect: { kind: "none" },
    });
    expect(stage.asked).toEqual(["call-1"]);
  });

  it("does not begin when two seconds have passed since its claim", async () => {
    const stage = ports();
    expect(await dial(stage.ports, claimed, now - postWithinMs)).toMatchObject({
      result: { callId: "call-1", claimSeq: 7, status: "queued", reason: "not_begun", posted: false },
      effect: { kind: "none" },
    });
    expect(stage.asked).toEqual([]);
  });

  it.each([
    ["two seconds after its claim", null, postWithinMs],
    ["at the end of its calling hours or its expiry, if that comes first", 700, 700],
  ])("begins until %s, and no later, also where the disk was slow", async (_, openMs, endsAfter) => {
    for (const late of [0, 1]) {
      const stage = ports({}, [{ kind: "placed", ...placement }]);
      await stage.ports.journal.claimed([claimed]);
      let at = now;
      const slow = stage.storage.sync;
      stage.storage.sync = async () => {
        await slow();
        at = now + endsAfter - 1 + late;
      };
      const dialled = await dial({ ...stage.ports, clock: { now: () => at } }, { ...claimed, openMs }, now);
      expect(dialled.result.status).toBe(late === 0 ? "placed" : "queued");
      expect(stage.asked).toHaveLength(1 - late);
    }
  });

  it("never asks twice, whatever the answer", async () => {
    const stage = ports({}, [{ kind: "unknown", reason: "timed_out", status: null, detail: "no answer" }]);
    await stage.ports.journal.claimed([claimed]);
    expect(await dial(stage.ports, claimed, now)).toMatchObject({ result: { status: "unknown" } });
    expect(stage.asked).toEqual(["call-1"]);
  });

  it("is noted as begun before, and its answer after: what is recorded twice is recorded the same", async () => {
    const stage = ports({}, [{ kind: "placed", ...placement }]);
    await stage.ports.journal.claimed([claimed]);
    const { result } = await dial(stage.ports, claimed, now);
    expect(await journalOn(stage.storage).left()).toEqual({ waiting: [], answers: [result] });
  });

  it("rings nobody where the next instance has given it back", async () => {
    const stage = ports();
    await stage.ports.journal.claimed([claimed]);
    await journalOn(stage.storage).release([{ callId: claimed.id, claimSeq: claimed.claimSeq }]);
    expect(await dial(stage.ports, claimed, now)).toMatchObject({
      result: { status: "queued", reason: "given_back", posted: false },
    });
    expect(stage.asked).toEqual([]);
  });

  it("rings nobody where it cannot be noted", async () => {
    const stage = ports();
    await stage.ports.journal.claimed([claimed]);
    stage.storage.sync = () => Promise.reject(new Error("another instance has the storage"));
    await expect(dial(stage.ports, claimed, now)).rejects.toThrow("another instance");
    expect(stage.asked).toEqual([]);
  });

  it.each([1, 2])("rings nobody once the line is stopped, also while it is being noted (%i)", async (question) => {
    const stage = ports();
    await stage.ports.journal.claimed([claimed]);
    let asked = 0;
    const stopped = () => (++asked >= question ? "line_paused" : null);
    expect(await dial(stage.ports, claimed, now, stopped)).toMatchObject({
      result: { status: "queued", reason: "line_paused", posted: false },
    });
    expect(stage.asked).toEqual([]);
    // It did not ring, and may be claimed again.
    expect(await stage.ports.journal.claimed([{ ...claimed, claimSeq: 9 }])).toEqual([]);
  });
});

describe("what an answer asks of the line", () => {
  it("is done by the store, and by nothing else", async () => {
    const done: unknown[] = [];
    const calls: Partial<LinePauses> = {
      async pauseLine(...given) {
        done.push(["pause", ...given]);
        return true;
      },
      async holdLine(...given) {
        done.push(["hold", ...given]);
      },
    };
    await applyEffect(ports(calls).ports, "support", { kind: "none" });
    await applyEffect(ports(calls).ports, "support", { kind: "hold", waitMs: 7_000 });
    await applyEffect(ports(calls).ports, "support", { kind: "pause", reason: "forbidden", detail: "403" });
    expect(done).toEqual([
      ["hold", "support", 7_000],
      ["pause", "support", "forbidden", "403", "line:support"],
    ]);
  });
});

describe("claiming what is due", () => {
  const nothing: Claim = { seq: 0, missing: false, paused: false, calls: [], nextAt: null };
  const store = (...claims: Claim[]) => {
    const asked: number[] = [];
    return {
      asked,
      calls: {
        claimSeq: async () => 4,
        async claim(_: string, seq: number) {
          asked.push(seq);
          return claims[asked.length - 1] ?? nothing;
        },
      },
    };
  };

  it("names the claim that the line remembers", async () => {
    const { asked, calls } = store({ ...nothing, seq: 10, calls: [claimed] });
    expect(await claimDue(ports(calls).ports, "support", 9, 5)).toMatchObject({ seq: 10, calls: [claimed] });
    expect(asked).toEqual([9]);
  });

  it("asks for the claim's number first when the line remembers none", async () => {
    const { asked, calls } = store({ ...nothing, seq: 4 });
    await claimDue(ports(calls).ports, "support", null, 5);
    expect(asked).toEqual([4]);
  });

  it("catches up once when another instance claimed meanwhile", async () => {
    const { asked, calls } = store({ ...nothing, seq: 12 }, { ...nothing, seq: 13, calls: [claimed] });
    expect(await claimDue(ports(calls).ports, "support", 9, 5)).toMatchObject({ seq: 13, calls: [claimed] });
    expect(asked).toEqual([9, 12]);
  });

  it("pauses a line that knows of more claims than Postgres, and keeps what it knows", async () => {
    const { asked, calls } = store({ ...nothing, seq: 3 });
    const told: unknown[] = [];
    const wentBack = ports({
      ...calls,
      async wentBack(...args) {
        told.push(args);
      },
    });
    const { journal } = wentBack.ports;
    await journal.claimed([
      { ...claimed, claimSeq: 3 },
      { ...claimed, id: "call-2", eventId: "event-2", claimSeq: 4 },
    ]);
    await journal.begin({ callId: "call-1", claimSeq: 3 });
    await journal.begin({ callId: "call-2", claimSeq: 4 });
    expect(await claimDue(wentBack.ports, "support", 9, 5)).toMatchObject({ seq: 9, paused: true, calls: [] });
    expect(asked).toEqual([9]);
    const rung = [
      expect.objectContaining({ callId: "call-2", claimSeq: 4, eventId: "event-2", rule: "call-me", try: 1 }),
    ];
    expect(told).toEqual([["support", { from: 3, to: 9 }, rung, "line:support"]]);
  });

  it.each<[string, number | null, number]>([
    ["that begins later", 6, 6],
    ["that was never told of a claim", null, 10],
  ])("says of which claims a journal %s cannot tell", async (_, first, journalBegins) => {
    const { calls } = store({ ...nothing, seq: 3 });
    const told: unknown[] = [];
    const stage = ports({
      ...calls,
      async wentBack(...args) {
        told.push(args[1]);
      },
    });
    if (first !== null) await stage.ports.journal.claimed([{ ...claimed, claimSeq: first }]);
    await claimDue(stage.ports, "support", 9, 5);
    expect(told).toEqual([{ from: 3, to: 9, journalBegins }]);
  });

  it("gives nothing to dial that the journal knows to have been begun, however Postgres came to have it waiting", async () => {
    const again = { ...claimed, id: "another row", claimSeq: 10 };
    const other = { ...claimed, id: "call-2", eventId: "event-2", claimSeq: 10 };
    const { calls } = store({ ...nothing, seq: 10, calls: [again, other] });
    const told: unknown[] = [];
    const stage = ports({
      ...calls,
      async wentBack(...args) {
        told.push(args);
      },
    });
    await stage.ports.journal.claimed([claimed]);
    await stage.ports.journal.begin({ callId: claimed.id, claimSeq: claimed.claimSeq });
    expect(await claimDue(stage.ports, "support", 9, 5)).toMatchObject({ seq: 10, calls: [other] });
    expect(told).toEqual([["support", null, [expect.objectContaining({ callId: "call-1" })], "line:support"]]);
  });

  it("of a line that is not there asks no more", async () => {
    const gone = ports({ claimSeq: async () => null });
    expect(await claimDue(gone.ports, "gone", null, 5)).toMatchObject({ missing: true, calls: [] });
    const { asked, calls } = store({ ...nothing, missing: true });
    expect(await claimDue(ports(calls).ports, "gone", 9, 5)).toMatchObject({ missing: true });
    expect(asked).toEqual([9]);
  });
});
