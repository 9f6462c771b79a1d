import { expect, test } from "vitest";
import { callStatuses, outcomes } from "../../../src/domain/calls/call.ts";
import { reasons } from "../../../src/domain/reasons.ts";
import type { CallRow, Wait } from "../../../src/ports/lookups/calls.ts";
import type { EventRow } from "../../../src/ports/lookups/events.ts";
import { answerOf as answer, type Telling } from "../../../src/views/calls/order-answer.ts";
import { callRow, eventRow, unplacedCall } from "../../pages/world.ts";

const nowMs = Date.parse("2026-11-28T06:00:00Z");
const telling: Telling = { zone: "UTC", nowMs, open: true };
const answerOf = (calls: CallRow[], events: EventRow[] = [], more = false, how: Partial<Telling> = {}) =>
  answer("#1", { calls, events, more }, { ...telling, ...how });

const completed = callRow();
const unanswered = callRow({ outcome: "no_answer", durationS: null, summary: null });
const going = callRow({ status: "placed", outcome: null });
const call = (status: CallRow["status"], reason: string | null = null, more: Partial<CallRow> = {}) =>
  unplacedCall({ status, reason, ...more });
const brief = callRow({ summary: null, durationS: null });
const monday = "Mon 23 Nov, 15:28 UTC";
const shadow = call("skipped", "shadow");
const dueAt = Date.parse("2026-11-28T07:15:59Z");
const waiting = (reason: string, more: Partial<Wait> = {}) =>
  call("queued", null, { waits: { reason, detail: null, since: null, until: null, ...more } });
const inShadow = "(the rule is in shadow mode: it decides, and never rings)";
const event = (reason: string | null) => eventRow({ state: reason === null ? "unplanned" : "ignored", reason });

test.each<[string, CallRow[]]>([
  [`Yes: ${monday}, 2 min 13 s, completed: “The customer wants a new box and no refund”.`, [completed]],
  [`Yes: ${monday}, completed.`, [callRow({ summary: null, durationS: null })]],
  [`Called: ${monday}, it goes on or has no known outcome yet.`, [going]],
  [`Called: ${monday}, 2 min 13 s, without a known outcome.`, [callRow({ outcome: "unspecified", summary: null })]],
  [
    `Yes, twice: ${monday}, 2 min 13 s, completed: “The customer wants a new box and no refund”; ${monday}, 2 min 13 s, completed.`,
    [completed, completed],
  ],
  [
    `Called, but nobody was reached, four times: ${monday}, no answer; ${monday}, no answer; ${monday}, no answer; before that 1 more.`,
    [unanswered, unanswered, unanswered, unanswered],
  ],
  [`Yes, twice: ${monday}, no answer; ${monday}, 2 min 13 s, completed.`, [unanswered, completed]],
  [
    `Yes: ${monday}, completed. Not called Sat 21 Nov: the rule is in shadow mode: it decides, and never rings.`,
    [brief, callRow({ ...shadow, createdAt: Date.parse("2026-11-21T23:30:00Z") })],
  ],
  [
    `Called, but nobody was reached: ${monday}, no answer. Another waits to be placed. Not called Mon 23 Nov: the rule is in shadow mode: it decides, and never rings.`,
    [call("queued"), shadow, unanswered, shadow],
  ],
  [
    `Yes: ${monday}, completed. Not called Mon 23 Nov: a person canceled the call. Not called Mon 23 Nov: the call could not be placed in time. One more reason kept calls from being placed.`,
    [brief, call("canceled", "canceled"), call("expired", "expired"), shadow],
  ],
  [
    `Yes: ${monday}, completed. Another may or may not have rung (Mihu did not answer within 30 s).`,
    [brief, call("unknown", "timed_out")],
  ],
  ["No call was placed about #1 yet: one waits to be placed.", [call("queued")]],
  ["No call was placed about #1 yet: one waits to be placed.", [call("queued", "rate_limited")]],
  // A reason of an earlier try says nothing of the present.
  [
    "No call was placed about #1 yet: one waits to be placed (a person paused the line).",
    [call("queued", "rate_limited", { waits: { reason: "paused_by_person", detail: "lunch", since: 0, until: null } })],
  ],
  ["No call was placed about #1 yet: one waits to be placed (a person paused all lines).", [waiting("all_paused")]],
  [
    "No call was placed about #1 yet: both wait to be placed (Mihu rejects the token (401)).",
    [waiting("unauthenticated"), waiting("unauthenticated")],
  ],
  [
    "No call was placed about #1 yet: one waits to be placed: it is due at Sat 28 Nov, 07:15 UTC.",
    [waiting("not_due", { until: dueAt })],
  ],
  [
    "No call was placed about #1 yet: one waits to be placed (Mihu asked to slow down (429), so the line waits, until Sat 28 Nov, 07:15 UTC).",
    [waiting("rate_limited", { until: dueAt })],
  ],
  ["No call was placed about #1 yet: one waits to be placed.", [waiting("in_turn")]],
  ["No call was placed about #1 yet: one waits to be placed (sun_spots).", [waiting("sun_spots")]],
  [
    "No call was placed about #1: both were canceled by a person.",
    [call("canceled", "canceled"), call("canceled", "canceled")],
  ],
  [
    "No call was placed about #1: one was canceled (a later event of the same record withdrew the call).",
    [call("canceled", "withdrawn")],
  ],
  ["No call was placed about #1 yet: one is being placed.", [call("dialing")]],
  [
    "No call was placed about #1 yet: one waits for a person (a text uses a field that is missing or empty, and gives no default).",
    [call("held", "placeholder")],
  ],
  [`No call was placed about #1: one was decided against ${inShadow}.`, [shadow]],
  [`No call was placed about #1: both were decided against ${inShadow}.`, [shadow, shadow]],
  [
    "No call was placed about #1: one was decided against (the number is suppressed: Hookline does not call it) and one was canceled by a person.",
    [call("skipped", "suppressed"), call("canceled", "canceled")],
  ],
  ["No call was placed about #1: one could not be placed in time.", [call("expired", "expired")]],
  ["No call was placed about #1: one was refused by the voice service.", [call("rejected", "refused")]],
  [
    "It is not certain whether a call was placed about #1: one may or may not have rung (Mihu did not answer within 30 s).",
    [call("unknown", "timed_out")],
  ],
  [
    "It is not certain whether a call was placed about #1: one waits for a person to say whether it rang (Hookline found no conversation of this call at Mihu) and one waits to be placed.",
    [call("review", "not_found"), call("queued")],
  ],
  ["No call was placed about #1: one was decided against (moon_phase).", [call("skipped", "moon_phase")]],
])("%s", (sentence, calls) => {
  expect(answerOf(calls)).toBe(sentence);
});

test.each<[string, EventRow[]]>([
  ["Nothing is known about #1: no event and no call names it.", []],
  ["No call was placed about #1: one event came, and it is not decided yet.", [event(null)]],
  [
    "No call was placed about #1: one event came, and it is not decided yet (a person paused this source: its webhooks are stored, and are planned when it resumes).",
    [
      eventRow({
        state: "unplanned",
        reason: null,
        waits: { reason: "source_paused", detail: "audit", since: 0, until: null },
      }),
    ],
  ],
  [
    "No call was placed about #1: one event came, and it made none (the source had no rule when the event was planned).",
    [event("no_rules")],
  ],
  [
    "No call was placed about #1: three events came, and the newest made none (Hookline failed to plan this event, because of a bug or because Postgres refused the plan: the event is stored and makes no call).",
    [event("plan_failed"), event(null), event("no_rules")],
  ],
  [
    "No call was placed about #1: two events came, and the newest is not decided yet. Two sources know an order of this number.",
    [event(null), eventRow({ source: "other" })],
  ],
])("%s", (sentence, events) => {
  expect(answerOf([], events)).toBe(sentence);
});

test("What is not listed is not counted as known.", () => {
  expect(answerOf([brief, brief], [], true)).toMatch(/^Yes, at least twice: /);
  expect(answerOf([brief], [], true)).toMatch(/^Yes, at least once: /);
  expect(answerOf([], [event("no_rules")], true)).toContain("at least one event came");
});

test("Times are in the reader's zone, with their year if it is another.", () => {
  expect(answerOf([brief], [], false, { zone: "Asia/Tokyo" })).toBe("Yes: Tue 24 Nov, 00:28, completed.");
  const nextYear = Date.parse("2027-01-02T00:00:00Z");
  expect(answerOf([brief], [], false, { nowMs: nextYear })).toBe("Yes: Mon 23 Nov 2026, 15:28 UTC, completed.");
  const late = callRow({ ...shadow, createdAt: Date.parse("2026-11-21T23:30:00Z") });
  expect(answerOf([brief, late], [], false, { zone: "Europe/Berlin" })).toContain("Not called Sun 22 Nov:");
});

test("A summary is told to who may read it, its first sentence at most.", () => {
  expect(answerOf([completed], [], false, { open: false })).toBe(`Yes: ${monday}, 2 min 13 s, completed.`);
  const saying = (summary: string) => answerOf([callRow({ summary })]).replace(/^.*completed/, "");
  expect(saying("Anna wants a refund! She called twice.")).toBe(": “Anna wants a refund!”.");
  expect(saying("  \n ")).toBe(".");
  expect(saying("返金を希望。明日また。")).toBe(": “返金を希望。明日また。”.");
  expect(saying("😀".repeat(500))).toBe(`: “${"😀".repeat(160)}…”.`);
});

test("Every status, outcome and reason, alone and beside another, makes one sentence that ends and has no holes.", () => {
  const all = [
    ...outcomes.map((outcome) => callRow({ outcome })),
    ...callStatuses.filter((status) => status !== "ended").map((status) => call(status)),
    ...Object.keys(reasons).map((reason) => call("skipped", reason)),
    ...["paused_by_person", "not_due", "in_turn"].map((reason) => waiting(reason)),
  ];
  for (const one of all)
    for (const other of [null, ...all]) {
      const sentence = answerOf(other === null ? [one] : [one, other]);
      expect(sentence).toMatch(/^[A-Z].+[^.]\.$/);
      expect(sentence).not.toMatch(/undefined|null|\(\)| {2}|\.\.|,,| ,|\bone were\b|\btwo was\b/);
    }
});
