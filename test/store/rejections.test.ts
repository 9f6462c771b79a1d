import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rejectionsPerSourceMax } from "../../src/domain/limits.ts";
import type { Rejection, RejectionStore } from "../../src/ports/inbox.ts";
import { rejectionsOf } from "../../src/store/event-lookups.ts";
import { keptClient } from "../../src/store/kept.ts";
import { rejectionStore } from "../../src/store/rejections.ts";
import { type World, world } from "./world.ts";

let w: World;
let store: RejectionStore;
const client = { drop: () => {} };
beforeAll(async () => {
  w = await world();
  const kept = keptClient(w.url);
  client.drop = kept.drop;
  store = rejectionStore(() => kept.sql());
});
afterAll(async () => {
  client.drop();
  await w.close();
});

const rejection = (at: number): Rejection => ({
  id: randomUUID(),
  at,
  code: "signature_wrong",
  detail: "No active secret makes this signature.",
  headers: ["content-type", "x-shopify-hmac-sha256"],
  bodyBytes: 1_234,
});
const many = (count: number, from: number) => Array.from({ length: count }, (_, index) => rejection(from + index));
let sources = 0;
async function freshSource(): Promise<string> {
  const slug = `source-${++sources}`;
  await w.owner`insert into sources (slug, preset) values (${slug}, 'generic')`;
  return slug;
}
const kept = async (source: string) => (await rejectionsOf(w.owner, source)).map(({ at }) => at);

describe("rejections", () => {
  test("are kept as they were given, newest first", async () => {
    const source = await freshSource();
    const [one, two] = [rejection(1_767_636_000_123), rejection(1_767_636_000_456)];
    await store.write(source, [one, two]);
    expect(await rejectionsOf(w.owner, source)).toEqual([two, one]);
  });

  test("written twice, after an answer that was lost, are kept once", async () => {
    const source = await freshSource();
    const rejections = many(3, 1_000);
    await store.write(source, rejections);
    await store.write(source, rejections);
    expect(await kept(source)).toEqual([1_002, 1_001, 1_000]);
  });

  test.each([
    ["one at a time", 1],
    ["a few at a time", 7],
    ["as many as are kept", rejectionsPerSourceMax],
  ])("of a source are the newest fifty, written %s", async (_, size) => {
    const source = await freshSource();
    for (let at = 1_000; at < 1_000 + 2 * rejectionsPerSourceMax + 5; at += size)
      await store.write(source, many(size, at));
    const [row] = await w.owner`select count(*)::int as n from rejections where source = ${source}`;
    expect(row?.n).toBe(rejectionsPerSourceMax);
    const times = await kept(source);
    expect(Math.max(...times) - Math.min(...times)).toBe(rejectionsPerSourceMax - 1);
  });

  test("of one source never push out another's", async () => {
    const [quiet, loud] = [await freshSource(), await freshSource()];
    await store.write(quiet, many(1, 1));
    for (let round = 0; round < 3; round++) await store.write(loud, many(40, 1_000 + round * 40));
    expect(await kept(quiet)).toEqual([1]);
  });
});
