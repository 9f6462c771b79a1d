import { expect, test } from "vitest";
import { callStatuses } from "../../src/domain/calls/call.ts";
import { reasons } from "../../src/domain/reasons.ts";
import { besideStatus, plain, textsTitle } from "../../src/pages/parts/words.ts";
import type { CallRow } from "../../src/ports/lookups/calls.ts";
import { callView } from "../../src/views/calls/call.ts";
import { durationText, timeText } from "../../src/views/times.ts";
import { unplacedCall } from "./world.ts";

test.each([
  ["2026-11-23T15:33:07.123Z", "Mon 23 Nov 2026, 15:33:07 UTC"],
  ["2026-01-05T00:00:00+00:00", "Mon 5 Jan 2026, 00:00:00 UTC"],
  ["2026-11-23T15:33:07+02:00", "2026-11-23T15:33:07+02:00"],
  ["yesterday", "yesterday"],
])("The time %s reads %s: only what is UTC is called so.", (iso, text) => {
  expect(timeText(iso, "seconds")).toBe(text);
});

test.each([
  [0, "0 s"],
  [59.4, "59 s"],
  [133, "2 min 13 s"],
  [3_725, "1 h 2 min"],
  [120, "2 min"],
  [14_400, "4 h"],
  [86_400 * 3 + 59, "3 d"],
  [100_000, "1 d 3 h"],
])("%d seconds read %s.", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

const view = (more: Partial<CallRow>) => callView(unplacedCall(more), true);
const waits = (reason: string) => ({ reason, detail: null, since: null, until: null });

test("No status is said twice beside itself, whatever the reason.", () => {
  for (const status of callStatuses)
    for (const reason of [null, ...Object.keys(reasons)]) {
      if (status === "ended") continue;
      const beside = besideStatus(
        view({ status, reason, waits: status === "queued" && reason ? waits(reason) : null }),
      );
      expect([status, reason, beside === plain(status)]).toEqual([status, reason, false]);
    }
});

test.each<[Partial<CallRow>, string | null]>([
  [{ status: "canceled", reason: "canceled" }, "by a person"],
  [{ status: "canceled", reason: "withdrawn" }, "withdrawn"],
  [{ status: "expired", reason: "expired" }, null],
  [{ status: "rejected", reason: "refused" }, null],
  [{ status: "skipped", reason: "no_number" }, "no number"],
  [{ status: "queued", reason: null, waits: waits("paused_by_person") }, "line paused"],
  [{ status: "queued", reason: "line_paused", waits: waits("unauthenticated") }, "line paused"],
  // It was tried before, and is in its turn now.
  [{ status: "queued", reason: "rate_limited", waits: waits("in_turn") }, null],
  [{ status: "queued", reason: null, waits: waits("not_due") }, "not due"],
  [{ status: "queued", reason: null, waits: waits("calls_per_day") }, "calls per day"],
])("%j has beside its status: %s", (row, said) => {
  expect(besideStatus(view(row))).toBe(said);
});

test("Only the texts of a call that was placed were told to an agent.", () => {
  const told = callStatuses.filter((status) => textsTitle(status) === "The agent was told");
  expect(told.sort()).toEqual(["ended", "placed"]);
  for (const status of callStatuses) expect(textsTitle(status)).toMatch(/^The agent [a-z ]+ told$/);
});

test.each([
  ["paused_by_person", null, "paused_by_person"],
  ["all_paused", null, "all_paused"],
  ["agent_missing", "line_paused", "line_paused"],
  ["in_turn", null, null],
  ["not_due", null, null],
])("A queued call that waits for %s, with the stored reason %s, shows the reason %s.", (waited, reason, shown) => {
  expect(view({ status: "queued", reason, waits: waits(waited) }).reason).toBe(shown);
});
