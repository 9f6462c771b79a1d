/** The lines of `doctor` about sources: their measured rate, their warnings, and an answer of the version before. */
import { createServer, type Server } from "node:http";
import { afterEach, expect, test } from "vitest";
import { checkSources } from "../../cli/install/doctor-service.ts";

let server: Server | null = null;
afterEach(() => server?.close());

async function linesFor(...data: { slug: string; [field: string]: unknown }[]): Promise<string[]> {
  server = createServer(({ url = "" }, answer) => {
    const one = data.find(({ slug }) => url.endsWith(`/${slug}`));
    answer.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(one ?? { data }));
  });
  await new Promise<void>((listening) => server?.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const found = await checkSources({ url: `http://127.0.0.1:${address.port}`, token: "t", from: "environment" });
  return found.map(({ state, text }) => `${state}: ${text}`);
}

const source = { slug: "acme", warnings: [], rules: [{ mode: "live" }] };
const busiest = { since: "2026-11-28T10:00:00.000Z", seconds: 5, events: 62, requests_per_second: 12.4 };

test("A source with enough inboxes is good, with what was measured of it", async () => {
  expect(await linesFor({ ...source, shards: 2, heard: { busiest } })).toEqual([
    "good: source acme: 1 of 1 rules live; at its busiest 12.4 webhooks a second (5 s from 2026-11-28T10:00:00.000Z), for 2 inboxes",
  ]);
});

test("A source of which nothing was measured says nothing of it", async () => {
  expect(
    await linesFor(
      source,
      { ...source, slug: "b", shards: 1, heard: null },
      { ...source, slug: "c", shards: 1, heard: { busiest: null } },
    ),
  ).toEqual(["acme", "b", "c"].map((slug) => `good: source ${slug}: 1 of 1 rules live`));
});

test("The service's advice is a warning", async () => {
  const warning = "It sent 401 webhooks a second for 5 s";
  expect(await linesFor({ ...source, warnings: [warning], shards: 1, heard: { busiest } })).toEqual([
    `warning: source acme: ${warning}`,
  ]);
});
