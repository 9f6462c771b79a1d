/**
 * Postgres' clock apart from the Worker's, through the running product. The app's role gets a schema before `pg_catalog` whose
 * `clock_timestamp()` and `now()` are shifted: the Worker's own statements then see a Postgres whose clock is wrong. Defaults of columns keep
 * the real clock.
 */
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { environmentOf, runHookline } from "../../command-line.ts";
import { openShop, type Shop } from "../shop.ts";

let shop: Shop;
let owner: postgres.Sql;
let admin: postgres.Sql;

beforeAll(async () => {
  shop = await openShop({ ownCluster: true });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  const url = new URL(shop.adminUrl);
  url.pathname = new URL(shop.ownerUrl).pathname;
  admin = postgres(url.href, { max: 1, onnotice: () => {} });
  await admin.unsafe(`
    create schema shifted;
    grant usage on schema shifted to hookline_app;
    create table shifted.by (ms float8 not null);
    grant select on shifted.by to hookline_app;
    insert into shifted.by values (0);
    create function shifted.clock_timestamp() returns timestamptz language sql volatile
      as 'select pg_catalog.clock_timestamp() + (select ms from shifted.by) * interval ''1 millisecond''';
    create function shifted.now() returns timestamptz language sql stable
      as 'select pg_catalog.now() + (select ms from shifted.by) * interval ''1 millisecond''';
  `);
  const [{ path } = { path: "public" }] = await owner<
    { path: string }[]
  >`select current_setting('search_path') as path`;
  const database = url.pathname.slice(1);
  await admin.unsafe(`alter role hookline_app in database ${database} set search_path = shifted, pg_catalog, ${path}`);
  // Connections that are open keep their path.
  await shop.worker.restart();
});
afterAll(async () => {
  await owner?.end({ timeout: 1 });
  await admin?.end({ timeout: 1 });
  await shop?.stop();
});

const shift = (ms: number) => admin`update shifted.by set ms = ${ms}`;
const readyz = async () => JSON.parse(await (await shop.api("/readyz")).text());
const codes = async () => (await readyz()).problems.map(({ code }: { code: string }) => code);
const doctor = () => runHookline(["doctor"], environmentOf(shop));

test("Clocks that agree are said to, with the error of the measurement, and so is this machine's.", async () => {
  await shift(0);
  const { clocks, status } = await readyz();
  expect(status).toBe("ready");
  expect(clocks).toMatchObject({ allowed_ms: 2_000, moved_ms: null, went_back_ms: 0 });
  expect(clocks.asks).toBeGreaterThanOrEqual(2);
  // Both are this machine's clock.
  expect(Math.abs(clocks.postgres_ahead_ms)).toBeLessThanOrEqual(clocks.error_ms + 1);
  const { out: text } = await doctor();
  expect(text).toMatch(
    /^ok {5}Postgres' clock is 0(\.\d+)? s (ahead|behind) \(± \d+(\.\d+)? s\), compared with the service's; from a difference of 2 s/m,
  );
  expect(text).toMatch(
    /^ok {5}the service's clock is 0(\.\d+)? s (ahead|behind) \(± [\d.]+ s\), compared with this machine's/m,
  );
});

test.each([
  ["ahead", 37_000],
  ["ahead", 4_000],
  ["ahead", 86_400_000],
  ["behind", -37_000],
  ["behind", -3_600_000],
] as const)("A Postgres that is %s by %d ms is told by how much, and is a warning.", async (way, ms) => {
  await shift(ms);
  const { clocks, problems, status, severity } = await readyz();
  expect(status).toBe("degraded");
  // So far ahead, the last sweep seems to be long ago as well.
  expect(severity).toBe(ms > 300_000 ? "error" : "warning");
  expect(Math.abs(clocks.postgres_ahead_ms - ms)).toBeLessThanOrEqual(clocks.error_ms + 1);
  const [problem] = problems.filter(({ code }: { code: string }) => code === "clocks_apart");
  expect(problem).toMatchObject({
    severity: "warning",
    sentence: expect.stringContaining("from 5 s on, lost answers are not found"),
  });
  expect(problem.rows[0]).toMatch(new RegExp(`^Postgres' clock is \\d+(\\.\\d+)? s ${way} \\(± [\\d.]+ s\\)$`));
  expect((await doctor()).out).toMatch(
    new RegExp(`^warn .*Postgres' clock is [\\d.]+ s ${way} \\(± .*Set the clock of the host of Postgres by NTP`, "m"),
  );
});

test("A difference below the bound is shown and is no problem.", async () => {
  await shift(1_200);
  expect(await codes()).not.toContain("clocks_apart");
  expect((await readyz()).clocks.postgres_ahead_ms).toBeGreaterThan(1_000);
  expect((await doctor()).out).toMatch(/^ok .*Postgres' clock is 1\.\d+ s ahead/m);
});

test("A clock that went back behind the newest entries is noticed, as after a failover to another host.", async () => {
  // Between twenty and thirty seconds, however fast or slow this machine is.
  await shift(-25_000);
  const entry = await shop.api("/v1/suppressions", {
    method: "POST",
    json: { number: "+14155550111", reason: "asked" },
  });
  expect(entry.status).toBe(201);
  const { problems, clocks } = await readyz();
  expect(clocks.went_back_ms).toBeGreaterThan(20_000);
  expect(problems.find(({ code }: { code: string }) => code === "clock_moved")).toMatchObject({
    rows: [expect.stringMatching(/^by at least 2\d\.\d s$/)],
  });
});

test("While Postgres is down its clock is unknown, and not right.", async () => {
  await shift(0);
  await shop.cluster?.away();
  try {
    expect((await readyz()).clocks).toBeNull();
    const { code, out: text } = await doctor();
    expect(code).toBe(1);
    expect(text).toContain("warn   how far Postgres' clock is from the service's is unknown");
    expect(text).not.toContain("Postgres' clock is 0");
  } finally {
    await shop.cluster?.back();
  }
});
