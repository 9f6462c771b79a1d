import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sweepStore } from "../../../src/store/sweep.ts";
import { service, type TestService } from "../world/service.ts";
import { entriesSettled } from "../world/settled.ts";

const hourMs = 3_600_000;

let api: TestService;
let owner: postgres.Sql;
let now: number;

beforeAll(async () => {
  api = await service();
  owner = postgres(api.ownerUrl, { max: 3, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
  await api.close();
});
/** Puts the mark where the migration would put it: the entries that are there now are older than the first count. */
const begin = () =>
  owner.begin(async (sql) => {
    await sql`delete from figures`;
    await sql`update figure_marks set tx = pg_snapshot_xmin(s), entry = 0, back_tx = pg_snapshot_xmin(s), back_entry = 0, back_at = null,
    back_done = false, restored_to = null from pg_current_snapshot() s`;
  });
beforeEach(async () => {
  await owner`alter table entries disable trigger user`;
  await owner`delete from entries`;
  now = Date.now();
  await begin();
});

type Entry = { action: string; hoursAgo?: number; data?: object; subject?: string };
const hourOf = (hoursAgo: number) => Math.floor(now / hourMs) * hourMs - hoursAgo * hourMs;
async function add(sql: postgres.Sql, { action, hoursAgo = 0, data = {}, subject = "call" }: Entry): Promise<void> {
  const at = new Date(hourOf(hoursAgo) + 1_000);
  await sql`insert into entries (at, subject, subject_id, action, actor, data)
    values (${at}, ${subject}, ${randomUUID()}, ${action}, 'test', ${JSON.stringify(data)}::text::jsonb)`;
}
const placed = (waitS: number): Entry => {
  const due = Date.UTC(2026, 0, 1);
  const row = { due_at: new Date(due).toISOString(), placed_at: new Date(due + waitS * 1_000).toISOString() };
  return { action: "placed", data: { row } };
};
const sweep = () => sweepStore(api.sql).countFigures();
const ask = async (query = "") => {
  const { status, json } = await api.ask("GET", `/v1/statistics${query}`);
  expect(status).toBe(200);
  return json;
};
const bucket = async (hoursAgo: number) => {
  const { data } = await ask();
  return data.find(({ at }: { at: string }) => Date.parse(at) === hourOf(hoursAgo));
};
const none = { completed: 0, no_answer: 0, busy: 0, failed: 0, canceled: 0, voicemail: 0, unspecified: 0 };

describe("the figures of an hour", () => {
  it("count rings, outcomes, held calls and reviews once, before, between and after sweeps", async () => {
    const ended = { action: "ended", data: { outcome: "busy" } };
    const all: Entry[] = [placed(0), placed(1), ended, { action: "held" }, { action: "review" }];
    for (const one of all) await add(owner, one);
    await add(owner, { action: "placed", subject: "line" });
    await add(owner, { action: "queued" });
    const once = { rings: 2, outcomes: { ...none, busy: 1 }, held: 1, review: 1 };
    expect(await bucket(0)).toMatchObject(once);
    await sweep();
    expect(await bucket(0)).toMatchObject(once);
    for (const one of all) await add(owner, one);
    const twice = { rings: 4, outcomes: { ...none, busy: 2 }, held: 2, review: 2 };
    expect(await bucket(0)).toMatchObject(twice);
    await Promise.all([sweep(), sweep()]);
    await sweep();
    expect(await bucket(0)).toMatchObject(twice);
  });

  it("have waiting times within 10 %, and none without a due time", async () => {
    for (let nth = 1; nth <= 100; nth++) await add(owner, placed(nth));
    await add(owner, { action: "placed", data: { rang: true } });
    await sweep();
    const { rings, waiting_s } = await bucket(0);
    expect(rings).toBe(101);
    expect(Math.abs(waiting_s.p50 / 50 - 1)).toBeLessThan(0.11);
    expect(Math.abs(waiting_s.p95 / 95 - 1)).toBeLessThan(0.11);
    expect((await bucket(1)).waiting_s).toBe(null);
  });

  it("are by day as well, in UTC, and each bucket of the range is there", async () => {
    for (const hoursAgo of [0, 30, 60]) await add(owner, { action: "held", hoursAgo });
    await sweep();
    const from = new Date(now - 4 * 86_400_000).toISOString();
    const { data, by } = await ask(`?by=day&from=${encodeURIComponent(from)}`);
    expect([by, data.length]).toEqual(["day", 5]);
    expect(data.reduce((sum: number, { held }: { held: number }) => sum + held, 0)).toBe(3);
    expect(data.every(({ at }: { at: string }) => at.endsWith("T00:00:00.000Z"))).toBe(true);
  });

  it("have rejected requests of the last day, and null before", async () => {
    await api.ask("PUT", "/v1/sources/shop", { preset: "generic" });
    await owner`insert into refused_minutes (source, at, refused, failed_signatures, not_stored)
      values ('shop', ${new Date(hourOf(1))}, 7, 0, 0)`;
    const from = encodeURIComponent(new Date(now - 3 * 86_400_000).toISOString());
    const { data } = await ask(`?from=${from}`);
    expect(data.find(({ at }: { at: string }) => Date.parse(at) === hourOf(1)).refused).toBe(7);
    expect(data[0].refused).toBe(null);
  });
});

describe("counting", () => {
  it("leaves entries of a transaction that still runs to the next sweep, and counts them once", async () => {
    const late = await owner.reserve();
    await late`begin`;
    await add(late, { action: "held" });
    for (let nth = 0; nth < 3; nth++) await add(owner, { action: "held" });
    await sweep();
    expect((await bucket(0)).held).toBe(3);
    await late`commit`;
    late.release();
    expect((await bucket(0)).held).toBe(4);
    await sweep();
    expect((await bucket(0)).held).toBe(4);
  });

  it("that is killed in a part counts nothing of it", async () => {
    await add(owner, { action: "held" });
    const killed = owner.begin(async (sql) => {
      await sweepStore(sql as unknown as typeof api.sql).countFigures();
      throw new Error("killed");
    });
    await expect(killed).rejects.toThrow("killed");
    await sweep();
    await sweep();
    expect((await bucket(0)).held).toBe(1);
  });

  it("of what was there before begins with the newest, in bounded parts, and says from when on it is complete", async () => {
    await owner`insert into entries (at, subject, subject_id, action, actor)
      select to_timestamp(${hourOf(0)}::float8 / 1000) - (60_000 - n) * interval '1 second', 'call', 'x', 'held', 'test'
      from generate_series(1, 60_000) n order by n`;
    await entriesSettled(owner);
    await begin();
    const before = await ask();
    expect(Date.parse(before.complete_from)).toBeGreaterThanOrEqual(now - 1_000);
    expect((await bucket(1)).held).toBe(0);
    await sweep();
    const half = await ask();
    const completeFrom = Date.parse(half.complete_from);
    expect(completeFrom).toBeLessThan(now - 10 * hourMs);
    for (const { at, held } of half.data)
      if (Date.parse(at) >= completeFrom && Date.parse(at) < hourOf(0)) expect([at, held]).toEqual([at, 3_600]);
    await sweep();
    const whole = await ask();
    expect(whole.complete_from).toBe(null);
    const [row] = await owner`select sum(n)::int as n from figures`;
    expect(row?.n).toBe(60_000);
    await sweep();
    expect((await owner`select sum(n)::int as n from figures`)[0]?.n).toBe(60_000);
  });

  it("says up to when it is complete if more entries came than are counted at once", async () => {
    await owner`insert into entries (at, subject, subject_id, action, actor)
      select now() - interval '2 hours' + n * interval '100 ms', 'call', 'x', 'held', 'test' from generate_series(1, 5_001) n order by n`;
    expect((await ask()).complete_to).not.toBe(null);
    await entriesSettled(owner);
    await sweep();
    expect((await ask()).complete_to).toBe(null);
  });

  it("goes on after the dump of another server was restored, whose transactions had greater numbers", async () => {
    for (let nth = 0; nth < 3; nth++) await add(owner, { action: "held" });
    await sweep();
    // The dump's entries and its mark are of transactions that this server has yet to reach.
    await owner`update entries set tx = (tx::text::bigint + 1000000000)::text::xid8`;
    await owner`update figure_marks set tx = (tx::text::bigint + 1000000000)::text::xid8`;
    await add(owner, { action: "held" });
    // An entry is counted once no transaction runs that began before it, those of other tests' databases too.
    const counted = async () => {
      await sweep();
      return (await owner`select sum(n)::int as n from figures`)[0]?.n;
    };
    await expect.poll(counted, { timeout: 60_000 }).toBe(4);
  });
});

describe("a request", () => {
  it.each([
    "?by=week",
    "?from=yesterday",
    "?from=2026-02-01&to=2026-01-01",
    "?from=2026-01-01&to=2026-02-02",
    "?by=day&from=2026-01-01&to=2026-05-01",
    "?from=%00",
    "?limit=1",
  ])("%s is refused", async (query) => {
    expect((await api.ask("GET", `/v1/statistics${query}`)).status).toBe(422);
  });
});
