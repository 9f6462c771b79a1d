import { expect, test } from "vitest";
import { webhookKeyCache } from "../../src/mihu/webhook-key-cache.ts";
import type { WebhookLine } from "../../src/ports/calling/outcome-webhooks.ts";

const line: WebhookLine = { slug: "support", sealedSecret: null, settings: null };
const away = new Error("away");

/** A door whose clock moves only when somebody waits or a test says so. */
function stage() {
  const world = { now: 1_000_000, keys: new Map([["known", line]]), reads: 0, gone: false, hang: false };
  const lineOf = webhookKeyCache({
    clock: { now: () => world.now },
    async read() {
      world.reads++;
      if (world.hang) await new Promise(() => {});
      await Promise.resolve();
      if (world.gone) throw away;
      return new Map(world.keys);
    },
    isAway: (error) => error === away,
    async pause(ms) {
      await Promise.resolve();
      world.now += ms;
    },
  });
  return { world, lineOf };
}

test("a key is found, and its line is asked for again only after half a minute", async () => {
  const { world, lineOf } = stage();
  expect(await lineOf("known")).toEqual(line);
  world.now += 29_999;
  expect(await lineOf("known")).toEqual(line);
  expect(world.reads).toBe(1);
  world.now += 1;
  await lineOf("known");
  expect(world.reads).toBe(2);
});

test("ten thousand webhooks at once cost one question", async () => {
  const { world, lineOf } = stage();
  const found = await Promise.all(Array.from({ length: 10_000 }, () => lineOf("known")));
  expect(found.every((one) => one !== null && one !== "unavailable")).toBe(true);
  expect(world.reads).toBe(1);
});

test("guesses cost one question in a second, however many they are", async () => {
  const { world, lineOf } = stage();
  await lineOf("known");
  world.now += 1_000;
  for (let guess = 0; guess < 1_000; guess++) {
    expect(await lineOf(`guess-${guess}`)).toBeNull();
    world.now += 1;
  }
  expect(world.reads).toBeLessThanOrEqual(3);
});

test("a key that was made since is found within a second", async () => {
  const { world, lineOf } = stage();
  expect(await lineOf("new")).toBeNull();
  world.keys.set("new", { ...line, slug: "new" });
  world.now += 1_000;
  expect(await lineOf("new")).toMatchObject({ slug: "new" });
});

test("a key that is retired is refused within half a minute", async () => {
  const { world, lineOf } = stage();
  await lineOf("known");
  world.keys.clear();
  world.now += 30_000;
  expect(await lineOf("known")).toBeNull();
});

test("while Postgres is away a known key stays known, and any other is neither found nor refused", async () => {
  const { world, lineOf } = stage();
  await lineOf("known");
  world.gone = true;
  world.now += 86_400_000;
  expect(await lineOf("known")).toEqual(line);
  expect(await lineOf("other")).toBe("unavailable");
  const { reads } = world;
  for (let n = 0; n < 100; n++) await lineOf("known");
  expect(world.reads).toBe(reads);
});

test("where nothing was ever known nothing is found, and Postgres is asked again after a second", async () => {
  const { world, lineOf } = stage();
  world.gone = true;
  expect(await lineOf("known")).toBe("unavailable");
  world.gone = false;
  expect(await lineOf("known")).toBe("unavailable");
  world.now += 1_000;
  expect(await lineOf("known")).toEqual(line);
});

test("a question that nobody answers keeps others waiting for a while, and then another asks", async () => {
  const { world, lineOf } = stage();
  world.hang = true;
  void lineOf("known");
  expect(await lineOf("known")).toBe("unavailable");
  world.hang = false;
  world.now += 6_000;
  expect(await lineOf("known")).toEqual(line);
});

test("what is no absence of Postgres is a bug, and is thrown", async () => {
  const lineOf = webhookKeyCache({
    clock: { now: () => 0 },
    read: () => Promise.reject(new TypeError("a bug")),
    isAway: () => false,
    pause: () => Promise.resolve(),
  });
  await expect(lineOf("known")).rejects.toThrow("a bug");
});
