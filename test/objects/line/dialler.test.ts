/** The dialler's alarm: the times of it that a whole Hookline cannot be made to hit. */
import { describe, expect, it } from "vitest";
import { objectAlarm } from "../../../src/objects/alarm.ts";
import { type DiallerDeps, dialler } from "../../../src/objects/line/dialler.ts";
import { createLog } from "../../../src/platform/log.ts";
import type { ClaimedCall, ClaimRef } from "../../../src/ports/calling/claims.ts";
import { port } from "../../flows/ports.ts";

const now = Date.parse("2026-01-05T18:00:00Z");
const restMs = 5_000;
const call = port<ClaimedCall>({ id: "a", claimSeq: 1 });

/** A line whose first claim takes six seconds and finds a call; claims after it find nothing. */
function stage() {
  const there = { clock: now, claimMs: 6_000, claims: 0, away: false, ran: [] as string[], set: [] as number[] };
  const claimed: ClaimRef[] = [];
  const recorded: string[] = [];
  const clock = { now: () => there.clock };
  const work = new Set<Promise<unknown>>();
  const storage = { getAlarm: async () => null, setAlarm: async (at: number) => void there.set.push(at) };
  const nextAlarm = objectAlarm(storage, clock, { floorMs: 250, lateMs: 30_000 });
  const deps: DiallerDeps = {
    clock,
    claims: port<DiallerDeps["claims"]>({
      claimSeq: async () => 0,
      claimedBy: async () => claimed,
      async claim() {
        there.claims++;
        there.ran.push("claim");
        if (there.away) throw new Error("Postgres is away");
        there.clock += there.claimMs;
        const calls = there.claimMs > 0 ? [call] : [];
        return { seq: 1, missing: false, paused: false, calls, nextAt: null };
      },
    }),
    journal: port<DiallerDeps["journal"]>({
      id: "journal",
      left: async () => ({ waiting: [], answers: [] }),
      claimed: async () => [],
      recorded: async () => {},
      release: async (claims) => [...claims],
    }),
    results: port<DiallerDeps["results"]>({
      record: async (_, results) => void recorded.push(...results.map(({ callId, status }) => `${callId} ${status}`)),
    }),
    pauses: port<DiallerDeps["pauses"]>({ holdLine: async () => {} }),
    voice: port<DiallerDeps["voice"]>({}),
    log: createLog({ info: () => {}, warn: () => {}, error: () => {} }),
  };
  const line = dialler(
    deps,
    { slug: () => "support", nextAlarm, waitUntil: (some) => void work.add(some.catch(() => {})) },
    { get: () => undefined, put: () => {}, delete: () => false },
    {
      run: () => void there.ran.push("upkeep"),
      linePaused: () => {},
      resumeLine: async () => false,
      callsRecorded: () => {},
    },
  );
  const wake = async () => {
    line.wake();
    await line.running();
  };
  return { there, claimed, recorded, line, nextAlarm, wake, done: () => Promise.all(work) };
}

describe("a line that rests after a slow claim", () => {
  it("claims at the end of the rest, also if an alarm that was set before fires within it, more than once", async () => {
    const { there, nextAlarm, wake, done } = stage();
    await nextAlarm.arm(now + 8_000);
    await wake();
    const restEnds = there.clock + restMs;
    there.claimMs = 0;
    for (const at of [now + 8_000, now + 9_000]) {
      there.clock = at;
      nextAlarm.fired();
      if (at === now + 8_000) await nextAlarm.arm(now + 9_000);
      await wake();
    }
    expect([there.claims, there.set.at(-1)]).toEqual([1, restEnds]);
    there.clock = restEnds;
    nextAlarm.fired();
    await wake();
    expect(there.claims).toBe(2);
    await done();
  });
});

describe("a line that is asked to recheck", () => {
  it("gives back the calls of a claim whose answer was lost before it answers", async () => {
    const { there, claimed, recorded, line, wake, done } = stage();
    there.claimMs = 0;
    await wake();
    there.away = true;
    await wake();
    claimed.push({ callId: "lost", claimSeq: 2 });
    await line.recheck();
    expect(recorded).toEqual(["lost queued"]);
    await done();
  });
});

describe("a line's upkeep", () => {
  it("comes behind the claim, which has the same connection, also if the claim fails", async () => {
    const { there, wake, done } = stage();
    there.claimMs = 0;
    await wake();
    // The first claim does not know its number, and is made anew.
    expect(there.ran).toEqual(["claim", "claim", "upkeep"]);
    there.away = true;
    await wake();
    expect(there.ran).toEqual(["claim", "claim", "upkeep", "claim", "upkeep"]);
    await done();
  });
});
