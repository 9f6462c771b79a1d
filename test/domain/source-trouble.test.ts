import { expect, test } from "vitest";
import { silentAfterMistake, sourceTroubles } from "../../src/domain/events/source-trouble.ts";

const now = Date.parse("2026-01-05T18:00:00Z");
const hourMs = 3_600_000;
const quiet = {
  ...{ silentAfter: "4h", silentAfterAt: now - 99 * hourMs, silentSince: now - 5 * hourMs },
  ...{ rejectingSince: null, pausedAt: null, disconnectedAt: null },
};
const silent = [{ code: "source_silent", since: quiet.silentSince }];

test.each([
  ["silent", {}, silent],
  ["silent for just its time", { silentSince: now - 4 * hourMs }, [{ code: "source_silent", since: now - 4 * hourMs }]],
  ["paused", { pausedAt: now }, []],
  ["closed", { disconnectedAt: now, rejectingSince: now }, []],
  ["given more time", { silentAfter: "6h" }, []],
  ["given the time anew", { silentAfterAt: now - hourMs }, []],
  ["given no time", { silentAfter: null, silentAfterAt: null }, []],
  ["heard", { silentSince: null }, []],
  ["silent and rejecting", { rejectingSince: now - 1 }, [{ code: "source_rejecting", since: now - 1 }, ...silent]],
  ["paused and rejecting", { rejectingSince: now - 1, pausedAt: now }, [{ code: "source_rejecting", since: now - 1 }]],
])("a source that is %s has the troubles that it is in", (_, change, troubles) => {
  expect(sourceTroubles({ ...quiet, ...change }, now)).toEqual(troubles);
});

test.each(["5m", "300s", "90d", "12w"])("%s is a time of silence", (text) => {
  expect(silentAfterMistake(text)).toBeNull();
});

test.each(["0m", "1s", "299s", "91d", "400d", "13w", "999999999w", "", "4", "4H", "1.5h", "４h", "4h\n"])(
  "%j is none, and the sentence begins with a verb",
  (text) => {
    expect(silentAfterMistake(text)).toMatch(/^must /);
  },
);
