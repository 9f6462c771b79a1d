/** Erasures reach deliveries: those that are over, those that wait, and those that are just being made or recorded. */
import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { verdictOn } from "../../../src/domain/hooks/retries.ts";
import { fanOut } from "../../../src/flows/hooks/fan-out.ts";
import { erase } from "../../../src/flows/people/erase.ts";
import type { ClaimedDelivery, DispatchStore } from "../../../src/ports/hooks/deliveries.ts";
import { erasureStore } from "../../../src/store/calls/erasures.ts";
import { deliveryStore } from "../../../src/store/hooks/delivery-lookups.ts";
import { dispatchStore } from "../../../src/store/hooks/dispatch.ts";
import { outboxStore } from "../../../src/store/hooks/outbox.ts";
import { asClient, type Sql } from "../../../src/store/postgres/connection.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import { draft, newEvent, numberOf, planOf, type World, world } from "../world/world.ts";

const number = numberOf(1);
const text = "Her order «A-1» is «late».";
let w: World;
let client: KeptClient;
/** Further connections of the app's role, for statements at the same time. */
let beside: KeptClient;
let third: KeptClient;
let dispatch: DispatchStore;
beforeEach(async () => {
  w = await world("line-a");
  client = keptClient(w.url, () => {});
  beside = keptClient(w.url, () => {});
  third = keptClient(w.url, () => {});
  dispatch = dispatchStore(client.sql);
  await w.owner`insert into tokens (jti, name, scopes, expires_at)
    values (${randomUUID()}, 'crm', '{admin,pii:read}', now() + interval '1 day')`;
});
afterEach(async () => {
  client.drop();
  beside.drop();
  third.drop();
  await w.close();
});

const act = { actor: "token:erika", reason: "asked by letter" };
const erased = async (of = client) => await erase({ erasures: erasureStore(of.sql()) }, { number }, act);

async function hook(payload = "full_with_pii"): Promise<string> {
  const row = { owner: "crm", target_url: `https://crm.example.com/${randomUUID()}?token=s3cret`, payload };
  const more = { events: ["call.*"], format: "webhook", sealed: "sealed", created_at: new Date(Date.now() - 60_000) };
  const [made] = await w.owner`insert into hooks ${w.owner({ ...row, ...more })} returning id`;
  await w.owner`update outbox set version = version + 1`;
  return String(made?.id);
}

async function call(): Promise<string> {
  const event = await newEvent();
  await w.events.accept("shop", [event]);
  await w.events.plan([planOf(event, draft({ number, about: text }))]);
  const [made] = await w.owner`select id from calls where event_id = ${event.id}`;
  return String(made?.id);
}

const entryFailed = (_: unknown, error: unknown) => {
  throw error;
};
const fan = (on: DispatchStore = dispatch) =>
  fanOut({ outbox: outboxStore(client.sql), dispatch: on, publicUrl: null, entryFailed }, null);
/** Fans out until a call has so many deliveries: short transactions of other tests' databases may hold entries up. */
async function told(id: string, count: number): Promise<postgres.RowList<postgres.Row[]>> {
  await expect
    .poll(
      async () => {
        await fan();
        return (await rows(id)).length;
      },
      { timeout: 20_000 },
    )
    .toBe(count);
  return await rows(id);
}
const rows = async (id: string) => await w.owner`select * from deliveries where call = ${id} order by entry, hook`;
const tries = async () => await w.owner`select delivery, nth, answer from delivery_tries order by delivery, nth`;

const resultOf = (
  { id, hook: of, recorded, tries: before }: ClaimedDelivery,
  status: number | null,
  error: string | null,
) => {
  const posted = { at: Date.now(), ms: 5, status, error, answer: `thanks for ${number}`, retryAfterMs: null };
  return { id, hook: of, recorded, posted, verdict: verdictOn(posted, before + 1, 0) };
};
async function deliver(status: number | null = 200, error: string | null = null): Promise<ClaimedDelivery[]> {
  const claimed = await dispatch.claim(null, 100);
  await dispatch.record(claimed.map((one) => resultOf(one, status, error)));
  return claimed;
}
const dueNow = () => w.owner`update deliveries set next_at = now() where state = 'pending'`;

/** Whether a text stands anywhere in the database. */
async function found(what: string): Promise<string[]> {
  const tables = await w.owner<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public'`;
  const hits = await Promise.all(
    tables.map(async ({ name }) => {
      const [hit] = await w.owner`select 1 from ${w.owner(name)} t where to_jsonb(t)::text like ${`%${what}%`} limit 1`;
      return hit === undefined ? [] : [name];
    }),
  );
  return hits.flat();
}

describe("an erasure of a number", () => {
  test("leaves nothing in deliveries that are over, nor in answers, and names who was told", async () => {
    const of = await hook();
    const id = await call();
    await told(id, 1);
    expect(await deliver()).toHaveLength(1);
    expect(await found(number)).toEqual(expect.arrayContaining(["deliveries", "delivery_tries"]));
    const receiver = { hook: of, host: "crm.example.com", deliveries: 1 };
    expect(await erased()).toMatchObject({ calls: 1, canceled: 1, told: [receiver] });
    expect(await found(number)).toEqual([]);
    expect(await found("A-1")).toEqual([]);
    expect(await rows(id)).toMatchObject([{ state: "delivered", body: null, personal: false }]);
    const [entry] = await w.owner`select data from entries where subject_id = ${id} and action = 'erased'`;
    expect(entry?.data).toEqual({ reason: "asked by letter", told: [receiver] });
    // There is nothing to deliver again.
    expect(await deliveryStore(client.sql()).redeliver((await rows(id))[0]?.id, "test")).toBeNull();
  });

  test("empties deliveries that wait, which keep their id, their order and their other bytes; the final event follows", async () => {
    const of = await hook();
    const id = await call();
    const [before] = await told(id, 1);
    expect(await erased()).toMatchObject({ calls: 1, told: [] });
    await told(id, 2);
    const [queued, canceled] = await rows(id);
    const without = (body: string) =>
      body.replace(`"number":"${number}"`, '"number":null').replace(`"about":${JSON.stringify(text)}`, '"about":null');
    expect(queued).toMatchObject({
      ...{ id: before?.id, body: without(before?.body), state: "pending", reason: "delivery_erased", personal: false },
    });
    expect(queued?.body).not.toBe(before?.body);
    expect(JSON.parse(canceled?.body)).toMatchObject({
      type: "call.canceled",
      data: { sequence: 2, final: true, number: null, about: null, reason: "erased" },
    });
    expect(await found(number)).toEqual([]);
    expect((await deliver()).map((one) => [one.id, one.hook])).toEqual([[queued?.id, of]]);
    await dueNow();
    expect((await deliver()).map((one) => one.id)).toEqual([canceled?.id]);
    // Nothing personal was sent, so a second erasure has nobody to name either.
    expect(await erased()).toMatchObject({ calls: 0, told: [] });
  });

  test("while a delivery is under way counts it as told, stores no answer, and sends the next try without the data", async () => {
    const of = await hook();
    const id = await call();
    await told(id, 1);
    const [claimed] = await dispatch.claim(null, 1);
    if (claimed === undefined) throw new Error("nothing was claimed");
    expect(claimed.body).toContain(number);
    expect(await erased()).toMatchObject({ told: [{ hook: of, deliveries: 1 }] });
    await dispatch.record([resultOf(claimed, 500, null)]);
    expect(await tries()).toMatchObject([{ delivery: claimed.id, nth: 1, answer: null }]);
    expect(await rows(id)).toMatchObject([{ state: "pending", reason: "delivery_erased" }]);
    await dueNow();
    const [again] = await dispatch.claim(null, 1);
    expect(again).toMatchObject({ id: claimed.id, body: expect.not.stringContaining(number) });
    if (again !== undefined) await dispatch.record([resultOf(again, 200, null)]);
    expect(await found(number)).toEqual([]);
  });

  test("names nobody for tries that sent nothing", async () => {
    await hook();
    const id = await call();
    await told(id, 1);
    await deliver(null, "target_refused");
    await dueNow();
    await deliver(null, "secret_unreadable");
    expect(await erased()).toMatchObject({ calls: 1, told: [] });
  });

  test("names a receiver that may have got it, without an answer", async () => {
    await hook();
    await told(await call(), 1);
    await deliver(null, "receiver_silent");
    expect(await erased()).toMatchObject({ told: [{ deliveries: 1 }] });
  });

  test("adds up the calls of a hook, and twice changes nothing", async () => {
    const of = await hook();
    for (const id of [await call(), await call()]) await told(id, 1);
    await deliver();
    expect((await erased()).told).toEqual([{ hook: of, host: "crm.example.com", deliveries: 2 }]);
    const all = async () => [await w.owner`select * from deliveries order by id`, await tries()];
    const once = await all();
    expect(await erased()).toMatchObject({ calls: 0, told: [] });
    expect(await all()).toEqual(once);
  });

  test.each(["full", "thin"])(
    "leaves a %s body, which never had the data, and empties its answers",
    async (payload) => {
      await hook(payload);
      const id = await call();
      const [before] = await told(id, 1);
      await deliver();
      expect(await erased()).toMatchObject({ calls: 1, told: [] });
      expect(await rows(id)).toMatchObject([{ body: before?.body, state: "delivered", reason: null }]);
      expect(await tries()).toMatchObject([{ answer: null }]);
      expect(await found(number)).toEqual([]);
    },
  );

  test("leaves other people's deliveries alone", async () => {
    await hook();
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    await w.events.plan([planOf(event, draft({ number: numberOf(2), about: text }))]);
    const [other] = await w.owner`select id from calls where event_id = ${event.id}`;
    const [before] = await told(String(other?.id), 1);
    await call();
    await erased();
    expect(await rows(String(other?.id))).toEqual([before]);
  });
});

/** Runs a statement in a transaction that stays open until it is told to end. */
async function held(statement: (store: DispatchStore, tx: Sql) => Promise<unknown>) {
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const done = beside.sql().begin(async (tx) => {
    await statement(
      dispatchStore(() => asClient(tx)),
      asClient(tx),
    );
    begun.resolve();
    await end.promise;
  });
  await begun.promise;
  return async () => {
    end.resolve();
    await done;
  };
}
/** Until so many statements wait for a lock. */
const waits = async (count = 1) =>
  await expect
    .poll(
      async () =>
        (
          await w.owner`select 1 from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database())`
        ).length,
      { timeout: 10_000 },
    )
    .toBe(count);

describe("an erasure beside the dispatcher", () => {
  test("refuses deliveries of entries that were read before it", async () => {
    await hook();
    const id = await call();
    await told(id, 1);
    await w.owner`delete from deliveries`;
    await w.owner`update outbox set tx = '0', entry = 0`;
    let early = true;
    const late: DispatchStore = {
      ...dispatch,
      async advance(step, made, failed) {
        if (early) {
          expect(made).toMatchObject([{ personal: true }]);
          await erased();
        }
        early = false;
        return await dispatch.advance(step, made, failed);
      },
    };
    expect(await fan(late)).toMatchObject({ again: "now" });
    expect(await rows(id)).toEqual([]);
    await told(id, 2);
    expect(await found(number)).toEqual([]);
  });

  test("waits for deliveries that are just being inserted, and empties them", async () => {
    await hook();
    const id = await call();
    await told(id, 1);
    await w.owner`delete from deliveries`;
    await w.owner`update outbox set tx = '0', entry = 0`;
    const release = await held((store) => fan(store));
    const erasing = erased();
    await waits();
    await release();
    expect(await erasing).toMatchObject({ calls: 1, told: [] });
    expect(await rows(id)).toMatchObject([{ personal: false, reason: "delivery_erased" }]);
    expect(await found(number)).toEqual([]);
  });

  test("waits for a try that is just being recorded, and empties its answer", async () => {
    const of = await hook();
    await told(await call(), 1);
    const [claimed] = await dispatch.claim(null, 1);
    if (claimed === undefined) throw new Error("nothing was claimed");
    const release = await held((store) => store.record([resultOf(claimed, 200, null)]));
    const erasing = erased();
    await waits();
    await release();
    expect(await erasing).toMatchObject({ told: [{ hook: of, deliveries: 1 }] });
    expect(await tries()).toMatchObject([{ answer: null }]);
    expect(await found(number)).toEqual([]);
  });

  test("is seen by the record of a try that waited for it", async () => {
    await hook();
    await told(await call(), 1);
    const [claimed] = await dispatch.claim(null, 1);
    if (claimed === undefined) throw new Error("nothing was claimed");
    // The erasure empties deliveries before events, and so waits between the two.
    const release = await held((_, tx) => tx`select 1 from events for update`);
    const erasing = erased();
    await waits(1);
    const recording = dispatchStore(third.sql).record([resultOf(claimed, 200, null)]);
    await waits(2);
    await release();
    await Promise.all([erasing, recording]);
    expect(await tries()).toMatchObject([{ answer: null }]);
    expect(await found(number)).toEqual([]);
  });
});
