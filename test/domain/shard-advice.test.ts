import { describe, expect, test } from "vitest";
import { shardsMax } from "../../src/domain/limits.ts";
import {
  type BusiestWindow,
  busyEventsMax,
  moreInboxes,
  requestsPerInboxSecond,
  requestsPerSecond,
} from "../../src/domain/shard-advice.ts";

const window = (events: number, commits: number): BusiestWindow => ({ since: 0, events, commits });

describe("a source's rate", () => {
  test("is that of its events where each request carries one", () => {
    expect(requestsPerSecond(window(1_500, 40), false)).toBe(300);
  });

  test("counts a request once where it may carry several: a commit holds at least one", () => {
    expect(requestsPerSecond(window(16_000, 40), true)).toBe(8);
  });
});

describe("advice", () => {
  test.each([
    [0, 1, null],
    [requestsPerInboxSecond, 1, null],
    [requestsPerInboxSecond + 0.2, 1, 2],
    [1_000, 4, 5],
    [1_000, 5, null],
    [1_000, 16, null],
    [1_000_000, 1, shardsMax],
    [1_000_000, shardsMax, null],
  ])("at %s requests a second with %s inboxes: %s", (perSecond, inboxes, advised) => {
    expect(moreInboxes(perSecond, inboxes)).toBe(advised);
  });

  test("can name every number of inboxes: the events that are looked at suffice for the most", () => {
    expect(moreInboxes(requestsPerSecond(window(busyEventsMax, 1), false), shardsMax - 1)).toBe(shardsMax);
  });
});
