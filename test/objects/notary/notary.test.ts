/** The notary's alarm: the part of it that a whole Hookline cannot be made to show. */
import { describe, expect, it, vi } from "vitest";
import { genesis } from "../../../src/domain/audit/chain.ts";
import { type NotaryDeps, notaryObject } from "../../../src/objects/notary/notary.ts";
import { createLog } from "../../../src/platform/log.ts";
import type { ToLink } from "../../../src/ports/audit/chain.ts";
import { port } from "../../flows/ports.ts";

vi.mock("cloudflare:workers", () => import("../../runtime/workers.ts"));

const now = Date.parse("2026-01-05T18:00:00Z");
const quietMs = 5_000;

const nothing: ToLink = {
  last: genesis,
  knownHash: genesis.hash,
  entries: [],
  walked: null,
  waiting: false,
  writing: false,
};

/** A notary that has nothing to link. @param stored the alarm that an earlier instance set */
function world(stored: number | null = null) {
  const there = {
    clock: now,
    setAlarms: [] as number[],
    alarmSet: async (): Promise<void> => {},
    next: async (): Promise<ToLink> => nothing,
  };
  const deps: NotaryDeps = {
    clock: { now: () => there.clock },
    chain: port<NotaryDeps["chain"]>({ next: () => there.next() }),
    signer: port<NotaryDeps["signer"]>({}),
    identity: port<NotaryDeps["identity"]>({}),
    log: createLog({ info: () => {}, warn: () => {}, error: () => {} }),
    close: () => {},
  };
  const Notary = notaryObject(() => deps);
  const notary = new Notary(
    port<DurableObjectState>({
      storage: port<DurableObjectState["storage"]>({
        kv: { get: () => undefined, list: () => [] } as unknown as DurableObjectState["storage"]["kv"],
        getAlarm: async () => stored,
        setAlarm(at: number | Date) {
          there.setAlarms.push(Number(at));
          return there.alarmSet();
        },
      }),
    }),
    {},
  );
  return { there, notary };
}

describe("a notary that is poked", () => {
  it("arms its alarm once for pokes that come together", async () => {
    const { there, notary } = world();
    for (let poke = 0; poke < 5; poke++) await notary.poke();
    expect(there.setAlarms).toEqual([now + quietMs]);
  });

  it("does not put an alarm off that is due and has not fired", async () => {
    const { there, notary } = world();
    await notary.poke();
    there.clock = now + quietMs + 500;
    await notary.poke();
    expect(there.setAlarms).toEqual([now + quietMs]);
  });

  it("replaces an alarm that never fired", async () => {
    const { there, notary } = world();
    await notary.poke();
    there.clock = now + 60_000;
    await notary.poke();
    expect(there.setAlarms).toEqual([now + quietMs, now + 60_000 + quietMs]);
  });

  it.each([
    ["stands", now + 2_000, now + 2_000, 0],
    ["stands, and is too soon for what the poke is about", now + 900, now + 900, 1],
    ["is due, and begins at once", now - 700, now, 1],
  ])("by a new instance: the alarm of the one before %s", async (_, stored, fires, runsAgain) => {
    const { there, notary } = world(stored);
    await notary.poke();
    expect(there.setAlarms).toEqual([now + quietMs, fires]);
    there.clock = fires;
    await notary.alarm();
    expect(there.setAlarms.slice(2)).toEqual(runsAgain === 1 ? [fires + quietMs] : []);
  });

  it("sets its alarm after a try to set it that failed", async () => {
    const { there, notary } = world();
    there.alarmSet = () => Promise.reject(new Error("the storage failed"));
    await expect(notary.poke()).rejects.toThrow("the storage failed");
    there.alarmSet = async () => {};
    there.clock = now + 1_000;
    await notary.poke();
    expect(there.setAlarms).toEqual([now + quietMs, now + 1_000 + quietMs]);
  });
});

describe("a notary that has run", () => {
  it("sleeps without an alarm when nothing waits and nobody writes", async () => {
    const { there, notary } = world();
    await notary.alarm();
    expect(there.setAlarms).toEqual([]);
  });

  it.each(["waiting", "writing"] as const)("looks again a second later while a transaction is %s", async (why) => {
    const { there, notary } = world();
    there.next = async () => ({ ...nothing, [why]: true });
    await notary.alarm();
    expect(there.setAlarms).toEqual([now + 1_000]);
  });

  it("runs once more after an alarm that comes too soon for what was poked about, also if a receipt was asked for in between", async () => {
    const { there, notary } = world();
    await notary.poke();
    // The poke stands for entries of a whole second, and the alarm fires within it.
    there.clock = now + quietMs - 500;
    await notary.poke();
    await notary.seal();
    there.clock = now + quietMs;
    await notary.alarm();
    expect(there.setAlarms).toEqual([now + quietMs, now + 2 * quietMs]);
    there.clock = now + 2 * quietMs;
    await notary.alarm();
    expect(there.setAlarms).toHaveLength(2);
  });

  it("makes a receipt wait for entries that are held up, and not for those that somebody may write", async () => {
    const { there, notary } = world();
    there.next = async () => ({ ...nothing, writing: true });
    await notary.alarm();
    expect(notary.unsettled).toBe(false);
    there.next = async () => ({ ...nothing, waiting: true });
    await notary.alarm();
    expect(notary.unsettled).toBe(true);
  });

  it("tries again a second after a failure, and more rarely while it fails on", async () => {
    const { there, notary } = world();
    const failed = () => Promise.reject(new Error("CONNECTION_CLOSED"));
    there.next = failed;
    const pauses: number[] = [];
    const run = async () => {
      there.setAlarms = [];
      await notary.alarm();
      pauses.push(...there.setAlarms.map((at) => at - there.clock));
      there.clock += 60_000;
    };
    await run();
    await run();
    await run();
    there.next = async () => nothing;
    await run();
    there.next = failed;
    await run();
    expect(pauses).toEqual([1_000, 5_000, 5_000, 1_000]);
  });
});
