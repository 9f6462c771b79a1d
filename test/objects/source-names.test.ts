import { describe, expect, it } from "vitest";
import { sourceNames } from "../../src/objects/source-names.ts";
import { createLog } from "../../src/platform/log.ts";

const log = createLog({ info: () => {}, warn: () => {}, error: () => {} });

/** An isolate whose clock moves only when somebody waits or a test says so. */
function stage() {
  const world = {
    now: 1_000_000,
    crowd: false,
    names: ["acme"],
    complete: true,
    asks: 0,
    gone: false,
    hang: false,
    seen: [] as unknown[],
  };
  const verdict = sourceNames({
    clock: { now: () => world.now },
    log,
    directory: {
      async names(version) {
        world.asks++;
        world.seen.push(version);
        if (world.hang) await new Promise(() => {});
        await Promise.resolve();
        if (world.gone) throw new Error("unreachable");
        const current = String(world.names.length);
        return { version: current, complete: world.complete, names: version === current ? null : [...world.names] };
      },
    },
    async pause(ms) {
      await Promise.resolve();
      world.now += world.crowd ? 0.001 : ms;
    },
  });
  return { world, verdict };
}

describe("the names in an isolate", () => {
  it("a listed name asks once, and never again", async () => {
    const { world, verdict } = stage();
    expect(await verdict("acme")).toBe("listed");
    world.now += 86_400_000;
    world.gone = true;
    expect(await verdict("acme")).toBe("listed");
    expect(world.asks).toBe(1);
  });

  it("ten thousand guesses at once cost one question", async () => {
    const { world, verdict } = stage();
    world.crowd = true;
    const found = await Promise.all(Array.from({ length: 10_000 }, (_, nth) => verdict(`guess-${nth}`)));
    expect(new Set(found)).toEqual(new Set(["not_listed"]));
    expect(world.asks).toBe(1);
  });

  it("guesses cost one question a second, which names the version at hand", async () => {
    const { world, verdict } = stage();
    for (let nth = 0; nth < 3_000; nth++) {
      expect(await verdict(`guess-${nth}`)).toBe("not_listed");
      world.now += 1;
    }
    expect(world.asks).toBe(3);
    expect(world.seen).toEqual([null, "1", "1"]);
  });

  it("a new name is known a second after the list without it was asked for", async () => {
    const { world, verdict } = stage();
    expect(await verdict("new")).toBe("not_listed");
    world.names.push("new");
    world.now += 999;
    expect(await verdict("new")).toBe("not_listed");
    world.now += 1;
    expect(await verdict("new")).toBe("listed");
  });

  it("an unlisted name is unknown, and never none, while the list is not whole or cannot be had", async () => {
    const { world, verdict } = stage();
    world.complete = false;
    expect(await verdict("guess")).toBe("unknown");
    world.now += 1_000;
    world.complete = true;
    expect(await verdict("guess")).toBe("not_listed");
    world.now += 1_000;
    world.gone = true;
    expect(await verdict("guess")).toBe("unknown");
    const { asks } = world;
    for (let nth = 0; nth < 500; nth++) expect(await verdict(`guess-${nth}`)).toBe("unknown");
    expect(world.asks).toBe(asks);
  });

  it("a question whose request is gone holds nobody up for longer than its deadline", async () => {
    const { world, verdict } = stage();
    world.hang = true;
    void verdict("first");
    world.hang = false;
    const began = world.now;
    expect(await verdict("acme")).toBe("listed");
    expect(world.now - began).toBeLessThan(4_100);
  });

  it("a directory that lost its disk takes no name away", async () => {
    const { world, verdict } = stage();
    expect(await verdict("acme")).toBe("listed");
    world.names = [];
    world.complete = false;
    world.now += 1_000;
    expect(await verdict("guess")).toBe("unknown");
    expect(await verdict("acme")).toBe("listed");
  });
});
