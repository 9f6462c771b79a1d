/**
 * Access through the running product: tokens, scopes, masked fields, calls that a stolen token can place, and reachable
 * routes.
 */
import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { base64url, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadKeySets } from "../../../cli/install/keys.ts";
import { allScopes, type TokenScope } from "../../../cli/install/mint-token.ts";
import { writePrivate } from "../../../cli/local/files.ts";
import { apiRoutes } from "../../../src/http/api/api.ts";
import { hookScopes } from "../hooks/scopes.ts";
import { type Call, line, listenForOutcomes, number, openShop, put, type Shop, source } from "../shop.ts";

/** Host of the recordings, according to the simulator. */
const mediaHost = "media.mihu.example";

let shop: Shop;
let call: Call;
const alone = new Map<TokenScope, string>();

beforeAll(async () => {
  shop = await openShop({
    mihu: { call_ms: 200 },
    rule: { about: "{{ data.customer.first_name }} wrote: {{ data.note }}" },
    vars: { LINK_HOSTS: mediaHost },
  });
  for (const scope of allScopes) alone.set(scope, await shop.tokenFor([scope]));
  await listenForOutcomes(shop);
  await shop.send({ name: "#7001", phone: number(701), customer: { first_name: "Zebulina", last_name: "Nguyen" } });
  call = await shop.call("#7001", "ended");
});
afterAll(() => shop?.stop());

/** Asks with a token; an empty one is none at all. */
async function ask(path: string, token: string, init: { method?: string; json?: unknown } = {}) {
  const headers = token === "" ? { authorization: "" } : { authorization: `Bearer ${token}` };
  const answer = await shop.api(path, { ...init, headers, redirect: "manual" });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text };
}

const nowS = () => Math.floor(Date.now() / 1000);
const dayS = 86_400;

describe("a token", () => {
  type Forgery = {
    alg?: string;
    kid?: string;
    key?: string;
    iss?: string;
    aud?: string;
    iat?: number;
    exp?: number | null;
    jti?: string | null;
  };

  /** A token as the service issues it, with its deviation; its id is a stored one. */
  async function forge(deviation: Forgery = {}): Promise<string> {
    const [key] = shop.keys.TOKEN_KEYS;
    const stored = await issued("calls:read");
    const jti = deviation.jti === undefined ? stored.jti : deviation.jti;
    const jwt = new SignJWT({ scope: "calls:read" })
      .setProtectedHeader({ alg: deviation.alg ?? "HS256", kid: deviation.kid ?? key?.kid ?? "" })
      .setIssuer(deviation.iss ?? "hookline")
      .setAudience(deviation.aud ?? "hookline-api")
      .setIssuedAt(deviation.iat ?? nowS());
    if (deviation.exp !== null) jwt.setExpirationTime(deviation.exp ?? nowS() + 3_600);
    if (jti !== null) jwt.setJti(jti);
    return await jwt.sign(base64url.decode(deviation.key ?? key?.k ?? ""));
  }

  async function issued(...scopes: TokenScope[]): Promise<{ jti: string; token: string }> {
    const json = { name: "test", scopes, days: 1 };
    const answer = await shop.api("/v1/tokens", { method: "POST", json });
    return JSON.parse(await answer.text());
  }

  const unsigned = async () =>
    new UnsecuredJWT({ scope: "admin" })
      .setIssuer("hookline")
      .setAudience("hookline-api")
      .setIssuedAt()
      .setExpirationTime("1h")
      .setJti((await issued("admin")).jti)
      .encode();

  test("that is as the service makes them is good: so the forgeries below fail for what is wrong with them", async () => {
    expect((await ask("/v1/me", await forge())).status).toBe(200);
  });

  test.each<[string, () => Promise<string>]>([
    ["unsigned (alg none)", unsigned],
    ["signed by another algorithm (HS512)", () => forge({ alg: "HS512" })],
    ["signed by a key that is not known", () => forge({ kid: "nobody" })],
    ["signed by another key under a known name", () => forge({ key: base64url.encode(new Uint8Array(32)) })],
    ["signed by the key of sessions", () => forge({ key: shop.keys.SESSION_KEYS[0]?.k ?? "" })],
    ["signed by the key of sealing", () => forge({ key: shop.keys.SEALING_KEYS[0]?.k ?? "" })],
    ["for another audience", () => forge({ aud: "hookline-sessions" })],
    ["of another issuer", () => forge({ iss: "https://issuer.example" })],
    ["without an end", () => forge({ exp: null })],
    ["with an end beyond 90 days", () => forge({ exp: nowS() + 90 * dayS + 60 })],
    ["that has ended", () => forge({ iat: nowS() - 7_200, exp: nowS() - 60 })],
    ["without an id", () => forge({ jti: null })],
    ["with an id that was never issued", () => forge({ jti: randomUUID() })],
  ])("that is %s is refused by the API and by the sign-in, in the sentence of all others", async (_, make) => {
    const token = await make();
    const answer = await ask("/v1/me", token);
    expect([answer.status, JSON.parse(answer.text).detail]).toEqual([
      401,
      expect.stringMatching(/^A valid token is needed/),
    ]);
    const form = new URLSearchParams({ token });
    const signin = await shop.raw("/signin", { body: form, headers: { origin: shop.url }, redirect: "manual" });
    expect([signin.status, signin.headers.get("set-cookie")]).toEqual([401, null]);
    expect(shop.worker.logs()).not.toContain(token);
  });

  test("that was revoked is refused", async () => {
    const { jti, token } = await issued("calls:read");
    expect((await ask("/v1/me", token)).status).toBe(200);
    expect((await shop.api(`/v1/tokens/${jti}`, { method: "DELETE" })).status).toBe(204);
    expect((await ask("/v1/me", token)).status).toBe(401);
  });
});

describe("scopes", () => {
  /** Every route of the API, and the scopes of which one is enough; `+`: none is enough alone. */
  const routes: Readonly<Record<string, readonly TokenScope[]>> = {
    "GET /me": allScopes,
    "POST /tokens/self/renew": allScopes.filter((scope) => scope !== "admin"),
    "GET /balance": ["calls:read"],
    "GET /calls": ["calls:read"],
    "GET /calls/export": ["calls:read"],
    "GET /calls/:id": ["calls:read"],
    "GET /calls/:id/recording": ["pii:read"],
    "GET /calls/:id/receipt": ["calls:read"],
    "GET /audit/heads": ["calls:read", "admin"],
    "POST /audit/restored": ["admin"],
    "POST /calls": ["calls:write"],
    "POST /calls/cancel": ["calls:write"],
    "POST /calls/release": ["calls:write"],
    "POST /calls/resolve": ["calls:write"],
    "POST /calls/:id/cancel": ["calls:write"],
    "POST /calls/:id/release": ["calls:write"],
    "POST /calls/:id/resolve": ["calls:write"],
    "POST /calls/:id/again": ["calls:write"],
    "GET /find": ["calls:read"],
    "GET /orders": ["calls:read"],
    "GET /orders/evidence": ["calls:read"],
    "GET /statistics": ["calls:read"],
    "POST /orders/notes": ["calls:write"],
    "GET /review": ["calls:read"],
    "POST /calls/:id/assign": ["calls:write"],
    "GET /calls/:id/transcript": ["pii:read"],
    "GET /calls/:id/listen": ["pii:read"],
    "GET /events/:id/changes": ["calls:read"],
    "GET /audit/readings": ["admin"],
    "GET /audit/readings/export": ["admin"],
    "GET /events": ["calls:read"],
    "GET /events/export": ["calls:read"],
    "POST /events/replay": ["calls:write"],
    "GET /events/:id": ["calls:read"],
    "GET /lines": ["calls:read", "admin"],
    "GET /lines/:slug": ["calls:read", "admin"],
    "PUT /lines/:slug": ["admin"],
    "DELETE /lines/:slug": ["admin"],
    "POST /lines/pause": ["admin"],
    "POST /lines/resume": ["admin"],
    "POST /lines/:slug/pause": ["admin"],
    "POST /lines/:slug/resume": ["admin"],
    "POST /lines/:slug/connect": ["admin"],
    "POST /lines/:slug/webhook": ["admin"],
    "GET /sources": ["calls:read", "admin"],
    "GET /sources/:slug": ["calls:read", "admin"],
    "PUT /sources/:slug": ["admin"],
    "DELETE /sources/:slug": ["admin"],
    "GET /sources/:slug/rejections": ["calls:read", "admin"],
    "POST /sources/:slug/rejections/accept": ["admin"],
    "POST /sources/:slug/verify": ["admin"],
    "POST /sources/:slug/preview": ["admin"],
    "POST /sources/:slug/rehearse": ["admin"],
    "POST /sources/:slug/fetch-now": ["admin"],
    "POST /sources/:slug/pause": ["admin"],
    "POST /sources/:slug/resume": ["admin"],
    "POST /sources/:slug/secrets": ["admin"],
    "DELETE /sources/:slug/secrets/:id": ["admin"],
    "GET /presets": ["calls:read", "admin"],
    "GET /presets/:name": ["calls:read", "admin"],
    "POST /reseal": ["admin"],
    "GET /sources/:slug/rules": ["calls:read", "admin"],
    "GET /sources/:slug/rules/:name": ["calls:read", "admin"],
    "GET /sources/:slug/rules/:name/versions": ["calls:read", "admin"],
    "PUT /sources/:slug/rules/:name": ["admin"],
    "DELETE /sources/:slug/rules/:name": ["admin"],
    "GET /suppressions": ["calls:read"],
    "GET /suppressions/export": ["calls:read"],
    // A request that names a number also needs `pii:read`.
    "POST /suppressions": [],
    "DELETE /suppressions/:number": [],
    // The scope for an event; a number needs pii:read as well.
    "POST /erasures": ["admin"],
    "GET /tokens": ["admin"],
    "POST /tokens": ["admin"],
    "DELETE /tokens/:jti": ["admin"],
    "GET /config": ["admin"],
    "PUT /config": ["admin"],
    ...hookScopes,
    "GET /feed": ["calls:read", "admin"],
  };

  test("are named here for every route that the API has", () => {
    const known = apiRoutes().routes.filter(({ method }) => method !== "ALL" && method !== "HEAD");
    const names = known.map(({ method, path }) => `${method} ${path.replace(/\/$/, "")}`);
    expect([...new Set(names)].sort()).toEqual(Object.keys(routes).sort());
  });

  test.each(Object.entries(routes))("%s is refused to a token that lacks what it needs (%j)", async (route, enough) => {
    const [method = "", pattern = ""] = route.split(" ");
    const path = `/v1${pattern}`
      .replace(":id", randomUUID())
      .replace(":jti", randomUUID())
      .replace(":slug", "nothing")
      .replace(":name", "nothing")
      .replace(":number", "%2B14155550100");
    const body = { "POST /suppressions": { number: number(1), reason: "asked" } }[route] ?? {};
    const json = method === "POST" || method === "PUT" ? { json: body } : {};
    for (const [scope, token] of alone) {
      if (enough.includes(scope)) continue;
      const answer = await ask(path, token, { method, ...json });
      expect([scope, answer.status, JSON.parse(answer.text).code]).toEqual([scope, 403, "forbidden"]);
    }
    for (const scope of method === "GET" ? enough : []) {
      const { status } = await ask(path, alone.get(scope) ?? "");
      expect([401, 403]).not.toContain(status);
    }
    expect((await ask(path, "", { method, ...json })).status).toBe(401);
  });
});

describe("without pii:read", () => {
  /** Values of the call that nobody without the scope may see in any form. */
  const hidden = () => [
    number(701).slice(2),
    "Zebulina",
    "Nguyen",
    "kettle",
    "example.com",
    mediaHost,
    "You are Michael",
  ];

  test.each<[string, () => string, number]>([
    ["a list of calls", () => "/v1/calls", 4],
    ["one call with its timeline", () => `/v1/calls/${call.id}`, 4],
    ["an order", () => "/v1/orders?order_number=7001", 4],
    ["a list of events", () => "/v1/events", 0],
    ["calls as CSV", () => "/v1/calls/export?format=csv", 4],
    ["calls as JSON Lines", () => "/v1/calls/export?format=jsonl", 4],
    ["events as CSV", () => "/v1/events/export?format=csv", 0],
    ["one event", () => `/v1/events/${call.event_id}`, 5],
  ])("%s holds neither number, text, link nor payload, and with it does", async (_, path, shownMin) => {
    const open = await ask(path(), shop.token);
    const blind = await ask(path(), alone.get("calls:read") ?? "");
    expect([open.status, blind.status]).toEqual([200, 200]);
    expect(hidden().filter((text) => blind.text.includes(text))).toEqual([]);
    expect(hidden().filter((text) => open.text.includes(text)).length).toBeGreaterThanOrEqual(shownMin);
  });

  test("a search by number is refused, whether there is such a call or not", async () => {
    const answers = [];
    for (const wanted of [number(701), "+14155550999"])
      answers.push(await ask(`/v1/calls?number=${encodeURIComponent(wanted)}`, alone.get("calls:read") ?? ""));
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    expect(answers[0]?.text).toBe(answers[1]?.text);
    const open = await ask(`/v1/calls?number=${encodeURIComponent(number(701))}`, shop.token);
    expect(JSON.parse(open.text).data).toMatchObject([{ id: call.id }]);
  });

  test("a suppressed number and a rule's test number are masked", async () => {
    await shop.api("/v1/suppressions", { method: "POST", json: { number: number(702), reason: "Ada Nguyen asked" } });
    const rule = { mode: "test", test_number: number(703), on: ["x"], line, number: "{{ data.phone }}", about: "x" };
    await put(shop, `/v1/sources/${source}/rules/tried`, rule);
    for (const path of [
      "/v1/suppressions",
      "/v1/suppressions/export?format=csv",
      `/v1/sources/${source}/rules`,
      "/v1/sources",
    ]) {
      const { status, text } = await ask(path, alone.get("calls:read") ?? "");
      expect([path, status]).toEqual([path, 200]);
      for (const secret of [number(702), number(703), "Ada"]) expect(text).not.toContain(secret.replace("+1", ""));
    }
  });

  test("no recording can be opened; with it one is led there and an entry says who", async () => {
    const path = `/v1/calls/${call.id}/recording`;
    expect((await ask(path, alone.get("calls:read") ?? "")).status).toBe(403);
    const answer = await ask(path, shop.token);
    expect(answer.status).toBe(302);
    expect(new URL(answer.headers.get("location") ?? "").hostname).toBe(mediaHost);
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const { timeline } = JSON.parse((await ask(`/v1/calls/${call.id}`, shop.token)).text);
    expect(timeline.filter(({ action }: { action?: string }) => action === "recording_read")).toHaveLength(1);
  });
});

describe("a stolen calls:write token", () => {
  const post = async (json: object) => {
    const answer = await ask("/v1/calls", alone.get("calls:write") ?? "", { method: "POST", json });
    return { status: answer.status, body: JSON.parse(answer.text) };
  };
  const about = "They wait for us.";

  test.each([
    ["Jamaica, which is +1 as well", "+18765550142", "country_not_allowed"],
    ["a country that the line does not name", "+442079460018", "country_not_allowed"],
    ["a premium number", "+19005550142", "number_refused"],
    ["an emergency number", "911", "number_refused"],
    ["a suppressed number", number(710), "suppressed"],
  ])("rings no %s", async (_, wanted, reason) => {
    await shop.api("/v1/suppressions", { method: "POST", json: { number: number(710), reason: "asked" } });
    const { status, body } = await post({ line, number: wanted, about });
    expect([status, body.status, body.reason]).toEqual([202, "skipped", reason]);
    expect(shop.rings(wanted)).toEqual([]);
  });

  test("rings no more than the line may in a day; the rest waits, and the line says why", async () => {
    await put(shop, "/v1/lines/short", { agent: "short", calls_per_day: 2, calls_per_minute: 600, countries: ["US"] });
    for (let index = 720; index < 726; index++)
      expect((await post({ line: "short", number: number(index), about })).status).toBe(202);
    const lineNow = async () => JSON.parse((await ask("/v1/lines/short", shop.token)).text);
    await shop.until(lineNow, ({ calls_today }) => calls_today === 2);
    await shop.worker.scheduled();
    const waiting = await shop.calls("line=short&status=queued");
    expect(waiting).toHaveLength(4);
    expect((await lineNow()).warnings.join(" ")).toContain("calls_per_day` is reached");
    expect(shop.simulator.rings().filter(({ agentId }) => agentId === "short").length).toBeLessThanOrEqual(2);
  });
});

describe("what is reachable at all", () => {
  test("readiness says what is wrong in detail only to a token, and a token that is not good is none", async () => {
    shop.simulator.setFaults({ missing_agents: ["gone"] });
    await put(shop, "/v1/lines/sleepy", { agent: "gone", countries: ["US"] });
    const wanted = { line: "sleepy", number: number(740), about: "x" };
    await shop.api("/v1/calls", { method: "POST", json: wanted });
    await shop.until(
      async () => (await ask("/readyz", "")).text,
      (text) => text.includes("degraded"),
    );
    for (const token of ["", "abc"]) {
      const { text } = await ask("/readyz", token);
      expect(JSON.parse(text)).toEqual({
        status: "degraded",
        reason: "line_paused",
        severity: "error",
        places_calls: true,
        takes_webhooks: true,
      });
    }
    const detail = JSON.parse((await ask("/readyz", alone.get("calls:read") ?? "")).text);
    expect(detail.paused_lines).toMatchObject([{ line: "sleepy", reason: "agent_missing", severity: "error" }]);
  });

  test("the door of a source that was removed answers as if there were none, and its calls are found as before", async () => {
    const left = { preset: "generic", secrets: ["whsec_of-a-merchant-who-left-us"], country: "US", settings: {} };
    await put(shop, "/v1/sources/left", left);
    const knock = async () => (await shop.raw("/in/left", { body: "{}" })).status;
    expect(await knock()).toBe(401);
    expect((await ask("/v1/sources/left", shop.token, { method: "DELETE" })).status).toBe(200);
    await shop.until(knock, (status) => status === 404);
    expect((await ask("/v1/sources/left", shop.token)).status).toBe(200);
    await put(shop, "/v1/sources/left", left);
    await shop.until(knock, (status) => status === 401);
  });

  test("the simulator listens on loopback alone, and its controls answer no browser", async () => {
    const { hostname, port } = new URL(shop.simulator.url);
    expect(hostname).toBe("127.0.0.1");
    const outside = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    for (const { address } of outside)
      await expect(
        fetch(`http://${address}:${port}/__rings`, { signal: AbortSignal.timeout(2_000) }),
      ).rejects.toThrow();
    const answers = await Promise.all([
      fetch(`${shop.simulator.url}/__rings`, { headers: { origin: "https://evil.example" } }),
      fetch(`${shop.simulator.url}/__reset`, { method: "POST", headers: { "sec-fetch-site": "cross-site" } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
  });

  test("files that hold tokens and keys are their owner's alone, also where one lay open before", () => {
    const dir = mkdtempSync(join(tmpdir(), "hookline-files-"));
    const before = process.umask(0);
    try {
      const path = join(dir, "dev.json");
      writeFileSync(path, "{}");
      chmodSync(path, 0o666);
      writePrivate(path, "{}");
      loadKeySets(join(dir, "state"));
      const modes = [path, join(dir, "state", "keys.json"), join(dir, "state")].map(
        (one) => statSync(one).mode & 0o777,
      );
      expect(modes).toEqual([0o600, 0o600, 0o700]);
    } finally {
      process.umask(before);
      rmSync(dir, { recursive: true });
    }
  });
});

test("Nothing of all this is in the log: no number, no text, no token, no secret.", () => {
  const logs = shop.worker.logs();
  for (const secret of [shop.token, ...alone.values(), number(701).slice(2), number(710).slice(2), "Nguyen", "kettle"])
    expect(logs).not.toContain(secret);
});
