/** Troubles of sources: found by the sweep, told once by an entry, and shown by `/readyz` and the source. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rejectionStore } from "../../../src/store/rejections/rejections.ts";
import { tellTroubles } from "../../../src/store/rejections/source-troubles.ts";
import { type Beside, serviceBeside } from "../world/beside.ts";

let beside: Beside;
let ask: Beside["api"]["ask"];
let owner: Beside["owner"];
beforeAll(async () => {
  beside = await serviceBeside({}, 4);
  ({ owner } = beside);
  ask = beside.api.ask;
});
afterAll(() => beside.close());

let slugs = 0;
async function source(more: object = {}): Promise<string> {
  const slug = `source-${++slugs}`;
  const made = await put(slug, more);
  if (made.status !== 201) throw new Error(JSON.stringify(made.json));
  return slug;
}
const put = (slug: string, more: object) =>
  ask("PUT", `/v1/sources/${slug}`, { preset: "bearer", country: "US", secrets: ["a-secret-of-acme-1"], ...more });

const minuteMs = 60_000;
/** Refused requests of a source, some minutes ago, with the newest of them. */
async function refuse(
  slug: string,
  refused: number,
  minutesAgo = 0,
  code = "signature_wrong",
  failed = 0,
): Promise<void> {
  const at = Math.floor(Date.now() / minuteMs) * minuteMs - minutesAgo * minuteMs;
  const one = { id: randomUUID(), at, code, detail: "", headers: [], bodyBytes: 1 };
  const minute = { at, refused, failedSignatures: failed, notStored: refused - 1 };
  await rejectionStore(beside.client.sql).write(slug, [one], [minute]);
}
async function accept(slug: string, count: number, minutesAgo = 0): Promise<void> {
  await owner`
    insert into events (id, source, dedupe_key, type, received_at, headers, body, body_hash, state, reason, planned_at)
    select gen_random_uuid(), ${slug}, gen_random_uuid()::text, 'order.created',
      now() - ${minutesAgo} * interval '1 minute', '{}', '{}', '', 'ignored', 'no_rules', now()
    from generate_series(1, ${count}::int)`;
}
const sweep = (spilled: readonly string[] | null = []) => tellTroubles(beside.client.sql(), spilled);
/** Moves all that happened to a source into the past. */
async function later(slug: string, minutes: number): Promise<void> {
  const by = owner`${minutes} * interval '1 minute'`;
  await owner`update refused_minutes set at = at - ${by} where source = ${slug}`;
  await owner`update rejections set at = at - ${by} where source = ${slug}`;
  await owner`update events set received_at = received_at - ${by} where source = ${slug}`;
  await owner`update sources set created_at = created_at - ${by}, silent_after_at = silent_after_at - ${by},
    rejecting_since = rejecting_since - ${by}, silent_since = silent_since - ${by} where slug = ${slug}`;
}
const told = async (slug: string) =>
  await owner`select action, actor, reason, data from entries where subject = 'source' and subject_id = ${slug}
    and action in ('rejecting', 'rejecting_over', 'silent', 'heard_again') order by id`;
const actions = async (slug: string) => (await told(slug)).map(({ action }) => action);
const problems = async (slug: string) =>
  ((await ask("GET", "/readyz")).json.problems as { code: string; rows: string[] }[])
    .filter(({ rows }) => rows.includes(slug))
    .map(({ code }) => code);
const troubles = async (slug: string) =>
  ((await ask("GET", `/v1/sources/${slug}`)).json.troubles as { code: string }[]).map(({ code }) => code);

describe("a source that refuses most requests", () => {
  test("is told once, with counts and the most frequent reason, and its end once ten minutes were better", async () => {
    const slug = await source();
    await refuse(slug, 4, 3, "timestamp_missing");
    await refuse(slug, 5, 2);
    await refuse(slug, 3);
    await accept(slug, 11);
    expect(await sweep()).toBe(1);
    expect(await sweep()).toBe(0);
    const since = expect.any(String);
    expect(await told(slug)).toEqual([
      { action: "rejecting", actor: "sweep", reason: "signature_wrong", data: { since, refused: 12, accepted: 11 } },
    ]);
    expect([await problems(slug), await troubles(slug)]).toEqual([["source_rejecting"], ["source_rejecting"]]);
    await later(slug, 9);
    expect(await sweep()).toBe(0);
    await later(slug, 9);
    expect(await sweep()).toBe(1);
    expect((await told(slug))[1]).toMatchObject({ action: "rejecting_over", reason: null, data: { since } });
    expect([await problems(slug), await troubles(slug)]).toEqual([[], []]);
    await refuse(slug, 10);
    await sweep();
    expect(await actions(slug)).toEqual(["rejecting", "rejecting_over", "rejecting"]);
  });

  test.each([
    ["nine refused", async (slug: string) => await refuse(slug, 9)],
    ["ten refused, and ten accepted", async (slug: string) => [await refuse(slug, 10), await accept(slug, 10)]],
    ["ten refused longer ago", async (slug: string) => await refuse(slug, 50, 10)],
    ["nine refused now, and many before", async (slug: string) => [await refuse(slug, 9), await refuse(slug, 90, 11)]],
    ["thousands accepted", async (slug: string) => [await refuse(slug, 900), await accept(slug, 5_000, 5)]],
  ])("is not one with %s", async (_, happens) => {
    const slug = await source();
    await happens(slug);
    await sweep();
    expect(await actions(slug)).toEqual([]);
  });

  test("counts accepted events of the same ten minutes only", async () => {
    const slug = await source();
    await accept(slug, 500, 11);
    await refuse(slug, 10, 1);
    await sweep();
    expect(await actions(slug)).toEqual(["rejecting"]);
  });

  test("stays told while it flaps, also if events of the same minute make up for it", async () => {
    const slug = await source();
    await refuse(slug, 20);
    await sweep();
    await accept(slug, 400);
    for (let minute = 0; minute < 8; minute++) {
      await later(slug, 1);
      await refuse(slug, 1);
      expect(await sweep()).toBe(0);
    }
    expect(await actions(slug)).toEqual(["rejecting"]);
    await later(slug, 2);
    await sweep();
    expect(await actions(slug)).toEqual(["rejecting", "rejecting_over"]);
  });

  test("is not named by `/readyz` for the second time if its signatures fail, or when it is closed", async () => {
    const slug = await source();
    await refuse(slug, 40, 0, "signature_wrong", 40);
    await sweep();
    expect([await problems(slug), await troubles(slug)]).toEqual([["signatures_failed"], ["source_rejecting"]]);
    await later(slug, 0);
    await owner`update refused_minutes set failed_signatures = 0 where source = ${slug}`;
    expect(await problems(slug)).toEqual(["source_rejecting"]);
    await ask("DELETE", `/v1/sources/${slug}`);
    expect([await problems(slug), await troubles(slug)]).toEqual([[], []]);
  });
});

describe("a silent source", () => {
  test("is told once, from its last event on, and is heard again with the next", async () => {
    const slug = await source({ silent_after: "4h" });
    await accept(slug, 2, 1);
    await later(slug, 238);
    expect(await sweep()).toBe(0);
    await later(slug, 2);
    expect(await sweep()).toBe(1);
    expect(await sweep()).toBe(0);
    const at = expect.any(String);
    expect(await told(slug)).toEqual([
      {
        ...{ action: "silent", actor: "sweep", reason: null },
        data: { since: at, silent_after: "4h", last_event_at: at },
      },
    ]);
    expect([await problems(slug), await troubles(slug)]).toEqual([["source_silent"], ["source_silent"]]);
    await accept(slug, 1);
    expect(await sweep()).toBe(1);
    expect((await told(slug))[1]).toMatchObject({ action: "heard_again", data: { since: at, last_event_at: at } });
    expect([await problems(slug), await troubles(slug)]).toEqual([[], []]);
    await later(slug, 240);
    await sweep();
    expect(await actions(slug)).toEqual(["silent", "heard_again", "silent"]);
  });

  test("that never had an event counts from its creation", async () => {
    const slug = await source({ silent_after: "5m" });
    expect(await sweep()).toBe(0);
    await later(slug, 6);
    await sweep();
    expect((await told(slug))[0]).toMatchObject({ action: "silent", data: { last_event_at: null } });
    const { json } = await ask("GET", `/v1/sources/${slug}`);
    expect(json.troubles).toHaveLength(1);
    expect(json.warnings.join(" ")).not.toContain("No event has arrived");
  });

  test("counts from the time at which the setting was set, not from when the file was applied again", async () => {
    const slug = await source();
    await accept(slug, 1);
    await later(slug, 600);
    await put(slug, { silent_after: "4h" });
    await later(slug, 200);
    await put(slug, { silent_after: "4h", shards: 2 });
    expect(await sweep()).toBe(0);
    await later(slug, 41);
    await sweep();
    expect(await actions(slug)).toEqual(["silent"]);
  });

  test("is hidden by a longer time or none, and heard again only with an event", async () => {
    const slug = await source({ silent_after: "5m" });
    await later(slug, 6);
    await sweep();
    await put(slug, { silent_after: "1h" });
    expect([await sweep(), await problems(slug), await troubles(slug)]).toEqual([0, [], []]);
    await later(slug, 61);
    expect([await sweep(), await problems(slug)]).toEqual([0, ["source_silent"]]);
    await put(slug, {});
    expect([await sweep(), await problems(slug), await troubles(slug)]).toEqual([0, [], []]);
    await accept(slug, 1);
    await sweep();
    expect(await actions(slug)).toEqual(["silent", "heard_again"]);
  });

  test.each([
    ["is paused", async (slug: string) => await ask("POST", `/v1/sources/${slug}/pause`, { reason: "moving" })],
    ["is closed", async (slug: string) => await ask("DELETE", `/v1/sources/${slug}`)],
    ["has no such setting", async (slug: string) => await put(slug, {})],
  ])("is none that %s", async (_, happens) => {
    const slug = await source({ silent_after: "5m" });
    await happens(slug);
    await later(slug, 500);
    await sweep();
    expect(await actions(slug)).toEqual([]);
  });

  test("that is opened again counts from then", async () => {
    const slug = await source({ silent_after: "5m" });
    await ask("DELETE", `/v1/sources/${slug}`);
    await later(slug, 500);
    await put(slug, { silent_after: "5m" });
    expect(await sweep()).toBe(0);
  });

  test("is none whose inbox has events on its disk, or of which this is unknown", async () => {
    const slug = await source({ silent_after: "5m" });
    await later(slug, 6);
    expect([await sweep([slug]), await sweep(null), await sweep()]).toEqual([0, 0, 1]);
  });

  test.each([
    0,
    7,
    "0h",
    "1s",
    "299s",
    "400d",
    "91d",
    "soon",
    "4 h",
    "-4h",
    "4h; drop table sources",
    "",
    ["4h"],
    true,
  ])("is refused as a setting that is %j, with a sentence", async (silent_after) => {
    const { status, json } = await put("odd", { silent_after });
    expect([status, json.errors[0].path]).toEqual([422, ["silent_after"]]);
    expect(json.errors[0].reason).toMatch(/^must/);
  });

  test("is a setting that the document has, and a change of it is shown", async () => {
    const slug = await source({ silent_after: "30m" });
    const { json } = await ask("GET", "/v1/config");
    expect(json.sources[slug].silent_after).toBe("30m");
    const again = await ask("PUT", "/v1/config?dry_run=true", {
      sources: { [slug]: { ...json.sources[slug], silent_after: "90d" } },
    });
    expect(JSON.stringify(again.json.changes)).toContain('{"field":"silent_after","from":"30m","to":"90d"}');
    const [entry] =
      await owner`select data->>'silent_after' as set from entries where subject_id = ${slug} and action = 'created'`;
    expect(entry?.set).toBe("30m");
  });
});

test("sweeps that run at once tell each trouble and each end once", async () => {
  const quiet = await Promise.all(Array.from({ length: 8 }, () => source({ silent_after: "5m" })));
  for (const slug of quiet) {
    await later(slug, 6);
    await refuse(slug, 10);
  }
  // Both have judged, and wait for the same rows, when the first may go on.
  const together = async () => {
    const held = await owner.reserve();
    await held`begin`;
    await held`select from sources for no key update`;
    const sweeps = Promise.all([sweep(), tellTroubles(owner, []), tellTroubles(owner, [])]);
    while (((await held`select count(*)::int as n from pg_locks where not granted`)[0]?.n ?? 0) < 3);
    await held`commit`;
    held.release();
    return (await sweeps).reduce((sum, one) => sum + one, 0);
  };
  expect(await together()).toBe(16);
  for (const slug of quiet) expect((await actions(slug)).sort()).toEqual(["rejecting", "silent"]);
  for (const slug of quiet) {
    await later(slug, 20);
    await accept(slug, 1);
  }
  expect(await together()).toBe(16);
  for (const slug of quiet)
    expect((await actions(slug)).sort()).toEqual(["heard_again", "rejecting", "rejecting_over", "silent"]);
});
