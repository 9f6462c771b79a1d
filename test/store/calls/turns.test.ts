import { afterAll, beforeAll, expect, test } from "vitest";
import { addLine, draft, numberOf, queueCalls, type World, world } from "../world/world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

let numbers = 0;
const nextNumber = () => numberOf(++numbers);

/** Queues due calls of a source, the oldest first. */
async function queueOf(line: string, source: string, count: number, deviation: object = {}): Promise<void> {
  const now = Date.now() - 100_000;
  const drafts = Array.from({ length: count }, (_, index) =>
    draft({ line, number: nextNumber(), dueAt: now + index, ...deviation }),
  );
  const events = await queueCalls(w, drafts);
  await w.owner`update calls set source = ${source} where event_id in ${w.owner(events)}`;
}

type Taken = { source: string; dueAt: number; ok: boolean };

/** The calls of the next claim, in no order. */
async function claimFrom(line: string, seq: number, max: number): Promise<Taken[]> {
  const claim = await w.calls.claim(line, seq, max);
  const ids = claim.calls.map(({ id }) => id);
  if (ids.length === 0) return [];
  return await w.owner<Taken[]>`
    select source, extract(epoch from due_at)::float8 as "dueAt", rule <> 'forbidden' as ok from calls
    where id in ${w.owner(ids)}`;
}

test("one call of another source does not wait behind five hundred, however small the claims are", async () => {
  await addLine(w.owner, "crowded");
  await queueOf("crowded", "bulk", 500);
  await queueOf("crowded", "single", 1, { dueAt: Date.now() - 1_000 });
  const taken = [...(await claimFrom("crowded", 0, 1)), ...(await claimFrom("crowded", 1, 1))];
  expect(taken.map(({ source }) => source)).toEqual(["bulk", "single"]);
});

test("a source that comes while others are served is next within one round", async () => {
  await addLine(w.owner, "late");
  for (const source of ["a", "m", "z"]) await queueOf("late", source, 20);
  expect(await claimFrom("late", 0, 3)).toHaveLength(3);
  await queueOf("late", "late-one", 1, { dueAt: Date.now() - 1_000 });
  const second = await claimFrom("late", 1, 4);
  expect(second.map(({ source }) => source).sort()).toEqual(["a", "late-one", "m", "z"]);
});

test.each([1, 2, 3, 4, 5])("sources take turns, and what a gate forbids is not claimed (seed %i)", async (seed) => {
  let state = seed * 7_919;
  const chance = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const line = `turns-${seed}`;
  await addLine(w.owner, line);
  await w.owner`update lines set countries = '{US}' where slug = ${line}`;
  const sources = Array.from({ length: 2 + chance(5) }, (_, n) => `${"zmaqкß"[n % 6]}-${n}`);
  const left = new Map<string, number>();
  for (const source of sources) {
    const count = 1 + chance(25);
    left.set(source, count);
    await queueOf(line, source, count);
    const forbidden = [{ dueAt: Date.now() + 600_000 }, { closesAt: Date.now() - 1 }, { country: "JM" }][chance(3)];
    await queueOf(line, source, 1 + chance(3), { ...forbidden, rule: "forbidden" });
  }
  const total = [...left.values()].reduce((sum, count) => sum + count, 0);
  const waited = new Map(sources.map((source) => [source, 0]));
  const lastDue = new Map<string, number>();
  let seq = 0;
  let claimed = 0;
  while (claimed < total) {
    const rows = await claimFrom(line, seq, 1 + chance(4));
    seq += 1;
    expect(rows.length).toBeGreaterThan(0);
    claimed += rows.length;
    expect(rows.every(({ ok }) => ok)).toBe(true);
    for (const source of sources) {
      const own = rows.filter((row) => row.source === source);
      if ((left.get(source) ?? 0) > 0) waited.set(source, own.length > 0 ? 0 : (waited.get(source) ?? 0) + rows.length);
      // A claim is of one moment: those of it that come behind the source's own call are not counted.
      expect(waited.get(source)).toBeLessThanOrEqual(sources.length - 1);
      left.set(source, (left.get(source) ?? 0) - own.length);
      for (const { dueAt } of own.sort((a, b) => a.dueAt - b.dueAt)) {
        expect(dueAt).toBeGreaterThanOrEqual(lastDue.get(source) ?? 0);
        lastDue.set(source, dueAt);
      }
    }
  }
  expect((await w.calls.claim(line, seq, 4)).calls).toEqual([]);
});
