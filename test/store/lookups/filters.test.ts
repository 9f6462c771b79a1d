import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CallFilter } from "../../../src/ports/lookups/calls.ts";
import type { EventFilter } from "../../../src/ports/lookups/events.ts";
import { lookupStore } from "../../../src/store/lookups/lookups.ts";
import { service, type TestService } from "../world/service.ts";

/** More than one page checks: 10,000 calls, 5,000 events. */
const rows = 12_000;

let api: TestService;
let owner: postgres.Sql;

beforeAll(async () => {
  api = await service();
  owner = postgres(api.ownerUrl, { max: 1, onnotice: () => {} });
  await owner`insert into sources (slug, preset) values ('shop', 'generic'), ('other', 'generic')`;
  await owner`insert into lines (slug, agent, calls_per_minute, calls_at_once, calls_per_day) values ('desk', 'a', 1, 1, 1)`;
  await owner`insert into events (id, source, dedupe_key, type, record_type, record_id, headers, body, body_hash, state, reason, planned_at,
      received_at)
    select gen_random_uuid(), case when n % 4000 = 0 then 'other' else 'shop' end, n::text, case when n > ${rows - 3} then 'rare' else 't' end,
      case when n % 2 = 0 then 'order' else 'deal' end, (n / 2)::text, '{}', '{}', 'h', case when n % 3 = 0 then 'ignored' else 'planned' end,
      case when n % 3 = 0 then 'no_rule' end, now(), now() - n * interval '1 second' from generate_series(1, ${rows}) n`;
  await owner`insert into calls (event_id, source, rule, rule_version, mode, status, reason, outcome, line, number, about, record_type,
      record_id, created_at, due_at, placed_at, ended_at, mihu_id)
    select id, source, 'r', 1, case when n > ${rows - 3} then 'test' else 'live' end, status, case status when 'skipped' then 'shadow'
      when 'held' then 'burst' when 'review' then 'not_found' end, case when status = 'ended' then 'completed' end, 'desk',
      '+1415555' || lpad((n % 10000)::text, 4, '0'), 'x', record_type, record_id, received_at, received_at,
      case when status = 'ended' then received_at end, case when status = 'ended' then received_at end,
      case when status = 'ended' then 'm' || n end
    from (select e.*, case when n % 1000 = 1 then 'held' when n % 1000 = 2 then 'review' when n % 1000 = 3 then 'queued'
      when n % 3 = 0 then 'skipped' else 'ended' end as status
      from (select *, dedupe_key::int as n from events) e) e`;
  await owner`update calls set outcome = 'voicemail' where status = 'ended' and mihu_id in ('m10', 'm11990')`;
  await owner`analyze`;
});
afterAll(async () => {
  await owner.end();
  await api.close();
});

type List = {
  rows: { id: string; createdAt?: number; receivedAt?: number }[];
  next: { at: string; id: string } | null;
};

/** All pages of a list. Checks that they go back in time, and that a page that is not full says how far it came. */
async function allOf(page: (after: List["next"]) => Promise<List & { searchedTo: string | null }>, limit: number) {
  const found: List["rows"] = [];
  const bounds: string[] = [];
  for (let after: List["next"] = null, pages = 0; ; pages++) {
    const one = await page(after);
    found.push(...one.rows);
    if (one.rows.length < limit && one.next !== null) expect(one.searchedTo).not.toBe(null);
    if (one.searchedTo !== null) bounds.push(one.searchedTo);
    if (one.next === null) return { found, bounds };
    expect(after === null || one.next.at < after.at || (one.next.at === after.at && one.next.id < after.id)).toBe(true);
    expect(pages).toBeLessThan(1_000);
    after = one.next;
  }
}

describe("every list of calls has each call that matches, once, newest first", () => {
  it.each<[string, CallFilter, string, number]>([
    ["one status", { statuses: ["held"] }, "status = 'held'", 5],
    ["several statuses", { statuses: ["held", "review"] }, "status in ('held', 'review')", 7],
    ["several statuses of many", { statuses: ["ended", "held"] }, "status in ('held', 'ended')", 5_000],
    [
      "several statuses of a source",
      { statuses: ["held", "review"], source: "shop" },
      "status in ('held', 'review') and source = 'shop'",
      5,
    ],
    [
      "statuses and a rare mode",
      { statuses: ["ended", "skipped"], mode: "test" },
      "status in ('ended', 'skipped') and mode = 'test'",
      5,
    ],
    ["an outcome", { outcome: "voicemail" }, "outcome = 'voicemail'", 1],
    [
      "an outcome of a source",
      { outcome: "voicemail", source: "shop" },
      "outcome = 'voicemail' and source = 'shop'",
      5,
    ],
    ["a reason", { reason: "burst" }, "reason = 'burst'", 5],
    ["a reason and a status that do not meet", { reason: "burst", statuses: ["review"] }, "false", 5],
    ["a rare mode", { mode: "test" }, "mode = 'test'", 2],
    ["a mode of a source", { mode: "test", source: "other" }, "mode = 'test' and source = 'other'", 2],
    ["a record's id of any type", { recordId: "77" }, "record_id = '77'", 1],
    ["a record's id that is not there", { recordId: "none" }, "false", 1],
    [
      "a record's type alone, of rare calls",
      { recordType: "deal", source: "other" },
      "record_type = 'deal' and source = 'other'",
      2,
    ],
  ])("%s", async (_, filter, condition, limit) => {
    const expected = await owner.unsafe(`select id from calls where ${condition} order by created_at desc, id desc`);
    const { found } = await allOf((after) => lookupStore(api.sql).calls(filter, limit, after), limit);
    expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  });

  it("calls that show the pause of their line are found by its reason, in time, and their own stored ones", async () => {
    await owner`update lines set paused_at = now(), pause_reason = 'paused_by_person', pause_detail = 'x' where slug = 'desk'`;
    const expected = await owner`select id from calls where status = 'queued' order by created_at desc, id desc`;
    const filter: CallFilter = { reason: "paused_by_person" };
    const { found } = await allOf((after) => lookupStore(api.sql).calls(filter, 3, after), 3);
    expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    await owner`update lines set paused_at = null, pause_reason = null, pause_detail = null where slug = 'desk'`;
  });
});

describe("every list of events has each event that matches, once, newest first", () => {
  it.each<[string, EventFilter, string, number]>([
    ["a type", { type: "rare" }, "type = 'rare'", 2],
    ["a type of a source", { type: "t", source: "other" }, "type = 't' and source = 'other'", 2],
    ["a reason", { reason: "no_rule" }, "reason = 'no_rule'", 2_000],
    ["a state and a reason", { state: "planned", reason: "no_rule" }, "false", 2],
    ["a record", { recordType: "deal", recordId: "77" }, "record_type = 'deal' and record_id = '77'", 2],
    ["a record's id", { recordId: "77" }, "record_id = '77'", 1],
  ])("%s", async (_, filter, condition, limit) => {
    const expected = await owner.unsafe(`select id from events where ${condition} order by received_at desc, id desc`);
    const { found } = await allOf((after) => lookupStore(api.sql).events(filter, limit, after), limit);
    expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  });
});

describe("a filter without an index of its own", () => {
  it("checks a bounded number of calls and says how far it came; the cursor goes on from there", async () => {
    const first = await api.ask("GET", "/v1/calls?mode=test&limit=2");
    expect(first.json.data).toEqual([]);
    const at = Date.parse(first.json.searched_to);
    const [row] = await owner`select count(*)::int as n from calls where created_at >= ${new Date(at)}`;
    expect(row?.n).toBeGreaterThanOrEqual(9_999);
    const second = await api.ask("GET", `/v1/calls?mode=test&limit=2&cursor=${first.json.next_cursor}`);
    expect(second.json.data.length).toBeGreaterThan(0);
    expect((await api.ask("GET", "/v1/calls?mode=live&limit=2")).json).toMatchObject({
      data: [{}, {}],
      searched_to: null,
    });
  });

  it("checks a bounded number of events", async () => {
    const { json } = await api.ask("GET", "/v1/events?type=rare");
    expect([json.data, json.searched_to]).toEqual([[], expect.any(String)]);
    const from = encodeURIComponent(new Date(Date.now() - 60_000).toISOString());
    expect((await api.ask("GET", `/v1/events?type=rare&from=${from}`)).json).toEqual({
      data: [],
      next_cursor: null,
      searched_to: null,
    });
  });

  it.each([
    ["/v1/calls?status=held,review", 200],
    ["/v1/calls?status=held&outcome=busy&reason=burst&mode=live", 200],
    ["/v1/calls?status=held,loud", 422],
    ["/v1/calls?status=held,held", 422],
    ["/v1/calls?status=", 422],
    ["/v1/calls?outcome=loud", 422],
    ["/v1/calls?reason=A%00", 422],
    ["/v1/calls?mode=off", 422],
    ["/v1/events?type=%F0%9F%94%A5&reason=no_rule&record_type=order&record_id=%25&from=2026-01-01&to=2026-02-01", 200],
    ["/v1/events?type=%00", 422],
    ["/v1/events?from=yesterday", 422],
  ])("%s is answered with %i", async (path, status) => {
    expect((await api.ask("GET", path)).status).toBe(status);
  });
});
