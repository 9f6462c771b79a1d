import { expect, test } from "vitest";
import { lru } from "../../src/platform/lru.ts";

test("One entry too many drops the entry that was used least recently, whether read or written.", () => {
  const cache = lru<string>(3);
  for (const key of ["a", "b", "c"]) cache.set(key, key);
  cache.get("a");
  cache.set("b", "again");
  cache.set("d", "d");
  expect(["a", "b", "c", "d"].map(cache.get)).toEqual(["a", "again", undefined, "d"]);
});

test("Entries together weigh no more than the bound, and one that is heavier is not stored.", () => {
  const cache = lru<string>(100, 10);
  for (const key of ["a", "b", "c"]) cache.set(key, key, 4);
  expect(["a", "b", "c"].map(cache.get)).toEqual([undefined, "b", "c"]);
  cache.set("c", "heavier", 9);
  expect(["b", "c"].map(cache.get)).toEqual([undefined, "heavier"]);
  cache.set("d", "too heavy", 11);
  expect(["c", "d"].map(cache.get)).toEqual(["heavier", undefined]);
});

test("A value that is set again weighs what it is said to weigh then.", () => {
  const cache = lru<string>(100, 10);
  cache.set("a", "a", 4);
  cache.set("b", "b", 1);
  cache.set("b", "b", 9);
  expect(["a", "b"].map(cache.get)).toEqual([undefined, "b"]);
});

test("A deleted entry is gone, and a value of zero is a value.", () => {
  const cache = lru<number>(3);
  cache.set("a", 0);
  expect(cache.get("a")).toBe(0);
  cache.delete("a");
  expect(cache.get("a")).toBeUndefined();
});
