/**
 * The two ways to make a batch durable write the same tables and give the same answers: the short statement with the whole one for what it
 * leaves, as an inbox commits, and the whole one alone.
 *
 * `ALIKE_BATCHES` and `ALIKE_SEED` in the environment ask for more batches, or others.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Acceptance, NewEvent } from "../../../src/domain/events/event.ts";
import { acceptedAsNew, prepareEvents } from "../../../src/domain/events/prepared.ts";
import type { ReasonCode } from "../../../src/domain/reasons.ts";
import { type CommitResult, inboxCommits } from "../../../src/objects/inbox/commits.ts";
import { eventId } from "../../../src/platform/hashes.ts";
import { chance } from "../../chance.ts";
import { newEvent, type World, world } from "../world/world.ts";

const batches = Number(process.env.ALIKE_BATCHES ?? 200);
const seed = Number(process.env.ALIKE_SEED ?? 13);

let short: World;
let whole: World;
let version: number;
beforeAll(async () => {
  [short, whole] = await Promise.all([world(), world()]);
  [{ version }] = await short.owner<[{ version: number }]>`select version::int from sources where slug = 'shop'`;
});
afterAll(() => Promise.all([short.close(), whole.close()]));

const random = chance(seed);
const below = (count: number) => Math.floor(random() * count);
const sometimes = (share: number) => random() < share;

/** Ids that came lately, so that redeliveries, conflicts and replays are about as frequent as new events. */
const keys: string[] = [];
let made = 0;

function someKey(): string {
  if (keys.length > 0 && sometimes(0.3)) return keys[Math.max(0, keys.length - 1 - below(60))] ?? "";
  const key = `key ${made++}`;
  keys.push(key);
  return key;
}

/** @param current whether the present version of the source verified it */
async function someEvent(current: boolean): Promise<NewEvent> {
  const dedupeKey = someKey();
  const body = `{"of":${JSON.stringify(dedupeKey)},"variant":${sometimes(0.8) ? 0 : below(3)}}`;
  const earlier = sometimes(0.05) ? keys[below(keys.length)] : undefined;
  const former = earlier === undefined ? null : { id: await eventId("shop", earlier), sameBody: sometimes(0.5) };
  // A few bodies come under several ids.
  const bodyKey = sometimes(0.2)
    ? { bodyKey: await eventId("shop", `body:${below(40)}:${Math.floor(made / 50)}`) }
    : {};
  return await newEvent({
    dedupeKey,
    body,
    former,
    ...bodyKey,
    type: sometimes(0.6) ? "ignored" : "wanted",
    verified: { secretId: null, sourceVersion: current ? version : version - 1 },
  });
}

const endsOf = (events: readonly NewEvent[]): ReadonlyMap<string, ReasonCode> =>
  new Map(events.filter(({ type }) => type === "ignored").map(({ id }) => [id, "no_rule_matched"]));

/** An inbox's commits over a store. `planned`: the events that are handed on to be planned. */
function commitsOver({ events }: World, planned: string[]) {
  return inboxCommits(
    {
      clock: { now: () => Date.now() },
      events,
      log: { debug() {}, info() {}, warn() {}, error() {} },
      disk: { sync: async () => {} },
      spill: { waiting: () => 0 } as never,
      planner: {
        foresee: (_, some) => ({ sourceVersion: version, ends: endsOf(some) }),
        async afterCommit(_, some, { acceptances }, { ends }) {
          for (const [index, { id }] of some.entries())
            if (isNew(acceptances[index]) && !ends.has(id)) planned.push(id);
        },
      },
      upkeep: { spilled() {} },
    },
    {
      name: { slug: () => "shop", store() {} } as never,
      arm() {},
      waitUntil() {},
      logFailure(_, error) {
        throw error;
      },
    },
  );
}

const isNew = (one: Acceptance | undefined) =>
  one !== undefined && !one.duplicate && !one.conflict && one.replayed !== true && one.leftOut !== true;

const tableOf = ({ owner }: World) => owner`
  select id, dedupe_key, external_id, type, order_number, record_type, record_id, headers, body, body_hash, body_key, conflict_of,
    conflicts, conflict_at is null as none_in_conflict, state, reason, detail, planned_at is null as is_unplanned
  from events order by id`;
const entriesOf = ({ owner }: World) => owner`
  select action, count(*)::int from entries group by action order by action`;

test(`${batches} batches, seed ${seed}: the same events, the same entries, the same answers, the same plans`, async () => {
  const plannedShort: string[] = [];
  const plannedWhole: string[] = [];
  const commits = commitsOver(short, plannedShort);
  const kinds = { all_new: 0, committed: 0, spilled: 0 };
  const expected = async (requests: readonly (readonly NewEvent[])[]): Promise<(readonly Acceptance[])[]> => {
    const events = requests.flat();
    const foresight = { sourceVersion: version, ends: endsOf(events) };
    const { acceptances } = await whole.events.accept("shop", [...events], foresight);
    for (const [index, { id }] of events.entries())
      if (isNew(acceptances[index]) && !foresight.ends.has(id)) plannedWhole.push(id);
    const ends = requests.map((_, index) => requests.slice(0, index + 1).flat().length);
    return ends.map((end, index) => acceptances.slice(ends[index - 1] ?? 0, end));
  };
  for (let batch = 0; batch < batches; batch++) {
    if (sometimes(0.1)) {
      // Events of a spill: both ways drain it by the whole statement.
      const spilled = await Promise.all(Array.from({ length: 1 + below(4) }, () => someEvent(true)));
      const receivedAt = Date.now() - below(60_000);
      const drained = spilled.map((event, seq) => ({ ...event, receivedAt, seq, bytes: event.body.length }));
      const answers = [await short.events.drain("shop", drained), await whole.events.drain("shop", drained)];
      expect(answers[0]?.acceptances).toEqual(answers[1]?.acceptances);
      kinds.spilled += 1;
      continue;
    }
    const current = !sometimes(0.05);
    const requests = await Promise.all(
      Array.from({ length: 1 + below(5) }, () => {
        // The events of a request are verified requests.
        const verifiedNow = current || sometimes(0.5);
        const length = 1 + below(sometimes(0.2) ? 40 : 3);
        return Promise.all(Array.from({ length }, () => someEvent(verifiedNow)));
      }),
    );
    const results: Promise<CommitResult>[] = requests.map((events) => {
      const prepared = sometimes(0.05) ? null : prepareEvents(events, endsOf(events));
      return commits.add(prepared ?? events, 1);
    });
    // The first request is committed alone, and the others wait for it.
    const wanted = [
      ...(await expected(requests.slice(0, 1))),
      ...(requests.length > 1 ? await expected(requests.slice(1)) : []),
    ];
    for (const [index, result] of (await Promise.all(results)).entries()) {
      const events = requests[index] ?? [];
      if (result.kind === "all_new") {
        kinds.all_new += 1;
        expect(events.map(({ id }) => acceptedAsNew(id))).toEqual(wanted[index]);
      } else {
        if (result.kind !== "committed") throw new Error(`a request was ${result.kind}`);
        kinds.committed += 1;
        expect(result.acceptances).toEqual(wanted[index]);
      }
    }
  }
  expect(await tableOf(short)).toEqual(await tableOf(whole));
  expect(await entriesOf(short)).toEqual(await entriesOf(whole));
  expect(plannedShort.sort()).toEqual(plannedWhole.sort());
  const unplanned = await short.owner<{ id: string }[]>`select id from events where state = 'unplanned' order by id`;
  expect(plannedShort.length).toBeGreaterThan(batches / 4);
  expect(unplanned.length).toBeGreaterThan(0);
  // Every way was gone.
  expect(Math.min(kinds.all_new, kinds.committed, kinds.spilled)).toBeGreaterThan(batches / 40);
}, 600_000);
