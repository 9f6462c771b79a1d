/** Problems of hooks: which hooks are named, by what, and which are left alone. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { verdictOn } from "../../../src/domain/hooks/retries.ts";
import type { Posted } from "../../../src/ports/hooks/deliveries.ts";
import { dispatchStore } from "../../../src/store/hooks/dispatch.ts";
import { hookProblems, hooksBehind } from "../../../src/store/hooks/hook-problems.ts";
import { hookStore } from "../../../src/store/hooks/hooks.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import { type World, world } from "../world/world.ts";

let w: World;
let client: KeptClient;
beforeAll(async () => {
  w = await world("line-a");
  client = keptClient(w.url, () => {});
});
afterAll(async () => {
  client.drop();
  await w.close();
});
afterEach(async () => {
  await w.owner`delete from hooks`;
  await w.owner`delete from deliveries`;
  await w.owner`delete from tokens`;
});

const problems = async () => [...(await hookProblems(client.sql())), ...(await hooksBehind(client.sql()))];
const codes = async () => (await problems()).map(({ code }) => code).sort();
const secretUrl = "https://user@hooks.example.com:8443/catch/s3cret-path?token=s3cret";

async function token(name: string, scopes: string[], endsInS = 3_600): Promise<void> {
  await w.owner`insert into tokens (jti, name, scopes, expires_at)
    values (${randomUUID()}, ${name}, ${scopes}, now() + ${endsInS} * interval '1 second')`;
}
async function hook(owner: string, more: Record<string, unknown> = {}): Promise<string> {
  const row = { owner, target_url: `${secretUrl}&n=${randomUUID()}`, events: ["call.*"], format: "webhook", ...more };
  const [made] =
    await w.owner`insert into hooks ${w.owner({ payload: "full", sealed: "sealed", ...row })} returning id`;
  return String(made?.id);
}
async function pending(hookId: string, dueForS: number, more: Record<string, unknown> = {}): Promise<string> {
  const next_at = new Date(Date.now() - dueForS * 1_000);
  const row = { hook: hookId, type: "call.ended", body: "{}", personal: false, next_at, ...more };
  const [made] = await w.owner`insert into deliveries ${w.owner(row)} returning id`;
  return String(made?.id);
}
const named = (id: string) => `hooks.example.com:8443 (hook ${id})`;

describe("a hook", () => {
  test("that works, or that a person paused, is no problem", async () => {
    await token("zapier", ["hooks:write"]);
    await pending(await hook("zapier"), 10);
    await pending(await hook("zapier", { state: "paused", state_reason: "hook_paused" }), 3_600);
    expect(await codes()).toEqual([]);
  });

  test("that is disabled is named by its host and id, and never by its URL", async () => {
    await token("zapier", ["hooks:write"]);
    const id = await hook("zapier", { state: "disabled", state_reason: "receiver_gone" });
    const found = await problems();
    expect(found).toEqual([{ code: "hook_disabled", since: expect.any(Number), count: 1, rows: [named(id)] }]);
    expect(JSON.stringify(found)).not.toMatch(/s3cret|user/);
  });

  test("that was told as failing is named once, until it succeeds", async () => {
    await token("zapier", ["hooks:write"]);
    const id = await hook("zapier", { failing_since: new Date(), told_at: new Date() });
    expect(await problems()).toMatchObject([{ code: "hook_failing", rows: [named(id)] }]);
    await w.owner`update hooks set failing_since = null, told_at = null`;
    expect(await codes()).toEqual([]);
  });

  test.each([
    ["expired", "zapier", ["hooks:write"], -60, ["hook_waits"]],
    ["without the scope", "zapier", ["calls:read"], 60, ["hook_waits"]],
    ["of another name", "make", ["hooks:write"], 60, ["hook_waits"]],
    ["good", "zapier", ["hooks:write"], 60, []],
  ])("whose owner's token is %s waits only while deliveries wait", async (_, name, scopes, endsInS, expected) => {
    await token(name, scopes, endsInS);
    const id = await hook("zapier");
    expect(await codes()).toEqual([]);
    const delivery = await pending(id, 5);
    expect(await codes()).toEqual(expected);
    await w.owner`update deliveries set state = 'delivered', next_at = null, done_at = now() where id = ${delivery}`;
    expect(await codes()).toEqual([]);
  });

  test("is named among ten at most, with the count of all", async () => {
    for (let nth = 0; nth < 13; nth++) await hook("zapier", { state: "disabled", state_reason: "failing_for_days" });
    const [found] = await problems();
    expect([found?.count, found?.rows.length]).toEqual([13, 10]);
  });

  test("for people is named by the domain of its address", async () => {
    const id = await hook("ops", {
      ...{ target_url: "mailto:erika@example.com", format: "email", state: "disabled", state_reason: "receiver_gone" },
    });
    expect((await problems())[0]?.rows).toEqual([`example.com (hook ${id})`]);
  });
});

describe("hooks are behind", () => {
  const old = (seconds: number) => w.owner`insert into entries (at, subject, subject_id, action, actor)
    values (clock_timestamp() - ${seconds} * interval '1 second', 'line', 'line-a', 'read', 'test')`;
  const toPresent = () => w.owner`update outbox set tx = pg_snapshot_xmin(pg_current_snapshot()), entry = 0`;

  test("if settled entries stand behind the mark for more than five minutes, and only while there is a hook", async () => {
    await toPresent();
    await old(400);
    await expect.poll(codes).toEqual([]);
    await token("zapier", ["hooks:write"]);
    await hook("zapier");
    // A transaction of another test's database may hold entries up, one that makes a database for long.
    await expect.poll(codes, { timeout: 50_000 }).toEqual(["hooks_behind"]);
    expect(await problems()).toMatchObject([{ count: 1, rows: [] }]);
    await toPresent();
    expect(await codes()).toEqual([]);
    await old(200);
    await expect.poll(codes).toEqual([]);
  });

  test("if a delivery is due for as long, is not under way, and its receiver works", async () => {
    await toPresent();
    await token("zapier", ["hooks:write"]);
    const works = await hook("zapier");
    await pending(works, 200);
    await pending(await hook("zapier", { failing_since: new Date() }), 3_600);
    const underWay = await pending(works, 400, { lease_until: new Date(Date.now() + 30_000) });
    expect(await codes()).toEqual([]);
    // The receiver asked for a pause before the first event of a call, so the second has to wait as well.
    const call = randomUUID();
    await pending(works, -3_600, { call, entry: 1 });
    await pending(works, 400, { call, entry: 2 });
    expect(await codes()).toEqual([]);
    await w.owner`update deliveries set lease_until = now() - interval '1 second' where id = ${underWay}`;
    expect(await problems()).toMatchObject([{ code: "hooks_behind", count: 1, rows: [named(works)] }]);
  });
});

describe("entries about a hook", () => {
  const posted = (status: number | null, error: string | null): Posted => ({
    ...{ at: Date.now(), ms: 5, status, error, answer: "", retryAfterMs: null },
  });

  test("name its host, the reason and the answer's status, and never its URL", async () => {
    await token("zapier", ["hooks:write"]);
    const hooks = hookStore(client.sql());
    const wish = {
      owner: "zapier",
      targetUrl: secretUrl,
      format: "webhook",
      events: ["call.*"],
      condition: null,
    } as const;
    const made = await hooks.add(
      { ...wish, payload: "full", headerNames: [], description: null },
      "sealed",
      "test",
      10,
    );
    if (typeof made === "string") throw new Error(made);
    await hooks.change(made.id, { description: "changed" }, "sealed", "test");
    await hooks.pause(made.id, "lunch of +14155550123", "test");
    await hooks.resume(made.id, "test");
    const dispatch = dispatchStore(client.sql);
    const record = async (status: number | null, error: string | null, tries: number) => {
      const id = await pending(made.id, 1, { tries: tries - 1 });
      const answer = posted(status, error);
      await dispatch.record([
        { id, hook: made.id, recorded: tries - 1, posted: answer, verdict: verdictOn(answer, tries, 0) },
      ]);
    };
    await record(null, "receiver_silent", 3);
    // A hook recovers once nothing is left that fails again and again.
    await w.owner`update deliveries set state = 'given_up', next_at = null, done_at = now() where state = 'pending'`;
    await record(200, null, 1);
    await record(503, null, 3);
    await record(410, null, 1);
    await hooks.remove(made.id, "test");
    const entries =
      await w.owner`select action, reason, data from entries where subject = 'hook' and subject_id = ${made.id} order by id`;
    expect(entries.map(({ action, reason, data }) => [action, reason, data.detail ?? null])).toEqual([
      ["created", null, null],
      ["changed", null, null],
      ["paused", "lunch of [number]", null],
      ["resumed", null, null],
      ["failing", "receiver_silent", null],
      ["recovered", null, null],
      ["failing", "receiver_failed", "HTTP 503"],
      ["disabled", "receiver_gone", "HTTP 410"],
      ["removed", null, null],
    ]);
    expect(entries.map(({ data }) => data.host)).toEqual(entries.map(() => "hooks.example.com:8443"));
    expect(JSON.stringify(entries)).not.toMatch(/s3cret|user@/);
  });
});
