/** The dispatcher's loop: what a whole Hookline cannot be made to show. Time stands, unless a test moves it. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type DispatcherDeps, dispatcherObject } from "../../../src/objects/dispatcher/dispatcher.ts";
import { createLog } from "../../../src/platform/log.ts";
import type { ClaimedDelivery, DeliveryResult, DispatchStore, Posted } from "../../../src/ports/hooks/deliveries.ts";
import type { OutboxRead } from "../../../src/ports/hooks/outbox.ts";
import { port } from "../../flows/ports.ts";

vi.mock("cloudflare:workers", () => import("../../runtime/workers.ts"));

const begun = Date.parse("2026-01-05T18:00:00Z");
const mark = { tx: "10", id: 1 };
const nothing: OutboxRead = { entries: [], mark, more: false, waiting: false, restored: false };
const good: Posted = { at: begun, ms: 1, status: 200, error: null, answer: "", retryAfterMs: null };

const hook = {
  id: "7d1c3a52-3f0e-4f57-9c1e-0d5a4f6b8e21",
  targetUrl: "https://zapier.com/1",
  format: "webhook" as const,
  events: ["call.*"],
  condition: null,
  payload: "full" as const,
  createdAt: 0,
  isDisabled: false,
};

const delivery = (id: string, more: Partial<ClaimedDelivery> = {}): ClaimedDelivery => ({
  id,
  hook: hook.id,
  type: "call.ended",
  body: "{}",
  tries: 0,
  recorded: 0,
  format: "webhook",
  targetUrl: hook.targetUrl,
  sealed: "s",
  formerUntil: null,
  ...more,
});

class Refused extends Error {}

beforeEach(() => void vi.useFakeTimers({ now: begun }));
afterEach(() => void vi.useRealTimers());

function world() {
  const there = {
    alarms: [] as number[],
    logged: [] as string[],
    steps: [] as string[],
    hooks: [hook],
    /** Batches of claims to come. */
    claims: [] as ClaimedDelivery[][],
    claimedFor: [] as (readonly string[] | null)[],
    recorded: [] as DeliveryResult[],
    announced: [] as boolean[],
    closed: 0,
    read: async (): Promise<OutboxRead> => nothing,
    record: async (_: readonly DeliveryResult[]): Promise<void> => {},
    post: async (_: readonly ClaimedDelivery[]): Promise<Posted> => good,
    nextAt: async (): Promise<number | null> => null,
    announce: async (): Promise<void> => {},
    task: async (): Promise<{ hook: string } | null> => null,
  };
  const dispatch = port<DispatchStore>({
    hooks: async (known) => ({ mark, version: 1, hooks: known === 1 ? null : there.hooks }),
    async claim(hooks) {
      there.claimedFor.push(hooks);
      return there.claims.shift() ?? [];
    },
    async record(results) {
      await there.record(results);
      there.recorded.push(...results);
    },
    refuses: (error) => error instanceof Refused,
    nextAt: () => there.nextAt(),
  });
  const sink = (line: string) => void there.logged.push(line);
  const deps: DispatcherDeps = {
    clock: { now: () => Date.now() },
    log: createLog({ info: sink, warn: sink, error: sink }),
    random: () => 0,
    publicUrl: null,
    outbox: { entriesAfter: () => there.read() },
    dispatch,
    redeliveries: { advance: () => there.task() },
    notifiers: { post: (deliveries) => there.post(deliveries) },
    entryFailed: () => {},
    async announce(hasHooks) {
      there.announced.push(hasHooks);
      await there.announce();
    },
    close: () => void there.closed++,
  };
  const Dispatcher = dispatcherObject(() => deps);
  const dispatcher = new Dispatcher(
    port<DurableObjectState>({
      storage: port<DurableObjectState["storage"]>({
        getAlarm: async () => null,
        setAlarm: async (at: number | Date) => void there.alarms.push(Number(at)),
      }),
    }),
    {},
  );
  return { there, dispatcher };
}

/** Lets an alarm run to its end, within so much time. @returns whether it ended */
async function runs(alarm: Promise<void>, ms: number): Promise<boolean> {
  let isOver = false;
  void alarm.then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(ms);
  return isOver;
}

describe("a poke", () => {
  it("sets one alarm for now, however many come together", async () => {
    const { there, dispatcher } = world();
    await Promise.all([dispatcher.poke(), dispatcher.poke(), dispatcher.changed()]);
    expect(there.alarms).toEqual([begun]);
  });

  it("that comes while a run is about to end has it look once more", async () => {
    const { there, dispatcher } = world();
    let reads = 0;
    there.read = async () => {
      reads++;
      return nothing;
    };
    const asked = Promise.withResolvers<null>();
    there.nextAt = () => asked.promise;
    const alarm = dispatcher.alarm();
    expect(await runs(alarm, 0)).toBe(false);
    const before = reads;
    await dispatcher.poke();
    asked.resolve(null);
    there.nextAt = async () => null;
    expect(await runs(alarm, 1_000)).toBe(true);
    expect(reads).toBeGreaterThan(before);
    expect(there.alarms).toEqual([]);
  });

  it("that comes after a run has ended sets an alarm", async () => {
    const { there, dispatcher } = world();
    expect(await runs(dispatcher.alarm(), 0)).toBe(true);
    await dispatcher.poke();
    expect(there.alarms).toEqual([begun]);
  });

  it("has the entries read again for a while, because the last ones may follow it", async () => {
    const { there, dispatcher } = world();
    let reads = 0;
    there.read = async () => {
      reads++;
      return nothing;
    };
    await dispatcher.poke();
    expect(await runs(dispatcher.alarm(), 1_000)).toBe(true);
    expect(reads).toBeGreaterThanOrEqual(4);
  });
});

describe("a run", () => {
  it("leaves no timer behind, and closes its connection", async () => {
    const { there, dispatcher } = world();
    there.claims = [[delivery("a")]];
    expect(await runs(dispatcher.alarm(), 5_000)).toBe(true);
    expect([vi.getTimerCount(), there.closed]).toEqual([0, 1]);
    expect(there.recorded.map(({ id, verdict }) => [id, verdict.is])).toEqual([["a", "delivered"]]);
  });

  it("looks again soon, and then more rarely, while a transaction is running", async () => {
    const { there, dispatcher } = world();
    const reads: number[] = [];
    there.read = async () => {
      reads.push(Date.now() - begun);
      return { ...nothing, waiting: reads.length < 7 };
    };
    expect(await runs(dispatcher.alarm(), 20_000)).toBe(true);
    const pauses = reads.slice(1, 7).map((at, nth) => at - (reads[nth] ?? 0));
    expect(pauses[0]).toBeLessThanOrEqual(200);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(2_000);
    expect(pauses).toEqual(pauses.toSorted((one, other) => one - other));
  });

  it("sets the alarm for the next delivery, and never for a time that is over", async () => {
    const { there, dispatcher } = world();
    there.nextAt = async () => begun + 300_000;
    await runs(dispatcher.alarm(), 0);
    expect(there.alarms).toEqual([begun + 300_000]);
    there.nextAt = async () => begun - 300_000;
    there.alarms = [];
    await runs(dispatcher.alarm(), 0);
    expect(there.alarms).toEqual([begun + 1_000]);
  });

  it("pauses after a failure, and keeps what it has to record", async () => {
    const { there, dispatcher } = world();
    there.claims = [[delivery("a")]];
    there.record = () => Promise.reject(new Error("CONNECTION_CLOSED"));
    expect(await runs(dispatcher.alarm(), 100)).toBe(true);
    expect(there.alarms).toEqual([begun + 5_000]);
    there.record = async () => {};
    await runs(dispatcher.alarm(), 5_000);
    expect(there.recorded.map(({ id }) => id)).toEqual(["a"]);
  });

  it("records the others, when Postgres rejects one result", async () => {
    const { there, dispatcher } = world();
    there.claims = [["a", "b", "c", "d"].map((id) => delivery(id))];
    there.record = async (results) => {
      if (results.some(({ id }) => id === "c")) throw new Refused();
    };
    expect(await runs(dispatcher.alarm(), 5_000)).toBe(true);
    expect(there.recorded.map(({ id }) => id)).toEqual(["a", "b", "d"]);
    expect(there.logged.join()).toContain("could not be recorded");
  });

  it("claims for all hooks each second, while a post goes on", async () => {
    const { there, dispatcher } = world();
    there.claims = [[delivery("slow")]];
    there.post = () => new Promise(() => {});
    void dispatcher.alarm();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(there.claimedFor.filter((hooks) => hooks === null).length).toBeGreaterThanOrEqual(5);
  });

  it("asks a few hooks at a time, and each of them, until nothing is due", async () => {
    const { there, dispatcher } = world();
    there.hooks = Array.from({ length: 600 }, (_, nth) => ({ ...hook, id: `hook-${nth}` }));
    const full = (prefix: string) => Array.from({ length: 256 }, (_, nth) => delivery(`${prefix}-${nth}`));
    // A claim that has no more room says nothing of what is left.
    there.claims = [full("any")];
    void dispatcher.alarm();
    await vi.advanceTimersByTimeAsync(100);
    const [first, ...asked] = there.claimedFor;
    expect(first).toBeNull();
    expect(Math.max(...asked.map((hooks) => hooks?.length ?? 600))).toBe(256);
    expect(new Set(asked.flatMap((hooks) => hooks ?? []))).toEqual(
      new Set([...there.hooks.map(({ id }) => id), hook.id]),
    );
  });

  it("ends after 50 s though a post goes on, and the next one records it", async () => {
    const { there, dispatcher } = world();
    const posted = Promise.withResolvers<Posted>();
    there.claims = [];
    const alarm = dispatcher.alarm();
    // Something to do until shortly before the end.
    there.read = async () => ({ ...nothing, waiting: true });
    await vi.advanceTimersByTimeAsync(45_000);
    there.claims = [[delivery("late")]];
    there.post = () => posted.promise;
    expect(await runs(alarm, 10_000)).toBe(true);
    expect(there.alarms.length).toBe(1);
    there.read = async () => nothing;
    posted.resolve(good);
    await runs(dispatcher.alarm(), 5_000);
    expect(there.recorded.map(({ id }) => id)).toEqual(["late"]);
  });

  it("counts no try for a notifier that cannot be reached or never answers", async () => {
    const { there, dispatcher } = world();
    there.claims = [[delivery("a"), delivery("b")]];
    there.post = ([one]) => (one?.id === "a" ? Promise.reject(new Error("reset")) : new Promise(() => {}));
    expect(await runs(dispatcher.alarm(), 45_000)).toBe(true);
    expect(there.recorded).toEqual([]);
    expect(there.logged.filter((line) => line.includes("did not answer"))).toHaveLength(2);
  });

  it("announces that there are hooks until the notary has heard it", async () => {
    const { there, dispatcher } = world();
    there.announce = () => Promise.reject(new Error("reset"));
    await runs(dispatcher.alarm(), 0);
    there.announce = async () => {};
    await vi.advanceTimersByTimeAsync(6_000);
    await runs(dispatcher.alarm(), 0);
    await vi.advanceTimersByTimeAsync(6_000);
    await runs(dispatcher.alarm(), 0);
    expect(there.announced).toEqual([true, true]);
  });

  it("goes on with a task part by part, and is not held up by one that Postgres rejects", async () => {
    const { there, dispatcher } = world();
    let parts = 3;
    there.task = async () => (parts-- > 0 ? { hook: hook.id } : null);
    expect(await runs(dispatcher.alarm(), 1_000)).toBe(true);
    expect(parts).toBe(-1);
    there.task = () => Promise.reject(new Refused());
    there.alarms = [];
    there.claims = [[delivery("a")]];
    expect(await runs(dispatcher.alarm(), 1_000)).toBe(true);
    expect(there.recorded.map(({ id }) => id)).toEqual(["a"]);
    expect(there.alarms).toEqual([]);
  });
});

/** Awaits of one run, each of which may never end. */
describe.each(["read", "record", "post", "nextAt"] as const)("killed while it waits for %s", (step) => {
  it("the dispatcher leaves nothing that another instance does not do", async () => {
    const { there, dispatcher } = world();
    there.claims = [[delivery("a")]];
    there[step] = () => new Promise<never>(() => {});
    void dispatcher.alarm();
    await vi.advanceTimersByTimeAsync(2_000);
    // Nothing but Postgres outlives it: the lease of what was claimed ends there.
    const next = world();
    next.there.claims = [[delivery("a")]];
    expect(await runs(next.dispatcher.alarm(), 5_000)).toBe(true);
    expect(next.there.recorded.map(({ id }) => id)).toEqual(["a"]);
  });
});
