import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SourceStore } from "../../../src/ports/ingest/sources.ts";
import { sourceStore } from "../../../src/store/config/sources.ts";
import { keptClient } from "../../../src/store/postgres/kept-client.ts";
import { waitsForLock } from "../world/locks.ts";
import { type World, world } from "../world/world.ts";

let w: World;
const stores: SourceStore[] = [];
const pids: number[] = [];
const drops: (() => void)[] = [];
beforeAll(async () => {
  w = await world();
  for (let i = 0; i < 3; i++) {
    const client = keptClient(w.url, () => {});
    drops.push(client.drop);
    stores.push(sourceStore(client.sql));
    pids.push(Number((await client.sql()`select pg_backend_pid() as pid`)[0]?.pid));
  }
});
afterAll(async () => {
  for (const drop of drops) drop();
  await w.close();
});

let sources = 0;
async function freshSource(): Promise<string> {
  const slug = `asana-${++sources}`;
  await w.owner`insert into sources (slug, preset) values (${slug}, 'asana')`;
  return slug;
}
const secretOf = (name: string) => ({ sealed: `jwe-${name}`, kid: "k1", fingerprint: `f-${name}` });
function capture(store: number, source: string, name: string): Promise<boolean> {
  const asked = stores[store];
  if (asked === undefined) throw new Error("no such client");
  return asked.capture(source, secretOf(name));
}
const active = (source: string) =>
  w.owner<{ sealed: string }[]>`select sealed from secrets where source = ${source} and retired_at is null`;
const entries = (source: string) =>
  w.owner`select action, actor, data from entries where subject = 'source' and subject_id = ${source} order by id`;
const version = async (source: string) =>
  Number((await w.owner`select version from sources where slug = ${source}`)[0]?.version);

describe("a secret that a sender hands over", () => {
  test("is kept with its entry, and copies of the source are older then", async () => {
    const source = await freshSource();
    const before = await version(source);
    expect(await capture(0, source, "a")).toBe(true);
    expect(await active(source)).toEqual([{ sealed: "jwe-a" }]);
    expect(await version(source)).toBe(before + 1);
    expect(await entries(source)).toMatchObject([{ action: "secret_captured", actor: "sender", data: { kid: "k1" } }]);
    expect(JSON.stringify(await entries(source))).not.toContain("jwe");
    expect((await stores[0]?.copy(source))?.secrets).toMatchObject([{ sealed: "jwe-a" }]);
  });

  test("is not kept where the source has one, not even the same; and leaves no entry", async () => {
    const source = await freshSource();
    await capture(0, source, "a");
    for (const name of ["a", "b"]) expect(await capture(0, source, name)).toBe(false);
    expect(await active(source)).toEqual([{ sealed: "jwe-a" }]);
    expect(await entries(source)).toHaveLength(1);
    expect(await version(source)).toBe(2);
  });

  test("is kept after the one before it was retired", async () => {
    const source = await freshSource();
    await capture(0, source, "a");
    await w.owner`update secrets set retired_at = now() where source = ${source}`;
    expect(await capture(0, source, "b")).toBe(true);
    expect(await active(source)).toEqual([{ sealed: "jwe-b" }]);
  });

  test("is not kept by a source that is disconnected, or that there is not", async () => {
    const source = await freshSource();
    await w.owner`update sources set disconnected_at = now() where slug = ${source}`;
    expect(await capture(0, source, "a")).toBe(false);
    expect(await capture(0, "nowhere", "a")).toBe(false);
    expect(await active(source)).toEqual([]);
  });

  test("is one, of three that come at once", async () => {
    const source = await freshSource();
    // Each has looked, and found no secret, before any of them may write.
    const held = await w.owner.reserve();
    const racing = await (async () => {
      await held`begin`;
      await held`select from sources where slug = ${source} for update`;
      const all = ["a", "b", "c"].map((name, store) => capture(store, source, name));
      for (const pid of pids) await waitsForLock(held, pid);
      await held`commit`;
      return await Promise.all(all);
    })().finally(() => held.release());
    expect(racing.filter((kept) => kept)).toHaveLength(1);
    expect(await active(source)).toHaveLength(1);
    expect(await entries(source)).toHaveLength(1);
  });
});
