/**
 * A Postgres whose claims take longer than calls may wait: no old decision rings anybody, `/readyz` reports it, and the
 * problem ends by itself.
 */
import { setTimeout as pause } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Call, line, openShop, type Shop } from "../shop.ts";

let shop: Shop;
let owner: postgres.Sql;
beforeAll(async () => {
  shop = await openShop();
  owner = postgres(shop.ownerUrl, { max: 2, onnotice: () => undefined });
});
afterAll(async () => {
  await owner?.end({ timeout: 1 });
  await shop?.stop();
});

const problem = async () => {
  const { problems } = (await (await shop.api("/readyz")).json()) as { problems: { code: string; rows: string[] }[] };
  return problems.find(({ code }) => code === "claims_slow") ?? null;
};
const warnings = async () => ((await (await shop.api(`/v1/lines/${line}`)).json()) as { warnings: string[] }).warnings;
const queued = async (): Promise<Call | undefined> => (await shop.calls(`line=${line}&status=queued`))[0];
const claims = async (id: string) => {
  const rows =
    await owner`select action from entries where subject = 'call' and subject_id = ${id} and action = 'dialing'`;
  return rows.length;
};

test("A claim that takes longer than its calls may wait rings nobody and is told, and the line rests and continues by itself", async () => {
  await shop.api(`/v1/lines/${line}/pause`, { method: "POST", json: { reason: "setting the stage" } });
  await shop.send({ name: "#slow" });
  await shop.until(queued, (call) => call !== undefined);
  const id = (await queued())?.id ?? "";
  await owner.begin(async (holder) => {
    // A claim writes verdicts: it waits until this is over.
    await holder`lock table verdicts in share mode`;
    await shop.api(`/v1/lines/${line}/resume`, { method: "POST", json: {} });
    for (;;) {
      const [slow] = await holder`select 1 from pg_locks where relation = 'verdicts'::regclass and not granted
        and waitstart < clock_timestamp() - interval '2.2 seconds'`;
      if (slow !== undefined) return;
      await pause(20);
    }
  });
  // The call returned to the queue and nothing was sent. This does not depend on the test's clock.
  await shop.until(problem, (found) => found !== null, 10_000);
  expect(await problem()).toMatchObject({ severity: "error", count: 1, rows: [line] });
  expect(await warnings()).toContainEqual(expect.stringMatching(/^Postgres took two seconds or more/));
  expect(shop.simulator.posts()).toEqual([]);
  const waiting = await queued();
  expect([waiting?.id, waiting?.waits?.reason, await claims(id)]).toEqual([id, "claims_slow", 1]);
  // The line is woken repeatedly meanwhile, but stays on hold.
  for (let n = 0; n < 5; n++) await shop.send({ name: `#slow-${n}`, tags: "" });
  expect(await claims(id)).toBe(1);
  expect(await shop.call("#slow", "placed")).toMatchObject({ id });
  expect(await claims(id)).toBe(2);
  expect(shop.simulator.posts()).toHaveLength(1);
  await shop.until(problem, (found) => found === null, 20_000);
  expect(await warnings()).toEqual(expect.not.arrayContaining([expect.stringMatching(/^Postgres/)]));
  const told =
    await owner`select reason from entries where subject = 'line' and subject_id = ${line} and action = 'claims_slow'`;
  expect(told.map(({ reason }) => reason)).toEqual(["claims_slow"]);
}, 60_000);
