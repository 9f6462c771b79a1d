import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { appUrl } from "../../../cli/install/run-migrations.ts";
import { findKinds, readSought } from "../../../src/domain/find.ts";
import type { LookupStore } from "../../../src/ports/lookups/lookups.ts";
import type { ErasureTarget } from "../../../src/ports/people/erasures.ts";
import { erasureStore } from "../../../src/store/calls/erasures.ts";
import { lookupStore } from "../../../src/store/lookups/lookups.ts";
import { service, type TestService } from "../world/service.ts";

const rows = 20_000;

let api: TestService;
let owner: postgres.Sql;

beforeAll(async () => {
  api = await service();
  owner = postgres(api.ownerUrl, { max: 1, onnotice: () => {} });
  await owner`insert into sources (slug, preset) values ('shop', 'generic'), ('quiet', 'generic')`;
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

const asService = () => appUrl(api.ownerUrl, inject("cluster").appPassword);

/** Runs what is given, and gives the plans of what it sent. @param as Connects as this role. */
async function plansOf(run: (sql: postgres.Sql) => Promise<unknown>, as = api.ownerUrl): Promise<string> {
  const sent: { text: string; parameters: unknown[] }[] = [];
  const watched = postgres(as, {
    max: 1,
    fetch_types: false,
    debug: (_connection, text, parameters) => void sent.push({ text, parameters }),
  });
  await run(watched);
  const plans: string[] = [];
  // What opens and ends a transaction has no plan.
  for (const { text, parameters } of sent
    .splice(0)
    .filter(({ text }) => !/^(?:begin|commit|rollback)\b/i.test(text.trim()))) {
    const rows = await watched.unsafe<{ "QUERY PLAN": string }[]>(`explain ${text}`, parameters.map(String));
    plans.push(...rows.map((row) => row["QUERY PLAN"]));
  }
  await watched.end();
  return plans.join("\n");
}

describe("a look-up costs the same however many calls there are", () => {
  const day = Date.UTC(2026, 0, 2);
  const after = { at: "2020-01-01T00:00:00.000000Z", id: "00000000-0000-4000-8000-000000000000" };
  /** Lists of few rows, whose index has no time or begins with the source. */
  const few: ReadonlySet<string> = new Set(["by conversation", "events without a plan"]);
  const list = /lookups\.(?:calls|events)\(/;
  const sought = (text: string) => readSought(text, "US");
  it.each<[string, (lookups: LookupStore) => Promise<unknown>, string]>([
    ["newest first", (lookups) => lookups.calls({}, 50, null), "calls_newest"],
    ["a later page", (lookups) => lookups.calls({}, 50, after), "calls_newest"],
    ["by order number", (lookups) => lookups.calls({ orderNumberKey: "77" }, 50, null), "calls_by_order"],
    ["by record", (lookups) => lookups.calls({ recordType: "order", recordId: "77" }, 50, null), "calls_by_record"],
    ["by number", (lookups) => lookups.calls({ number: "+14155550077" }, 50, null), "calls_by_number"],
    ["by conversation", (lookups) => lookups.calls({ conversation: "c77" }, 50, null), "calls_by_conversation"],
    ["by a status that is rare", (lookups) => lookups.calls({ statuses: ["held"] }, 50, null), "calls_by_status"],
    [
      "by a status that is rare, a later page",
      (lookups) => lookups.calls({ statuses: ["held"] }, 50, after),
      "calls_by_status",
    ],
    ["by rare statuses", (lookups) => lookups.calls({ statuses: ["held", "review"] }, 50, after), "calls_by_status"],
    [
      "by rare statuses of a source",
      (lookups) => lookups.calls({ statuses: ["held", "review"], source: "shop" }, 50, null),
      "calls_by_status",
    ],
    ["by an outcome", (lookups) => lookups.calls({ outcome: "busy" }, 50, null), "calls_by_outcome"],
    ["by a reason", (lookups) => lookups.calls({ reason: "burst" }, 50, after), "calls_by_reason"],
    [
      "by a reason and status",
      (lookups) => lookups.calls({ reason: "burst", statuses: ["ended"] }, 50, null),
      "calls_by_reason",
    ],
    ["by an outcome and rule", (lookups) => lookups.calls({ outcome: "busy", rule: "new" }, 50, null), "calls_by_rule"],
    ["by a mode", (lookups) => lookups.calls({ mode: "test" }, 50, null), "calls_newest"],
    ["by a record's id alone", (lookups) => lookups.calls({ recordId: "77" }, 50, null), "calls_by_record"],
    ["events by type", (lookups) => lookups.events({ type: "rare" }, 50, null), "events_by_arrival"],
    [
      "events by type, of a source",
      (lookups) => lookups.events({ type: "rare", source: "quiet" }, 50, null),
      "events_of_source",
    ],
    [
      "events by record",
      (lookups) => lookups.events({ recordType: "order", recordId: "77" }, 50, null),
      "events_of_record",
    ],
    ["by a source that has none", (lookups) => lookups.calls({ source: "quiet" }, 50, null), "calls_by_source"],
    ["by a rule that is new", (lookups) => lookups.calls({ rule: "new" }, 50, null), "calls_by_rule"],
    ["by a line that is new", (lookups) => lookups.calls({ line: "new" }, 50, null), "calls_by_line"],
    [
      "by a source, of one day",
      (lookups) => lookups.calls({ source: "quiet", from: day, to: 2 * day }, 50, null),
      "calls_by_source",
    ],
    [
      "by the status and source of nearly all",
      (lookups) => lookups.calls({ statuses: ["skipped"], source: "shop" }, 50, null),
      "calls_",
    ],
    ["the newest events", (lookups) => lookups.events({}, 50, null), "events_by_arrival"],
    ["a later page of events", (lookups) => lookups.events({}, 50, after), "events_by_arrival"],
    ["a source's events", (lookups) => lookups.events({ source: "shop" }, 50, null), "events_"],
    [
      "the events of a source that has sent none",
      (lookups) => lookups.events({ source: "quiet" }, 50, null),
      "events_of_source",
    ],
    ["events without a plan", (lookups) => lookups.events({ state: "unplanned" }, 50, null), "events_unplanned"],
    ["an order's events", (lookups) => lookups.events({ orderNumberKey: "77" }, 100, null), "events_by_order_number"],
    ["anything", (lookups) => lookups.find(sought("77"), new Set(findKinds)), "events_by_order_number"],
    ["a uuid", (lookups) => lookups.find(sought(after.id), new Set(findKinds)), "calls_by_conversation"],
    ["a record", (lookups) => lookups.find(sought("order 77"), new Set(findKinds)), "events_of_record"],
    ["the sender's id", (lookups) => lookups.find(sought("77"), new Set(findKinds)), "events_stored_once"],
    ["Mihu's id", (lookups) => lookups.find(sought("77"), new Set(findKinds)), "calls_by_mihu_id"],
    ["a number", (lookups) => lookups.find(sought("+14155550077"), new Set(findKinds)), "calls_by_number"],
    ["one call", (lookups) => lookups.call(after.id), "calls_pkey"],
    ["an event's calls", (lookups) => lookups.callsOfEvent(after.id), "calls_once"],
    ["a timeline", (lookups) => lookups.timeline(after.id, after.id), "entries_by_subject"],
  ])("%s", async (what, lookup, index) => {
    const plan = await plansOf((sql) => lookup(lookupStore(sql)));
    expect(plan).toContain(index);
    expect(plan).not.toMatch(/Seq Scan on (?:calls|events)/);
    // An index by time gives the rows of a list in their order, or leaves those of one moment to be sorted by their ids.
    if (list.test(lookup.toString()) && !few.has(what))
      expect(plan).not.toMatch(/(?<!Incremental )Sort {2}.*\n *Sort Key: [ce](?:_\d+)?\.(?:created|received)_at DESC/);
  });

  it("the first event, the last and the busiest time of a source, also of one that has sent none", async () => {
    const plan = await plansOf((sql) => lookupStore(sql).traffic("quiet"), asService());
    expect(plan).toContain("events_of_source");
    // Along it, an event of a quiet source is found behind all events of the busy ones.
    expect(plan).not.toContain("events_by_arrival");
  });

  it.each<[string, (lookups: LookupStore) => Promise<unknown>]>([
    ["calls", (lookups) => lookups.calls({}, 50, null)],
    ["calls that wait", (lookups) => lookups.calls({ statuses: ["queued"], line: "desk" }, 50, null)],
    ["events", (lookups) => lookups.events({ source: "shop" }, 50, null)],
  ])("%s, as the role of the service, which may read no table from end to end", async (_, lookup) => {
    const plan = await plansOf((sql) => lookup(lookupStore(sql)), asService());
    // The price of what is switched off hides the prices of all walks from Postgres, which then takes any of them.
    expect(plan).not.toMatch(/cost=[\d.]+\.\.\d{11}/);
  });

  it("the problems of the service, which start no further process of Postgres", async () => {
    const plan = await plansOf((sql) => lookupStore(sql, ["kid"]).readiness(), asService());
    // Tables of few rows have to be read from end to end, which counts as endlessly dear.
    expect(plan).toMatch(/cost=[\d.]+\.\.\d{11}/);
    expect(plan).not.toContain("Gather");
  });
});

describe("an erasure costs the same however many events there are", () => {
  const act = { actor: "test", reason: "asked" };
  const nowhere = { source: "shop", eventIds: ["00000000-0000-4000-8000-000000000000"] };
  it.each<[string, ErasureTarget, string]>([
    ["of a number", { number: "+14155550000" }, "calls_by_number"],
    ["of an event", nowhere, "calls_once"],
  ])("%s", async (_, target, index) => {
    const plan = await plansOf(async (sql) => {
      const erasures = erasureStore(sql);
      await erasures.erase(target, 500, act);
      await erasures.waiting(target, 20);
    });
    expect(plan).toContain(index);
    expect(plan).toContain("events_pkey");
    // Both would look at every row: the one reads it, the other asks each whether it is meant.
    expect(plan).not.toMatch(/Seq Scan on (?:calls|events)/);
    expect(plan).not.toContain("hashed SubPlan");
  });

  it("and so does the question whether an event is known", async () => {
    const plan = await plansOf((sql) => erasureStore(sql).knows(nowhere));
    expect(plan).toContain("events_pkey");
    expect(plan).not.toContain("Seq Scan on events");
  });
});
