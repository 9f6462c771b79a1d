/** The results of tries. Time passes by what is written into the rows. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeliveryVerdict } from "../../../src/domain/hooks/retries.ts";
import type { ClaimedDelivery } from "../../../src/ports/hooks/deliveries.ts";
import { deliveryStore } from "../../../src/store/hooks/delivery-lookups.ts";
import { dispatchStore } from "../../../src/store/hooks/dispatch.ts";
import { connect } from "../../../src/store/postgres/connection.ts";
import { delivered, gone, type HooksWorld, hooksWorld, result, retry } from "../world/hooks.ts";
import { waitsForLock } from "../world/locks.ts";

let w: HooksWorld;
beforeEach(async () => {
  w = await hooksWorld();
});
afterEach(() => w.end());

/** Claims what a hook has, whatever time it would wait for. */
async function claimed(hook: string): Promise<ClaimedDelivery[]> {
  await w.owner`update deliveries set next_at = now(), lease_until = null where state = 'pending'`;
  return (await w.one.claim([hook], 100)).toSorted((one, other) => one.body.localeCompare(other.body));
}

async function claimedOne(hook: string): Promise<ClaimedDelivery> {
  const [found] = await claimed(hook);
  if (found === undefined) throw new Error("nothing was claimed");
  return found;
}

const tries = async (id: string) => await deliveryStore(w.app).triesOf(id);

/** A further dispatcher, whose connection can be seen to wait. */
async function dispatcher() {
  const sql = connect(w.url, { idleSeconds: 20, connectSeconds: 5 }, () => {});
  const [{ pid }] = await sql<[{ pid: number }]>`select pg_backend_pid() as pid`;
  return { record: dispatchStore(() => sql).record, pid, end: () => sql.end({ timeout: 1 }) };
}

/** One try of the hook's next delivery. */
async function tryOnce(hook: string, verdict: DeliveryVerdict) {
  await w.one.record([result(await claimedOne(hook), verdict)]);
}

describe("a try", () => {
  it("that succeeded ends the delivery, and is kept with the receiver's answer", async () => {
    const hook = await w.hook();
    await w.deliver(hook, { entry: 1 });
    const one = await claimedOne(hook);
    await w.one.record([result(one, delivered, { answer: "thanks", ms: 7 })]);
    expect(await w.deliveries(hook)).toMatchObject([{ state: "delivered", tries: 1, reason: null }]);
    expect(await tries(one.id)).toMatchObject([{ nth: 1, status: 200, answer: "thanks", ms: 7 }]);
    expect(await w.one.nextAt()).toBeNull();
  });

  it("that failed makes the delivery due again, and the later ones of its call with it, but no others", async () => {
    const hook = await w.hook();
    const call = randomUUID();
    await w.deliver(hook, { entry: 1, call }, { entry: 2, call }, { entry: 3 });
    const [first] = await claimed(hook);
    if (first === undefined) throw new Error("nothing was claimed");
    await w.one.record([result(first, retry(3_600_000))]);
    const due = await w.owner<{ late: boolean }[]>`
      select next_at > now() + interval '50 minutes' as late from deliveries order by entry`;
    expect(due.map(({ late }) => late)).toEqual([true, true, false]);
  });

  it("is counted once, though its result is recorded again because the answer was lost", async () => {
    const hook = await w.hook();
    await w.deliver(hook, { entry: 1 });
    const failed = result(await claimedOne(hook), retry());
    await w.one.record([failed]);
    await w.other.record([failed]);
    expect(await w.deliveries(hook)).toMatchObject([{ tries: 1, state: "pending" }]);
  });

  it("of a dispatcher that was too slow counts if it succeeded, and else not", async () => {
    const hook = await w.hook();
    await w.deliver(hook, { entry: 1 });
    const slow = await claimedOne(hook);
    const again = await claimedOne(hook);
    expect(again.id).toBe(slow.id);
    await w.other.record([result(again, retry())]);
    await w.one.record([result(slow, { is: "give_up", reason: "tries_used_up" })]);
    expect(await w.deliveries(hook)).toMatchObject([{ state: "pending", tries: 1 }]);
    await w.one.record([result(slow, delivered)]);
    expect(await w.deliveries(hook)).toMatchObject([{ state: "delivered", tries: 2 }]);
  });

  it("that was the last gives the delivery up, and the next of the call goes on", async () => {
    const hook = await w.hook();
    const call = randomUUID();
    await w.deliver(hook, { entry: 1, call }, { entry: 2, call });
    const one = await claimedOne(hook);
    await w.one.record([result(one, { is: "give_up", reason: "receiver_refuses" }, { status: 400 })]);
    expect(await w.deliveries(hook)).toMatchObject([
      { state: "given_up", reason: "receiver_refuses" },
      { state: "pending" },
    ]);
    expect((await claimed(hook)).map(({ body }) => body)).toEqual([`{"entry":2}`]);
  });

  it("of a hook that was removed meanwhile changes nothing", async () => {
    const [hook, stays] = [await w.hook(), await w.hook()];
    for (const one of [hook, stays]) await w.deliver(one, { entry: 1 });
    const [mine, theirs] = [await claimedOne(hook), await claimedOne(stays)];
    await w.hooks.remove(hook, "test");
    await w.one.record([result(mine, retry()), result(theirs, delivered)]);
    expect(await w.deliveries(stays)).toMatchObject([{ state: "delivered" }]);
    expect(await w.told(hook)).toEqual([]);
  });

  it("that waits for a removal of its hook locks no delivery, and records nothing", async () => {
    const hook = await w.hook();
    await w.deliver(hook, { entry: 1 });
    const one = await claimedOne(hook);
    const { record, pid, end } = await dispatcher();
    const { recording } = await w.owner.begin(async (tx) => {
      await tx`select from hooks where id = ${hook} for update`;
      const recording = record([result(one, retry())]);
      await waitsForLock(tx, pid);
      await tx`select from deliveries where hook = ${hook} for update nowait`;
      await tx`delete from hooks where id = ${hook}`;
      return { recording };
    });
    await recording;
    expect(await w.deliveries(hook)).toMatchObject([{ state: "pending", tries: 0 }]);
    await end();
  });

  it("and a removal of its hook at the same time are no deadlock", async () => {
    for (let round = 0; round < 10; round++) {
      const hook = await w.hook();
      await w.deliver(hook, ...[1, 2, 3, 4].map((entry) => ({ entry })));
      const results = (await claimed(hook)).map((one) => result(one, gone));
      await Promise.all([w.one.record(results), w.hooks.remove(hook, "test")]);
      expect(await w.hookRow(hook)).toEqual({});
    }
  });
});

describe("a hook that fails", () => {
  it("is told once, at the third failed try of a delivery, and so is its recovery", async () => {
    const hook = await w.hook();
    await w.deliver(hook, { entry: 1 });
    for (let nth = 0; nth < 2; nth++) await tryOnce(hook, retry());
    expect(await w.told(hook)).toEqual([]);
    for (let nth = 0; nth < 3; nth++) await tryOnce(hook, retry());
    expect(await w.told(hook)).toEqual([{ action: "failing", reason: "receiver_failed" }]);
    expect((await w.hookRow(hook)).failing_since).not.toBeNull();
    await tryOnce(hook, delivered);
    expect((await w.told(hook)).map(({ action }) => action)).toEqual(["failing", "recovered"]);
    expect(await w.hookRow(hook)).toMatchObject({ failing_since: null, told_at: null, state: "active" });
    await w.deliver(hook, { entry: 2 });
    await tryOnce(hook, delivered);
    expect(await w.told(hook)).toHaveLength(2);
  });

  it("and recovers before it was told is told at no time", async () => {
    const hook = await w.hook();
    await w.deliver(hook, { entry: 1 });
    await tryOnce(hook, retry());
    await tryOnce(hook, delivered);
    expect(await w.told(hook)).toEqual([]);
  });

  it("has not failed, if another delivery of the same batch succeeded", async () => {
    const hook = await w.hook();
    await w.deliver(hook, { entry: 1 }, { entry: 2 });
    const [one, two] = await claimed(hook);
    if (one === undefined || two === undefined) throw new Error("two were to be claimed");
    await w.one.record([result(one, retry()), result(two, delivered)]);
    expect((await w.hookRow(hook)).failing_since).toBeNull();
  });

  it("is disabled after five days without a success, once, and misses what waits", async () => {
    const hook = await w.hook();
    const { version } = await w.one.hooks(null);
    await w.deliver(hook, { entry: 1 }, { entry: 2 }, { entry: 3 });
    await w.owner`update hooks set failing_since = now() - interval '4 days 23 hours' where id = ${hook}`;
    await tryOnce(hook, retry());
    expect((await w.hookRow(hook)).state).toBe("active");
    await w.owner`update hooks set failing_since = now() - interval '5 days 1 minute' where id = ${hook}`;
    await tryOnce(hook, retry());
    // One failed try after days of silence is not enough.
    expect((await w.hookRow(hook)).state).toBe("active");
    await w.owner`update deliveries set tries = 2 where hook = ${hook}`;
    await tryOnce(hook, retry());
    expect(await w.hookRow(hook)).toMatchObject({ state: "disabled", state_reason: "failing_for_days" });
    expect((await w.deliveries(hook)).map(({ state }) => state)).toEqual(["missed", "missed", "missed"]);
    expect((await w.told(hook)).map(({ action }) => action)).toEqual(["disabled"]);
    expect((await w.one.hooks(version)).hooks).toMatchObject([{ isDisabled: true }]);
  });

  it("is not disabled by the failure after five days of failures, if a delivery succeeded beside it", async () => {
    const hook = await w.hook();
    await w.deliver(hook, { entry: 1 }, { entry: 2 });
    const first = await claimedOne(hook);
    await w.owner`update hooks set failing_since = now() - interval '6 days' where id = ${hook}`;
    await w.one.record([result(first, delivered)]);
    expect(await w.hookRow(hook)).toMatchObject({ state: "active", failing_since: null });
  });

  it("ends at once with 410, with all that waits or is under way", async () => {
    const hook = await w.hook();
    await w.deliver(hook, ...[1, 2, 3, 4].map((entry) => ({ entry })));
    const [one, two, three] = await claimed(hook);
    if (one === undefined || two === undefined || three === undefined) throw new Error("three were to be claimed");
    await w.one.record([result(one, gone), result(two, retry())]);
    expect(await w.deliveries(hook)).toMatchObject([
      { state: "given_up", reason: "receiver_gone" },
      { state: "missed", reason: "hook_disabled", tries: 1 },
      { state: "missed" },
      { state: "missed" },
    ]);
    // A late result tells nobody again.
    await w.one.record([result(three, gone)]);
    expect((await w.told(hook)).map(({ action, reason }) => [action, reason])).toEqual([["disabled", "receiver_gone"]]);
  });

  it("is disabled once by two results that two dispatchers record at once", async () => {
    const hook = await w.hook();
    await w.deliver(hook, { entry: 1 }, { entry: 2 });
    const [one, two] = await claimed(hook);
    if (one === undefined || two === undefined) throw new Error("two were to be claimed");
    const dispatchers = [await dispatcher(), await dispatcher()] as const;
    const { recording } = await w.owner.begin(async (tx) => {
      // Both statements have begun, and neither sees what the other changes.
      await tx`select from hooks where id = ${hook} for update`;
      const recording = [dispatchers[0].record([result(one, gone)]), dispatchers[1].record([result(two, gone)])];
      for (const { pid } of dispatchers) await waitsForLock(tx, pid);
      return { recording };
    });
    await Promise.all(recording);
    expect((await w.told(hook)).map(({ action }) => action)).toEqual(["disabled"]);
    expect(await w.hookRow(hook)).toMatchObject({ state: "disabled", state_reason: "receiver_gone" });
    for (const { end } of dispatchers) await end();
  });

  it("that is disabled is not disabled again by a late result of a delivery that a person asked for meanwhile", async () => {
    const hook = await w.hook();
    await w.deliver(hook, { entry: 1 }, { entry: 2 });
    const [one, late] = await claimed(hook);
    if (one === undefined || late === undefined) throw new Error("two were to be claimed");
    await w.one.record([result(one, gone)]);
    const { state_since: since } = await w.hookRow(hook);
    await deliveryStore(w.app).redeliver(late.id, "test");
    await w.other.record([result(late, gone)]);
    expect((await w.told(hook)).map(({ action }) => action)).toEqual(["disabled"]);
    expect((await w.hookRow(hook)).state_since).toEqual(since);
    expect((await w.deliveries(hook))[1]).toMatchObject({ state: "given_up", reason: "receiver_gone" });
  });

  it("that was disabled and is resumed is told as recovered by its first success", async () => {
    const hook = await w.hook();
    await w.deliver(hook, { entry: 1 });
    await tryOnce(hook, gone);
    await w.hooks.resume(hook, "test");
    await w.deliver(hook, { entry: 2 });
    await tryOnce(hook, delivered);
    expect((await w.told(hook)).map(({ action }) => action)).toEqual(["disabled", "recovered"]);
  });
});
