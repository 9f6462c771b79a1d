/** Fields that rules read, watched over events that came: by the sweep, with nothing of a payload kept. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { watchFields } from "../../../src/flows/planning/watch-fields.ts";
import { fieldStore } from "../../../src/store/events/fields.ts";
import { service, type TestService } from "../world/service.ts";

let api: TestService;
beforeAll(async () => {
  api = await service();
  await api.ask("PUT", "/v1/lines/support", { agent: "a-1", countries: ["US"] });
});
afterAll(() => api.close());

const rule = {
  mode: "live",
  on: ["orders/updated"],
  line: "support",
  number: "{{ data.phone }}",
  about: "The customer is {{ data.customer.first_name }}.",
};
const order = { id: 1, name: "#1", phone: "+14155550188", customer: { first_name: "Zebulina" } };

async function open(): Promise<string> {
  const slug = `acme-${randomUUID().slice(0, 8)}`;
  const body = { preset: "shopify", tenant: "acme.myshopify.com", country: "US", order_number: "{{ data.name }}" };
  await api.ask("PUT", `/v1/sources/${slug}`, body);
  await api.ask("PUT", `/v1/sources/${slug}/rules/call-me`, rule);
  return slug;
}

/** Events that came one after another, some hours ago; the later ones of a test are given fewer. */
async function come(source: string, times: number, body: unknown, hoursAgo: number): Promise<void> {
  await api.sql`insert into events (id, source, dedupe_key, type, received_at, headers, body, body_hash, state, reason, planned_at)
    select gen_random_uuid(), ${source}, gen_random_uuid()::text, 'orders/updated',
      now() - ${hoursAgo} * interval '1 hour' + n * interval '1 second', '{}', ${JSON.stringify(body)}::text, 'h', 'ignored',
      'no_rule_matched', now() from generate_series(1, ${times}::int) n`;
}

const look = () => watchFields(fieldStore(api.sql));
const sourceOf = async (slug: string) => (await api.ask("GET", `/v1/sources/${slug}`)).json;

describe("a field that has stopped coming", () => {
  test("is told by its source and by /readyz, which continues, and no more once it comes again", async () => {
    const slug = await open();
    await come(slug, 20, order, 5);
    expect(await look()).toBe(20);
    expect((await sourceOf(slug)).fields).toEqual([]);
    await come(slug, 20, { ...order, phone: null }, 4);
    expect(await look()).toBe(20);
    expect(await look()).toBe(0);
    const { fields, warnings } = await sourceOf(slug);
    expect(fields).toMatchObject([{ code: "field_gone", rule: "call-me", path: "data.phone", from: "text", to: null }]);
    expect(warnings.join("\n")).toContain("data.phone, which the rule call-me reads, is missing since");
    const { status, json } = await api.ask("GET", "/readyz");
    expect(status).toBe(200);
    expect(json.problems).toContainEqual(
      expect.objectContaining({ code: "field_gone", count: 1, rows: [`${slug} call-me data.phone`] }),
    );
    await come(slug, 1, order, 3);
    await look();
    expect((await sourceOf(slug)).fields).toEqual([]);
  });

  test("is told no more once its rule is removed, or no longer reads it", async () => {
    const slug = await open();
    await come(slug, 20, order, 5);
    await look();
    await come(slug, 20, { ...order, customer: {} }, 4);
    await look();
    expect((await sourceOf(slug)).fields).toHaveLength(1);
    await api.ask("DELETE", `/v1/sources/${slug}/rules/call-me`);
    expect((await sourceOf(slug)).fields).toEqual([]);
    await api.ask("PUT", `/v1/sources/${slug}/rules/call-me`, { ...rule, about: "Hello." });
    await come(slug, 1, order, 3);
    await look();
    const rows = await api.sql`select path from fields where source = ${slug} order by path`;
    expect(rows.map(({ path }) => path)).toEqual(["data.name", "data.phone"]);
  });
});

describe("a field that comes as another type", () => {
  test("is told with both types, and nothing of its values is kept", async () => {
    const slug = await open();
    await come(slug, 20, order, 5);
    await look();
    await come(slug, 10, { ...order, phone: 14155550188 }, 4);
    await look();
    expect((await sourceOf(slug)).fields).toMatchObject([
      { code: "field_changed", path: "data.phone", from: "text", to: "number" },
    ]);
    const rows = await api.sql`select * from fields where source = ${slug}`;
    for (const value of ["Zebulina", "5550188", "#1"]) expect(JSON.stringify(rows)).not.toContain(value);
  });
});

describe("an address of another country than the number was read by", () => {
  const orderAbroad = { ...order, phone: "55 1234 5678", shipping_address: { country_code: "MX" } };

  test("is told by its source and by /readyz, with the country that the rule should name", async () => {
    const slug = await open();
    await come(slug, 1, orderAbroad, 5);
    await look();
    const { fields, warnings } = await sourceOf(slug);
    const address = "data.shipping_address.country_code";
    expect(fields).toMatchObject([{ code: "country_differs", path: "data.phone", from: "US", to: "MX", address }]);
    expect(warnings.join("\n")).toContain(`set \`country: "{{ ${address} }}"\` in the rule`);
    const { json } = await api.ask("GET", "/readyz");
    expect(json.problems).toContainEqual(
      expect.objectContaining({ code: "country_differs", rows: [`${slug} call-me data.phone`] }),
    );
    const rows = await api.sql`select * from fields where source = ${slug}`;
    expect(JSON.stringify(rows)).not.toContain("1234");

    await api.ask("PUT", `/v1/sources/${slug}/rules/call-me`, { ...rule, country: `{{ ${address} }}` });
    await come(slug, 1, orderAbroad, 4);
    await look();
    expect((await sourceOf(slug)).fields).toEqual([]);
  });
});

describe("the watch", () => {
  test("reads the newest events of a source that sends more than it can look at, and none twice", async () => {
    const slug = await open();
    await come(slug, 500, order, 5);
    expect(await look()).toBe(50);
    expect(await look()).toBe(0);
  });

  test("leaves events that are new, unplanned, erased or taken for replays, and sources without rules", async () => {
    const slug = await open();
    await come(slug, 3, order, 5);
    await api.sql`update events set received_at = now() where source = ${slug}`;
    expect(await look()).toBe(0);
    const other = await open();
    await come(other, 3, order, 5);
    await api.sql`update events set reason = 'replayed' where source = ${other}`;
    expect(await look()).toBe(0);
    const bare = await open();
    await api.ask("DELETE", `/v1/sources/${bare}/rules/call-me`);
    await come(bare, 3, order, 5);
    expect(await look()).toBe(0);
  });

  test("of two sweeps at once keeps what the faster found", async () => {
    const slug = await open();
    const store = fieldStore(api.sql);
    await come(slug, 20, order, 5);
    const slow = (await store.unwatched()).filter(({ source }) => source.slug === slug);
    await look();
    await come(slug, 20, order, 4);
    await look();
    await watchFields({ ...store, unwatched: async () => slow });
    const [row] = await api.sql`select state from fields where source = ${slug} and path = 'data.phone'`;
    expect(row?.state).toMatchObject({ values: 40 });
    expect(await look()).toBe(0);
  });

  test("does not stumble over a body that is no object, nor over one that nobody can read", async () => {
    const slug = await open();
    await come(slug, 2, [1], 5);
    await come(slug, 2, null, 4);
    await api.sql`update events set body = 'not json' where source = ${slug} and body = 'null'`;
    expect(await look()).toBe(4);
    expect((await sourceOf(slug)).fields).toEqual([]);
  });
});
