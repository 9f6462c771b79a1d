/** The short statement inserts what is new, and leaves whatever is not for the whole one. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import { type PreparedEvents, prepareEvents } from "../../../src/domain/events/prepared.ts";
import { eventStore } from "../../../src/store/events/events.ts";
import { keptClient } from "../../../src/store/postgres/kept-client.ts";
import { chance } from "../../chance.ts";
import { newEvent, type World, world } from "../world/world.ts";

let w: World;
let version: number;
beforeAll(async () => {
  w = await world();
});
beforeEach(async () => {
  [{ version }] = await w.owner<[{ version: number }]>`select version::int from sources where slug = 'shop'`;
});
afterAll(() => w.close());

const made = (deviation: Partial<NewEvent> = {}) =>
  newEvent({ verified: { secretId: null, sourceVersion: version }, ...deviation });

function prepared(
  events: readonly NewEvent[],
  ends: ReadonlyMap<string, "no_rule_matched"> = new Map(),
): PreparedEvents {
  const found = prepareEvents(events, ends);
  if (found === null) throw new Error("these can be prepared");
  return found;
}
const stored = async (...events: readonly NewEvent[]) =>
  await w.owner`select id, source, dedupe_key, external_id, type, (extract(epoch from occurred_at) * 1000)::float8 as occurred_at,
    order_number, order_number_key, record_type, record_id, headers, body, body_hash, body_key, nth, state, reason
    from events where id in ${w.owner(events.map(({ id }) => id))} order by nth`;

/** Texts that hold what separates columns, quotes them, ends them or stands for nothing. */
const hostile = [
  "NULL",
  "",
  ",",
  '"',
  "\\",
  '","',
  '"\\",NULL,"',
  "{}",
  "}",
  "a\nb\t\r\u0001",
  "東京 🙂",
  "\\".repeat(7),
  '"'.repeat(7),
];

describe("events of several requests", () => {
  test("are all inserted, with the ends that are foreseen", async () => {
    const [one, two, three] = [
      await made(),
      await made({ occurredAt: 1_700_000_000_123 }),
      await made({ record: null }),
    ];
    const ends = new Map([[two.id, "no_rule_matched" as const]]);
    const answer = await w.events.insert("shop", [prepared([one, two], ends), prepared([three])]);
    expect(answer).toMatchObject({ left: [], sourceVersion: version });
    expect(await stored(one, two, three)).toMatchObject([
      { id: one.id, state: "unplanned", reason: null, nth: 0, record_type: "order", occurred_at: null },
      { id: two.id, state: "ignored", reason: "no_rule_matched", nth: 1, occurred_at: 1_700_000_000_123 },
      { id: three.id, state: "unplanned", nth: 2, record_type: null, record_id: null },
    ]);
  });

  test("keep every text as it was, whatever it holds", async () => {
    const random = chance(7);
    const any = () => hostile[Math.floor(random() * hostile.length)] ?? "";
    for (let round = 0; round < 20; round++) {
      const events: NewEvent[] = [];
      for (let nth = 0; nth < 20; nth++) {
        const text = () => any() + any();
        const body = JSON.stringify({ round, nth, [text()]: text() }, null, nth % 3);
        const record = { type: text(), id: text() };
        const own = { externalId: text(), type: text(), orderNumber: text(), orderNumberKey: text() };
        events.push(await made({ ...own, body, record, headers: { [text()]: text() } }));
      }
      expect(await w.events.insert("shop", [prepared(events)])).toMatchObject({ left: [] });
      expect(await stored(...events)).toMatchObject(
        events.map((event) => ({
          id: event.id,
          external_id: event.externalId,
          type: event.type,
          order_number: event.orderNumber,
          order_number_key: event.orderNumberKey,
          record_type: event.record?.type,
          record_id: event.record?.id,
          headers: event.headers,
          body: event.body,
          body_hash: event.bodyHash,
        })),
      );
    }
  });
});

describe("an event is left, and the others are inserted, if", () => {
  test("it was there before, with its bytes or with others", async () => {
    const [before, other] = [await made(), await made()];
    await w.events.insert("shop", [prepared([before, other])]);
    const [fresh, last] = [await made(), await made()];
    const again = [before, fresh, { ...other, body: "{}", bodyHash: "x" }, last];
    const answer = await w.events.insert("shop", [prepared(again.slice(0, 3)), prepared(again.slice(3))]);
    expect(answer.left).toEqual([
      { request: 0, index: 0 },
      { request: 0, index: 2 },
    ]);
    expect(await stored(fresh, last)).toHaveLength(2);
    expect(await stored(other)).toMatchObject([{ body: other.body }]);
  });

  test("it is the second of one id", async () => {
    const one = await made();
    const two = { ...one, body: '{"other":1}', bodyHash: "other" };
    const answer = await w.events.insert("shop", [prepared([one, two]), prepared([one])]);
    expect(answer.left).toEqual([
      { request: 0, index: 1 },
      { request: 1, index: 0 },
    ]);
    expect(await stored(one)).toMatchObject([{ body: one.body, nth: 0 }]);
  });

  test("its bytes came under another id", async () => {
    const bodyKey = crypto.randomUUID();
    const [one, two, fresh] = [await made({ bodyKey }), await made({ bodyKey }), await made()];
    await w.events.insert("shop", [prepared([one])]);
    expect((await w.events.insert("shop", [prepared([two, fresh])])).left).toEqual([{ request: 0, index: 0 }]);
    expect(await stored(two, fresh)).toHaveLength(1);
  });

  test("its bytes came under another id, and not the other bytes of its own id", async () => {
    const bodyKey = crypto.randomUUID();
    const [before, replay] = [await made({ bodyKey }), await made({ bodyKey })];
    await w.events.insert("shop", [prepared([before])]);
    const other = { ...replay, body: '{"other":1}', bodyHash: "other", bodyKey: crypto.randomUUID() };
    const answer = await w.events.insert("shop", [prepared([replay]), prepared([other])]);
    expect(answer.left).toEqual([{ request: 0, index: 0 }]);
    expect(await stored(replay)).toMatchObject([{ body: other.body, nth: 1 }]);
  });

  test("an earlier version of the code has stored it under a former name", async () => {
    const [before, fresh] = [await made(), await made({ former: { id: crypto.randomUUID(), sameBody: false } })];
    await w.events.insert("shop", [prepared([before])]);
    const named = await made({ former: { id: before.id, sameBody: false } });
    expect((await w.events.insert("shop", [prepared([named, fresh])])).left).toEqual([{ request: 0, index: 0 }]);
    expect(await stored(named, fresh)).toHaveLength(1);
  });
});

test.each([-1, 1])(
  "nothing is inserted by another version of the source (%i), and the present one is named",
  async (by) => {
    const event = await made({ verified: { secretId: null, sourceVersion: version + by } });
    const answer = await w.events.insert("shop", [prepared([event])]);
    expect(answer).toMatchObject({ left: [{ request: 0, index: 0 }], sourceVersion: version });
    expect(await stored(event)).toEqual([]);
  },
);

test("columns of different lengths are an error, and insert nothing", async () => {
  const event = await made();
  const whole = prepared([event]);
  for (const at of [3, 11]) {
    const columns = whole.columns.map((column, index) => (index === at ? `${column},"more"` : column));
    await expect(w.events.insert("shop", [{ ...whole, columns }])).rejects.toMatchObject({ code: "22012" });
  }
  expect(await stored(event)).toEqual([]);
});

test("two that insert the same events in other orders both end, and each event is inserted once", async () => {
  const clients = [keptClient(w.url, () => {}), keptClient(w.url, () => {})];
  const stores = clients.map((client) => eventStore(client, 5_000));
  const random = chance(3);
  for (let round = 0; round < 10; round++) {
    const events = await Promise.all(Array.from({ length: 60 }, () => made({ bodyKey: crypto.randomUUID() })));
    const shuffled = [...events].sort(() => random() - 0.5);
    const all = await Promise.all([events, shuffled].map((some, nth) => stores[nth]?.insert("shop", [prepared(some)])));
    expect(all.reduce((sum, one) => sum + (one?.left.length ?? 0), 0)).toBe(60);
    expect(await stored(...events)).toHaveLength(60);
  }
  for (const client of clients) client.drop();
});
