/** A call with more entries than anybody reads. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { receiptStore } from "../../../src/store/audit/chain.ts";
import { lookupStore } from "../../../src/store/lookups/lookups.ts";
import { type NotaryWorld, notaryWorld } from "../world/notary.ts";

let world: NotaryWorld;
beforeAll(async () => {
  world = await notaryWorld();
});
afterAll(() => world.close());

const [read, busy] = [randomUUID(), randomUUID()];
const add = (call: string, action: string, times = 1, subject = "call") =>
  world.owner`insert into entries (subject, subject_id, action, actor)
    select ${subject}, ${call}, ${action}, 'test' from generate_series(1, ${times})`;
const receiptOf = async (call: string) => {
  const { entries, more } = await receiptStore(world.app).entriesOf(call, call);
  return { actions: entries.map(({ action }) => action), more };
};
const timelineOf = async (call: string) =>
  (await lookupStore(world.app).timeline(call, call)).entries.map(({ action }) => action);

describe("a call that thousands read", () => {
  beforeAll(async () => {
    await add(read, "queued");
    await add(read, "read", 1_500);
    await add(read, "read", 1_500, "event");
    await add(read, "recording_read", 1_500);
    for (const action of ["dialing", "placed", "ended"]) await add(read, action);
    await add(read, "conflict", 1, "event");
  });

  it("keeps all that was decided in its receipt, which holds no reading", async () => {
    expect(await receiptOf(read)).toEqual({
      actions: ["queued", "dialing", "placed", "ended", "conflict"],
      more: false,
    });
  });

  it("keeps all that was decided in its timeline, with the newest readings", async () => {
    const actions = await timelineOf(read);
    expect(actions.filter((action) => !/read/.test(action))).toEqual([
      "queued",
      "dialing",
      "placed",
      "ended",
      "conflict",
    ]);
    expect(actions.filter((action) => /read/.test(action))).toEqual(Array(50).fill("recording_read"));
  });
});

it("A call with more entries than a receipt holds keeps its making, its moves and the newest, and says that there are more.", async () => {
  await add(busy, "held");
  await add(busy, "report_added", 400);
  await add(busy, "released");
  await add(busy, "report_added", 400);
  await add(busy, "conflict", 2_000, "event");
  await add(busy, "further_tries_stopped");
  const { actions, more } = await receiptOf(busy);
  expect(more).toBe(true);
  expect(actions.length).toBeLessThanOrEqual(550);
  expect(actions[0]).toBe("held");
  expect(actions).toContain("released");
  expect(actions.at(-1)).toBe("further_tries_stopped");
  expect((await timelineOf(busy)).filter((action) => action !== "report_added" && action !== "conflict")).toEqual([
    "held",
    "released",
    "further_tries_stopped",
  ]);
});
