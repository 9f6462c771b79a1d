import { expect, test } from "vitest";
import { guessMaxAgeMs, webhookKeyCache } from "../../src/mihu/webhook-key-cache.ts";
import type { WebhookLine } from "../../src/ports/calling/outcome-webhooks.ts";

const line: WebhookLine = { slug: "support", sealedSecret: null, settings: null };
/** A door whose clock moves only when somebody waits or a test says so. */
function stage() {
  const world = {
    now: 1_000_000,
    keys: new Map([["known", line]]),
    reads: 0,
    ages: [] as number[],
    /** Postgres is down, so the directory has its list and no newer one. */
    gone: false,
    /** The directory itself is down. */
    unreachable: false,
    hang: false,
    failures: 0,
    ageMs: 0,
  };
  const lineOf = webhookKeyCache({
    clock: { now: () => world.now },
    async read(maxAgeMs) {
      world.reads++;
      world.ages.push(maxAgeMs);
      if (world.hang) await new Promise(() => {});
      await Promise.resolve();
      if (world.unreachable) throw new Error("the object cannot be reached");
      return { complete: !world.gone, ageMs: world.ageMs, keys: new Map(world.keys) };
    },
    failed: () => void world.failures++,
    async pause(ms) {
      await Promise.resolve();
      world.now += ms;
    },
  });
  return { world, lineOf };
}

test("a key is found, is asked for once a second, and has the list read again only after half a minute", async () => {
  const { world, lineOf } = stage();
  for (let ms = 0; ms <= 3_000; ms += 250) {
    expect(await lineOf("known")).toEqual(line);
    world.now += 250;
  }
  expect(world.ages).toEqual([guessMaxAgeMs, guessMaxAgeMs, guessMaxAgeMs, guessMaxAgeMs]);
  world.ageMs = 30_000;
  world.now += 1_000;
  await lineOf("known");
  await lineOf("known");
  expect(world.ages.slice(4)).toEqual([guessMaxAgeMs, 1_000]);
});

test("a key that was removed is gone a second after the directory's list is without it", async () => {
  const { world, lineOf } = stage();
  expect(await lineOf("known")).toEqual(line);
  world.keys.clear();
  world.now += 1_000;
  expect(await lineOf("known")).toBeNull();
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

test("a guess is judged by a list of half a minute, and a known key by one of a second", async () => {
  const { world, lineOf } = stage();
  for (let guess = 0; guess < 10; guess++) await lineOf(`guess-${guess}`);
  world.now += 30_000;
  await lineOf("known");
  expect(world.ages).toEqual([guessMaxAgeMs, 1_000]);
});

test("guesses do not make a key that is retired last longer than half a minute", async () => {
  const { world, lineOf } = stage();
  await lineOf("known");
  world.keys.clear();
  // The directory's list is of before.
  const before = new Map([["known", line]]);
  for (let ms = 0; ms < 29_000; ms += 1_000) {
    Object.assign(world, { now: world.now + 1_000, ageMs: world.ageMs + 1_000, keys: before });
    expect(await lineOf("guess")).toBeNull();
  }
  Object.assign(world, { now: world.now + 1_000, ageMs: 0, keys: new Map() });
  expect(await lineOf("known")).toBeNull();
});

test.each(["gone", "unreachable"] as const)(
  "while Postgres or the directory is %s a known key stays known, and any other is neither found nor refused",
  async (what) => {
    const { world, lineOf } = stage();
    await lineOf("known");
    world[what] = true;
    world.now += 86_400_000;
    expect(await lineOf("known")).toEqual(line);
    expect(await lineOf("other")).toBe("unavailable");
    const { reads } = world;
    for (let n = 0; n < 100; n++) await lineOf("known");
    expect(world.reads).toBe(reads);
    world[what] = false;
    world.now += 1_000;
    expect(await lineOf("other")).toBeNull();
  },
);

test("an isolate that starts while Postgres is away finds the keys of the directory's list, and refuses no other", async () => {
  const { world, lineOf } = stage();
  world.gone = true;
  expect([await lineOf("known"), await lineOf("other")]).toEqual([line, "unavailable"]);
  expect(world.reads).toBe(1);
});

test("where nothing was ever known nothing is found, and the directory is asked again after a second", async () => {
  const { world, lineOf } = stage();
  world.unreachable = true;
  expect(await lineOf("known")).toBe("unavailable");
  world.unreachable = false;
  expect(await lineOf("known")).toBe("unavailable");
  world.now += 1_000;
  expect([await lineOf("known"), world.failures]).toEqual([line, 1]);
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

test("a known key waits for nobody's question, however old the list is", async () => {
  const { world, lineOf } = stage();
  await lineOf("known");
  world.now += 30_000;
  world.hang = true;
  void lineOf("known");
  const { now } = world;
  expect([await lineOf("known"), world.now]).toEqual([line, now]);
});
