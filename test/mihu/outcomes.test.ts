import { expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../src/domain/json.ts";
import { namesEveryCall, readCalls } from "../../src/mihu/conversation.ts";
import { type CallFacts, outcomeOf } from "../../src/mihu/outcomes.ts";

const nowMs = Date.UTC(2026, 10, 23, 12, 0, 0);
const justNow = nowMs - 1_000;
const longAgo = nowMs - 60_000;
const going: CallFacts = { word: null, durationS: null, hasSummary: false, sessionEndedAt: null };

test.each([
  ["completed", "completed"],
  ["Completed", "completed"],
  ["busy", "busy"],
  ["no-answer", "no_answer"],
  ["no_answer", "no_answer"],
  ["no answer", "no_answer"],
  ["failed", "failed"],
  ["canceled", "canceled"],
  ["cancelled", "canceled"],
  ["voicemail", "voicemail"],
])("The word %j ends a call as %s, whatever else is known.", (word, outcome) => {
  expect(outcomeOf({ ...going, word }, nowMs)).toBe(outcome);
  expect(outcomeOf({ word, durationS: 30, hasSummary: true, sessionEndedAt: longAgo }, nowMs)).toBe(outcome);
});

test.each([
  "initiated",
  "in-progress",
  "in_progress",
  "queued",
  "ringing",
  "success",
  "ended",
  "done",
  "constructor",
  "🙂",
])("The word %j ends nothing, not even with a duration and a summary.", (word) => {
  expect(outcomeOf({ ...going, word }, nowMs)).toBeNull();
  expect(outcomeOf({ word, durationS: 30, hasSummary: true, sessionEndedAt: justNow }, nowMs)).toBeNull();
});

test.each<[string, Partial<CallFacts>, string | null]>([
  ["nothing is known", {}, null],
  ["there is a duration only", { durationS: 30 }, null],
  ["there is a summary only", { hasSummary: true }, null],
  ["there is talk with a summary", { durationS: 30, hasSummary: true }, "completed"],
  ["there is talk in a session that has ended", { durationS: 30, sessionEndedAt: justNow }, "completed"],
  ["the session has just ended, without talk so far", { durationS: 0, sessionEndedAt: justNow }, null],
  ["the session has just ended, by a clock that is ahead of ours", { sessionEndedAt: nowMs + 5_000 }, null],
  ["the session ended a minute ago without talk", { durationS: 0, sessionEndedAt: longAgo }, "unspecified"],
  ["the session ended a minute ago and no duration came", { sessionEndedAt: longAgo }, "unspecified"],
  [
    "a live word is out of date after talk",
    { word: "in-progress", durationS: 9, sessionEndedAt: longAgo },
    "completed",
  ],
  ["a live word is out of date without talk", { word: "initiated", sessionEndedAt: longAgo }, "unspecified"],
  [
    "an unknown word stands in a session long over",
    { word: "declined", durationS: 9, sessionEndedAt: longAgo },
    "unspecified",
  ],
])("When %s, the outcome is as the table says.", (_what, facts, outcome) => {
  expect(outcomeOf({ ...going, ...facts }, nowMs)).toBe(outcome);
});

const call = {
  uuid: "call-2",
  status: "completed",
  duration: 31,
  recording_url: "https://media.mihu.example/2.mp3",
  summary: "Solved.",
  timestamp: "2026-11-23T11:50:00.000000Z",
};
const conversation = { uuid: "conv-1", session_uuids: ["s-2"], call };
const session = (n: number, change: object = {}) => ({
  uuid: `s-${n}`,
  status: "ended",
  started_at: `2026-11-23T11:${40 + n}:00.000000Z`,
  ended_at: `2026-11-23T11:${40 + n}:40.000000Z`,
  summary: null,
  call_uuid: `call-${n}`,
  ...change,
});

test("A conversation of one ended call needs no second question.", () => {
  expect(namesEveryCall(conversation)).toBe(true);
  expect(readCalls(conversation, [], nowMs)).toEqual([
    {
      callId: "call-2",
      ended: true,
      outcome: "completed",
      raw: "completed",
      durationS: 31,
      summary: "Solved.",
      recordingUrl: "https://media.mihu.example/2.mp3",
      startedAt: Date.UTC(2026, 10, 23, 11, 50),
      number: null,
      agent: null,
      elsewhere: false,
    },
  ]);
});

test.each<[string, object]>([
  ["several sessions", { session_uuids: ["s-1", "s-2"] }],
  ["no list of sessions", { session_uuids: null }],
  ["no call", { call: null }],
  ["a call without id", { call: { ...call, uuid: null } }],
  ["a call that continues", { call: { ...call, status: "in-progress" } }],
  ["a call of an unknown word", { call: { ...call, status: "hung-up" } }],
  ["a call without a word", { call: { ...call, status: undefined } }],
])("A conversation with %s does not tell all.", (_what, change) => {
  expect(namesEveryCall({ ...conversation, ...change })).toBe(false);
});

test("Of several calls each has a report, the newest first, in whatever order they came.", () => {
  const reports = readCalls(conversation, [session(1), session(3), session(2), "odd", null], nowMs);
  expect(reports.map((report) => [report.callId, report.outcome, report.raw])).toEqual([
    ["call-2", "completed", "completed"],
    ["call-3", "unspecified", null],
    ["call-1", "unspecified", null],
  ]);
});

test("A session's own word is not taken for the call's.", () => {
  const [report] = readCalls({ ...conversation, call: null }, [session(1, { status: "completed" })], nowMs);
  expect(report).toMatchObject({ callId: "call-1", outcome: "unspecified", raw: null });
});

test("A call without id is the newest session's.", () => {
  const reports = readCalls({ ...conversation, call: { ...call, uuid: null } }, [session(1), session(2)], nowMs);
  expect(reports.map((report) => [report.callId, report.outcome])).toEqual([
    ["call-2", "completed"],
    ["call-1", "unspecified"],
  ]);
});

test("A call that continues is reported as such, and a time without zone is UTC.", () => {
  const live = { ...conversation, call: { ...call, status: null, duration: null, summary: null } };
  const [report] = readCalls(live, [session(2, { ended_at: null, started_at: "2026-11-23 11:42:00" })], nowMs);
  expect(report).toMatchObject({
    callId: "call-2",
    ended: false,
    outcome: null,
    startedAt: Date.UTC(2026, 10, 23, 11, 42),
  });
});

test.each<[string, object, object]>([
  ["a duration as text", { duration: "12.4" }, { durationS: 12 }],
  ["half a second of talk", { duration: 0.4 }, { durationS: 1 }],
  ["a duration that is none", { duration: "00:12" }, { durationS: null }],
  ["a negative duration", { duration: -1 }, { durationS: null }],
  ["a duration of weeks", { duration: 1e9 }, { durationS: null }],
  ["a summary with NUL", { summary: "a\u0000b" }, { summary: "ab" }],
  ["an empty summary", { summary: "  " }, { summary: null }],
  ["a summary that is no text", { summary: { a: 1 } }, { summary: null }],
  ["a recording that is no link", { recording_url: "javascript:alert(1)" }, { recordingUrl: null }],
  ["an endless word", { status: "x".repeat(500) }, { raw: "x".repeat(100), ended: false }],
])("Of %s what is fit is kept.", (_what, change, wanted) => {
  expect(readCalls({ ...conversation, call: { ...call, ...change } }, [], nowMs)[0]).toMatchObject(wanted);
});

test("An endless summary is cut, and not through a character.", () => {
  const [report] = readCalls({ ...conversation, call: { ...call, summary: "🙂".repeat(4_000) } }, [], nowMs);
  expect(report?.summary?.length).toBeLessThanOrEqual(4_000);
  expect(report?.summary?.isWellFormed()).toBe(true);
});

test.each<[string, object, object, object]>([
  [
    "the conversation's contact",
    { contact: { phone_number: "+1 415 555 0100" }, agent_uuid: "a-1" },
    {},
    { number: "+14155550100", agent: "a-1" },
  ],
  [
    "the session's own, where it has one",
    { contact: { phone_number: "+14155550100" } },
    { contact: { phone_number: "+14155550101" }, agent_uuid: "a-2" },
    { number: "+14155550101", agent: "a-2" },
  ],
  ["nobody, where the number is none", { contact: { phone_number: "Ann" } }, {}, { number: null, agent: null }],
  ["elsewhere: inbound", { type: "inbound" }, {}, { elsewhere: true }],
  ["elsewhere: of a session that came in", {}, { direction: "incoming" }, { elsewhere: true }],
  ["elsewhere: simulated", { is_simulation: true }, {}, { elsewhere: true }],
  ["elsewhere: of a campaign", { campaign_uuid: "c" }, {}, { elsewhere: true }],
  ["elsewhere: of a task", { task_uuids: ["t"] }, {}, { elsewhere: true }],
])("Whose call it is is told: %s.", (_what, conversation, session, expected) => {
  const sessions = [{ call_uuid: "call-1", started_at: "2026-11-23T11:00:00Z", ...session }] as JsonValue[];
  expect(readCalls(conversation as JsonObject, sessions, nowMs)).toMatchObject([{ elsewhere: false, ...expected }]);
});
