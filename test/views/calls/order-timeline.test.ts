import { expect, test } from "vitest";
import type { EntryRow } from "../../../src/ports/lookups/entries.ts";
import type { OrderSteps } from "../../../src/ports/lookups/orders.ts";
import { orderTimeline } from "../../../src/views/calls/order-timeline.ts";
import { callRow, entryRow, eventRow } from "../../pages/world.ts";

const madeAt = Date.parse("2026-11-23T09:00:00Z");
const minute = 60_000;
const call = (dueInMs: number) => callRow({ createdAt: madeAt, dueAt: madeAt + dueInMs });
const nothing: OrderSteps = { entries: [], verdicts: [], told: [], notes: [], pauses: [], more: false };

/** Entries of the line's pauses, in minutes after the call was made. */
const pauses = (...spans: [from: number, to: number | null][]): EntryRow[] =>
  spans.flatMap(([from, to], nth) => {
    const paused = entryRow("support-en", "paused", { id: 10 * nth + 1, subject: "line", at: madeAt + from * minute });
    const resumed = (end: number) =>
      entryRow("support-en", "resumed", { id: 10 * nth + 2, subject: "line", at: madeAt + end * minute });
    return to === null ? [paused] : [paused, resumed(to)];
  });

test.each<[string, string | null, number, number, EntryRow[]]>([
  ["was dialled at once", null, 0, 0.01, []],
  ["was due later", "it was due later", 60, 60.01, []],
  ["waited for its line", "its turn on the line; nothing else is recorded", 0, 5, []],
  ["waited for a line that was paused when it was due", "the line was paused", 0, 30, pauses([-10, 29])],
  ["waited for a line that was paused while it waited", "the line was paused", 0, 30, pauses([5, 29])],
  ["waited after a pause was over", "its turn on the line; nothing else is recorded", 0, 30, pauses([-20, -10])],
  ["waited before the line was paused", "its turn on the line; nothing else is recorded", 0, 30, pauses([40, 50])],
  [
    "was due later, and the line was paused then",
    "it was due later, then the line was paused",
    60,
    90,
    pauses([50, 89]),
  ],
  ["waited through the second of two pauses", "the line was paused", 0, 30, pauses([-20, -10], [2, 28])],
])("The gap before a call that %s says so.", (_, reason, dueMinutes, dialledMinutes, linePauses) => {
  const one = call(dueMinutes * minute);
  const entries = [
    entryRow(one.id, "queued", { id: 100, at: madeAt, actor: "plan" }),
    entryRow(one.id, "dialing", { id: 101, at: madeAt + dialledMinutes * minute, actor: "line:support-en" }),
  ];
  const rows = { ...nothing, entries, pauses: linePauses, calls: [one], events: [] };
  const steps = orderTimeline(rows, new Map(), true);
  expect(steps.map(({ gap_reason }) => gap_reason)).toEqual([null, reason]);
  expect(steps.map(({ by }) => by)).toEqual(["rule call-me, version 3", "line support-en"]);
});

test("A call whose line was asked to slow down says so.", () => {
  const one = call(0);
  const entries = [
    entryRow(one.id, "queued", { id: 100, at: madeAt, actor: "plan" }),
    entryRow(one.id, "queued", { id: 101, at: madeAt + 1, actor: "line:support-en", reason: "rate_limited" }),
    entryRow(one.id, "dialing", { id: 102, at: madeAt + minute, actor: "line:support-en" }),
  ];
  const steps = orderTimeline({ ...nothing, entries, calls: [one], events: [] }, new Map(), true);
  expect(steps.at(-1)?.gap_reason).toBe("Mihu asked to slow down");
});

test("An event without a plan is provisional, and says what it waits for; one that made no call says why.", () => {
  const waits = { reason: "source_paused", detail: "audit", since: madeAt + minute, until: null };
  const waiting = eventRow({ receivedAt: madeAt, state: "unplanned", reason: null, waits });
  const ignored = eventRow({ receivedAt: madeAt, reason: "unreadable", detail: { detail: "not an object" } });
  const rows = { ...nothing, calls: [], events: [waiting, ignored] };
  const steps = orderTimeline(rows, new Map(), true);
  expect(steps.find(({ event_id, kind }) => event_id === waiting.id && kind === "plan")).toMatchObject({
    ...{ provisional: true, quote: "audit", at: "2026-11-23T09:01:00.000Z" },
    sentence: expect.stringMatching(/^It is not decided yet\. A person paused this source/),
  });
  expect(steps.find(({ event_id, kind }) => event_id === ignored.id && kind === "plan")).toMatchObject({
    ...{ provisional: false, quote: "not an object" },
  });
  // Without `pii:read` neither quote is told.
  expect(JSON.stringify(orderTimeline(rows, new Map(), false))).not.toMatch(/audit|not an object/);
});
