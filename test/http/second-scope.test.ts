/** Requests that need a second scope: the API's description names it, and the route refuses a token that has only the first. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { root } from "../../cli/local/paths.ts";
import { routesOfApi } from "../../dev/openapi/routes.ts";
import { callBulkRoutes } from "../../src/http/api/calls/call-bulk.ts";
import { callRoutes } from "../../src/http/api/calls/calls.ts";
import { erasureRoutes } from "../../src/http/api/calls/erasures.ts";
import { suppressionRoutes } from "../../src/http/api/calls/suppressions.ts";
import { hookRoutes } from "../../src/http/api/hooks/hooks.ts";
import { operations } from "../../src/http/api/operations/operations.ts";
import type { ApiDeps, AppEnv } from "../../src/http/deps.ts";
import type { HookRow } from "../../src/ports/hooks/hooks.ts";
import { port } from "../flows/ports.ts";

const hookId = "7d1c3a52-3f0e-4f57-9c1e-0d5a4f6b8e21";

/** A request of each operation that names a number. */
const requests: Readonly<Record<string, { readonly path: string; readonly body?: unknown }>> = {
  "GET /calls": { path: "/calls?number=%2B14155550100" },
  "GET /calls/export": { path: "/calls/export?format=csv&number=%2B14155550100" },
  "POST /calls/cancel": { path: "/calls/cancel", body: { filter: { number: "+14155550100" }, reason: "asked" } },
  "POST /calls/release": { path: "/calls/release", body: { filter: { number: "+14155550100" }, reason: "asked" } },
  "POST /calls/resolve": {
    path: "/calls/resolve",
    // biome-ignore lint/suspicious/noThenProperty: `then` is a field of the API, and its value is a text.
    body: { filter: { number: "+14155550100" }, reason: "asked", rang: false, then: "close" },
  },
  "POST /hooks": {
    path: "/hooks",
    body: { target_url: "https://hooks.example.com/", events: ["call.*"], payload: "full_with_pii" },
  },
  "PATCH /hooks/:id": { path: `/hooks/${hookId}`, body: { payload: "full_with_pii" } },
  "POST /erasures": { path: "/erasures", body: { number: "+14155550100", reason: "asked" } },
  "POST /suppressions": { path: "/suppressions", body: { number: "+14155550100", reason: "asked" } },
  "DELETE /suppressions/:number": { path: "/suppressions/%2B14155550100" },
};

/** The routes, for a reader with these scopes. No store may be opened. */
function api(scopes: readonly string[]): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    // A change is refused by its hook's payload too, so the hook has to be read first.
    const hooks = port<ApiDeps["stores"]["hooks"]>({
      findByUrl: async () => null,
      find: async () => ({ events: ["call.*"], owner: "one scope" }) as unknown as HookRow,
    });
    c.set("deps", port<ApiDeps>({ stores: port<ApiDeps["stores"]>({ hooks }) }));
    c.set("reader", { jti: "0b0f7b0e-8f3b-4c56-9d1e-3a1f5a2b7c11", name: "one scope", scopes });
    await next();
  });
  return app
    .route("/calls", callRoutes())
    .route("/calls", callBulkRoutes())
    .route("/erasures", erasureRoutes())
    .route("/hooks", hookRoutes())
    .route("/suppressions", suppressionRoutes());
}

test("the operations with a second scope are those that are asked here", () => {
  const named = Object.entries(operations).filter(([, { alsoNeeds }]) => alsoNeeds !== undefined);
  expect(named.map(([name]) => name).sort()).toEqual(Object.keys(requests).sort());
});

test.each(Object.entries(requests))("%s needs the second scope that its operation names", async (name, request) => {
  const route = routesOfApi().find((one) => one.name === name);
  const [method = ""] = name.split(" ");
  const { path, body } = request;
  const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await api(route?.scopes ?? []).request(path, { method, ...(body === undefined ? {} : json) });
  expect([answer.status, await answer.json()]).toMatchObject([
    403,
    { detail: `This needs a token with the scope ${operations[name]?.alsoNeeds?.scope}.` },
  ]);
});

test("no other file of the API asks for a second scope", () => {
  const dir = join(root, "src/http/api");
  const asking = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && readFileSync(join(dir, file), "utf8").includes('lacking(["pii:read"])'),
  );
  expect(asking.sort()).toEqual([
    "calls/call-bulk.ts",
    "calls/calls.ts",
    "calls/erasures.ts",
    "calls/suppressions.ts",
    "hooks/hooks.ts",
  ]);
});
