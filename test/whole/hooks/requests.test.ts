/** Requests about hooks that are refused: by their scopes, by their names, by what they say. */
import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allScopes, type TokenScope } from "../../../cli/install/mint-token.ts";
import { routesOfApi } from "../../../dev/openapi/routes.ts";
import { operations } from "../../../src/http/api/operations/operations.ts";
import { openShop, type Shop } from "../shop.ts";
import { subscribed } from "./receiver.ts";
import { hookScopes } from "./scopes.ts";

let shop: Shop;
const alone = new Map<TokenScope, string>();
beforeAll(async () => {
  shop = await openShop();
  for (const scope of allScopes) alone.set(scope, await named(scope, scope));
});
afterAll(() => shop?.stop());

/** A token of its own name. */
async function named(name: string, ...scopes: TokenScope[]): Promise<string> {
  const answer = await shop.api("/v1/tokens", { method: "POST", json: { name, scopes, days: 1 } });
  const { token } = (await answer.json()) as { token?: string };
  if (token === undefined) throw new Error(`no token: ${answer.status}`);
  return token;
}

async function ask(method: string, path: string, token: string, json?: unknown) {
  const headers = { authorization: token === "" ? "" : `Bearer ${token}` };
  const answer = await shop.api(path, { method, headers, redirect: "manual", ...(json === undefined ? {} : { json }) });
  const text = await answer.text();
  return { status: answer.status, json: text.startsWith("{") ? JSON.parse(text) : null };
}

describe("each operation of the description", () => {
  const routes = routesOfApi().map((route) => ({ ...route, name: route.name.replace(/\/$/, "") }));
  const ofHooks = routes.filter(({ path }) => /^\/(?:hooks|deliveries|tasks)(?:\/|$)/.test(path));

  test("about hooks is in the table, with the scopes that the route names", () => {
    const said = Object.fromEntries(ofHooks.map(({ name, scopes }) => [name, [...scopes].sort()]));
    const written = Object.entries(hookScopes).map(([name, scopes]) => [name, [...scopes].sort()]);
    expect(said).toEqual(Object.fromEntries(written));
  });

  test.each(routes.filter(({ scopes }) => scopes.length > 0).map((route) => [route.name, route] as const))(
    "%s refuses no token, and a token whose only scope is another",
    async (name, { method, path, scopes }) => {
      const at = `/v1${path.replace(/:(?:id|jti)/g, randomUUID()).replace(/:\w+/g, "nothing")}`;
      const json = ["POST", "PUT", "PATCH"].includes(method) ? {} : undefined;
      expect((await ask(method, at, "", json)).status).toBe(401);
      for (const [scope, token] of alone) {
        const { status } = await ask(method, at, token, json);
        const isAllowed = (hookScopes[name] ?? scopes).includes(scope);
        // A second scope may be missing for this request.
        const mayLack = isAllowed && operations[name]?.alsoNeeds !== undefined;
        if (!mayLack) expect([scope, status === 403]).toEqual([scope, !isAllowed]);
        expect(status).toBeLessThan(500);
      }
    },
  );
});

describe("a token with hooks:write", () => {
  const target = (path: string) => `https://hooks.zapier.com/${path}`;
  const saved = async (token: string, json: object) =>
    await ask("POST", "/v1/hooks", token, { target_url: target(randomUUID()), events: ["call.*"], ...json });

  test("sees and changes the hooks of its own name alone; one with admin those of all", async () => {
    const [zap, make] = [await named("zap", "hooks:write"), await named("make", "hooks:write")];
    const hook = await subscribed(shop, target("own"), {}, zap);
    const other = await subscribed(shop, target("own"), {}, make);
    expect(other.id).not.toBe(hook.id);
    const listed = async (token: string) =>
      (await ask("GET", "/v1/hooks", token)).json.data.map(({ id }: { id: string }) => id) as string[];
    expect(await listed(zap)).toEqual([hook.id]);
    expect(await listed(alone.get("admin") ?? "")).toEqual(expect.arrayContaining([hook.id, other.id]));
    const foreign: [string, string, unknown?][] = [
      ["GET", ""],
      ["PATCH", "", { description: "mine" }],
      ["POST", "/rotate"],
      ["POST", "/pause", { reason: "x" }],
      ["POST", "/resume"],
      ["POST", "/test"],
      ["POST", "/redeliver", { since: "2026-01-01" }],
      ["GET", "/deliveries"],
    ];
    for (const [method, path, json] of foreign)
      expect([path, (await ask(method, `/v1/hooks/${hook.id}${path}`, make, json)).status]).toEqual([path, 404]);
    // A removal answers the same, and removes nothing.
    expect((await ask("DELETE", `/v1/hooks/${hook.id}`, make)).status).toBe(204);
    expect(await listed(zap)).toEqual([hook.id]);
    const sent = await ask("POST", `/v1/hooks/${hook.id}/test`, zap);
    expect((await ask("GET", `/v1/deliveries/${sent.json.id}`, make)).status).toBe(404);
    expect((await ask("POST", `/v1/deliveries/${sent.json.id}/redeliver`, make)).status).toBe(404);
    const task = await ask("POST", `/v1/hooks/${hook.id}/redeliver`, zap, { since: "2026-01-01" });
    expect((await ask("GET", `/v1/tasks/${task.json.id}`, make)).status).toBe(404);
    expect((await ask("GET", `/v1/tasks/${task.json.id}`, zap)).status).toBe(200);
  });

  test.each(["line.*", "line.paused", "source.silent", "hook.failing", "hook.*", "*"])(
    "hears nothing of %s, which needs admin",
    async (pattern) => {
      const zap = alone.get("hooks:write") ?? "";
      const events = ["call.ended", pattern];
      expect((await saved(zap, { events })).status).toBe(403);
      const { json } = await saved(zap, {});
      expect((await ask("PATCH", `/v1/hooks/${json.id}`, zap, { events })).status).toBe(403);
      expect((await saved(alone.get("admin") ?? "", { events })).status).toBe(201);
    },
  );

  test("has no messages to people, and no numbers without pii:read", async () => {
    const zap = alone.get("hooks:write") ?? "";
    expect((await saved(zap, { format: "slack", events: ["call.review"] })).status).toBe(403);
    expect((await saved(zap, { format: "email", events: ["call.review"] })).status).toBe(403);
    expect((await saved(zap, { payload: "full_with_pii" })).status).toBe(403);
    expect((await saved(alone.get("admin") ?? "", { payload: "full_with_pii" })).status).toBe(403);
    expect((await saved(await named("both", "hooks:write", "pii:read"), { payload: "full_with_pii" })).status).toBe(
      201,
    );
  });
});

describe("a request that cannot be", () => {
  const good = { target_url: "https://hooks.zapier.com/x", events: ["call.*"] };
  type Errors = { path?: (string | number)[]; reason?: string; line?: number; column?: number }[];

  test.each<[string, object, string, RegExp]>([
    ["an unknown event", { events: ["call.*", "call.end"] }, "events.1", /unknown event "call\.end".*call\.ended/],
    ["no event", { events: [] }, "events.0", /at least one/],
    ["33 events", { events: Array(33).fill("call.*") }, "events.32", /at most 32/],
    ["plain http", { target_url: "http://hooks.zapier.com/x" }, "target_url", /https/],
    ["no URL", { target_url: "zapier" }, "target_url", /is not a URL/],
    ["a user", { target_url: "https://a:b@hooks.zapier.com/x" }, "target_url", /user or a password/],
    ["a fragment", { target_url: "https://hooks.zapier.com/x#a" }, "target_url", /fragment/],
    ...[
      ...[
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "0xa9fea9fe",
        "2852039166",
        "0251.0376.0251.0376",
      ],
      ...[
        "[fd00::1]",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "metadata.google.internal",
        "metadata",
      ],
      ...["db.svc", "printer.local", "169.254.169.254.nip.io", "10.1", "hooks.zapier.com."],
    ].map((host): [string, object, string, RegExp] => [
      host,
      { target_url: `https://${host}/x` },
      "target_url",
      /must/,
    ]),
    ["a target of 2,049", { target_url: `https://zapier.com/${"x".repeat(2_030)}` }, "target_url", /2048|URL/],
    ["a condition of 2,001", { when: `"${"x".repeat(1_999)}" == ""` }, "when", /2000/],
    ["a reserved header", { headers: { Host: "x" } }, "headers.Host", /reserved/],
    ["Cookie", { headers: { cookie: "x" } }, "headers.cookie", /reserved/],
    ["content-*", { headers: { "content-length": "1" } }, "headers.content-length", /reserved/],
    ["transfer-*", { headers: { "Transfer-Encoding": "chunked" } }, "headers.Transfer-Encoding", /reserved/],
    ["webhook-*", { headers: { "webhook-signature": "v1" } }, "headers.webhook-signature", /reserved/],
    ["hookline-*", { headers: { "hookline-x": "v1" } }, "headers.hookline-x", /reserved/],
    ["CRLF in a value", { headers: { "x-a": "a\r\nhost: b" } }, "headers.x-a", /characters/],
    ["CRLF in a name", { headers: { "x-a\r\n": "a" } }, "headers.x-a\r\n", /name of a header/],
    ["a field that is not known", { secret: "mine" }, "secret", /./],
  ])("%s is refused, with its path", async (_, deviation, path, reason) => {
    const { status, json } = await ask("POST", "/v1/hooks", shop.token, { ...good, ...deviation });
    expect(status).toBe(422);
    const errors = json.errors as Errors;
    expect(errors.map((one) => one.path?.join("."))).toContain(path);
    expect(errors.map((one) => one.reason).join(" ")).toMatch(reason);
  });

  test("a condition that does not compile is refused with its line and column", async () => {
    const when = 'data.line == "a"\n  && data.nope(1';
    const { status, json } = await ask("POST", "/v1/hooks", shop.token, { ...good, when });
    expect(status).toBe(422);
    expect(json.errors).toMatchObject([{ path: ["when"], line: 2, column: expect.any(Number) }]);
  });

  test("Hookline's own address is no target, whatever its spelling", async () => {
    const { port } = new URL(shop.url);
    for (const host of ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "2130706433", "127.1"])
      expect([
        host,
        (await ask("POST", "/v1/hooks", shop.token, { ...good, target_url: `http://${host}:${port}/v1/calls` })).status,
      ]).toEqual([host, 422]);
  });

  test("a body of 256 KB is refused before it is read", async () => {
    const { status, json } = await ask("POST", "/v1/hooks", shop.token, { ...good, description: "x".repeat(300_000) });
    expect([400, 413]).toContain(status);
    expect(json.code).toBeDefined();
  });

  test("one hook more than a thousand is refused; a repetition of one of them is not", async () => {
    const owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
    await owner`insert into hooks (owner, target_url, format, events, payload, sealed)
      select 'many', 'https://zapier.com/' || n, 'webhook', '{call.*}', 'full', 's' from generate_series(1, 1000) n`;
    await owner.end();
    const many = await named("many", "hooks:write");
    const more = await ask("POST", "/v1/hooks", many, { ...good, target_url: "https://zapier.com/1001" });
    expect([more.status, more.json.code]).toEqual([409, "too_many_hooks"]);
    expect((await ask("POST", "/v1/hooks", many, { ...good, target_url: "https://zapier.com/7" })).status).toBe(200);
  });
});
