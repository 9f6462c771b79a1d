/** This version on the schema of the frozen former one: requests that need more of it say so, and change nothing. */
import { expect, test } from "vitest";
import { answersHeld } from "../../answers.ts";
import { startDeployWorld } from "../../chaos/deploys/world.ts";
import { askApi } from "../../chaos/world/world.ts";

answersHeld.toDescription = false;

const secret = "q7Wz3Rk9Lm2Xv8Tn";
const source = { preset: "bearer", secrets: [secret], country: "US" };
const line = { agent: "a", calls_per_minute: 100, calls_at_once: 10, calls_per_day: 1_000, countries: ["US"] };
const rule = { mode: "live", line: "early", number: "{{ data.phone }}", about: "About {{ data.order }}." };
const hook = { target_url: "https://hooks.example.com/a", events: ["call.*"] };
const nobody = "6f3c1c5e-0000-4000-8000-000000000001";

/** Every kind of change, and some readings. */
const requests: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ["PUT", "/v1/sources/early", source],
  ["PUT", "/v1/sources/other", source],
  ["POST", "/v1/sources/early/secrets", { value: "another-secret-of-the-source-1" }],
  ["POST", "/v1/sources/early/pause", { reason: "a test" }],
  ["PUT", "/v1/sources/early/rules/call", rule],
  ["DELETE", "/v1/sources/early/rules/call"],
  ["PUT", "/v1/lines/early", { ...line, calls_at_once: 5 }],
  ["POST", "/v1/lines/early/pause", { reason: "a test" }],
  ["POST", "/v1/tokens", { name: "a script", scopes: ["calls:read"], days: 1 }],
  ["POST", "/v1/suppressions", { number: "+14155550188", reason: "asked" }],
  ["PUT", "/v1/config", { lines: { early: line } }],
  ["POST", "/v1/hooks", hook],
  ["DELETE", `/v1/hooks/${nobody}`],
  ["GET", "/v1/hooks"],
  ["GET", "/v1/calls"],
  ["GET", "/v1/sources"],
  ["GET", "/v1/events"],
  ["GET", "/v1/feed"],
  ["GET", "/v1/tasks"],
];

test("Without its migrations this version refuses a change with 503 and `migrations_missing`, and nothing is changed; afterwards a missing table is its own fault.", async () => {
  const world = await startDeployWorld(3, { workers: ["present"], formerHosts: [] });
  try {
    const { url } = world.worker("present").worker;
    await askApi(world, "PUT", "/v1/lines/early", line, world.worker("former"));
    await askApi(world, "PUT", "/v1/sources/early", source, world.worker("former"));
    const ask = async (method: string, path: string, body?: unknown) => {
      const answer = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${world.token}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, code: (text.startsWith("{") ? JSON.parse(text) : {}).code, text, answer };
    };
    const stored = async () => {
      const tables = ["sources", "secrets", "rules", "lines", "suppressions", "tokens", "entries"];
      const found: Record<string, unknown> = {};
      for (const table of tables) found[table] = await world.owner`select * from ${world.owner(table)} order by 1, 2`;
      return found;
    };

    const refused: string[] = [];
    for (const [method, path, body] of requests) {
      const before = await stored();
      const { status, code, text, answer } = await ask(method, path, body);
      const name = `${method} ${path}`;
      if (status < 500) continue;
      expect([name, status, code, answer.headers.has("retry-after")], text).toEqual([
        name,
        503,
        "migrations_missing",
        true,
      ]);
      expect(text).toContain("hookline migrate");
      expect([name, await stored()]).toEqual([name, before]);
      refused.push(name);
    }
    const certain = ["PUT /v1/sources/early/rules/call", "PUT /v1/config", "POST /v1/hooks", "GET /v1/hooks"];
    expect(refused).toEqual(expect.arrayContaining(certain));

    const webhook = await fetch(`${url}/in/early`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", "idempotency-key": "1" },
      body: JSON.stringify({ phone: "+14155550123", order: "1" }),
    });
    expect([webhook.status, await webhook.text()]).toEqual([202, expect.stringContaining("events")]);
    const page = await fetch(`${url}/signin`, {
      method: "POST",
      redirect: "manual",
      headers: { origin: url, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ token: world.token }),
    });
    const cookie = page.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const shown = cookie === "" ? page : await fetch(`${url}/`, { headers: { cookie, accept: "text/html" } });
    expect([shown.status, await shown.text()]).toEqual([503, expect.stringContaining("hookline migrate")]);

    await world.migrate();
    await world.owner`alter table hooks rename to hooks_gone`;
    const bug = await ask("GET", "/v1/hooks");
    expect([bug.status, bug.code]).toEqual([500, "internal"]);
  } finally {
    await world.stop();
  }
}, 120_000);
