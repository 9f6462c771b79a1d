/** The measured rate of a source, and the advice on its inboxes, by the API that `doctor` reads. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { busyEventsMax } from "../../../src/domain/shard-advice.ts";
import { type Beside, serviceBeside } from "../world/beside.ts";

let beside: Beside;
beforeAll(async () => {
  beside = await serviceBeside({}, 1);
});
afterAll(async () => {
  await beside.close();
});

/** A full hour of yesterday: windows are five seconds of the clock. */
const at = Math.floor(Date.now() / 3_600_000 - 24) * 3_600_000;
const since = new Date(at).toISOString();
const dayMs = 86_400_000;

/** Events of a source, spread over `overMs` from a time on. `perCommit` of them share their time. */
async function received(source: string, count: number, overMs: number, from = at, perCommit = 1): Promise<void> {
  await beside.owner`
    insert into events (id, source, dedupe_key, type, received_at, nth, headers, body, body_hash, state, reason, planned_at)
    select gen_random_uuid(), ${source}, ${from} || '-' || n, 'order.created',
      to_timestamp((${from}::float8 + ${overMs}::float8 * (n / ${perCommit}::int) * ${perCommit}::int / ${count}::int) / 1000), n,
      '{}', '{}', '', 'ignored', 'no_rule', now()
    from generate_series(0, ${count}::int - 1) n`;
}

async function makeSource(slug: string, more: object = {}): Promise<void> {
  const made = await beside.api.ask("PUT", `/v1/sources/${slug}`, {
    ...{ preset: "bearer", country: "US", secrets: ["a-secret-of-acme-1"] },
    ...more,
  });
  if (made.status !== 201) throw new Error(JSON.stringify(made.json));
}

async function view(slug: string) {
  const { json } = await beside.api.ask("GET", `/v1/sources/${slug}`);
  const advice = (json.warnings as string[]).filter((text) => text.includes("inbox"));
  return { busiest: json.heard.busiest, advice };
}

describe("the rate of a source", () => {
  test("is none before its first event", async () => {
    await makeSource("silent");
    expect(await view("silent")).toEqual({ busiest: null, advice: [] });
  });

  test("is that of its busiest five seconds, and within what its inbox takes it is no warning", async () => {
    await makeSource("calm");
    await received("calm", 1_000, 5_000);
    await received("calm", 900, 5_000, at + 3_600_000);
    expect(await view("calm")).toEqual({
      busiest: { since, seconds: 5, events: 1_000, requests_per_second: 200 },
      advice: [],
    });
  });

  test("beyond what its inbox takes says what was measured and what to set, until it is set", async () => {
    await makeSource("busy");
    await received("busy", 2_005, 5_000);
    const { advice } = await view("busy");
    expect(advice).toEqual([
      `It sent 401 webhooks a second for 5 s from ${since}, the most among its newest 16000 events. One inbox takes about ` +
        "200 a second, and it has 1: webhooks wait, and may be answered with 503. Set `shards: 3` and run `hookline apply`.",
    ]);
    await beside.api.ask("PUT", "/v1/sources/busy", { preset: "bearer", country: "US", shards: 3 });
    expect((await view("busy")).advice).toEqual([]);
  });

  test("of a sender that batches counts each commit once", async () => {
    await makeSource("batches", { preset: "generic", settings: { batch: "." } });
    await received("batches", 10_000, 5_000, at, 100);
    expect(await view("batches")).toMatchObject({ busiest: { events: 10_000, requests_per_second: 20 }, advice: [] });
  });

  test("is that of the last days alone, and is not measured for a list of all sources", async () => {
    await makeSource("once");
    await received("once", 2_005, 5_000, at - 7 * dayMs);
    expect(await view("once")).toEqual({ busiest: null, advice: [] });
    await received("once", 5, 5_000);
    expect(await view("once")).toMatchObject({ busiest: { requests_per_second: 1 }, advice: [] });
    const { json } = await beside.api.ask("GET", "/v1/sources");
    expect(json.data.find((one: { slug: string }) => one.slug === "once").heard.busiest).toBeNull();
  });

  test("is measured among the newest events alone", async () => {
    await makeSource("long");
    await received("long", 3_000, 5_000);
    await received("long", busyEventsMax, busyEventsMax * 10, at + 60_000);
    expect(await view("long")).toMatchObject({ busiest: { requests_per_second: 100 }, advice: [] });
  });
});
