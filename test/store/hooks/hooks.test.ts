/** Hooks that are made by several requests at once, and tasks that were stopped. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { subscribe } from "../../../src/flows/hooks/subscribe.ts";
import { deliveryStore } from "../../../src/store/hooks/delivery-lookups.ts";
import { writeHooks } from "../../../src/store/hooks/file-hooks.ts";
import { hookStore, insertHook, lockNumberOfHooks } from "../../../src/store/hooks/hooks.ts";
import { redeliveryStore } from "../../../src/store/hooks/redeliveries.ts";
import { connect, type Sql } from "../../../src/store/postgres/connection.ts";
import { taskStore } from "../../../src/store/tasks/tasks.ts";
import { type HooksWorld, hooksWorld, wish } from "../world/hooks.ts";
import { waitsForLock } from "../world/locks.ts";
import { entriesSettled } from "../world/settled.ts";

let w: HooksWorld;
let second: Sql;
beforeEach(async () => {
  w = await hooksWorld();
  second = connect(w.url, { idleSeconds: 20, connectSeconds: 5 }, () => {});
});
afterEach(async () => {
  await second.end();
  await w.end();
});

/** Seals nothing: a test of statements. */
const sealer = {
  seal: async (text: string) => `${randomUUID()} ${text}`,
  open: async (sealed: string) => ({ ok: true as const, text: sealed.slice(37) }),
};
const ask = (sql: Sql, request: Parameters<typeof subscribe>[2], newSecret = false) =>
  subscribe(
    { hooks: hookStore(sql), sealer, newSecret: () => `whsec_${randomUUID()}` },
    { owner: "zap", targetUrl: "https://zap.com/1", newSecret },
    request,
    "test",
  );

describe("requests for the same hook at once", () => {
  it.each<[string, object]>([
    ["alone", {}],
    ["with headers", { headers: { "x-key": "secret" } }],
    ["with a condition", { when: 'data.line == "a"' }],
  ])("%s make one hook, and one of them has its secret", async (_, more) => {
    for (let round = 0; round < 5; round++) {
      await w.owner`delete from hooks`;
      const request = { events: ["call.*"], ...more };
      const answers = await Promise.all([ask(w.app, request), ask(second, request), ask(w.app, request)]);
      expect(answers.map(({ ok }) => ok)).toEqual([true, true, true]);
      expect(answers.filter((one) => one.ok && one.made && one.secret !== null)).toHaveLength(1);
      expect(await w.hooks.list(null)).toHaveLength(1);
    }
  });

  it("that each want a new secret answer with a secret that signs", async () => {
    await ask(w.app, { events: ["call.*"] });
    const answers = await Promise.all([
      ask(w.app, { events: ["call.*"] }, true),
      ask(second, { events: ["call.*"] }, true),
    ]);
    const [hook] = await w.hooks.list(null);
    const { secret, former } = JSON.parse(hook?.sealed.slice(37) ?? "{}");
    const given = answers.flatMap((one) => (one.ok && one.secret !== null ? [one.secret] : []));
    expect(given).toHaveLength(2);
    expect(new Set(given)).toEqual(new Set([secret, former]));
  });

  it("that repeat what is so change nothing, and write no entry", async () => {
    const request = { events: ["call.*"], headers: { "x-key": "secret" } };
    await ask(w.app, request);
    const [before] = await w.hooks.list(null);
    await ask(w.app, request);
    expect(await w.hooks.list(null)).toEqual([before]);
    expect(await w.owner`select action from entries where subject = 'hook'`).toEqual([{ action: "created" }]);
  });
});

describe("the limit of hooks", () => {
  it("refuses one more, and not a repetition of one that exists", async () => {
    expect(await w.hooks.add(wish, "s", "test", 1)).toMatchObject({ targetUrl: wish.targetUrl });
    expect(await w.hooks.add({ ...wish, targetUrl: "https://zap.com/2" }, "s", "test", 1)).toBe("too_many");
    expect(await ask(w.app, { events: ["call.ended"] })).toMatchObject({ ok: true, made: false });
  });

  it("gives the last place to one of two requests at once, through the API and a file alike", async () => {
    const [{ pid } = { pid: 0 }] = await second<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const asked = { ...wish, targetUrl: "https://zap.com/2" };
    const adding = await w.app.begin(async (tx) => {
      await lockNumberOfHooks(tx);
      expect(await insertHook(tx, wish, "s", "test", 1)).toMatchObject({ targetUrl: wish.targetUrl });
      const other = hookStore(second).add(asked, "s", "test", 1);
      await waitsForLock(w.owner, pid);
      return { other };
    });
    expect(await adding.other).toBe("too_many");
    const writing = await w.app.begin(async (tx) => {
      await lockNumberOfHooks(tx);
      const other = second.begin((file) => writeHooks(file, [{ do: "add", wish: asked, sealed: "s" }], "test"));
      await waitsForLock(w.owner, pid);
      return { other };
    });
    expect(await writing.other).toMatchObject([{ targetUrl: asked.targetUrl }]);
  });
});

describe("the first hook", () => {
  it("moves the mark to the present, and no later hook does", async () => {
    await w.owner`insert into entries (subject, subject_id, action, actor) values ('line', 'a', 'paused', 'test')`;
    const [{ tx } = { tx: "0" }] = await w.owner<
      { tx: string }[]
    >`select max(tx::text::bigint)::text as tx from entries where action = 'paused'`;
    await entriesSettled(w.owner);
    await w.hook();
    const { mark } = await w.one.hooks(null);
    expect(BigInt(mark.tx)).toBeGreaterThan(BigInt(tx));
    await w.hook();
    expect((await w.one.hooks(null)).mark).toEqual(mark);
  });
});

describe("a redelivery", () => {
  const all = { sinceMs: 0, all: true };
  const by = { actor: "test", token: randomUUID() };
  beforeEach(async () => {
    await w.owner`insert into tokens (jti, name, scopes, expires_at)
      values (${by.token}, 'anna', '{hooks:write}', now() + interval '1 day')`;
  });

  async function ended(count: number): Promise<string> {
    const hook = await w.hook();
    await w.deliver(hook, ...Array.from({ length: count }, (_, nth) => ({ entry: nth + 1 })));
    await w.owner`update deliveries set state = case when entry % 2 = 0 then 'delivered' else 'given_up' end,
      next_at = null, done_at = now() where hook = ${hook}`;
    return hook;
  }
  const pending = async (hook: string) => (await w.deliveries(hook)).filter(({ state }) => state === "pending").length;

  it("of many goes on where it was stopped, and makes each due once", async () => {
    const hook = await ended(7);
    const begun = await deliveryStore(w.app).beginRedelivery(hook, all, by);
    expect(begun).toMatchObject({ total: 7, done: 0, state: "running" });
    // A dispatcher that is killed between two parts leaves the mark in the row.
    expect(await redeliveryStore(() => w.app).advance(3)).toEqual({ hook });
    expect(await pending(hook)).toBe(3);
    await w.owner`update deliveries set state = 'delivered', next_at = null, done_at = now() where state = 'pending'`;
    expect(await redeliveryStore(() => second).advance(3)).toEqual({ hook });
    expect(await redeliveryStore(() => second).advance(3)).toEqual({ hook });
    expect(await redeliveryStore(() => second).advance(3)).toBeNull();
    expect(await pending(hook)).toBe(4);
    expect(await taskStore(w.app).find(begun?.id ?? "")).toMatchObject({ state: "done", done: 7 });
  });

  it("without `all` is of what the hook did not get, and keeps the tries of before", async () => {
    const hook = await ended(4);
    await w.owner`update deliveries set tries = 10`;
    await deliveryStore(w.app).beginRedelivery(hook, { sinceMs: 0, all: false }, by);
    await redeliveryStore(() => w.app).advance(100);
    const claimed = await w.one.claim([hook], 10);
    expect(claimed.map(({ tries, recorded }) => [tries, recorded])).toEqual([
      [0, 10],
      [0, 10],
    ]);
  });

  it("by two dispatchers at once is no redelivery twice", async () => {
    const hook = await ended(40);
    const begun = await deliveryStore(w.app).beginRedelivery(hook, all, by);
    for (let part = 0; part < 8; part++)
      await Promise.all([redeliveryStore(() => w.app).advance(7), redeliveryStore(() => second).advance(7)]);
    expect(await taskStore(w.app).find(begun?.id ?? "")).toMatchObject({ state: "done", done: 40 });
  });

  it("of a hook that is removed meanwhile ends", async () => {
    const hook = await ended(4);
    const begun = await deliveryStore(w.app).beginRedelivery(hook, all, by);
    await redeliveryStore(() => w.app).advance(2);
    await w.hooks.remove(hook, "test");
    await redeliveryStore(() => w.app).advance(2);
    expect(await taskStore(w.app).find(begun?.id ?? "")).toMatchObject({ state: "done" });
    expect(await deliveryStore(w.app).beginRedelivery(hook, all, by)).toBeNull();
    expect(await deliveryStore(w.app).test(hook, "hook.test", "{}", "test")).toBeNull();
  });

  it("is canceled once, and what is due stays due", async () => {
    const hook = await ended(9);
    const begun = await deliveryStore(w.app).beginRedelivery(hook, all, by);
    await redeliveryStore(() => w.app).advance(3);
    const ends = await Promise.all(
      [w.app, second].map((sql) => taskStore(sql).cancel(begun?.id ?? "", "test", "enough")),
    );
    expect(ends.filter((end) => end !== null)).toMatchObject([{ state: "canceled", done: 3 }]);
    expect(await redeliveryStore(() => w.app).advance(3)).toBeNull();
    expect(await pending(hook)).toBe(3);
  });

  it("stops once its token is revoked, and says why", async () => {
    const hook = await ended(9);
    const begun = await deliveryStore(w.app).beginRedelivery(hook, all, by);
    await redeliveryStore(() => w.app).advance(3);
    await w.owner`update tokens set revoked_at = now() where jti = ${by.token}`;
    await redeliveryStore(() => w.app).advance(3);
    expect(await taskStore(w.app).find(begun?.id ?? "")).toMatchObject({
      ...{ state: "stopped", detail: "task_token_ended", done: 3 },
    });
    expect(await pending(hook)).toBe(3);
    expect(
      await w.owner`select action, reason from entries where subject = 'task' and subject_id = ${begun?.id ?? ""}`,
    ).toEqual([{ action: "stopped", reason: "task_token_ended" }]);
  });
});
