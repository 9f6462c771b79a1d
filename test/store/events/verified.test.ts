/** Postgres judges how an event was verified: a copy of its source may be older than a change that was answered. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import { type Drainer, drain } from "../../../src/flows/ingest/drain.ts";
import { openSpill } from "../../../src/objects/inbox/spill.ts";
import type { Committed } from "../../../src/ports/ingest/events.ts";
import { disk } from "../../runtime/disk.ts";
import { newEvent, type World, world } from "../world/world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

/** A secret of the shop. @param state an expression for each column that says whether it verifies */
async function secret(state: { retired?: string; expires?: string } = {}): Promise<string> {
  const [row] = await w.owner<[{ id: string }]>`
    insert into secrets (source, sealed, kid, fingerprint, retired_at, expires_at) values ('shop', 'jwe', 'k', ${crypto.randomUUID()},
      ${w.owner.unsafe(state.retired ?? "null")}, ${w.owner.unsafe(state.expires ?? "null")}) returning id`;
  return row.id;
}
const version = async (): Promise<number> =>
  (await w.owner<[{ version: number }]>`select version::int from sources where slug = 'shop'`)[0].version;
/** Every change of a source raises its version. */
const change = async () => await w.owner`update sources set version = version + 1 where slug = 'shop'`;
const verified = async (secretId: string | null, sourceVersion: number, deviation: Partial<NewEvent> = {}) =>
  await newEvent({ former: null, ...deviation, verified: { secretId, sourceVersion } });
const states = async (events: readonly NewEvent[]) =>
  await w.owner<{ state: string; reason: string | null }[]>`
    select state, reason from events where id in ${w.owner(events.map(({ id }) => id))} order by nth`;
const leftOut = ({ acceptances }: Committed) => acceptances.map((one) => one.leftOut === true);

describe("an event that a copy of its source verified", () => {
  const judged: Record<string, { by: () => Promise<string | null>; isLeftOut: boolean }> = {
    "an active secret": { by: () => secret(), isLeftOut: false },
    "a retired secret": { by: () => secret({ retired: "now()" }), isLeftOut: true },
    "a secret whose time is over": { by: () => secret({ expires: "now() - interval '1 second'" }), isLeftOut: true },
    "a secret whose time is not over": { by: () => secret({ expires: "now() + interval '1 hour'" }), isLeftOut: false },
    "a secret that is not there, as after a restore": {
      by: async () => "00000000-0000-4000-8000-000000000000",
      isLeftOut: true,
    },
    "a key that its sender publishes": { by: async () => null, isLeftOut: false },
  };
  test.each(Object.keys(judged))("of another version, by %s, is stored only if that holds", async (name) => {
    const { by, isLeftOut } = judged[name] ?? { by: async () => null, isLeftOut: true };
    const before = await version();
    await change();
    for (const at of [before, before + 7]) {
      const event = await verified(await by(), at);
      expect(leftOut(await w.events.accept("shop", [event]))).toEqual([isLeftOut]);
      expect(await states([event])).toEqual(isLeftOut ? [] : [{ state: "unplanned", reason: null }]);
    }
  });

  test("of the same version is stored, and so is one of a Worker that does not say how it was verified", async () => {
    const id = await secret({ retired: "now()" });
    const events = [await verified(id, await version()), await newEvent({ former: null })];
    expect(leftOut(await w.events.accept("shop", events))).toEqual([false, false]);
    expect(await states(events)).toHaveLength(2);
  });

  test("is left out once its source is closed, and stored once it is open again", async () => {
    const id = await secret();
    const before = await version();
    await w.owner`update sources set disconnected_at = now(), version = version + 1 where slug = 'shop'`;
    const events = [await verified(id, before), await verified(null, before)];
    expect(leftOut(await w.events.accept("shop", events))).toEqual([true, true]);
    await w.owner`update sources set disconnected_at = null, version = version + 1 where slug = 'shop'`;
    expect(leftOut(await w.events.accept("shop", events))).toEqual([false, false]);
    expect(await states(events)).toHaveLength(2);
  });

  test("leaves the others of its batch what they are: new, redelivered, in conflict, and in their order", async () => {
    const good = await secret();
    const bad = await secret({ retired: "now()" });
    const before = await version();
    await change();
    const known = await verified(good, before);
    await w.events.accept("shop", [known]);
    const first = await verified(bad, before);
    const batch = [
      first,
      await verified(good, before),
      // Its id came first in the batch with bytes that are left out: it is no conflict of them.
      await verified(good, before, {
        dedupeKey: first.dedupeKey,
        id: first.id,
        body: '{"other":1}',
        bodyHash: "other",
      }),
      known,
      // The same bytes, verified by a secret that holds.
      { ...first, dedupeKey: "again", id: (await verified(good, before)).id },
      await verified(bad, before),
    ];
    const committed = await w.events.accept("shop", batch);
    expect(leftOut(committed)).toEqual([true, false, false, false, true, true]);
    expect(committed.acceptances.map(({ duplicate, conflict }) => [duplicate, conflict])).toEqual([
      [false, false],
      [false, false],
      [false, false],
      [true, false],
      [false, false],
      [false, false],
    ]);
    expect(committed.sourceVersion).toBe(before + 1);
    const [stored] = await w.owner`select body_hash from events where id = ${first.id}`;
    expect(stored).toEqual({ body_hash: "other" });
  });

  test("is judged by the moment of its own statement: a change that was committed before it holds", async () => {
    const id = await secret();
    const before = await version();
    const early = await verified(id, before);
    await w.events.accept("shop", [early]);
    await w.owner`update secrets set retired_at = now() where id = ${id}`;
    await change();
    const late = await verified(id, before);
    // A redelivery too: by what holds now it is nobody's.
    expect(leftOut(await w.events.accept("shop", [early, late]))).toEqual([true, true]);
    expect(await states([early])).toEqual([{ state: "unplanned", reason: null }]);
  });
});

describe("an event of a spill", () => {
  const at = Date.parse("2026-01-05T18:00:00.123Z");
  const before = "to_timestamp(1767636000)";
  const after = "to_timestamp(1767636060)";

  async function drained(events: readonly NewEvent[]): Promise<Committed[]> {
    const spill = openSpill(disk(), { eventsMax: 1_000, bytesMax: 1e9, rowBytesMax: 2e6 });
    spill.append([[...events]], at);
    const all: Committed[] = [];
    const drainer: Drainer = {
      foresee: () => ({ sourceVersion: 0, ends: new Map() }),
      drained: async (_, committed) => void all.push(committed),
      refused: () => {},
    };
    const ports = { clock: { now: () => 0 }, spill, events: w.events };
    await drain(ports, "shop", drainer, { eventsMax: 1_000, untilMs: 1 });
    expect(spill.size().events).toBe(0);
    return all;
  }

  test.each([
    ["retired before it came", { retired: before }, "secret_retired"],
    ["over before it came", { expires: before }, "secret_retired"],
    ["retired after it came", { retired: after }, null],
    ["over after it came, and retired by the sweep since", { expires: after, retired: "now()" }, null],
    ["active", {}, null],
  ])("whose secret was %s is kept, and planned only if the secret held then", async (_, state, reason) => {
    const id = await secret(state);
    const event = await verified(id, await version());
    await change();
    const [committed] = await drained([event]);
    expect(committed?.acceptances[0]?.unfit).toBe(reason ?? undefined);
    expect(await states([event])).toEqual([{ state: reason === null ? "unplanned" : "ignored", reason }]);
    expect(await w.owner`select body from events where id = ${event.id}`).toEqual([{ body: event.body }]);
  });

  test("that came after its source was closed is kept and not planned; one that came before is", async () => {
    const opened = await version();
    const events = [await verified(null, opened), await newEvent({ former: null })];
    await w.owner`update sources set disconnected_at = ${w.owner.unsafe(before)}, version = version + 1 where slug = 'shop'`;
    await drained(events);
    // An earlier version of the inbox did not note how the second was verified.
    expect(await states(events)).toEqual([
      { state: "ignored", reason: "source_closed_before" },
      { state: "unplanned", reason: null },
    ]);
    const late = await verified(null, opened);
    await w.owner`update sources set disconnected_at = ${w.owner.unsafe(after)}, version = version + 1 where slug = 'shop'`;
    await drained([late]);
    expect(await states([late])).toEqual([{ state: "unplanned", reason: null }]);
    await w.owner`update sources set disconnected_at = null, version = version + 1 where slug = 'shop'`;
  });
});
