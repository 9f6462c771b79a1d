import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LookupStore } from "../../src/ports.ts";
import { lookupStore } from "../../src/store/lookups.ts";
import { type Service, service } from "./service.ts";

const rows = 20_000;

let api: Service;
let owner: postgres.Sql;

beforeAll(async () => {
  api = await service();
  owner = postgres(api.ownerUrl, { max: 1, onnotice: () => {} });
  await owner`insert into sources (slug, preset) values ('shop', 'generic')`;
  await owner`insert into events (id, source, dedupe_key, type, order_number, order_number_key, record_type, record_id, headers, body,
      body_hash, state, planned_at, received_at)
    select gen_random_uuid(), 'shop', n::text, 't', n::text, n::text, 'order', n::text, '{}', '{}', 'h', 'planned', now(),
      now() - n * interval '1 second' from generate_series(1, ${rows}) n`;
  await owner`insert into calls (event_id, source, rule, rule_version, mode, status, reason, order_number, order_number_key,
      record_type, record_id, number, conversation_uuid, created_at)
    select id, 'shop', 'r', 1, 'live', 'skipped', 'shadow', order_number, order_number_key, record_type, record_id,
      '+1415' || lpad(order_number, 7, '5'), 'c' || order_number, received_at from events`;
  await owner`insert into entries (subject, subject_id, action, actor) select 'call', id::text, 'skipped', 'plan' from calls`;
  await owner`analyze`;
});
afterAll(async () => {
  await owner.end();
  await api.close();
});

/** Runs a look-up, and gives the plans of what it sent. */
async function plansOf(lookup: (lookups: LookupStore) => Promise<unknown>): Promise<string> {
  const sent: { text: string; parameters: unknown[] }[] = [];
  const watched = postgres(api.ownerUrl, {
    max: 1,
    fetch_types: false,
    debug: (_connection, text, parameters) => void sent.push({ text, parameters }),
  });
  await lookup(lookupStore(watched));
  await watched.end();
  const plans: string[] = [];
  for (const { text, parameters } of sent) {
    const rows = await owner.unsafe<{ "QUERY PLAN": string }[]>(`explain ${text}`, parameters.map(String));
    plans.push(...rows.map((row) => row["QUERY PLAN"]));
  }
  return plans.join("\n");
}

describe("a look-up costs the same however many calls there are", () => {
  const after = { at: "2020-01-01T00:00:00.000000Z", id: "00000000-0000-4000-8000-000000000000" };
  it.each<[string, (lookups: LookupStore) => Promise<unknown>, string]>([
    ["newest first", (lookups) => lookups.calls({}, 50, null), "calls_newest"],
    ["a later page", (lookups) => lookups.calls({}, 50, after), "calls_newest"],
    ["by order number", (lookups) => lookups.calls({ orderNumberKey: "77" }, 50, null), "calls_by_order"],
    ["by record", (lookups) => lookups.calls({ recordType: "order", recordId: "77" }, 50, null), "calls_by_record"],
    ["by number", (lookups) => lookups.calls({ number: "+14155550077" }, 50, null), "calls_by_number"],
    ["by conversation", (lookups) => lookups.calls({ conversation: "c77" }, 50, null), "calls_by_conversation"],
    ["an order's events", (lookups) => lookups.events({ orderNumberKey: "77" }, 100, null), "events_by_order"],
    ["one call", (lookups) => lookups.call(after.id), "calls_pkey"],
    ["an event's calls", (lookups) => lookups.callsOfEvent(after.id), "calls_once"],
    ["a timeline", (lookups) => lookups.timeline(after.id, after.id), "entries_by_subject"],
  ])("%s", async (_, lookup, index) => {
    const plan = await plansOf(lookup);
    expect(plan).toContain(index);
    expect(plan).not.toMatch(/Seq Scan on (?:calls|events)/);
  });
});
