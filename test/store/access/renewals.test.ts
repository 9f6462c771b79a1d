/** Tokens that renew themselves, and the warning before the end of one that nobody renews. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { checkTokens } from "../../../cli/install/doctor-service.ts";
import { dayMs, problemRowsNamedMax } from "../../../src/domain/limits.ts";
import { endingTokens, tokenStore } from "../../../src/store/access/tokens.ts";
import { runHookline } from "../../command-line.ts";
import { type Beside, serviceBeside } from "../world/beside.ts";
import { waitsForLock } from "../world/locks.ts";
import { served } from "../world/served.ts";

let beside: Beside;
let api: Beside["api"];
let owner: Beside["owner"];
beforeAll(async () => {
  beside = await serviceBeside();
  ({ api, owner } = beside);
});
afterAll(() => beside.close());

let names = 0;
type Minted = { jti: string; name: string; scopes: string[]; expires_at: string; token: string };
async function mint(more: object = {}): Promise<Minted> {
  const made = await api.ask("POST", "/v1/tokens", {
    name: `zap-${++names}`,
    scopes: ["calls:write"],
    days: 30,
    ...more,
  });
  expect(made.status).toBe(201);
  return made.json;
}
const renew = (token: string) => api.ask("POST", "/v1/tokens/self/renew", undefined, token);
const asks = async (token: string) => (await api.ask("GET", "/v1/me", undefined, token)).status;
const entriesOf = async (jti: string) =>
  (
    await owner`select action, actor, data from entries where subject = 'token' and subject_id = ${jti} order by id`
  ).map(({ action, actor, data }) => [action, actor, data]);
/** Moves a token's times, and makes the service forget the row. */
async function move(jti: string, change: { expires?: string; created?: string; revoked?: boolean }) {
  await owner`update tokens set
    expires_at = case when ${change.expires ?? null}::text is null then expires_at else now() + ${change.expires ?? "0"}::text::interval end,
    created_at = case when ${change.created ?? null}::text is null then created_at else now() - ${change.created ?? "0"}::text::interval end,
    revoked_at = case when ${change.revoked ?? false} then now() else revoked_at end where jti = ${jti}`;
}

describe("a token that renews itself", () => {
  test("gets a token with its name, scopes and lifetime, and stays valid for a day", async () => {
    const old = await mint({ scopes: ["calls:write", "hooks:write"] });
    await move(old.jti, { created: "10 days", expires: "20 days" });
    const { status, json } = await renew(old.token);
    expect([status, json]).toMatchObject([201, { name: old.name, scopes: old.scopes, replaces: { jti: old.jti } }]);
    expect(json.jti).not.toBe(old.jti);
    expect(Math.abs(Date.parse(json.expires_at) - Date.now() - 30 * dayMs)).toBeLessThan(60_000);
    expect(Math.abs(Date.parse(json.replaces.expires_at) - Date.now() - dayMs)).toBeLessThan(60_000);
    expect([await asks(old.token), await asks(json.token)]).toEqual([200, 200]);
    const me = await api.ask("GET", "/v1/me", undefined, json.token);
    expect(me.json).toMatchObject({ jti: json.jti, name: old.name, scopes: old.scopes });
    const actor = `token:${old.jti}`;
    expect((await entriesOf(old.jti)).at(-1)).toMatchObject(["renewed", actor, { successor: json.jti }]);
    expect(await entriesOf(json.jti)).toMatchObject([["created", actor, { name: old.name, renews: old.jti }]]);
    await move(old.jti, { expires: "-1 second" });
    await renew(json.token);
    expect((await renew(old.token)).status).toBe(401);
  });

  test("that ends sooner than in a day keeps its own end", async () => {
    const old = await mint();
    await move(old.jti, { expires: "1 hour", created: "29 days 23 hours" });
    const { json } = await renew(old.token);
    expect(Math.abs(Date.parse(json.replaces.expires_at) - Date.now() - 3_600_000)).toBeLessThan(60_000);
  });

  test("of the longest life gets one that is good, and not a second longer", async () => {
    const old = await mint({ days: 90 });
    await move(old.jti, { created: "5 seconds" });
    const { json } = await renew(old.token);
    expect(await asks(json.token)).toBe(200);
    expect(Date.parse(json.expires_at)).toBeLessThanOrEqual(Date.now() + 90 * dayMs);
  });

  test("and asks again, because the answer was lost, gets the same one, and no other is made", async () => {
    const old = await mint();
    const [first, ...more] = [await renew(old.token), await renew(old.token), await renew(old.token)];
    expect(more.map(({ status, json }) => [status, json.jti])).toEqual([1, 2].map(() => [201, first?.json.jti]));
    expect(more.map(({ json }) => json.expires_at)).toEqual([1, 2].map(() => first?.json.expires_at));
    expect(await asks(more[1]?.json.token)).toBe(200);
    expect(await owner`select count(*)::int as n from tokens where name = ${old.name}`).toEqual([{ n: 2 }]);
    expect((await entriesOf(old.jti)).map(([action]) => action)).toEqual(["created", "renewed", "renewed", "renewed"]);
  });

  test("twice at once gets one token twice", async () => {
    const old = await mint();
    const [{ pid }] = await beside.client.sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
    const wish = { jti: old.jti, successor: crypto.randomUUID(), scopes: old.scopes, nowMs: Date.now() };
    const both = await owner.begin(async (tx) => {
      const first = await tokenStore(tx as unknown as typeof owner).renew(wish, "token:test");
      const second = tokenStore(beside.client.sql()).renew(wish, "token:test");
      await waitsForLock(tx, pid);
      return { first, second };
    });
    const second = await both.second;
    expect([both.first.kind, second.kind]).toEqual(["renewed", "renewed"]);
    expect(await owner`select count(*)::int as n from tokens where name = ${old.name}`).toEqual([{ n: 2 }]);
  });

  test("ends at once when the new one is renewed, so that two of a line are valid at most", async () => {
    const first = await mint();
    const second = (await renew(first.token)).json;
    const early = await renew(second.token);
    expect([early.status, early.json.code, Number(early.headers.get("retry-after"))]).toEqual([
      429,
      "not_now",
      expect.closeTo(3_600, -2),
    ]);
    await move(second.jti, { created: "61 minutes" });
    const third = await renew(second.token);
    expect(third.status).toBe(201);
    expect((await renew(first.token)).status).toBe(401);
    expect((await entriesOf(first.jti)).at(-1)).toMatchObject([
      "revoked",
      `token:${second.jti}`,
      { sessions_ended: 0 },
    ]);
    const valid = await owner`select jti from tokens where name = ${first.name} and revoked_at is null`;
    expect(valid.map(({ jti }) => jti).sort()).toEqual([second.jti, third.json.jti].sort());
  });

  test("never ends the token of the administrator who made it", async () => {
    const minting = await mint({ scopes: ["admin", "calls:write"] });
    const made = await api.ask("POST", "/v1/tokens", { name: "x", scopes: ["calls:write"], days: 1 }, minting.token);
    expect((await renew(made.json.token)).status).toBe(201);
    expect(await owner`select revoked_at from tokens where jti = ${minting.jti}`).toEqual([{ revoked_at: null }]);
  });

  test("is refused with the scope admin, however it is asked for", async () => {
    const old = await mint({ scopes: ["admin", "calls:write"] });
    expect((await renew(old.token)).json).toMatchObject({ code: "forbidden", detail: expect.stringMatching(/admin/) });
    const wish = { jti: old.jti, successor: crypto.randomUUID(), scopes: ["calls:write"], nowMs: Date.now() };
    expect(await tokenStore(owner).renew(wish, "token:test")).toEqual({ kind: "admin" });
  });

  test.each<[string, Parameters<typeof move>[1]]>([
    ["revoked", { revoked: true }],
    ["expired", { expires: "-1 second" }],
  ])("is refused once it is %s, also where it was seen a moment ago", async (_, change) => {
    const old = await mint();
    expect(await asks(old.token)).toBe(200);
    await move(old.jti, change);
    expect((await renew(old.token)).json.code).toBe("unauthenticated");
    expect(await owner`select count(*)::int as n from tokens where name = ${old.name}`).toEqual([{ n: 1 }]);
  });

  test("is told so if its successor was revoked, and gets no other", async () => {
    const old = await mint();
    const { json } = await renew(old.token);
    expect((await api.ask("DELETE", `/v1/tokens/${json.jti}`)).status).toBe(204);
    const again = await renew(old.token);
    expect([again.status, again.json.code, again.json.detail]).toMatchObject([403, "forbidden", /was revoked/]);
    expect(await owner`select count(*)::int as n from tokens where name = ${old.name}`).toEqual([{ n: 2 }]);
  });

  test("gets no scope that it lost", async () => {
    const old = await mint({ scopes: ["calls:write", "calls:read"] });
    expect(await asks(old.token)).toBe(200);
    await owner`update tokens set scopes = '{calls:read}' where jti = ${old.jti}`;
    expect((await renew(old.token)).status).toBe(403);
    expect((await renew(old.token)).json.scopes).toEqual(["calls:read"]);
  });
});

describe("the end of a token that nobody renews", () => {
  beforeEach(async () => {
    await owner`update tokens set revoked_at = now() where name like 'zap-%' or name = 'x'`;
  });
  const told = async () => (await endingTokens(owner))[0];
  const readyz = async () => {
    const { status, json } = await api.ask("GET", "/readyz");
    return { status, problem: json.problems.find(({ code }: { code: string }) => code === "token_ends") };
  };

  test("is told from 14 days before, by the token's name, and `/readyz` stays 200", async () => {
    const ending = await mint();
    expect((await readyz()).problem).toBeUndefined();
    await move(ending.jti, { expires: "14 days 1 minute", created: "15 days" });
    expect((await readyz()).problem).toBeUndefined();
    await move(ending.jti, { expires: "13 days 23 hours", created: "15 days" });
    const { status, problem } = await readyz();
    expect([status, problem]).toMatchObject([200, { severity: "warning", count: 1, rows: [ending.name] }]);
    expect(Math.abs(Date.parse(problem.since) - Date.now())).toBeLessThan(2 * 3_600_000);
    expect(JSON.stringify(problem)).not.toContain(ending.jti);
    const listed = (await api.ask("GET", "/v1/tokens")).json.data.find(({ jti }: Minted) => jti === ending.jti);
    expect(listed).toMatchObject({ ends_soon: true, replaced_by: null });
  });

  test.each<[string, (ending: Minted) => Promise<unknown>]>([
    ["that it renewed itself", ({ token }) => renew(token)],
    ["that has a newer one of its name", ({ name }) => mint({ name, days: 30 })],
    ["that was revoked", ({ jti }) => move(jti, { revoked: true })],
    ["that has expired", ({ jti }) => move(jti, { expires: "-1 second" })],
    ["that was made for 14 days", ({ jti }) => move(jti, { created: "9 days", expires: "5 days" })],
  ])("is not told of one %s", async (_, settle) => {
    const ending = await mint();
    await move(ending.jti, { expires: "5 days", created: "25 days" });
    expect((await told())?.rows).toEqual([ending.name]);
    await settle(ending);
    expect(await told()).toBeUndefined();
  });

  test("is told if the newer one of its name ends soon as well", async () => {
    const ending = await mint();
    await move(ending.jti, { expires: "5 days", created: "25 days" });
    await mint({ name: ending.name, days: 10 });
    expect((await told())?.rows).toEqual([ending.name]);
  });

  test("is told of ten names at most, with the count of all", async () => {
    const all: string[] = [];
    for (let index = 0; index < 12; index++) {
      const { jti, name } = await mint();
      await move(jti, { expires: `${index + 1} days`, created: "25 days" });
      all.push(name);
    }
    expect(await told()).toMatchObject({ count: 12, rows: all.slice(0, problemRowsNamedMax) });
  });

  test("stands in the list of tokens and in the doctor's findings, and a replaced one says by which", async () => {
    const [ending, replaced] = [await mint(), await mint()];
    await move(ending.jti, { expires: "5 days", created: "25 days" });
    await move(replaced.jti, { expires: "5 days", created: "25 days" });
    const { json: newer } = await renew(replaced.token);
    const here = await served(api);
    const token = await api.token("admin");
    const listed = await runHookline(["tokens"], { HOOKLINE_URL: here.url, HOOKLINE_TOKEN: token });
    const line = (jti: string) => listed.out.split("\n").find((one) => one.startsWith(jti)) ?? "";
    expect(line(ending.jti)).toContain("ends soon");
    expect(line(replaced.jti)).toContain(`replaced by ${newer.jti}`);
    expect(line(newer.jti)).not.toMatch(/ends soon|replaced/);
    const findings = await checkTokens({ url: here.url, token, from: "environment" }, Date.now());
    const warned = findings.filter(({ state }) => state === "warning").map(({ text }) => text);
    expect(warned.filter((text) => text.includes(ending.name))).toHaveLength(1);
    expect(warned.filter((text) => text.includes(replaced.name))).toEqual([]);
    await here.close();
  });
});
