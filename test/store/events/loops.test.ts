/** The loop gate: a direct call that repeats a call waits for a person. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loopWindowMs } from "../../../src/domain/limits.ts";
import { apiSource } from "../../../src/domain/plan/direct-call.ts";
import type { CallDraft } from "../../../src/domain/plan/draft.ts";
import { lockLoops } from "../../../src/store/events/loops.ts";
import { rehearsalStore } from "../../../src/store/events/rehearsals.ts";
import { replayStore } from "../../../src/store/events/replays.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import { waitsForLock } from "../world/locks.ts";
import { draft, eventsOf, first, newEvent, numberOf, planOf, type World, world } from "../world/world.ts";

let w: World;
const clients: KeptClient[] = [];
beforeAll(async () => {
  w = await world("line-a");
  await w.owner`insert into sources (slug, preset) values (${apiSource}, 'bearer') on conflict do nothing`;
  clients.push(...[1, 2].map(() => keptClient(w.url, () => {})));
});
afterAll(async () => {
  for (const client of clients) client.drop();
  await w.close();
});

type Subject = Pick<Awaited<ReturnType<typeof newEvent>>, "orderNumber" | "orderNumberKey" | "record">;
const subject = (order: string | null, record: string | null): Subject => ({
  orderNumber: order,
  orderNumberKey: order,
  record: record === null ? null : { type: "order", id: record },
});
const about1001 = subject("1001", "987");

let numbers = 0;
const freshNumber = () => numberOf(numbers++);

/** Accepts an event without planning it. */
async function accept(source: string, about: Subject = about1001, receivedAt?: number) {
  const event = await newEvent({ id: randomUUID(), source, ...about });
  await w.events.accept(source, [event]);
  if (receivedAt !== undefined)
    await w.owner`update events set received_at = to_timestamp(${receivedAt}::float8 / 1000) where id = ${event.id}`;
  return event;
}
const direct = (number: string, more: Partial<CallDraft> = {}) =>
  draft({ rule: apiSource, number, burst: null, ...more });

/** A call of this source. */
async function call(
  source: string,
  number: string,
  about?: Subject,
  more: Partial<CallDraft> = {},
  receivedAt?: number,
) {
  const event = await accept(source, about, receivedAt);
  await w.events.plan([planOf(event, source === apiSource ? direct(number, more) : draft({ number, ...more }))]);
  return (await callOf(event.id)) ?? {};
}
const callOf = async (event: string) =>
  (await w.owner`select * from calls where event_id = ${event} order by try desc`)[0];
const endOf = ({ status, reason }: { status?: string; reason?: string | null }) => [status, reason];
const [rings, held] = [
  ["queued", null],
  ["held", "looks_like_a_loop"],
];

describe("a direct call", () => {
  test.each(["shop", apiSource])("is held if it repeats a call of the source %s, and says which", async (source) => {
    const number = freshNumber();
    const before = await call(source, number);
    const repeated = await call(apiSource, number);
    expect([endOf(before), endOf(repeated)]).toEqual([rings, held]);
    expect(repeated.detail).toEqual({ event_id: before.event_id });
    const verdicts =
      await w.owner`select gate, verdict, inputs from verdicts where call_id = ${repeated.id} order by id`;
    expect(verdicts).toContainEqual({ gate: "loop", verdict: "stop", inputs: { event_id: before.event_id } });
    const [entry] = await w.owner`select action, reason from entries where subject_id = ${repeated.id}`;
    expect(entry).toEqual({ action: "held", reason: "looks_like_a_loop" });
  });

  test("is judged by what both calls name: the order, else the record; two without any are about the same", async () => {
    const table: [before: Subject, asked: Subject, end: unknown][] = [
      [subject("1001", "987"), subject("1001", null), held],
      [subject("1001", "987"), subject("1001", "1"), held],
      [subject("1001", "987"), subject(null, "987"), held],
      [subject(null, "987"), subject("1001", "987"), held],
      [subject(null, null), subject(null, null), held],
      [subject("1001", "987"), subject("1002", "987"), rings],
      [subject("1001", "987"), subject(null, "1"), rings],
      [subject("1001", null), subject(null, "987"), rings],
      [subject("1001", "987"), subject(null, null), rings],
      [subject(null, null), subject("1001", null), rings],
    ];
    for (const [before, asked, end] of table) {
      const number = freshNumber();
      await call("shop", number, before);
      expect([before, asked, endOf(await call(apiSource, number, asked))]).toEqual([before, asked, end]);
    }
    await call("shop", freshNumber());
    expect(endOf(await call(apiSource, freshNumber()))).toEqual(rings);
    const other = { ...about1001, orderNumber: null, orderNumberKey: null, record: { type: "ticket", id: "987" } };
    const number = freshNumber();
    await call("shop", number, subject(null, "987"));
    expect(endOf(await call(apiSource, number, other))).toEqual(rings);
  });

  test.each(["skipped", "canceled", "expired", "rejected"])(
    "is no repetition of a call that was %s",
    async (status) => {
      const number = freshNumber();
      const before = await call("shop", number);
      await w.owner`update calls set status = ${status}, reason = 'expired' where id = ${before.id}`;
      expect(endOf(await call(apiSource, number))).toEqual(rings);
    },
  );

  test("that waits for a person counts as a call", async () => {
    const number = freshNumber();
    await call("shop", number, about1001, { status: "held", reason: "placeholder" });
    expect(endOf(await call(apiSource, number))).toEqual(held);
  });

  const minute = 60_000;
  test.each<[string, { received: number; created: number; asked: number }, unknown]>([
    ["14 minutes after a call", { received: -14, created: -14, asked: 0 }, held],
    ["16 minutes after a call", { received: -16, created: -16, asked: 0 }, rings],
    ["planned half an hour late, 10 minutes after a call", { received: -40, created: -40, asked: -30 }, held],
    [
      "planned with a call that was received 20 minutes before, both late",
      { received: -50, created: 0, asked: -30 },
      rings,
    ],
    ["planned after a call that was received later, by 5 minutes", { received: -25, created: -25, asked: -30 }, held],
    ["just after a call that was itself planned late", { received: -60, created: -1, asked: 0 }, held],
  ])("%s ends by the times of receipt", async (_, at, end) => {
    const [number, now] = [freshNumber(), Date.now()];
    const before = await call("shop", number, about1001, {}, now + at.received * minute);
    await w.owner`update calls set created_at = now() + ${at.created} * interval '1 minute' where id = ${before.id}`;
    expect(endOf(await call(apiSource, number, about1001, {}, now + at.asked * minute))).toEqual(end);
    expect(loopWindowMs).toBe(15 * minute);
  });

  test("rings with a reason, which its call and its entry hold without numbers; the next one waits", async () => {
    const number = freshNumber();
    const before = await call("shop", number);
    const again = await call(apiSource, number, about1001, { again: "She asked at +14155550188." });
    expect(endOf(again)).toEqual(rings);
    expect(again.again_reason).toContain("She asked");
    expect(again.again_reason).not.toContain("0188");
    const [entry] = await w.owner`select data from entries where subject_id = ${again.id}`;
    expect(entry?.data).toMatchObject({ again: true, reason: again.again_reason });
    const verdicts =
      await w.owner`select gate, verdict, inputs from verdicts where call_id = ${again.id} and gate = 'loop'`;
    expect(verdicts).toEqual([{ gate: "loop", verdict: "pass", inputs: { event_id: before.event_id, again: true } }]);
    await w.owner`update calls set status = 'canceled', reason = 'canceled' where id = ${before.id}`;
    expect(await call(apiSource, number)).toMatchObject({ status: "held", detail: { event_id: again.event_id } });
  });

  test("to a suppressed number is skipped, and not put before a person", async () => {
    const number = freshNumber();
    await call("shop", number);
    await w.owner`insert into suppressions (number, reason, created_by) values (${number}, 'asked', 'test')`;
    expect(endOf(await call(apiSource, number))).toEqual(["skipped", "suppressed"]);
  });

  test("that is held takes no place of a burst", async () => {
    const burst = { calls: 2, window: ++numbers };
    const number = freshNumber();
    const ends = [];
    for (const one of [number, number, number, freshNumber(), freshNumber()])
      ends.push(endOf(await call(apiSource, one, about1001, { burst })));
    expect(ends).toEqual([rings, held, held, rings, ["held", "burst"]]);
  });

  test("of several in one statement for one number and subject the first rings", async () => {
    const number = freshNumber();
    const asked = [about1001, about1001, subject("1002", null), about1001];
    const events = [];
    for (const about of asked) events.push(await accept(apiSource, about));
    await w.events.plan(events.map((event) => planOf(event, direct(number))));
    const ends = await Promise.all(events.map(async ({ id }) => await callOf(id)));
    expect(ends.map((one) => endOf(one ?? {}))).toEqual([rings, held, rings, held]);
    expect(ends[3]?.detail).toEqual({ event_id: events[1]?.id });
  });

  test("of two that are planned at once by two inboxes one rings", async () => {
    const number = freshNumber();
    const events = [await accept(apiSource), await accept(apiSource)];
    const [{ pid }] = await (clients[1] as KeptClient).sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
    const [{ pid: other }] = await (clients[0] as KeptClient).sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
    const by = { slug: apiSource, version: 1, lines: [first("line-a")] };
    const plans = await w.owner.begin(async (tx) => {
      // Both statements have begun, and neither sees the other's call.
      await tx`select from sources where slug = ${apiSource} for update`;
      const planning = clients.map((client, at) =>
        eventsOf(client, 30_000).plan([planOf(events[at] ?? { id: "" }, direct(number))], by),
      );
      await Promise.all([waitsForLock(tx, pid), waitsForLock(tx, other)]);
      return { planning };
    });
    await Promise.all(plans.planning);
    const ends = await Promise.all(events.map(async ({ id }) => endOf((await callOf(id)) ?? {})));
    expect(ends.sort()).toEqual([held, rings]);
  });

  test("waits while another transaction decides about its number, and is not held up by one about another number", async () => {
    const [number, other] = [freshNumber(), freshNumber()];
    const events = [await accept(apiSource), await accept(apiSource)] as const;
    const [waits, passes] = clients as [KeptClient, KeptClient];
    const [{ pid }] = await waits.sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
    const by = { slug: apiSource, version: 1, lines: [first("line-a")] };
    const { planning } = await w.owner.begin(async (tx) => {
      await lockLoops(tx, [number]);
      await eventsOf(passes, 30_000).plan([planOf(events[1], direct(other))], by);
      const planning = eventsOf(waits, 30_000).plan([planOf(events[0], direct(number))], by);
      await waitsForLock(tx, pid);
      return { planning };
    });
    await planning;
    const ends = await Promise.all(events.map(async ({ id }) => endOf((await callOf(id)) ?? {})));
    expect(ends).toEqual([rings, rings]);
  });

  test("that is replayed locks its own number only, and sees what was called while it waited", async () => {
    const by = { slug: apiSource, version: 1, lines: [first("line-a")] };
    const number = freshNumber();
    const asked = await call(apiSource, number);
    await w.owner`update calls set status = 'canceled', reason = 'canceled' where id = ${asked.id}`;
    const meanwhile = await accept("shop");
    const [replays, plans] = clients as [KeptClient, KeptClient];
    const [{ pid }] = await replays.sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
    const replayed = { draft: direct(number), try: 2, againOf: String(asked.id) };
    const wanted = [{ id: String(asked.event_id), source: by, replays: 0, calls: [replayed] }];
    const { replaying } = await w.owner.begin(async (tx) => {
      await lockLoops(tx, [number]);
      const replaying = replayStore(replays.sql()).make(wanted, { actor: "token:t", reason: "she asked" }, false);
      await waitsForLock(tx, pid);
      await eventsOf(plans, 30_000).plan([planOf(await accept(apiSource), direct(freshNumber()))], by);
      await eventsOf(plans, 30_000).plan([planOf(meanwhile, draft({ number }))], { ...by, slug: "shop" });
      return { replaying };
    });
    expect(await replaying).toMatchObject([{ status: "held", reason: "looks_like_a_loop" }]);
  });

  test("waits for a Worker of the version before, which locks all numbers at once", async () => {
    const event = await accept(apiSource);
    const waits = clients[0] as KeptClient;
    const [{ pid }] = await waits.sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
    const by = { slug: apiSource, version: 1, lines: [first("line-a")] };
    const { planning } = await w.owner.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(726574004::bigint)`;
      const planning = eventsOf(waits, 30_000).plan([planOf(event, direct(freshNumber()))], by);
      await waitsForLock(tx, pid);
      return { planning };
    });
    await planning;
    expect(endOf((await callOf(event.id)) ?? {})).toEqual(rings);
  });

  test("and another one that have numbers in common lock them in the same order, so that they do not deadlock", async () => {
    const hashes = await w.owner<{ number: string }[]>`
      select n as number from unnest(${Array.from({ length: 9 }, freshNumber)}::text[]) n order by hashtext(n)`;
    const [lowest = "", ...others] = hashes.map(({ number }) => number);
    const waits = clients[0] as KeptClient;
    const [{ pid }] = await waits.sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
    for (const numbers of [
      [lowest, ...others],
      [...others, lowest],
      [...others.toReversed(), lowest],
    ]) {
      const { waiting, granted } = await w.owner.begin(async (tx) => {
        await lockLoops(tx, [lowest]);
        const waiting = waits.sql().begin((other) => lockLoops(other, numbers));
        await waitsForLock(tx, pid);
        const granted = await tx`
          select from pg_locks where pid = ${pid} and granted and locktype = 'advisory' and objsubid = 2`;
        return { waiting, granted };
      });
      await waiting;
      // A transaction that waits for its first number has no other one that somebody may want.
      expect(granted).toHaveLength(0);
    }
  });

  test("that is replayed is held if its number was called meanwhile, and not because of its own call", async () => {
    const by = { slug: apiSource, version: 1, lines: [first("line-a")] };
    const act = { actor: "token:t", reason: "she asked" };
    const replayed = async (asked: { id?: string; event_id?: string }, number: string) => {
      const calls = [{ draft: direct(number), try: 2, againOf: asked.id ?? "" }];
      const id = asked.event_id ?? "";
      return await replayStore(w.owner).make([{ id, source: by, replays: 0, calls }], act, false);
    };
    const [alone, met] = [freshNumber(), freshNumber()];
    const one = await call(apiSource, alone);
    const two = await call(apiSource, met);
    await w.owner`update calls set status = 'canceled', reason = 'canceled' where id in ${w.owner([one.id, two.id])}`;
    const between = await call("shop", met);
    expect(await replayed(one, alone)).toMatchObject([{ status: "queued", reason: null }]);
    expect(await replayed(two, met)).toMatchObject([{ status: "held", reason: "looks_like_a_loop" }]);
    expect((await callOf(two.event_id))?.detail).toEqual({ event_id: between.event_id });
  });

  test("as a dry run asks for the call that it would repeat", async () => {
    const number = freshNumber();
    const { repeated } = rehearsalStore(w.owner);
    const asked = { number, orderNumberKey: "1001", record: null };
    expect(await repeated(asked)).toBeNull();
    const before = await call("shop", number);
    expect(await repeated(asked)).toBe(before.event_id);
    expect(await repeated({ ...asked, orderNumberKey: "1002" })).toBeNull();
    expect(await repeated({ ...asked, orderNumberKey: null, record: { type: "order", id: "987" } })).toBe(
      before.event_id,
    );
  });
});

describe("a call of another source", () => {
  test("is never a repetition, and waits for no direct call", async () => {
    const number = freshNumber();
    await call(apiSource, number);
    expect(endOf(await call("shop", number))).toEqual(rings);
    const event = await accept("shop");
    await w.owner.begin(async (tx) => {
      await lockLoops(tx, [number]);
      const by = { slug: "shop", version: 1, lines: [first("line-a")] };
      await eventsOf(clients[0] as KeptClient, 30_000).plan([planOf(event, draft({ number }))], by);
    });
    expect(endOf((await callOf(event.id)) ?? {})).toEqual(rings);
  });
});

test("a cut connection holds the lock of the gate no longer than a statement may take", async () => {
  const kept = await w.owner.begin(async (tx) => {
    await lockLoops(tx, [freshNumber()]);
    return await tx`select current_setting('idle_in_transaction_session_timeout') as idle, current_setting('lock_timeout') as lock`;
  });
  expect(kept).toEqual([{ idle: "15s", lock: "15s" }]);
  const [after] = await w.owner`select current_setting('idle_in_transaction_session_timeout') as idle`;
  expect(after).toEqual({ idle: "0" });
});
