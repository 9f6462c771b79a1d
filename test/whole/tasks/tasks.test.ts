/** Tasks in a running Hookline: workerd is killed, the task is canceled and its token is revoked in the middle of 3,000 calls. */
import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callsPerStepMax } from "../../../src/domain/tasks/task.ts";
import { callMe, line, number, openShop, put, type Shop, source } from "../shop.ts";

let shop: Shop;
let owner: postgres.Sql;
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 100 } });
  owner = postgres(shop.ownerUrl, { max: 3, onnotice: () => {} });
});
afterAll(async () => {
  await owner?.end();
  await shop?.stop();
});

const count = 3_000;
/** The step that waits is the fifteenth. */
const lockedNth = 1_450;
const before = Math.floor(lockedNth / callsPerStepMax) * callsPerStepMax;

type Task = { id: string; state: string; matched: number; done: number; refused: unknown[]; detail: string | null };

/** Held calls of a rule of their own. @returns the rule */
async function heldCalls(): Promise<string> {
  const rule = `bulk-${randomUUID().slice(0, 8)}`;
  await owner`
    with made as (
      insert into events (id, source, dedupe_key, type, headers, body, body_hash, state, planned_at)
      select gen_random_uuid(), ${source}, gen_random_uuid(), 'x', '{}', '{}', 'h', 'planned', now()
      from generate_series(1, ${count}) returning id
    )
    insert into calls (event_id, source, rule, rule_version, mode, line, status, reason, number, country, about, due_at, created_at)
    select id, ${source}, ${rule}, 1, 'live', ${line}, 'held', 'burst', '+14155550100', 'US', 'x', now(),
      now() - interval '1 hour' + row_number() over () * interval '1 millisecond' from made`;
  return rule;
}

async function ask<T>(path: string, json?: object, token?: string): Promise<{ status: number; body: T }> {
  const init = json === undefined ? {} : { method: "POST", json };
  const headers = token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } };
  const answer = await shop.api(path, { ...init, ...headers });
  return { status: answer.status, body: (await answer.json()) as T };
}

const taskNow = async (id: string) => (await ask<Task>(`/v1/tasks/${id}`)).body;
const statuses = async (rule: string) => {
  const rows = await owner<{ status: string; n: number }[]>`
    select status, count(*)::int as n from calls where rule = ${rule} group by status order by status`;
  return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
};

/** Begins a task whose fifteenth step waits for a lock. @returns once it waits */
async function inTheMiddle(token?: string) {
  const rule = await heldCalls();
  const locked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const locking = owner.begin(async (tx) => {
    await tx`select 1 from calls where id = (select id from calls where rule = ${rule} order by created_at, id
      offset ${lockedNth} limit 1) for update`;
    locked.resolve();
    await release.promise;
  });
  await locked.promise;
  const { body } = await ask<Task>(
    "/v1/calls/cancel",
    { filter: { rule }, reason: "a bulk edit", as_task: true },
    token,
  );
  const task = await shop.until(
    () => taskNow(body.id),
    ({ done }) => done === before,
  );
  expect(task).toMatchObject({ state: "running", matched: count, refused: [] });
  return {
    rule,
    id: body.id,
    async unlock() {
      release.resolve();
      await locking;
    },
  };
}

/** Entries of the calls of a rule: how many calls have them, and how many there are. */
async function entriesOf(rule: string, id: string): Promise<[calls: number, entries: number]> {
  const [row] = await owner<{ calls: number; entries: number }[]>`
    select count(distinct e.subject_id)::int as calls, count(*)::int as entries from calls c
    join entries e on e.subject = 'call' and e.subject_id = c.id::text and e.action = 'canceled' and e.data->>'task' = ${id}
    where c.rule = ${rule}`;
  return [row?.calls ?? 0, row?.entries ?? 0];
}

/** The connections that wait for a lock. */
const waiting = async (): Promise<number> => {
  const [row] = await owner<{ n: number }[]>`select count(distinct pid)::int as n from pg_locks l
    join pg_stat_activity a using (pid) where not granted and a.datname = current_database()`;
  return row?.n ?? 0;
};

test("A task whose workerd is killed in the middle of a step is finished by the next: each call is decided once.", async () => {
  const { rule, id, unlock } = await inTheMiddle();
  await shop.worker.kill("SIGKILL");
  await unlock();
  await shop.worker.restart();
  expect(await taskNow(id)).toMatchObject({ state: "running", done: before });
  await shop.worker.scheduled();
  const ended = await shop.until(
    () => taskNow(id),
    ({ state }) => state !== "running",
  );
  expect(ended).toMatchObject({ state: "done", matched: count, done: count, refused: [] });
  expect(await statuses(rule)).toEqual({ canceled: count });
  expect(await entriesOf(rule, id)).toEqual([count, count]);
});

test("A task that is canceled in the middle of a step ends behind that step, and the answer says what was done.", async () => {
  const { rule, id, unlock } = await inTheMiddle();
  const canceling = ask<Task>(`/v1/tasks/${id}/cancel`, { reason: "the wrong rule" });
  // The step waits for the call, and the cancellation for the step.
  await shop.until(waiting, (n) => n >= 2);
  await unlock();
  const { status, body } = await canceling;
  expect([status, body.state, body.done]).toEqual([200, "canceled", before + callsPerStepMax]);
  expect(await taskNow(id)).toMatchObject({ state: "canceled", done: body.done });
  expect(await statuses(rule)).toEqual({ canceled: body.done, held: count - body.done });
  expect(await entriesOf(rule, id)).toEqual([body.done, body.done]);
});

test("A task whose token is revoked in the middle of a step decides no call after that step, and says why it stopped.", async () => {
  const token = await shop.tokenFor(["calls:write"]);
  const { rule, id, unlock } = await inTheMiddle(token);
  const { jti } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
  const revoking = shop.api(`/v1/tokens/${jti}`, { method: "DELETE" });
  await shop.until(waiting, (n) => n >= 2);
  await unlock();
  expect((await revoking).status).toBe(204);
  const ended = await shop.until(
    () => taskNow(id),
    ({ state }) => state !== "running",
  );
  expect(ended).toMatchObject({ state: "stopped", detail: "task_token_ended", done: before + callsPerStepMax });
  expect(await statuses(rule)).toEqual({ canceled: ended.done, held: count - ended.done });
});

test("A replay as a task rings everybody once, from the line that it wakes.", async () => {
  const numbers = Array.from({ length: 60 }, (_, nth) => number(100 + nth));
  for (const phone of numbers) await shop.send({ name: `#${phone.slice(-4)}`, phone, tags: "" });
  await shop.until(
    async () =>
      (await ask<{ data: unknown[] }>(`/v1/events?source=${source}&state=ignored&limit=200`)).body.data.length,
    (ignored) => ignored === numbers.length,
  );
  const { when: _, ...always } = callMe;
  await put(shop, `/v1/sources/${source}/rules/call-me`, always);
  const body = { filter: { source, state: "ignored" }, reason: "the rule was wrong", as_task: true };
  const begun = await Promise.all([1, 2].map(() => ask<Task>("/v1/events/replay", body)));
  const ends = await Promise.all(
    begun.map(({ body: { id } }) =>
      shop.until(
        () => taskNow(id),
        ({ state }) => state !== "running",
      ),
    ),
  );
  expect(ends.map(({ state }) => state)).toEqual(["done", "done"]);
  expect(ends.reduce((sum, { done }) => sum + done, 0)).toBe(numbers.length);
  await shop.until(
    () => shop.rings().length,
    (rings) => rings >= numbers.length,
  );
  expect(
    shop
      .rings()
      .map((ring) => ring.number)
      .sort(),
  ).toEqual([...numbers].sort());
});
