import { describe, expect, it } from "vitest";
import { confirmedMs, confirmPauseMs, nameList } from "../../../src/objects/directory/name-list.ts";
import { storedNames } from "../../../src/objects/directory/stored-names.ts";
import { createLog } from "../../../src/platform/log.ts";
import { disk } from "../../runtime/disk.ts";

const log = createLog({ info: () => {}, warn: () => {}, error: () => {} });

/** A directory's disk, which outlives its instances. */
function stage() {
  const kv = new Map<string, unknown>();
  const storage = {
    ...disk(),
    kv: {
      get: <T>(key: string) => kv.get(key) as T | undefined,
      put: (key: string, value: unknown) => void kv.set(key, value),
    },
  };
  const world = { now: 1_000_000, postgres: ["acme"] as string[] | null, reads: 0 };
  const open = () =>
    nameList({
      clock: { now: () => world.now },
      log,
      stored: storedNames(storage),
      async read() {
        world.reads++;
        if (world.postgres === null) throw new Error("Postgres is down");
        return world.postgres;
      },
    });
  return { world, storage, kv, open };
}

describe("the list of names", () => {
  it("is compared with Postgres by the first question, and is whole from then on", async () => {
    const { world, open } = stage();
    const list = open();
    const { version, ...answer } = await list.names(null);
    expect(answer).toEqual({ complete: true, names: ["acme"] });
    expect(await list.names(version)).toEqual({ version, complete: true, names: null });
    expect(world.reads).toBe(1);
  });

  it("is not whole while Postgres is down, however many names it has, and is not compared at every question", async () => {
    const { world, open } = stage();
    world.postgres = null;
    const list = open();
    await list.add(["pushed"]);
    for (let nth = 0; nth < 100; nth++)
      expect(await list.names(null)).toMatchObject({ complete: false, names: ["pushed"] });
    expect(world.reads).toBe(1);
    world.now += confirmPauseMs;
    world.postgres = ["acme"];
    expect(await list.names(null)).toMatchObject({ complete: true, names: ["pushed", "acme"] });
  });

  it("is on the disk for the next instance, with the time of its comparison", async () => {
    const { world, open } = stage();
    await open().names(null);
    world.postgres = null;
    expect(await open().names(null)).toMatchObject({ complete: true, names: ["acme"] });
    expect(world.reads).toBe(1);
    // The instance before it may just have told a Worker of a list without the name.
    expect(await open().add(["new"])).toEqual({ knownInMs: 1_100 });
    world.now += confirmedMs;
    expect(await open().names(null)).toMatchObject({ complete: false });
  });

  it("loses no name, in whatever order pushes and comparisons come", async () => {
    const { world, open } = stage();
    const list = open();
    await list.add(["b", "a", "b"]);
    await list.confirm();
    world.postgres = [];
    await list.confirm();
    await list.add(["a"]);
    const { names } = await list.names(null);
    expect([...(names ?? [])].sort()).toEqual(["a", "acme", "b"]);
  });

  it("counts as whole for two missed sweeps, and is compared again after that", async () => {
    const { world, open } = stage();
    const list = open();
    await list.confirm();
    world.now += confirmedMs - 1;
    await list.names(null);
    expect(world.reads).toBe(1);
    world.now += 1;
    await list.names(null);
    expect(world.reads).toBe(2);
  });

  it("is in doubt at once when Postgres is seen to be down", async () => {
    const { world, open } = stage();
    const list = open();
    await list.confirm();
    world.postgres = null;
    await list.doubt();
    expect(await list.names(null)).toMatchObject({ complete: false });
    expect(await open().names(null)).toMatchObject({ complete: false });
  });

  it("stands a doubt that was none", async () => {
    const { open } = stage();
    const list = open();
    await list.confirm();
    await list.doubt();
    expect(await list.names(null)).toMatchObject({ complete: true });
  });

  it("has another version on another disk, though it has as many names", async () => {
    const [one, other] = [stage().open(), stage().open()];
    expect((await one.names(null)).version).not.toBe((await other.names(null)).version);
  });

  it("makes no table before it has a name", async () => {
    const { storage, kv, world, open } = stage();
    world.postgres = [];
    await open().names(null);
    expect(storage.statements().filter((statement) => !statement.startsWith("select"))).toEqual([]);
    expect([...kv.keys()]).toEqual(["confirmed"]);
  });
});

describe("the time until a new name is known everywhere", () => {
  it("is none while no Worker was told a whole list", async () => {
    const { open } = stage();
    expect(await open().add(["new"])).toEqual({ knownInMs: 0 });
  });

  it("is the rest of a second after the last whole list without it, with a margin", async () => {
    const { world, open } = stage();
    const list = open();
    await list.names(null);
    world.now += 300;
    expect(await list.add(["new"])).toEqual({ knownInMs: 800 });
    world.now += 800;
    expect(await list.add(["newer"])).toEqual({ knownInMs: 0 });
  });

  it("holds for a second caller who names it again, and is none for a name that is long known", async () => {
    const { world, open } = stage();
    const list = open();
    await list.names(null);
    world.now += 300;
    await list.add(["new"]);
    world.now += 100;
    expect(await list.add(["new"])).toEqual({ knownInMs: 700 });
    world.now += 60_000;
    await list.names(null);
    expect(await list.add(["new"])).toEqual({ knownInMs: 0 });
  });
});
