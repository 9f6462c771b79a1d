import { expect, test } from "vitest";
import { waitsForSeal } from "./seals.ts";

const entry = (at: number, sealedAt: number | null) => ({ id: at, at, sealedAt });

test("an entry waits from its writing until its head", () => {
  expect(waitsForSeal([entry(0, 1_000), entry(500, 27_500)], [])).toMatchObject({
    sealed: 2,
    open: 0,
    longestMs: 27_000,
  });
});

test.each([
  ["the whole outage within the wait", 1_000, 11_000, 17_000],
  ["an outage that began before the entry", -5_000, 2_000, 25_000],
  ["an outage that ended after the seal", 20_000, 40_000, 20_000],
  ["an outage before it", -5_000, -1_000, 27_000],
  ["an outage after it", 28_000, 30_000, 27_000],
])("only the time without Postgres within the wait is left out: %s", (_, from, until, longestMs) => {
  for (const kind of ["postgres_stop", "postgres_crash"] as const)
    expect(waitsForSeal([entry(0, 27_000)], [{ kind, from, until }])).toMatchObject({
      longestMs,
      longestWithOutageMs: 27_000,
    });
});

test("a fault of a Worker or of its wire excuses no wait", () => {
  for (const kind of ["kill", "hang", "cut_unanswered", "sweep_skipped", "backend_ended"] as const)
    expect(waitsForSeal([entry(0, 27_000)], [{ kind, from: 0, until: 27_000 }]).longestMs).toBe(27_000);
});

test("an entry that is never sealed is open, and nobody's longest wait", () => {
  expect(waitsForSeal([entry(0, null), entry(0, 10)], [])).toMatchObject({ sealed: 1, open: 1, longestMs: 10 });
});
