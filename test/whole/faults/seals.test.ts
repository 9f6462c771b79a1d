/**
 * The wait of an audit entry until a signed head stands over it, whatever is killed: nothing here runs the sweep, which would find every
 * entry within a minute. `npm run chaos` measures the same under all faults at once.
 */
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signalQuietly } from "../../../dev/stack/processes.ts";
import { sealWithinMs } from "../../../src/domain/limits.ts";
import { backendsOf } from "../../chaos/world/backends.ts";
import { environmentOf, runHookline } from "../../command-line.ts";
import { openShop, type Shop } from "../shop.ts";

/** A busy machine starts a Worker slowly. */
const restartMs = 10_000;
let shop: Shop;
let owner: postgres.Sql;
let other: postgres.Sql;

beforeAll(async () => {
  shop = await openShop({ ownCluster: true, mihu: { call_ms: 200 } });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  other = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner?.end({ timeout: 1 });
  await other?.end({ timeout: 1 });
  await shop?.stop();
});

const count = async () => {
  const [row] = await owner<{ n: number }[]>`
    select count(*)::int as n from entries e where not exists (select 1 from links l where l.entry_id = e.id)`;
  return row?.n ?? -1;
};
const sealed = (limitMs = sealWithinMs) => shop.until(count, (n) => n === 0, limitMs);
const newestId = async () => Number((await owner`select coalesce(max(id), 0) as id from entries`)[0]?.id);

/** The longest wait of the entries after this one, from their writing to their head. */
async function longestMs(after: number): Promise<number> {
  const [row] = await owner<{ ms: number }[]>`
    select (extract(epoch from max((select h.at from heads h where h.position >= l.position order by h.position limit 1) - e.at)) * 1000)::float8
      as ms from entries e join links l on l.entry_id = e.id where e.id > ${after}`;
  return row?.ms ?? Number.POSITIVE_INFINITY;
}
const readyz = async () => JSON.parse(await (await shop.api("/readyz")).text());
const problems = async () => (await readyz()).problems as { code: string; rows: string[]; severity: string }[];
const doctor = async () => (await runHookline(["doctor"], environmentOf(shop))).out;
const numberOf = (nth: number) => `+1415555${2_000 + nth}`;
/** A small change with an entry: this service knows no quieter one. */
const change = async (nth: number) =>
  (await shop.api("/v1/suppressions", { method: "POST", json: { number: numberOf(nth), reason: "asked" } })).status;

test("Entries of a quiet service are sealed within the bound, and /readyz and doctor say that none waits.", async () => {
  await sealed();
  const after = await newestId();
  expect(await change(1)).toBe(201);
  await sealed();
  expect(await longestMs(after)).toBeLessThan(sealWithinMs);
  expect((await readyz()).unsealed).toEqual({ entries: 0, oldest_at: null, oldest_age_s: null, allowed_s: 20 });
  expect(await doctor()).toContain("every audit entry is linked and signed");
});

/** Begins a change that waits for the end of another transaction, and commits then, whether or not anybody is left to hear of it. */
async function held(nth: number): Promise<{ answer: Promise<number | string>; release: () => Promise<unknown> }> {
  await other.unsafe(
    `begin; insert into suppressions (number, reason, created_by) values ('${numberOf(nth)}', 'r', 't')`,
  );
  const answer = change(nth).catch(() => "killed");
  await shop.until(
    async () => (await owner`select 1 from pg_locks where not granted and locktype = 'transactionid'`).length,
    (n) => n > 0,
  );
  return { answer, release: () => other.unsafe("rollback") };
}

test("A Worker that is killed between sending a statement and its answer leaves no entry that nobody knows of.", async () => {
  await sealed();
  const after = await newestId();
  const { answer, release } = await held(2);
  await shop.worker.kill("SIGKILL");
  expect(await answer).toBe("killed");
  await release();
  await shop.until(newestId, (id) => id > after);
  await shop.worker.restart();
  await sealed(sealWithinMs + restartMs);
  expect(await longestMs(after)).toBeLessThan(sealWithinMs + restartMs);
});

test("An entry whose transaction commits long after the notary's run, and after its writer's death, is sealed soon after its commit.", async () => {
  await sealed();
  const after = await newestId();
  const { answer, release } = await held(3);
  await shop.worker.kill("SIGKILL");
  expect(await answer).toBe("killed");
  await shop.worker.restart();
  // The wait is longer than the notary's longest pause. The notary has run meanwhile and found nothing to link.
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  expect(await newestId()).toBe(after);
  await release();
  await shop.until(newestId, (id) => id > after);
  const committedAt = Date.now();
  await sealed();
  expect(Date.now() - committedAt).toBeLessThan(sealWithinMs / 2);
});

test("An open transaction holds entries up: they are sealed within seconds of its end, and until then its process is named.", async () => {
  await sealed();
  const after = await newestId();
  const [{ pid } = { pid: 0 }] = await other<{ pid: number }[]>`select pg_backend_pid() as pid`;
  await other.unsafe(
    "begin; insert into suppressions (number, reason, created_by) values ('+14155550001', 'open', 'test')",
  );
  expect(await change(4)).toBe(201);
  // The entry looks as if its transaction had been open for a while.
  await owner`insert into entries (at, subject, subject_id, action, actor)
    values (clock_timestamp() - interval '40 seconds', 'call', 'c-1', 'read', 'test')`;
  const named = (one: { code: string }) => one.code === "entries_unsealed";
  const [problem] = await shop.until(
    async () => (await problems()).filter(named),
    ({ length }) => length > 0,
  );
  expect(problem).toMatchObject({
    severity: "warning",
    rows: [`backend ${pid} of hookline_owner in ${new URL(shop.ownerUrl).pathname.slice(1)}`],
  });
  expect((await readyz()).status).toBe("degraded");
  expect(await doctor()).toMatch(new RegExp(`^warn .*backend ${pid} of hookline_owner.*waited over 20 s`, "m"));
  const endedAt = Date.now();
  await other.unsafe("rollback");
  await sealed();
  expect(Date.now() - endedAt).toBeLessThan(sealWithinMs / 2);
  expect((await problems()).filter(named)).toEqual([]);
  expect(await longestMs(after)).toBeGreaterThan(40_000);
});

test("Twenty thousand entries at once, with the notary's backend ended under it, are sealed within the bound.", async () => {
  await sealed();
  const after = await newestId();
  await owner`insert into entries (subject, subject_id, action, actor) select 'call', 'c-' || n, 'read', 'test' from generate_series(1, 20000) n`;
  const writtenAt = Date.now();
  expect(await change(5)).toBe(201);
  const where = { cluster: shop.cluster, ownerUrl: shop.ownerUrl };
  if (where.cluster === undefined) throw new Error("the shop has no Postgres of its own");
  const cluster = where.cluster;
  const [pid = 0] = await shop.until(
    () => backendsOf({ cluster, ownerUrl: shop.ownerUrl }),
    ({ length }) => length > 0,
  );
  signalQuietly(pid, "SIGTERM");
  await sealed();
  expect(Date.now() - writtenAt).toBeLessThan(sealWithinMs);
  expect(await longestMs(after)).toBeLessThan(sealWithinMs);
});

test("After a restart of Postgres the entries before it and after it are sealed within the bound.", async () => {
  await sealed();
  const after = await newestId();
  expect(await change(6)).toBe(201);
  await shop.cluster?.away();
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  await shop.cluster?.back();
  const backAt = Date.now();
  await shop.until(
    async () => await change(7).catch(() => 0),
    (status) => status === 201,
  );
  await shop.until(
    () => count().catch(() => -1),
    (n) => n === 0,
    sealWithinMs,
  );
  expect(Date.now() - backAt).toBeLessThan(sealWithinMs);
  expect(await longestMs(after)).toBeLessThan(sealWithinMs + 8_000);
});

test("An entry is sealed within the bound though the notary ends again and again, sooner than its pause, and is poked each time.", async () => {
  await sealed();
  const after = await newestId();
  expect(await change(8)).toBe(201);
  const isSealed = async () => {
    const rows = await owner`
      select 1 from heads where position >= (select min(position) from links where entry_id > ${after}) limit 1`;
    return rows.length > 0;
  };
  const giveUp = Date.now() + sealWithinMs;
  for (let nth = 9; Date.now() < giveUp && !(await isSealed()); nth++) {
    await shop.worker.restart();
    expect(await change(nth)).toBe(201);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  }
  expect(await isSealed()).toBe(true);
});
