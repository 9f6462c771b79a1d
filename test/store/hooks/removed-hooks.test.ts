/** A removed hook: gone at once for everybody, however many deliveries it has; these go in parts. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deliveryStore } from "../../../src/store/hooks/delivery-lookups.ts";
import { deleteOfRemovedHooks } from "../../../src/store/hooks/removed-hooks.ts";
import { delivered, type HooksWorld, hooksWorld, result } from "../world/hooks.ts";

let w: HooksWorld;
beforeEach(async () => {
  w = await hooksWorld();
});
afterEach(() => w.end());

/** A hook with `count` deliveries about one call, the first of which is over, with its try. */
async function hookWith(count: number, call: string): Promise<string> {
  const hook = await w.hook();
  await w.deliver(hook, ...Array.from({ length: count }, (_, entry) => ({ entry: entry + 1, call })));
  const [first] = await w.one.claim([hook], 1);
  if (first === undefined) throw new Error("nothing was claimed");
  await w.one.record([result(first, delivered)]);
  return hook;
}

const triesLeft = async () => await w.owner`select 1 from delivery_tries`;

describe("A removed hook", () => {
  it("is gone at once, although a delivery of it is locked", async () => {
    const hook = await hookWith(3, randomUUID());
    await w.owner.begin(async (tx) => {
      await tx`select from deliveries where hook = ${hook} for update`;
      expect(await w.hooks.remove(hook, "test")).toBe(true);
    });
    expect(await w.hooks.find(hook)).toBeNull();
  });

  it("has no delivery that anybody sees, claims or delivers again", async () => {
    const [call, store] = [randomUUID(), deliveryStore(w.app)];
    const [hook, stays] = [await hookWith(3, call), await hookWith(3, call)];
    const [over, waits] = await w.deliveries(hook);
    await w.hooks.remove(hook, "test");
    expect(await w.one.claim(null, 10)).toMatchObject([{ hook: stays }]);
    expect((await store.ofHook(hook, null, 10, null)).rows).toEqual([]);
    expect(new Set((await store.ofCall(call)).map((row) => row.hook))).toEqual(new Set([stays]));
    expect(await store.find(waits?.id ?? "")).toBeNull();
    expect(await store.redeliver(over?.id ?? "", "test")).toBeNull();
  });

  it("loses its deliveries and their tries in parts, and no other hook does", async () => {
    const call = randomUUID();
    const [hook, another, stays] = [await hookWith(12, call), await hookWith(3, call), await hookWith(2, call)];
    for (const removed of [hook, another]) await w.hooks.remove(removed, "test");
    const parts: number[] = [];
    do parts.push(await deleteOfRemovedHooks(w.app, 4));
    while (parts.at(-1) === 4);
    expect(parts).toEqual([4, 4, 4, 3]);
    expect(await w.deliveries(stays)).toHaveLength(2);
    expect(await triesLeft()).toHaveLength(1);
  });
});
