import { expect, test } from "vitest";
import { callStatuses, outcomes } from "../../../src/domain/calls/call.ts";
import { reasons } from "../../../src/domain/reasons.ts";
import type { CallRow, Wait } from "../../../src/ports/lookups/calls.ts";
import type { EventRow } from "../../../src/ports/lookups/events.ts";
import { answerOf } from "../../../src/views/calls/order-answer.ts";
import { callRow, eventRow, unplacedCall } from "../../pages/world.ts";

const completed = callRow();
const unanswered = callRow({ outcome: "no_answer" });
const going = callRow({ status: "placed", outcome: null });
const call = (status: CallRow["status"], reason: string | null = null, more: Partial<CallRow> = {}) =>
  unplacedCall({ status, reason, ...more });
const shadow = call("skipped", "shadow");
const dueAt = Date.parse("2026-11-28T07:15:59Z");
const waiting = (reason: string, more: Partial<Wait> = {}) =>
  call("queued", null, { waits: { reason, detail: null, since: null, until: null, ...more } });
const inShadow = "(the rule is in shadow mode: it decides, and never rings)";
const event = (reason: string | null) => eventRow({ state: reason === null ? "unplanned" : "ignored", reason });

test.each<[string, CallRow[]]>([
  ["One call was placed about #1: it was completed.", [completed]],
  ["One call was placed about #1: it is going on or has no known outcome yet.", [going]],
  ["Two calls were placed about #1: both were completed.", [completed, completed]],
  ["Three calls were placed about #1: all three were not answered.", [unanswered, unanswered, unanswered]],
  ["Two calls were placed about #1: one was completed and one was not answered.", [completed, unanswered]],
  [
    "Four calls were placed about #1: one is going on or has no known outcome yet, two were not answered and one was completed.",
    [going, unanswered, completed, unanswered],
  ],
  [
    "One call was placed about #1: it was completed; another was decided against (the rule is in shadow mode: it decides, and never rings).",
    [completed, shadow],
  ],
  [
    `One call was placed about #1: it was not answered; another waits to be placed and two more were decided against ${inShadow}.`,
    [call("queued"), shadow, unanswered, shadow],
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
    "No call was placed about #1 yet: one waits to be placed: it is due at 2026-11-28 07:15 UTC.",
    [waiting("not_due", { until: dueAt })],
  ],
  [
    "No call was placed about #1 yet: one waits to be placed (Mihu asked to slow down (429): the line waits as long as Mihu says, or 30 s, until 2026-11-28 07:15 UTC).",
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
  expect(answerOf("#1", calls, [], false)).toBe(sentence);
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
  expect(answerOf("#1", [], events, false)).toBe(sentence);
});

test("What is not listed is not counted as known.", () => {
  expect(answerOf("#1", [completed, completed], [], true)).toBe(
    "At least two calls were placed about #1: two were completed.",
  );
  expect(answerOf("#1", [], [event("no_rules")], true)).toContain("at least one event came");
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
      const sentence = answerOf("#1", other === null ? [one] : [one, other], [], false);
      expect(sentence).toMatch(/^[A-Z].+[^.]\.$/);
      expect(sentence).not.toMatch(/undefined|null|\(\)| {2}|\.\.|,,| ,|\bone were\b|\btwo was\b/);
    }
});
