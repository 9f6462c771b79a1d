import fc from "fast-check";
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

/** Due calls of one source: how many, whether all are due at the same time, and how many of its first ones no gate lets pass. */
const ownOf = fc.record({
  count: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 3 }) }, fc.integer({ min: 4, max: 40 })),
  alike: fc.boolean(),
  forbidden: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 12 })),
});

let lines = 0;

test("each claim takes one of every source that has a due call before a second of any, the oldest first, and no call twice", async () => {
  const sources = fc.array(ownOf, { minLength: 1, maxLength: 40 });
  const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sources, sizes, fc.boolean(), async (given, max, shares) => {
      const line = `fair-${++lines}`;
      await addLine(w.owner, line, { minute: 100_000, atOnce: 100_000 });
      await w.owner`update lines set countries = '{US}' where slug = ${line}`;
      const left = new Map<string, number>();
      const dueAt = Date.now() - 1_000_000;
      for (const [nth, { count, alike, forbidden }] of given.entries()) {
        const source = `s${(nth * 7) % given.length}-${nth}`;
        left.set(source, count);
        const drafts = Array.from({ length: forbidden + count }, (_, index) =>
          draft({
            line,
            // Two sources may owe calls to the same people.
            number: shares && nth > 0 && index === forbidden ? "+14155550199" : nextNumber(),
            dueAt: dueAt + (alike ? 0 : index),
            burst: { calls: 1_000_000, window: 0 },
            ...(index < forbidden ? { country: "JM", rule: "forbidden" } : {}),
          }),
        );
        if (drafts.length === 0) continue;
        const events = await queueCalls(w, drafts);
        await w.owner`update calls set source = ${source} where event_id in ${w.owner(events)}`;
      }
      const taken = new Set<string>();
      let last = "";
      for (let seq = 0, total = [...left.values()].reduce((sum, one) => sum + one, 0); total > 0; ) {
        const size = max[seq % max.length] ?? 1;
        // Two instances of the line's object claim at once: one of them alone is given calls.
        const both = await Promise.all([w.calls.claim(line, seq, size), w.calls.claim(line, seq, size)]);
        const claims = both.map(({ calls }) => calls).filter((calls) => calls.length > 0);
        expect(claims.length).toBe(1);
        seq += 1;
        const ids = claims.flat().map(({ id }) => id);
        for (const id of ids) expect(taken.has(id)).toBe(false);
        for (const id of ids) taken.add(id);
        const rows = await w.owner<{ source: string; rule: string; due: number }[]>`
          select source, rule, extract(epoch from due_at)::float8 as due from calls where id in ${w.owner(ids)}`;
        expect(rows.every(({ rule }) => rule !== "forbidden")).toBe(true);
        const had = [...left].filter(([, count]) => count > 0).map(([source]) => source);
        const own = (source: string) => rows.filter((row) => row.source === source);
        if (!shares) {
          // Round by round, in the order behind the source of the claim before.
          const turns = [...had.filter((one) => one > last).sort(), ...had.filter((one) => one <= last).sort()];
          const wanted = new Map<string, number>();
          const counts = new Map(left);
          for (let round = 0, places = Math.min(size, total); places > 0; round++)
            for (const source of turns) {
              if (places === 0 || (counts.get(source) ?? 0) <= round) continue;
              wanted.set(source, (wanted.get(source) ?? 0) + 1);
              places -= 1;
              last = source;
            }
          for (const source of had) expect([source, own(source).length]).toEqual([source, wanted.get(source) ?? 0]);
        }
        for (const source of had) {
          left.set(source, (left.get(source) ?? 0) - own(source).length);
          total -= own(source).length;
          // None that waits is older than one that was taken.
          const [waits] = await w.owner<{ due: number | null }[]>`
            select extract(epoch from min(due_at))::float8 as due from calls
            where line = ${line} and source = ${source} and status = 'queued' and rule <> 'forbidden'
              and (${!shares} or number <> '+14155550199')`;
          if (typeof waits?.due === "number")
            for (const { due } of own(source)) expect(due).toBeLessThanOrEqual(waits.due);
        }
        // The people of these calls may be called again.
        await w.owner`update calls set status = 'canceled', reason = 'by_hand' where id in ${w.owner(ids)}`;
      }
      expect((await w.calls.claim(line, Number.MAX_SAFE_INTEGER, 4)).calls).toEqual([]);
    }),
    { seed: 12, numRuns: 15 },
  );
}, 120_000);
