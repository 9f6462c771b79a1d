/** From the entry to the claimed delivery, by two dispatchers at once. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deliveriesAtOnceMax } from "../../../src/domain/hooks/limits.ts";
import { type FanOutPorts, fanOut } from "../../../src/flows/hooks/fan-out.ts";
import type { DispatchStore } from "../../../src/ports/hooks/deliveries.ts";
import { deliveryStore } from "../../../src/store/hooks/delivery-lookups.ts";
import { outboxStore } from "../../../src/store/hooks/outbox.ts";
import { delivered, type HooksWorld, hooksWorld, result, retry } from "../world/hooks.ts";
import { waitsForLock } from "../world/locks.ts";
import { draft, numberOf, queueCalls } from "../world/world.ts";

let w: HooksWorld;
beforeEach(async () => {
  w = await hooksWorld();
});
afterEach(() => w.end());

const portsOf = (dispatch: DispatchStore): FanOutPorts => ({
  dispatch,
  outbox: outboxStore(() => w.app),
  entryFailed(_, error) {
    throw error;
  },
  publicUrl: null,
});

/** Fans out until a hook has so many deliveries: short transactions of other tests' databases may hold entries up. */
async function fanAll(hook: string, count: number, ...dispatchers: DispatchStore[]) {
  const giveUp = Date.now() + 20_000;
  for (;;) {
    await Promise.all(dispatchers.map((one) => fanOut(portsOf(one), null)));
    const found = await w.deliveries(hook);
    if (found.length >= count || Date.now() > giveUp) return found;
  }
}

async function queue(count: number) {
  await queueCalls(
    w,
    Array.from({ length: count }, (_, nth) => draft({ number: numberOf(nth) })),
  );
}

const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id).sort();

describe("the fan-out", () => {
  it("makes one delivery of each entry, also by two dispatchers at once", async () => {
    const hook = await w.hook();
    await queue(12);
    const found = await fanAll(hook, 12, w.one, w.other);
    expect(found).toHaveLength(12);
    expect(new Set(found.map(({ entry }) => entry)).size).toBe(12);
    await fanAll(hook, 12, w.one, w.other);
    expect(await w.deliveries(hook)).toHaveLength(12);
  });

  it("lists its deliveries in the order of their entries, page by page", async () => {
    const hook = await w.hook();
    await queue(12);
    await fanAll(hook, 12, w.one);
    const listed: (number | null)[] = [];
    const { ofHook } = deliveryStore(w.app);
    for (let page = await ofHook(hook, null, 5, null); ; page = await ofHook(hook, null, 5, page.next)) {
      listed.push(...page.rows.map(({ entry }) => entry));
      if (page.next === null) break;
    }
    expect(listed).toHaveLength(12);
    expect(listed).toEqual(listed.toSorted((one, other) => Number(other) - Number(one)));
  });

  it("tells a hook nothing that happened before it was made", async () => {
    await queue(2);
    const hook = await w.hook();
    await queueCalls(w, [draft({ number: numberOf(30) })]);
    const found = await fanAll(hook, 1, w.one);
    expect(found).toHaveLength(1);
  });

  it("moves the mark for nobody whose hooks have changed meanwhile", async () => {
    const hook = await w.hook();
    await queue(1);
    const { mark, version } = await w.one.hooks(null);
    await w.hooks.pause(hook, "a pause", "test");
    const to = { tx: mark.tx, id: mark.id + 1 };
    expect(await w.one.advance({ from: mark, to, version }, [], [])).toBeNull();
    const now = await w.one.hooks(null);
    expect(now.mark).toEqual(mark);
    expect(await w.one.advance({ from: mark, to, version: now.version }, [], [])).toEqual([]);
    // Another dispatcher was first.
    expect(await w.other.advance({ from: mark, to, version: now.version }, [], [])).toBeNull();
  });

  it("notes the entries of a disabled hook as missed", async () => {
    const hook = await w.hook();
    await w.owner`update hooks set state = 'disabled', state_reason = 'receiver_gone' where id = ${hook}`;
    await queue(1);
    expect(await fanAll(hook, 1, w.one)).toMatchObject([{ state: "missed", reason: "hook_disabled" }]);
    expect(await w.one.claim(null, 10)).toEqual([]);
  });

  it("waits for the removal of a hook, and then leaves that hook out", async () => {
    const [hook, stays] = [await w.hook(), await w.hook()];
    const { mark, version } = await w.one.hooks(null);
    const to = { tx: mark.tx, id: mark.id + 1 };
    const row = { call: null, type: "call.ended", body: "{}", personal: false, state: "pending" as const };
    const made = [hook, stays].map((one) => ({ ...row, hook: one, entry: 1 }));
    const removing = Promise.withResolvers<number>();
    const end = Promise.withResolvers<void>();
    const removal = w.app.begin(async (tx) => {
      const [{ pid } = { pid: 0 }] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
      await tx`delete from hooks where id = ${hook}`;
      removing.resolve(pid);
      await end.promise;
    });
    await removing.promise;
    const advanced = w.one.advance({ from: mark, to, version }, made, []);
    const [{ pid } = { pid: 0 }] = await waiting();
    await waitsForLock(w.owner, pid);
    end.resolve();
    await removal;
    expect(await advanced).toEqual([stays]);
    expect(await w.deliveries(hook)).toEqual([]);
    expect(await w.deliveries(stays)).toHaveLength(1);
  });
});

/** The connection whose statement waits. */
async function waiting(): Promise<{ pid: number }[]> {
  for (;;) {
    const found = await w.owner<{ pid: number }[]>`select pid from pg_locks where not granted
      and pid in (select pid from pg_stat_activity where datname = current_database())`;
    if (found.length > 0) return found;
  }
}

describe("a claim", () => {
  const call = randomUUID();

  it("takes the deliveries of a call one after another, and those of other calls beside them", async () => {
    const hook = await w.hook();
    await w.deliver(hook, { entry: 1, call }, { entry: 2, call }, { entry: 3, call: randomUUID() }, { entry: 4 });
    const [one, two, three, four] = await w.deliveries(hook);
    const first = await w.one.claim(null, 10);
    expect(ids(first)).toEqual(ids([one, three, four].flatMap((row) => row ?? [])));
    const [claimed] = first.filter(({ id }) => id === one?.id);
    if (claimed === undefined) throw new Error("the first was not claimed");
    await w.one.record([result(claimed, delivered)]);
    expect(ids(await w.one.claim(null, 10))).toEqual([two?.id]);
  });

  it("is taken once, also by two dispatchers at once", async () => {
    const hook = await w.hook();
    await w.deliver(hook, ...Array.from({ length: deliveriesAtOnceMax }, (_, nth) => ({ entry: nth + 1 })));
    const [mine, theirs] = await Promise.all([w.one.claim(null, 10), w.other.claim(null, 10)]);
    expect(mine.length + theirs.length).toBe(deliveriesAtOnceMax);
    expect(new Set([...ids(mine), ...ids(theirs)]).size).toBe(deliveriesAtOnceMax);
  });

  it("has a few of a hook at once, one of a hook that fails, and none of a paused one", async () => {
    const [well, ill, paused] = [await w.hook(), await w.hook(), await w.hook()];
    for (const hook of [well, ill, paused])
      await w.deliver(hook, ...Array.from({ length: deliveriesAtOnceMax + 3 }, (_, nth) => ({ entry: nth + 1 })));
    await w.owner`update hooks set failing_since = now() where id = ${ill}`;
    await w.hooks.pause(paused, "a pause", "test");
    const claimed = await w.one.claim(null, 100);
    const count = (hook: string) => claimed.filter((one) => one.hook === hook).length;
    expect([count(well), count(ill), count(paused)]).toEqual([deliveriesAtOnceMax, 1, 0]);
    expect(await w.other.claim(null, 100)).toEqual([]);
  });

  it("prefers hooks that do not fail when there is little room", async () => {
    const [ill, well] = [await w.hook(), await w.hook()];
    await w.deliver(ill, { entry: 1 });
    await w.deliver(well, { entry: 2 });
    await w.owner`update hooks set failing_since = now() where id = ${ill}`;
    expect((await w.one.claim(null, 1)).map(({ hook }) => hook)).toEqual([well]);
  });

  it("takes again what was leased to a dispatcher that was killed, once its lease has ended", async () => {
    const hook = await w.hook();
    await w.deliver(hook, { entry: 1 });
    const [first] = await w.one.claim(null, 10);
    expect(await w.other.claim(null, 10)).toEqual([]);
    expect(await w.other.nextAt()).toBeGreaterThan(Date.now() + 30_000);
    await w.owner`update deliveries set lease_until = now() where hook = ${hook}`;
    expect(ids(await w.other.claim(null, 10))).toEqual([first?.id]);
  });

  it("has bodies of 8 MB together, and leaves the rest", async () => {
    const hooks = await Promise.all(Array.from({ length: 12 }, () => w.hook()));
    const body = "x".repeat(250_000);
    for (const hook of hooks) await w.deliver(hook, ...[1, 2, 3, 4].map((entry) => ({ entry, body })));
    const claimed = await w.one.claim(null, 256);
    expect(claimed.length).toBe(Math.ceil(8_388_608 / 250_000));
    expect((await w.one.claim(null, 256)).length).toBe(48 - claimed.length);
  });

  it("waits for a token of the owner's name with the scopes that the hook needs", async () => {
    const [hook, pii, lines] = [
      await w.hook({ owner: "make" }),
      await w.hook({ owner: "make", payload: "full_with_pii" }),
      await w.hook({ owner: "make", events: ["line.*"] }),
    ];
    for (const one of [hook, pii, lines]) await w.deliver(one, { entry: 1 });
    const claimable = async () => {
      const claimed = await w.one.claim(null, 10);
      await w.owner`update deliveries set lease_until = null`;
      return claimed.map((one) => [hook, pii, lines].indexOf(one.hook)).sort();
    };
    expect(await claimable()).toEqual([]);
    expect(await w.one.nextAt()).toBeNull();
    await w.token("make", "calls:read");
    expect(await claimable()).toEqual([]);
    await w.token("make", "hooks:write");
    expect(await claimable()).toEqual([0]);
    await w.token("make", "hooks:write", "pii:read");
    expect(await claimable()).toEqual([0, 1]);
    await w.token("make", "admin");
    expect(await claimable()).toEqual([0, 1, 2]);
    await w.owner`update tokens set revoked_at = now() where name = 'make'`;
    expect(await claimable()).toEqual([]);
  });

  it("never waits for a delivery whose body was erased", async () => {
    const hook = await w.hook();
    await w.deliver(hook, { entry: 1, call }, { entry: 2, call });
    await w.owner`update deliveries set body = null where hook = ${hook} and entry = 1`;
    expect(await w.one.claim(null, 10)).toHaveLength(1);
    await w.owner`delete from deliveries where entry = 2`;
    expect(await w.one.nextAt()).toBeNull();
  });
});

describe("the time of the next delivery", () => {
  it("is that of the earlier delivery of the same call, for which the later one waits", async () => {
    const hook = await w.hook();
    const call = randomUUID();
    await w.deliver(hook, { entry: 1, call }, { entry: 2, call });
    const [first] = await w.one.claim(null, 10);
    if (first === undefined) throw new Error("nothing was claimed");
    await w.one.record([result(first, retry(3_600_000))]);
    expect(await w.one.nextAt()).toBeGreaterThan(Date.now() + 3_500_000);
    // Also if the later one came to be due meanwhile.
    await w.owner`update deliveries set next_at = now() where entry = 2`;
    expect(await w.one.nextAt()).toBeGreaterThan(Date.now() + 3_500_000);
    expect(await w.one.claim(null, 10)).toEqual([]);
  });
});
