import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { erase } from "../../../src/flows/people/erase.ts";
import type { ErasureTarget } from "../../../src/ports/people/erasures.ts";
import { erasureStore } from "../../../src/store/calls/erasures.ts";
import { noteStore } from "../../../src/store/people/notes.ts";
import { draft, newEvent, numberOf, planOf, type World, world } from "../world/world.ts";

let w: World;
let sql: postgres.Sql;
beforeAll(async () => {
  w = await world("line-a");
  sql = postgres(w.url, { max: 8, fetch_types: false, onnotice: () => {} });
});
afterAll(async () => {
  await sql.end();
  await w.close();
});

let nth = 0;
/** An order that its event names, with a call to a number of its own if one is wanted. */
async function ordered({ called, source = "shop", order = `70${nth++}` }: Wanted) {
  const number = numberOf(6_000 + nth++);
  const event = await newEvent({ source, orderNumber: `#${order}`, orderNumberKey: order, id: randomUUID() });
  await w.events.accept(source, [event]);
  await w.events.plan([planOf(event, ...(called ? [draft({ number, status: "held", reason: "burst" })] : []))]);
  return { order, number, source, event: event.id };
}
type Wanted = { called: boolean; source?: string; order?: string };

const add = (order: string, source: string | null = null, text = "she asked for a refund") =>
  noteStore(sql).add({
    ...{ orderNumber: `#${order}`, orderNumberKey: order, source, text },
    ...{ salt: "salt", commitment: "hmac", actor: "token:anna" },
  });
const erased = (target: ErasureTarget) =>
  erase({ erasures: erasureStore(sql) }, target, { actor: "token:erika", reason: "asked by letter" });
const textsOf = async (order: string) =>
  (
    await w.owner<{ text: string | null }[]>`select text from notes where order_number_key = ${order} order by at, id`
  ).map(({ text }) => text);

test("An erasure of a person empties the notes on every order of their calls, each with an entry that says who asked.", async () => {
  const { order, number } = await ordered({ called: true });
  const noted = await add(order);
  await erased({ number });
  expect(await textsOf(order)).toEqual([null]);
  const entries = await w.owner`select action, actor, data from entries where subject = 'note' and subject_id = ${
    typeof noted === "object" ? noted.id : ""
  } order by id`;
  expect(entries).toMatchObject([
    { action: "noted" },
    { action: "erased", actor: "token:erika", data: { reason: "asked by letter" } },
  ]);
  expect(JSON.stringify(entries)).not.toContain("refund");
});

test("An erasure of an event that made no call empties the notes on the order that it names.", async () => {
  const { order, source, event } = await ordered({ called: false });
  await add(order);
  await erased({ source, eventIds: [event] });
  expect(await textsOf(order)).toEqual([null]);
});

test("An erasure empties the notes on the order that other bytes under the same id name.", async () => {
  const { order, source, event } = await ordered({ called: false });
  const other = await ordered({ called: false });
  await w.owner`update events set conflict_of = ${event} where id = ${other.event}`;
  await add(order);
  await add(other.order);
  await erased({ source, eventIds: [event] });
  expect([await textsOf(order), await textsOf(other.order)]).toEqual([[null], [null]]);
});

test("An order whose customer was erased takes no note; the order of the same number of another source does, if it is named.", async () => {
  await w.owner`insert into sources (slug, preset, country) values ('other', 'shopify', 'US')`;
  const { order, number } = await ordered({ called: true });
  await ordered({ called: false, source: "other", order });
  expect(await add(order, "other", "about the other")).toMatchObject({ id: expect.any(String) });
  expect(await add(order, "shop", "about this one")).toMatchObject({ id: expect.any(String) });
  await erased({ number });
  expect(await textsOf(order)).toEqual(["about the other", null]);
  expect([await add(order), await add(order, "shop")]).toEqual(["erased", "erased"]);
  expect(await add(order, "other")).toMatchObject({ id: expect.any(String) });
});

test.each([
  ["a source that does not exist", "no-such-source", "no_source"],
  ["a source that has no such order", "quiet", "no_order"],
])("A note that names %s is refused, and nothing is stored.", async (_, source, refusal) => {
  await w.owner`insert into sources (slug, preset, country) values ('quiet', 'shopify', 'US') on conflict do nothing`;
  const { order } = await ordered({ called: true });
  expect(await add(order, source)).toBe(refusal);
  expect(await textsOf(order)).toEqual([]);
});

test.each([
  ["calls", true],
  ["only events", false],
])("Whatever note is added while a person with %s is erased, no text is left.", async (_, called) => {
  for (let round = 0; round < 10; round++) {
    const { order, number, source, event } = await ordered({ called });
    const target = called ? { number } : { source, eventIds: [event] };
    const notes = Array.from({ length: 6 }, () => add(order));
    await Promise.all([...notes.slice(0, 3), erased(target), ...notes.slice(3)]);
    expect((await textsOf(order)).filter((text) => text !== null)).toEqual([]);
  }
});
