/** Every answer to a change of a source says whether all of its inboxes have the change. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LineObjects } from "../../../src/ports/calling/line-objects.ts";
import type { Inboxes } from "../../../src/ports/ingest/inboxes.ts";
import { port } from "../../flows/ports.ts";
import { service, type TestService } from "../world/service.ts";

const now = Date.now();
let api: TestService;
/** The questions to the inboxes, and whether they can be reached. */
const asked: (readonly [slug: string, shards: number | undefined])[] = [];
let reachable = true;
/** Until when a Worker or an inbox of an earlier version goes by an older copy. */
let olderUntil: number | null = null;
beforeAll(async () => {
  api = await service({
    clock: { now: () => now },
    inboxes: port<Inboxes>({
      async refresh(slug, shards) {
        asked.push([slug, shards]);
        if (!reachable) throw new Error("the object is away");
        return olderUntil;
      },
      poke: async () => {},
    }),
  });
  await api.ask("PUT", "/v1/lines/support", { agent: "a", calls_per_minute: 1, calls_at_once: 1, calls_per_day: 1 });
});
afterAll(() => api.close());

const secret = "shpss_0123456789abcdef";
const source = { preset: "shopify", secrets: [{ env: "ONE", value: secret }], country: "US", shards: 2 };
const rule = { mode: "live", on: ["orders/updated"], line: "support", number: "{{ data.phone }}", about: "Hello." };

/** Changes in an order in which each can be made. */
const changes: [string, method: "PUT" | "POST" | "DELETE", path: string, body: object | undefined, shards: number][] = [
  ["a new source", "PUT", "", source, 2],
  ["more inboxes", "PUT", "", { ...source, shards: 4 }, 4],
  ["fewer inboxes", "PUT", "", { ...source, shards: 1 }, 4],
  ["one more secret", "POST", "/secrets", { env: "TWO", value: `${secret}2`, retire_others_in: "1h" }, 1],
  ["a rule", "PUT", "/rules/call-me", rule, 1],
  ["a pause", "POST", "/pause", { reason: "stock-taking" }, 1],
  ["the end of a pause", "POST", "/resume", {}, 1],
  ["the end of a source", "DELETE", "", undefined, 1],
];

describe.each([true, false])("where all inboxes can be reached: %s", (isReachable) => {
  test.each(changes)("the answer to %s says so, and as many inboxes were told as there were", async (_, ...change) => {
    const [method, path, body, shards] = change;
    reachable = isReachable;
    const slug = isReachable ? "acme" : "far";
    asked.length = 0;
    const { status, json } = await api.ask(method, `/v1/sources/${slug}${path}`, body);
    expect([200, 201]).toContain(status);
    expect([json.confirmed, json.until]).toEqual(
      isReachable ? [true, undefined] : [false, new Date(now + 60_000).toISOString()],
    );
    expect(asked).toEqual([[slug, shards]]);
  });

  test("so do those to a file, to a removed secret and to a removed rule", async () => {
    reachable = true;
    const slug = isReachable ? "acme" : "far";
    await api.ask("PUT", `/v1/sources/${slug}`, { ...source, shards: 3 });
    const two = await api.ask("POST", `/v1/sources/${slug}/secrets`, { env: "THREE", value: `${secret}3` });
    reachable = isReachable;
    const end = isReachable ? { confirmed: true } : { confirmed: false, until: new Date(now + 60_000).toISOString() };
    const file = { sources: { [slug]: { ...source, shards: 3, rules: [{ name: "one", ...rule }] } } };
    expect((await api.ask("PUT", "/v1/config", file)).json).toMatchObject(end);
    const id = two.json.secrets.find(({ env }: { env: string }) => env === "THREE")?.id;
    expect((await api.ask("DELETE", `/v1/sources/${slug}/secrets/${id}`)).json).toMatchObject(end);
    asked.length = 0;
    const removed = await api.ask("DELETE", `/v1/sources/${slug}/rules/one`);
    // Without a body it is confirmed.
    expect(removed.status).toBe(isReachable ? 204 : 200);
    if (!isReachable)
      expect(removed.json).toEqual({ ...end, detail: expect.stringMatching(/^An inbox did not answer/) });
    expect(asked).toEqual([[slug, 3]]);
  });
});

describe("where a Worker or an inbox of an earlier version goes by an older copy", () => {
  test.each(changes)("the answer to %s says until when", async (_, ...change) => {
    const [method, path, body] = change;
    reachable = true;
    olderUntil = now + 17_000;
    const { status, json } = await api.ask(method, `/v1/sources/mixed${path}`, body);
    olderUntil = null;
    expect([200, 201]).toContain(status);
    expect([json.confirmed, json.until]).toEqual([false, new Date(now + 17_000).toISOString()]);
  });
});

describe("what every Worker must know is answered after the wait that the directory names", () => {
  /** Announcements to the directory, and the time for which an answer waited. */
  const told: string[] = [];
  let knownInMs: number | "away" = 0;
  const known = async (what: string) => {
    told.push(what);
    if (knownInMs === "away") throw new Error("the object is away");
    return { knownInMs };
  };
  let own: TestService;
  beforeAll(async () => {
    own = await service({
      clock: { now: () => now },
      pause: async (ms) => void told.push(`waited ${ms}`),
      directory: {
        add: (names) => known(names.join()),
        rereadWebhookKeys: () => known("keys"),
        readiness: () => Promise.reject(new Error("not a part of this test")),
      },
    });
    await own.ask("PUT", "/v1/lines/support", { agent: "a", calls_per_minute: 1, calls_at_once: 1, calls_per_day: 1 });
  });
  afterAll(() => own.close());

  const put = (slug: string) => own.ask("PUT", `/v1/sources/${slug}`, source);
  const file = (slug: string) => own.ask("PUT", "/v1/config", { sources: { [slug]: { ...source, rules: [] } } });
  const waits: [knownInMs: number | "away", waited: string[], confirmed: boolean][] = [
    [0, [], true],
    [900, ["waited 900"], true],
    // The directory's clock is wrong: nobody waits for it.
    [86_400_000, ["waited 1500"], true],
    ["away", [], false],
  ];
  const ways = { created: put, "opened again": put, "created by a file": file };
  const names = ["created", "opened again", "created by a file"] as const;
  test.each(names.flatMap((name) => waits.map((one) => [name, ...one] as const)))(
    "a source that is %s (milliseconds: %s)",
    async (name, ms, waited, confirmed) => {
      const slug = `${name.replaceAll(" ", "-")}-${ms}`;
      knownInMs = 0;
      if (name === "opened again") {
        await put(slug);
        await own.ask("DELETE", `/v1/sources/${slug}`);
      }
      knownInMs = ms;
      told.length = 0;
      const { json } = await ways[name](slug);
      expect([told, json.confirmed]).toEqual([[slug, ...waited], confirmed]);
      // It is known: a change of it tells nobody, and waits for nothing.
      told.length = 0;
      await put(slug);
      expect(told).toEqual([]);
    },
  );

  test.each(waits)("a line's new key (milliseconds: %s)", async (ms, waited) => {
    knownInMs = ms;
    told.length = 0;
    const { status, json } = await own.ask("POST", "/v1/lines/support/webhook");
    expect([status, typeof json.path, told]).toEqual([200, "string", ["keys", ...waited]]);
    expect(endOf(json)).toEqual(keysEnd(ms));
  });

  /** The end of an answer to a change of keys: for so long a Worker may go by a list from before. */
  const keysEnd = (ms: number | "away") =>
    ms === "away"
      ? {
          confirmed: false,
          until: new Date(now + 31_000).toISOString(),
          detail: expect.stringContaining("Mihu's webhooks"),
        }
      : { confirmed: true };
  const endOf = ({ confirmed, until, detail }: Record<string, unknown>) =>
    confirmed ? { confirmed } : { confirmed, until, detail };

  test.each(waits)("a removed line, whose key is no longer believed (milliseconds: %s)", async (ms, waited) => {
    await own.ask("PUT", "/v1/lines/gone", { agent: "a", calls_per_minute: 1, calls_at_once: 1, calls_per_day: 1 });
    knownInMs = ms;
    told.length = 0;
    const { status, json } = await own.ask("DELETE", "/v1/lines/gone");
    expect([status, told]).toEqual([ms === "away" ? 200 : 204, ["keys", ...waited]]);
    if (ms === "away") expect(json).toEqual(keysEnd(ms));
  });

  test("a new source of which the directory was not told says what may happen to its webhooks", async () => {
    knownInMs = "away";
    const { json } = await put("untold");
    expect(endOf(json)).toEqual({
      confirmed: false,
      until: new Date(now + 60_000).toISOString(),
      detail: expect.stringContaining("Webhooks of a new source"),
    });
  });

  test("an error is logged for each object that was not told", async () => {
    knownInMs = "away";
    await own.ask("POST", "/v1/lines/support/webhook");
    expect(own.logged.at(-1)).toContain("an object was not told of a change");
  });
});

describe("what an object has to begin says when it could not be woken", () => {
  let own: TestService;
  let isAway = false;
  const wake = async () => {
    if (isAway) throw new Error("the object is away");
  };
  beforeAll(async () => {
    own = await service({
      clock: { now: () => now },
      inboxes: port<Inboxes>({ refresh: async () => null, poke: wake }),
      lines: port<LineObjects>({
        poke: wake,
        halt: async () => ({ givenBack: 0, inFlight: 0 }),
        recheck: async () => "rechecked",
      }),
    });
    await own.ask("PUT", "/v1/lines/support", { agent: "a", calls_per_minute: 1, calls_at_once: 1, calls_per_day: 1 });
    await own.ask("PUT", "/v1/sources/acme", source);
  });
  afterAll(() => own.close());

  const ways: [string, path: string, pause: string | null][] = [
    ["a line's resume", "/v1/lines/support/resume", "/v1/lines/support/pause"],
    ["the resume of all lines", "/v1/lines/resume", "/v1/lines/pause"],
    ["a source's resume", "/v1/sources/acme/resume", "/v1/sources/acme/pause"],
    ["a fetch at once", "/v1/sources/acme/fetch-now", null],
  ];
  test.each(ways.flatMap((one) => [true, false].map((isWoken) => [isWoken, ...one] as const)))(
    "(woken: %s) %s",
    async (isWoken, _, path, pause) => {
      isAway = false;
      if (pause !== null) await own.ask("POST", pause, { reason: "a drill" });
      isAway = !isWoken;
      const { json } = await own.ask("POST", path, {});
      const told = json.data?.[0] ?? json;
      expect([told.confirmed, told.until]).toEqual(
        isWoken ? [true, undefined] : [false, new Date(now + 60_000).toISOString()],
      );
    },
  );
});
