import { describe, expect, it } from "vitest";
import { webhookKeysFreshMs } from "../../../src/domain/limits.ts";
import { keyList, keysPauseMs } from "../../../src/objects/directory/key-list.ts";
import { createLog } from "../../../src/platform/log.ts";
import type { WebhookLine } from "../../../src/ports/calling/outcome-webhooks.ts";

const log = createLog({ info: () => {}, warn: () => {}, error: () => {} });
const line = (slug: string): WebhookLine => ({ slug, sealedSecret: "jwe", settings: null });

/** A directory's disk, which outlives its instances, and a Postgres that answers when a test lets it. */
function stage() {
  const kv = new Map<string, unknown>();
  const world = {
    now: 1_000_000,
    postgres: new Map([["a", line("sales")]]) as Map<string, WebhookLine> | null,
    reads: 0,
    held: [] as (() => void)[],
    holds: false,
  };
  const open = () =>
    keyList({
      clock: { now: () => world.now },
      log,
      kv: {
        get: <T>(key: string) => kv.get(key) as T | undefined,
        put: (key: string, value: unknown) => void kv.set(key, value),
      },
      async read() {
        world.reads++;
        const found = world.postgres === null ? null : new Map(world.postgres);
        if (world.holds) await new Promise<void>((done) => world.held.push(done));
        if (found === null) throw new Error("Postgres is down");
        return found;
      },
    });
  return { world, open };
}

describe("the list of keys", () => {
  it("is read once for all guesses of half a minute, by however many Workers they come", async () => {
    const { world, open } = stage();
    const list = open();
    for (let ms = 0; ms < 90_000; ms += 50) {
      world.now = 1_000_000 + ms;
      expect(await list.webhookKeys(null, 30_000)).toMatchObject({ complete: true });
    }
    expect(world.reads).toBe(3);
  });

  it("is read once for a thousand questions at the same moment", async () => {
    const { world, open } = stage();
    const list = open();
    await Promise.all(Array.from({ length: 1_000 }, () => list.webhookKeys(null, 30_000)));
    expect(world.reads).toBe(1);
  });

  it("is sent once to a Worker that has it, and again when a key is other, gone or new", async () => {
    const { world, open } = stage();
    const list = open();
    let { version } = await list.webhookKeys(null, 1_000);
    const changes = [
      new Map([["a", { ...line("sales"), sealedSecret: "other" }]]),
      new Map([["b", line("sales")]]),
      new Map([
        ["b", line("sales")],
        ["c", line("support")],
      ]),
      new Map(),
    ];
    for (const keys of changes) {
      expect(await list.webhookKeys(version, 1_000)).toEqual({ version, complete: true, ageMs: 0, keys: null });
      world.postgres = keys;
      world.now += 1_000;
      const answer = await list.webhookKeys(version, 1_000);
      expect(answer).toMatchObject({ complete: true, keys: [...keys] });
      version = answer.version;
    }
  });

  it("is on the disk for the next instance while Postgres is down, and no guess is refused by it", async () => {
    const { world, open } = stage();
    await open().webhookKeys(null, 1_000);
    world.postgres = null;
    const next = open();
    for (let nth = 0; nth < 100; nth++)
      expect(await next.webhookKeys(null, 30_000)).toMatchObject({ complete: false, keys: [["a", line("sales")]] });
    expect(world.reads).toBe(2);
    world.now += keysPauseMs;
    world.postgres = new Map([["b", line("sales")]]);
    expect(await next.webhookKeys(null, 30_000)).toMatchObject({ complete: true, keys: [["b", line("sales")]] });
  });

  it("has a changed key when the change is answered, though a reading of before was under way", async () => {
    const { world, open } = stage();
    const list = open();
    world.holds = true;
    const early = list.webhookKeys(null, 30_000);
    await new Promise((done) => setImmediate(done));
    world.postgres = new Map([["new", line("sales")]]);
    const changed = list.rereadWebhookKeys();
    while (world.reads < 2) {
      for (const done of world.held.splice(0)) done();
      await new Promise((done) => setImmediate(done));
    }
    world.holds = false;
    for (const done of world.held.splice(0)) done();
    await early;
    const { knownInMs } = await changed;
    expect(knownInMs).toBeGreaterThanOrEqual(webhookKeysFreshMs);
    expect((await list.webhookKeys(null, 30_000)).keys).toEqual([["new", line("sales")]]);
    world.now += 60_000;
    expect((await list.rereadWebhookKeys()).knownInMs).toBe(0);
  });

  it("holds the first change of an instance back as well: the instance before it may have answered just now", async () => {
    const { world, open } = stage();
    await open().webhookKeys(null, 30_000);
    world.now += 1;
    expect((await open().rereadWebhookKeys()).knownInMs).toBeGreaterThanOrEqual(webhookKeysFreshMs);
  });

  it("is as old as its question to Postgres, however long that took", async () => {
    const { world, open } = stage();
    const list = open();
    world.holds = true;
    const slow = list.webhookKeys(null, 30_000);
    await new Promise((done) => setImmediate(done));
    world.now += 1_500;
    for (const done of world.held.splice(0)) done();
    expect(await slow).toMatchObject({ complete: true, ageMs: 1_500 });
  });

  it("is the same list in whatever order Postgres gives it", async () => {
    const { world, open } = stage();
    const list = open();
    world.postgres = new Map([
      ["a", line("sales")],
      ["b", line("support")],
    ]);
    const { version } = await list.webhookKeys(null, 1_000);
    world.postgres = new Map([...world.postgres].reverse());
    world.now += 1_000;
    expect(await list.webhookKeys(version, 1_000)).toEqual({ version, complete: true, ageMs: 0, keys: null });
  });

  it("fails a change that cannot be read back, so that its answer can say so", async () => {
    const { world, open } = stage();
    world.postgres = null;
    await expect(open().rereadWebhookKeys()).rejects.toThrow("down");
  });
});
