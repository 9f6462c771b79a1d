import { Hono } from "hono";
import { expect, test } from "vitest";
import type { StopFailure } from "../../src/flows/calling/stop.ts";
import { stoppedAnswer } from "../../src/http/api/stopped.ts";
import type { ApiDeps, AppEnv } from "../../src/http/deps.ts";
import { createLog } from "../../src/platform/log.ts";
import { port } from "../flows/ports.ts";

async function answered(...failures: StopFailure[]) {
  const logged: string[] = [];
  const sink = (line: string) => void logged.push(line);
  const log = createLog({ info: sink, warn: sink, error: sink });
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    c.set("deps", port<ApiDeps>({ log }));
    await next();
  });
  const unconfirmedUntil = failures.length === 0 ? null : 3_000;
  app.get("/v1/lines", (c) =>
    c.json(stoppedAnswer(c, { givenBack: ["a", "b"], inFlight: ["c"], unconfirmedUntil, failures })),
  );
  const json = await (await app.request("/v1/lines")).json();
  return { json, logged: logged.map((line) => JSON.parse(line)) };
}

test("an answer of lines that all have confirmed writes nothing to the log", async () => {
  expect(await answered()).toEqual({ json: { confirmed: true, given_back: 2, in_flight: 1 }, logged: [] });
});

test("lines that did not answer, and a Postgres that did not say what became of calls, are one masked warning", async () => {
  const { json, logged } = await answered(
    { line: "support-en", error: new Error("nobody answered for +14155550123") },
    { line: "support-de", error: new Error("no answer") },
    { line: null, error: new Error("statement timeout") },
  );
  expect(json).toMatchObject({ confirmed: false, until: "1970-01-01T00:00:03.000Z", given_back: 2, in_flight: 1 });
  expect(logged).toEqual([
    expect.objectContaining({
      ...{ level: "warn", path: "/v1/lines", lines: ["support-en", "support-de"] },
      error: expect.objectContaining({ message: "nobody answered for [number]" }),
    }),
  ]);
});

test("a Postgres that did not say what became of calls is a warning by itself", async () => {
  const { logged } = await answered({ line: null, error: new Error("statement timeout") });
  expect(logged).toMatchObject([{ level: "warn", lines: [], error: { message: "statement timeout" } }]);
});
