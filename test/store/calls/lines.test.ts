import { afterAll, beforeAll, expect, test } from "vitest";
import { allLines } from "../../../src/store/config/lines.ts";
import { addLine, newEvent, type World, world } from "../world/world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

test("The version of all lines differs after each was made, changed, removed, or removed while another was made, and a commit says the same", async () => {
  const { owner } = w;
  const seen: string[] = [];
  const look = async () => {
    const { version } = await allLines(owner);
    expect((await w.events.accept("shop", [await newEvent()])).linesVersion).toBe(version);
    seen.push(version);
  };
  const swap = async (from: string, to: string) => {
    await owner`delete from lines where slug = ${from}`;
    await addLine(owner, to);
    await look();
  };
  await look();
  await addLine(owner, "one");
  await look();
  await addLine(owner, "two");
  await look();
  await owner`update lines set version = version + 1 where slug = 'two'`;
  await look();
  await swap("one", "three");
  await swap("three", "three");
  await owner`delete from lines where slug = 'two'`;
  await look();
  expect(new Set(seen).size).toBe(seen.length);
});

test("When the next of a line's calls closes is found by an index", async () => {
  const plan = await w.owner.begin(async (sql) => {
    await sql`set local enable_seqscan = off`;
    return await sql`explain select min(closes_at) from calls where line = 'one' and status = 'queued' and closes_at > now()`;
  });
  expect(JSON.stringify(plan)).toContain("calls_closing");
});
