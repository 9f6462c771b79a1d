/** The API's description is made of its routes, complete, and valid OpenAPI. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Hono } from "hono";
import { expect, test } from "vitest";
import * as z from "zod";
import { binDir, root } from "../../cli/local/paths.ts";
import {
  isJson,
  type Json,
  openApiDocument,
  openApiFile,
  openApiText,
  variantsOf,
} from "../../dev/openapi/document.ts";
import { examplesOf } from "../../dev/openapi/examples.ts";
import { possibleProblems, routesOfApi } from "../../dev/openapi/routes.ts";
import { operations } from "../../src/http/api/operations/operations.ts";
import { openApiRoutes } from "../../src/http/openapi.ts";
import { undescribed } from "../described-answer.ts";

const routes = routesOfApi();

test("every route has an operation, and every operation a route", () => {
  expect(Object.keys(operations).sort()).toEqual(routes.map(({ name }) => name).sort());
});

test("every operation has a name of its own, and says what its path names", () => {
  const ids = Object.values(operations).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { name, path } of routes) {
    const named = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => parameter);
    expect([name, Object.keys(operations[name]?.path ?? {})]).toEqual([name, named]);
  }
});

test("every route but those about the token itself needs a scope", () => {
  expect(routes.filter(({ scopes }) => scopes.length === 0).map(({ name }) => name)).toEqual([
    "GET /me",
    "POST /tokens/self/renew",
  ]);
});

test("no operation names a problem that its kind of route has anyway", () => {
  for (const route of routes) {
    const operation = operations[route.name];
    if (operation === undefined) continue;
    const common = possibleProblems(route, { ...operation, problems: [] });
    expect([route.name, (operation.problems ?? []).filter((code) => common.includes(code))]).toEqual([route.name, []]);
  }
});

test("every field of a query and of a body has its meaning, and no other", () => {
  const names = (schema: z.ZodType | null): string[] => {
    const made = schema === null ? {} : (z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Json);
    return variantsOf(made).flatMap(({ properties }) => (isJson(properties) ? Object.keys(properties) : []));
  };
  for (const { name, query, body } of routes) {
    const { fields = {}, fieldsAt } = operations[name] ?? {};
    const taken = [...names(query), ...(fieldsAt === undefined ? names(body) : [])];
    expect([name, Object.keys(fields).sort()]).toEqual([name, [...new Set(taken)].sort()]);
  }
});

test("every operation has real answers as examples, each as its schema says", () => {
  const wrong = routes.flatMap((route) => {
    const id = operations[route.name]?.id ?? "";
    return examplesOf(id).flatMap(({ path, status, answer }) => {
      const text = answer === null ? "" : typeof answer === "string" ? answer : JSON.stringify(answer);
      const type = typeof answer === "string" ? "application/jose" : "application/json";
      return undescribed(route.method, path, { status, headers: new Headers({ "content-type": type }) }, text) ?? [];
    });
  });
  expect(wrong).toEqual([]);
  const ids = Object.values(operations).map(({ id }) => id);
  // Only a restored database has a chain to accept, only a delivery that is over is sent once more, a call and a task go on for a moment, and a file is no example.
  expect(ids.filter((id) => examplesOf(id).length === 0)).toEqual([
    ...[
      "exportCalls",
      "getEvidence",
      "exportEvents",
      "exportSuppressions",
      "exportDeliveries",
      "redeliver",
      "cancelTask",
      "listenToCall",
      "exportReadings",
      "acceptRestored",
    ],
  ]);
});

test("every schema has a name that says what it is", () => {
  const { components } = openApiDocument() as { components: { schemas: Json } };
  expect(Object.keys(components.schemas).filter((name) => !/^[A-Z][A-Za-z]+\d{0,3}$/.test(name))).toEqual([]);
  expect(Object.keys(components.schemas)).toContain("JsonValue");
});

test("the served document is the one of this code: run `npm run docs`", async () => {
  const document = openApiDocument();
  expect(readFileSync(openApiFile, "utf8")).toBe(openApiText(document));
  const answer = await new Hono().route("/", openApiRoutes()).request("/openapi.json");
  expect([answer.status, await answer.json()]).toEqual([200, document]);
});

test("the document is valid by the rules of a linter that nobody here wrote", () => {
  // The recording is a redirect, which is no mistake.
  const command = [join(binDir, "redocly"), "lint", "--format=json", "--skip-rule=operation-2xx-response", openApiFile];
  const said = execFileSync(join(binDir, "node"), command, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    env: { PATH: process.env.PATH, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", CI: "1" },
  });
  expect(JSON.parse(said).problems).toEqual([]);
});
