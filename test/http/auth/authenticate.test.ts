import { Hono } from "hono";
import { SignJWT } from "jose";
import { expect, test } from "vitest";
import { authenticate } from "../../../src/http/auth/authenticate.ts";
import type { ApiDeps, AppEnv } from "../../../src/http/deps.ts";
import { keyedSessions } from "../../../src/pages/signin/sessions.ts";
import { port } from "../../flows/ports.ts";

const key = { kid: "t1", k: "A".repeat(42).padEnd(43, "E") };
const other = { kid: "t1", k: "B".repeat(42).padEnd(43, "E") };
const startMs = Date.UTC(2026, 10, 23, 12);

function token({ kid, k }: typeof key, algorithm = "HS256", until = "1h"): Promise<string> {
  return new SignJWT({ scope: "admin" })
    .setProtectedHeader({ alg: algorithm, kid })
    .setIssuer("hookline")
    .setAudience("hookline-api")
    .setJti("0b0f7b0e-8f3b-4c56-9d1e-3a1f5a2b7c11")
    .setIssuedAt(startMs / 1_000)
    .setExpirationTime(new Date(startMs + (until === "1h" ? 3_600_000 : -3_600_000)))
    .sign(Buffer.from(k, "base64url"));
}

/** An API whose stores nobody may open: a client of Postgres would be made for them. */
function api() {
  const clock = { ms: startMs, now: () => clock.ms };
  const lines: unknown[] = [];
  const deps = port<ApiDeps>({
    clock,
    tokenKeys: [key],
    log: { debug() {}, warn() {}, error() {}, info: (_, fields) => void lines.push(fields) },
    get stores(): ApiDeps["stores"] {
      throw new Error("the stores were opened");
    },
  });
  const app = new Hono<AppEnv>();
  app.onError((error) => new Response(error.message, { status: 500 }));
  app.use(async (c, next) => {
    c.set("deps", deps);
    await next();
  });
  app.use(authenticate);
  app.get("/", (c) => c.text("in"));
  const ask = async (authorization: string) => (await app.request("/", { headers: { authorization } })).status;
  return { clock, lines, ask };
}

test("no store is opened for a request without a token, or with one that we did not sign", async () => {
  const { ask } = api();
  const [head = "", body = "", mac = ""] = (await token(key)).split(".");
  const refused = [
    ...["", "Bearer", "Bearer guessed", "Bearer a.b.c", `Bearer ${"a".repeat(10_000)}`, "Basic YTpi"],
    ...[`Bearer ${head}.${body}.`, `Bearer ${head}.${body}`, `Bearer ${head}..${mac}`, `Bearer .${body}.${mac}`],
    ...[`Bearer ${await token(other)}`, `Bearer ${await token({ ...key, kid: "t2" })}`],
    ...[`Bearer ${await token(key, "HS512")}`, `Bearer ${await token(key, "HS256", "ended")}`],
  ];
  for (const one of refused) expect([one, await ask(one)]).toEqual([one, 401]);
  // One of ours is looked up.
  expect(await ask(`Bearer ${await token(key)}`)).toBe(500);
});

test("a thousand refused tokens in a second are one line of the log for each reason", async () => {
  const { ask, lines, clock } = api();
  const wrong = await token(other);
  clock.ms += 10_000;
  for (let nth = 0; nth < 500; nth++) {
    await ask("Bearer guessed");
    await ask(`Bearer ${wrong}`);
    clock.ms += 1;
  }
  expect(lines).toHaveLength(2);
  clock.ms += 1_000;
  await ask("Bearer guessed");
  expect(lines.slice(2)).toEqual([{ reason: "malformed", left_out: 499 }]);
});

test("no store is opened for a cookie that we did not make", async () => {
  const sessions = keyedSessions(() => {
    throw new Error("the store was opened");
  }, [key]);
  const madeUp = "A".repeat(43);
  for (const cookie of [
    "",
    madeUp,
    `${madeUp}.${madeUp}`,
    `${madeUp}.`,
    `.${madeUp}`,
    `${madeUp}.${madeUp}.${madeUp}`,
  ]) {
    expect(await sessions.find(cookie)).toBeNull();
    await sessions.end(cookie);
  }
});
