import { expect, test } from "vitest";
import { keptWord, lastWord, readWord, unknownWord } from "../../src/flows/readiness-word.ts";

/** An isolate and the object that it asks, each with a clock of its own. */
function stage(objectBehindMs = 0) {
  const world = { now: 1_000_000, asked: 0, gone: false, hasWord: true };
  const word = keptWord({ now: () => world.now }, async () => {
    world.asked++;
    await Promise.resolve();
    if (world.gone) throw new Error("the object cannot be reached");
    return world.hasWord ? unknownWord(world.now - objectBehindMs) : null;
  });
  return { world, word };
}

test("ten thousand questions in a second are one call, and no word is older than a second", async () => {
  const { world, word } = stage();
  await word();
  for (let nth = 0; nth < 10_000; nth++) {
    world.now = 1_000_000 + Math.floor(nth / 10);
    expect(world.now - ((await word())?.at ?? 0)).toBeLessThan(1_000);
  }
  expect(world.asked).toBe(1);
  world.now = 1_001_000;
  await word();
  expect(world.asked).toBe(2);
});

test("a word that was old when it came is not kept for a second more", async () => {
  const { world, word } = stage(900);
  await word();
  world.now += 99;
  await word();
  expect(world.asked).toBe(1);
  world.now += 1;
  await word();
  expect(world.asked).toBe(2);
});

test("a word of an object whose clock is ahead is kept for a second by this clock", async () => {
  const { world, word } = stage(-60_000);
  await word();
  world.now += 1_000;
  await word();
  expect(world.asked).toBe(2);
});

test("no word is remembered where there is none, and a failure is the asker's own", async () => {
  const { world, word } = stage();
  world.hasWord = false;
  expect(await word()).toBeNull();
  world.gone = true;
  await expect(word()).rejects.toThrow("cannot be reached");
  Object.assign(world, { gone: false, hasWord: true });
  expect(await word()).not.toBeNull();
  expect(world.asked).toBe(3);
});

test("two hundred questions of one object at once are one reading, and those of the next second are none", async () => {
  const world = { now: 1_000_000, reads: 0, failures: 0, broken: false };
  const word = lastWord(
    { now: () => world.now },
    async () => {
      world.reads++;
      await new Promise((done) => setImmediate(done));
      if (world.broken) throw new Error("a bug");
      return unknownWord(world.now);
    },
    () => void world.failures++,
  );
  const ask = () => Promise.all(Array.from({ length: 200 }, word));
  expect(new Set((await ask()).map((one) => one?.at))).toEqual(new Set([1_000_000]));
  world.now += 999;
  await ask();
  expect(world.reads).toBe(1);
  Object.assign(world, { now: world.now + 1, broken: true });
  // A reading that fails leaves the word of before.
  expect(new Set((await ask()).map((one) => one?.at))).toEqual(new Set([1_000_000]));
  expect([world.reads, world.failures]).toEqual([2, 1]);
});

test("events that came while a frozen Postgres was waited for wait, and silent inboxes say nothing of them", async () => {
  const spill = { source: "acme", shard: 0, events: 1, bytes: 9, oldestAt: 1_000_000 };
  const silent = () => Promise.reject(new Error("silent"));
  const eventsWait = async (before: typeof silent | (() => Promise<[]>), after: () => Promise<(typeof spill)[]>) => {
    const frozen = { readiness: () => Promise.reject(new Error("frozen")) };
    const word = await readWord({
      clock: { now: () => 1_000_000 },
      lookups: frozen,
      inboxes: { spills: before },
      inboxesAgain: { spills: after },
      isAway: () => true,
    });
    expect(word.worst?.code).toBe("database_unavailable");
    return word.eventsWait;
  };
  const none = () => Promise.resolve<[]>([]);
  expect(await eventsWait(none, () => Promise.resolve([spill]))).toBe(true);
  expect(await eventsWait(none, none)).toBe(false);
  expect(await eventsWait(none, silent)).toBeNull();
  expect(await eventsWait(silent, silent)).toBeNull();
  expect(await eventsWait(silent, () => Promise.resolve([spill]))).toBe(true);
});
