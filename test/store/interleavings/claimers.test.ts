/**
 * Two instances of a line's object claim at once, each by a connection of its own, with the same claim number and with different ones,
 * while stops are committed. A deploy causes such instances for a while.
 *
 * - No call is claimed twice, and of the claims with one number one at the most takes calls.
 * - The line's capacity is never exceeded, at once, in a minute or in a day.
 * - No source waits longer than one round of the others' turns.
 * - No call of a stop is claimed after the stop was answered.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Claim } from "../../../src/ports/calling/claims.ts";
import { stopStore } from "../../../src/store/calls/stops.ts";
import { configStore } from "../../../src/store/config/config.ts";
import { suppressionStore } from "../../../src/store/config/suppressions.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import { callStores } from "../world/calls.ts";
import { addLine, draft, numberOf, queueCalls, type World, world } from "../world/world.ts";

const seed = 20_261_129;
const runs = 40;

let w: World;
let clients: KeptClient[];
beforeAll(async () => {
  w = await world();
  clients = Array.from({ length: 3 }, () => keptClient(w.url, () => {}));
});
afterAll(async () => {
  for (const client of clients) client.drop();
  await w.close();
});

const lagMs = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 10, max: 40 }));
const claimer = fc.record({
  size: fc.integer({ min: 1, max: 6 }),
  lagMs,
  /** The claim number that it has: the one of the round's beginning, one before it, or the one that it reads first. */
  has: fc.constantFrom("same", "same", "reads", "reads", "before"),
});
const round = fc.record({
  claimers: fc.tuple(claimer, claimer),
  stop: fc.option(fc.record({ kind: fc.constantFrom("source", "number"), which: fc.nat(50), lagMs }), { freq: 2 }),
  /** Of the calls that go on, so many in ten end. */
  ends: fc.integer({ min: 0, max: 10 }),
});
const given = fc.record({
  sources: fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 1, maxLength: 6 }),
  atOnce: fc.constantFrom(2, 5, 9, 1_000),
  minute: fc.constantFrom(7, 25, 1_000),
  day: fc.constantFrom(11, 1_000),
  rounds: fc.array(round, { minLength: 4, maxLength: 12 }),
});

const after = async <T>(ms: number, work: () => Promise<T>): Promise<T> => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return await work();
};

let serial = 0;

type Line = { readonly slug: string; readonly pace: { atOnce: number; minute: number; day: number } };
type Queued = { readonly id: string; readonly source: string; readonly number: string };

/** A line and its due calls, each to a number of its own. */
async function lineOf({ sources, ...pace }: { sources: readonly number[] } & Line["pace"]): Promise<Line> {
  const slug = `both-${++serial}`;
  await addLine(w.owner, slug, pace);
  for (const [nth, count] of sources.entries()) {
    const dueAt = Date.now() - 100_000;
    const number = () => numberOf(1_000 + serial++);
    const drafts = Array.from({ length: count }, (_, at) => draft({ line: slug, number: number(), dueAt: dueAt + at }));
    const events = await queueCalls(w, drafts);
    await w.owner`update calls set source = ${`${slug}-${nth}`} where event_id in ${w.owner(events)}`;
  }
  return { slug, pace };
}

const callsIn = async (line: Line, status: string): Promise<Queued[]> =>
  await w.owner<Queued[]>`select id, source, number from calls where line = ${line.slug} and status = ${status}`;

async function expectCapacity({ slug, pace }: Line): Promise<void> {
  const [used] =
    await w.owner`select (select count(*)::int from calls where line = ${slug} and status = 'dialing') as "atOnce",
    (select count(*)::int from calls where line = ${slug} and slot_until > now()) as minute,
    (select day_calls from lines where slug = ${slug}) as day,
    (select count(*)::int from calls where line = ${slug} and claimed_at is not null) as claimed`;
  for (const limit of ["atOnce", "minute", "day"] as const)
    expect([limit, used?.[limit] <= pace[limit]]).toEqual([limit, true]);
  expect(used?.day).toBe(used?.claimed);
}

/** Stops the calls of a source or a number. @returns those that were claimed by then */
async function stop(line: Line, of: { source: string } | { number: string }): Promise<ReadonlySet<string>> {
  const [, , client] = clients;
  if (client === undefined) throw new Error("there is no third client");
  if ("source" in of) {
    await configStore(client.sql()).change("token:test", () => {
      const all = { rule: null, modes: null, reason: "source_closed", waiting: "cancel" } as const;
      return { writes: [{ do: "stop_calls", source: of.source, ...all }], answer: null };
    });
  } else {
    const stops = stopStore(client.sql());
    const wanted = { number: of.number, reason: "asked", until: null, createdBy: "token:test" };
    const { id } = await suppressionStore(client.sql()).suppress(wanted);
    while (!(await stops.advance(id, 10)).over);
  }
  return new Set((await callsIn(line, "dialing")).map(({ id }) => id));
}

test("two claimers at once keep turns, capacity and stops", async () => {
  const seen = { both: 0, beaten: 0, stopped: 0 };
  const property = fc.asyncProperty(given, async ({ rounds, ...wanted }) => {
    const line = await lineOf(wanted);
    const stores = clients.map((client) => callStores(() => client.sql()));
    const all = await callsIn(line, "queued");
    const sources = [...new Set(all.map(({ source }) => source))];
    const sourceOf = new Map(all.map(({ id, source }) => [id, source]));
    /** Calls that are stopped, each with whether it was claimed by then. */
    const stopped = new Map<string, boolean>();
    const taken = new Map<string, number>();
    const waited = new Map(sources.map((source) => [source, 0]));

    const eligible = async () => (await callsIn(line, "queued")).filter(({ id }) => !stopped.has(id));

    const judge = async (claims: readonly Claim[], before: ReadonlySet<string>): Promise<void> => {
      const withCalls = claims.filter(({ calls }) => calls.length > 0);
      const numbers = withCalls.map(({ calls }) => calls[0]?.claimSeq);
      expect(new Set(numbers).size).toBe(numbers.length);
      for (const { calls } of withCalls.sort((one, other) => one.seq - other.seq)) {
        for (const { id, claimSeq } of calls) {
          expect([id, taken.get(id)]).toEqual([id, undefined]);
          taken.set(id, claimSeq);
          expect([id, stopped.get(id) ?? true]).toEqual([id, true]);
        }
        const served = new Set(calls.map(({ id }) => sourceOf.get(id)));
        for (const source of sources)
          if (served.has(source) || !before.has(source)) waited.set(source, 0);
          else waited.set(source, (waited.get(source) ?? 0) + calls.length);
      }
      // A source of which nothing is left, or all is stopped, waits no more.
      const left = new Set((await eligible()).map(({ source }) => source));
      for (const source of left) expect(waited.get(source)).toBeLessThanOrEqual(sources.length - 1);
      await expectCapacity(line);
      const [twice] = await w.owner`select count(*)::int as calls from (select subject_id from entries
        where action = 'dialing' and subject_id in (select id::text from calls where line = ${line.slug})
        group by 1 having count(*) > 1) more`;
      expect(twice?.calls).toBe(0);
    };

    for (const { claimers, stop: wish, ends } of rounds) {
      const seq = (await stores[0]?.claimSeq(line.slug)) ?? 0;
      const target = wish === null ? undefined : all[wish.which % all.length];
      // A claim passes over calls that a stop has locked, so their source may wait for longer in such a round.
      const touched = new Set(
        all
          .filter(({ source, number }) =>
            wish?.kind === "source" ? source === target?.source : number === target?.number,
          )
          .map(({ source }) => source),
      );
      const before = new Set((await eligible()).map(({ source }) => source).filter((source) => !touched.has(source)));
      const stopping = async (): Promise<void> => {
        if (wish === null || target === undefined) return;
        const of = wish.kind === "source" ? { source: target.source } : { number: target.number };
        const had = await after(wish.lagMs, () => stop(line, of));
        for (const { id, source, number } of all)
          if (source === ("source" in of ? of.source : "") || number === ("number" in of ? of.number : ""))
            if (!stopped.has(id)) stopped.set(id, had.has(id) || taken.has(id));
      };
      const claiming = claimers.map(({ size, lagMs: lag, has }, nth) =>
        after(lag, async () => {
          const own =
            has === "reads" ? ((await stores[nth]?.claimSeq(line.slug)) ?? 0) : has === "same" ? seq : seq - 1;
          return await stores[nth]?.claim(line.slug, own, size);
        }),
      );
      const [claims] = await Promise.all([Promise.all(claiming), stopping()]);
      const made = claims.filter((claim) => claim !== undefined);
      await judge(made, before);
      const withCalls = made.filter(({ calls }) => calls.length > 0).length;
      if (withCalls === 2) seen.both++;
      if (withCalls === 1 && claimers.every(({ has }) => has === "same")) seen.beaten++;
      if (wish !== null && withCalls > 0) seen.stopped++;
      await w.owner`update calls set status = 'canceled', reason = 'by_hand' where id in (
        select id from calls where line = ${line.slug} and status = 'dialing' order by id limit ${ends})`;
    }
  });
  await fc.assert(property, { seed, numRuns: runs, interruptAfterTimeLimit: 60_000 });
  // The run has met what it is about.
  for (const times of Object.values(seen)) expect(times).toBeGreaterThan(0);
}, 120_000);
