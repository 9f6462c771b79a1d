/**
 * Requests without valid credentials to every route open no connection to Postgres. Also clients that close the
 * connection early.
 */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../../src/http/app.ts";
import type { ApiDeps } from "../../../src/http/deps.ts";
import { createPages } from "../../../src/pages/app.tsx";
import type { PageDeps } from "../../../src/pages/deps.ts";
import { type FaultyWire, faultyWire } from "../../chaos/world/wire.ts";
import { port } from "../../flows/ports.ts";
import { openShop, type Shop } from "../shop.ts";

const id = "0b0f7b0e-8f3b-4c56-9d1e-3a1f5a2b7c11";

/** Every route of the API and the pages, with values for its parameters. */
const routes = [
  ...new Set(
    createApp(
      () => port<ApiDeps>({}),
      createPages(() => port<PageDeps>({})),
    )
      .routes.filter(({ method, path }) => method !== "ALL" && !path.includes("*"))
      .map(({ method, path }) => `${method} ${path.replace(/:(?:id|jti)/g, id).replace(/:\w+/g, "acme")}`),
  ),
];

let shop: Shop;
let wire: FaultyWire;
let variants: [string, Record<string, string>][];

beforeAll(async () => {
  shop = await openShop({
    async through(databaseUrl) {
      const url = new URL(databaseUrl);
      wire = await faultyWire(Number(url.port));
      url.port = String(wire.port);
      return url.href;
    },
  });
  const [key] = shop.keys.TOKEN_KEYS;
  const jwt = async (kid: string, secret: string, until = "1d") =>
    `Bearer ${await new SignJWT({ scope: "admin" })
      .setProtectedHeader({ alg: "HS256", kid })
      .setIssuer("hookline")
      .setAudience("hookline-api")
      .setJti(id)
      .setIssuedAt()
      .setExpirationTime(until)
      .sign(Buffer.from(secret, "base64url"))}`;
  const other = Buffer.alloc(32, 7).toString("base64url");
  const [head = "", body = ""] = (await jwt(key?.kid ?? "", other)).slice("Bearer ".length).split(".");
  variants = [
    ["no token", {}],
    ["a token that is none", { authorization: "Bearer guessed" }],
    ["a token of an unknown key", { authorization: await jwt("nobody", other) }],
    ["a token that another key signed", { authorization: await jwt(key?.kid ?? "", other) }],
    ["a token without a signature", { authorization: `Bearer ${head}.${body}.` }],
    ["a token that has expired", { authorization: await jwt(key?.kid ?? "", key?.k ?? "", "-1h") }],
    ["a made-up cookie", { cookie: `__Host-session=${"A".repeat(43)}.${"A".repeat(43)}` }],
    ["a cookie of a former form", { cookie: `__Host-session=${"A".repeat(43)}` }],
  ];
  // The list of names is there, and the word about readiness has its connection.
  for (const path of ["/in/guess", "/readyz"]) await (await shop.raw(path, { body: "x" })).body?.cancel();
});
afterAll(async () => {
  await shop?.stop();
  await wire?.close();
});

/** Waits until nobody has opened a connection for longer than the notary waits for more. */
async function quiet(): Promise<void> {
  for (let before = -1; before !== wire.opened(); ) {
    before = wire.opened();
    await sleep(6_000);
  }
}

/** Asks, and gives the status. Forms and JSON have a body that fits. */
async function ask(method: string, path: string, headers: Record<string, string>): Promise<number> {
  const isForm = path.startsWith("/sign");
  const sent = new Headers({ origin: shop.url, ...headers });
  if (method === "POST" || method === "PUT")
    sent.set("content-type", isForm ? "application/x-www-form-urlencoded" : "application/json");
  const body = method === "POST" || method === "PUT" ? { body: isForm ? "token=guessed" : "{}" } : {};
  const answer = await fetch(shop.url + path, { method, headers: sent, redirect: "manual", ...body });
  await answer.body?.cancel();
  return answer.status;
}

describe("a stranger", () => {
  test("costs no connection to Postgres on any route, with no token, a bad token or a bad cookie", async () => {
    expect(routes.length).toBeGreaterThan(60);
    await quiet();
    const asked = [
      ...routes,
      ...["HEAD /", "OPTIONS /v1/calls", "GET /openapi.json", "PATCH /v1/calls", "GET /v1/nothing", "POST /in/guess"],
      ...[
        "GET /in/guess?data=1",
        "PUT /in/guess",
        "POST /in/api",
        "POST /in/guess/key",
        "HEAD /in/guess",
        "GET /nothing",
      ],
    ].filter((route) => route !== "GET /readyz");
    const opened: string[] = [];
    const failed: string[] = [];
    for (const [name, headers] of variants)
      for (const route of asked) {
        const [method = "", path = ""] = route.split(" ");
        const before = wire.opened();
        const status = await ask(method, path, headers);
        if (wire.opened() !== before) opened.push(`${route}, ${name}`);
        if (status >= 500) failed.push(`${route}, ${name}: ${status}`);
      }
    expect([opened, failed]).toEqual([[], []]);
  });

  test("who guesses keys of Mihu's webhooks for seconds costs one question of one object, however many are guessed", async () => {
    await quiet();
    const before = wire.opened();
    const statuses = new Set<number>();
    // Guesses are judged anew each second, and the object's list counts for half a minute.
    for (let second = 0; second < 5; second++) {
      const asked = Array.from({ length: 100 }, (_, nth) => ask("POST", `/in/mihu/guessed-${second}-${nth}`, {}));
      for (const status of await Promise.all(asked)) statuses.add(status);
      await sleep(1_000);
    }
    expect(statuses).toEqual(new Set([404]));
    expect(wire.opened() - before).toBeLessThanOrEqual(1);
  });

  test("who floods a known source with bad signatures opens no connection but its inbox's, and each is counted and told", async () => {
    await quiet();
    const before = wire.opened();
    let next = 0;
    const statuses = new Set<number>();
    const knock = async () => {
      while (next++ < 1_000)
        statuses.add(await ask("POST", "/in/acme-orders", { "x-shopify-hmac-sha256": "d3Jvbmc=" }));
    };
    await Promise.all(Array.from({ length: 100 }, knock));
    // The status is 503 if too many requests had to be compared with the present source.
    expect([...statuses].filter((status) => status !== 401 && status !== 503)).toEqual([]);
    expect(wire.opened() - before).toBeLessThanOrEqual(3);
    const minutes = async () => {
      const answer = await shop.api("/v1/sources/acme-orders/rejections");
      return ((await answer.json()) as { minutes: Record<string, number>[] }).minutes;
    };
    const counted = (of: Record<string, number>[]) => of.reduce((sum, one) => sum + (one.failed_signatures ?? 0), 0);
    const found = await shop.until(minutes, (of) => counted(of) >= (statuses.has(503) ? 30 : 1_000), 10_000);
    expect(found[0]?.not_stored).toBeGreaterThan(0);
    const { problems } = (await (await shop.api("/readyz")).json()) as { problems: { code: string; rows: string[] }[] };
    // After five minutes of these tests nobody has swept.
    expect(problems.filter(({ code }) => code !== "sweep_silent")).toMatchObject([
      { code: "signatures_failed", severity: "warning", rows: ["acme-orders"] },
    ]);
  });

  test.each([
    ["POST", "/in/acme-orders"],
    ["POST", "/in/mihu/guessed"],
    ["POST", "/v1/calls"],
    ["PUT", "/v1/config"],
    ["POST", "/signin"],
  ])("who goes away within the body of %s %s is a line at debug, and no error", async (method, path) => {
    for (const length of ["content-length: 1000", "transfer-encoding: chunked"]) {
      const linesBefore = shop.worker.logs().split("\n").length;
      // An overloaded inbox may report the flood of the previous test late.
      const news = () =>
        shop.worker
          .logs()
          .split("\n")
          .slice(linesBefore - 1)
          .filter((line) => !line.includes('"code":"TOO_LATE"'))
          .join("\n");
      await goAway(method, path, length);
      await shop.until(news, (text) => text.includes("closed its request"));
      expect(news()).not.toMatch(/"level":"(?:warn|error)"/);
      expect(news()).toContain('"level":"debug"');
    }
  });
});

/** Sends the beginning of a body, and closes the connection. */
async function goAway(method: string, path: string, length: string): Promise<void> {
  const { port: to, hostname } = new URL(shop.url);
  const type = path === "/signin" ? "application/x-www-form-urlencoded" : "application/json";
  await new Promise<void>((done) => {
    const socket = connect(Number(to), hostname, async () => {
      socket.write(
        [
          `${method} ${path} HTTP/1.1`,
          "host: hookline",
          `authorization: Bearer ${shop.token}`,
          `origin: ${shop.url}`,
          `content-type: ${type}`,
          length,
          "",
          length.startsWith("transfer") ? "5\r\nhello\r\n" : "hello",
        ].join("\r\n"),
      );
      await sleep(150);
      socket.destroy();
      done();
    });
  });
}
