import { expect, test } from "vitest";
import type { PlaceAnswer } from "../../src/domain/calls/dial.ts";
import { classPlaceAnswer } from "../../src/mihu/answers.ts";

const nowMs = Date.UTC(2026, 10, 23, 12, 0, 0);

/** The documented answer. */
const data = {
  id: "f0e1d2c3-0000-4000-8000-000000000001",
  agentId: "32d8fc98-be1e-4d32-a12e-146f397fb1cb2",
  status: "success",
  conversation_uuid: "c0ffee00-0000-4000-8000-000000000002",
  contact_uuid: "c0ffee00-0000-4000-8000-000000000003",
  listen_url: "https://media.mihu.example/listen/1",
  record_url: "https://media.mihu.example/recordings/1.mp3",
};
const placed: PlaceAnswer = {
  kind: "placed",
  conversationUuid: data.conversation_uuid,
  contactUuid: data.contact_uuid,
  mihuId: data.id,
  listenUrl: data.listen_url,
  recordUrl: data.record_url,
};

function answered(status: number, body: unknown, headers: Record<string, string> = {}): PlaceAnswer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return classPlaceAnswer({ kind: "answer", status, headers: new Headers(headers), text }, nowMs);
}

test("The documented answer is a placed call with everything that it says.", () => {
  expect(answered(200, { success: true, message: "ok", data })).toEqual(placed);
});

test.each<[string, number, unknown, Partial<Record<string, string | null>>]>([
  ["201", 201, { success: true, data }, {}],
  ["no `success`", 200, { data }, {}],
  ["no envelope", 200, data, {}],
  ["an id as a number", 200, { data: { ...data, id: 42 } }, { mihuId: "42" }],
  ["no conversation", 200, { data: { ...data, conversation_uuid: null } }, { conversationUuid: null }],
  ["no id", 200, { data: { ...data, id: undefined } }, { mihuId: null }],
  ["a conversation that is no id", 200, { data: { ...data, conversation_uuid: "a/../b" } }, { conversationUuid: null }],
  ["an endless contact id", 200, { data: { ...data, contact_uuid: "a".repeat(201) } }, { contactUuid: null }],
  ["any word for its status", 200, { data: { ...data, status: "initiated" } }, {}],
  ["a script for a link", 200, { data: { ...data, listen_url: "javascript:alert(1)" } }, { listenUrl: null }],
  [
    "a link without encryption",
    200,
    { data: { ...data, record_url: "http://media.mihu.example/1" } },
    { recordUrl: null },
  ],
  [
    "an endless link",
    200,
    { data: { ...data, record_url: `https://a.example/${"a".repeat(2_000)}` } },
    { recordUrl: null },
  ],
  [
    "a link with credentials",
    200,
    { data: { ...data, listen_url: "https://a:b@media.example/" } },
    { listenUrl: null },
  ],
  [
    "a link that leaves its quotes",
    200,
    { data: { ...data, listen_url: 'https://a.example/"onx=' } },
    { listenUrl: null },
  ],
])("A 2xx with %s is placed.", (_what, status, body, change) => {
  expect(answered(status, body)).toEqual({ ...placed, ...change });
});

test("The older answer, which names no conversation, is placed by its id.", () => {
  const older = { id: data.id, agentId: data.agentId, provider: "twilio", status: "initiated" };
  const known = { contactUuid: null, listenUrl: null, recordUrl: null };
  expect(answered(200, older)).toEqual({ kind: "placed", conversationUuid: null, mihuId: data.id, ...known });
});

test.each<[string, number, unknown, string]>([
  ["an empty 200", 200, "", "unreadable_answer"],
  ["a 204", 204, "", "unreadable_answer"],
  ["a page", 200, "<!DOCTYPE html>", "unreadable_answer"],
  ["half of the answer", 200, '{"success":true,"data":{"conversation_uuid":"c0f', "unreadable_answer"],
  ["an array", 200, [data], "unreadable_answer"],
  ["null", 200, "null", "unreadable_answer"],
  ["neither id", 200, { success: true, data: { status: "success" } }, "unreadable_answer"],
  ["ids that are none", 200, { data: { id: "", conversation_uuid: {} } }, "unreadable_answer"],
  ["a 2xx that says it failed", 200, { success: false, message: "no", data }, "unexpected_answer"],
  ["a redirect to another address", 307, "", "unexpected_answer"],
  ["a redirect to a page", 302, "<html>", "unexpected_answer"],
  ["a 304", 304, "", "unexpected_answer"],
  ["a 400", 400, { message: "Bad Request" }, "unexpected_answer"],
  ["a 405", 405, { message: "Method not allowed" }, "unexpected_answer"],
  ["a 408", 408, "", "unexpected_answer"],
  ["a 409", 409, { success: false, message: "conflict", data: { error: "conflict" } }, "unexpected_answer"],
  ["a 413", 413, "", "unexpected_answer"],
  ["a 415", 415, "", "unexpected_answer"],
  ["a 418", 418, "", "unexpected_answer"],
  ["a 499", 499, "", "unexpected_answer"],
  ["a 500", 500, { message: "Server Error" }, "server_error"],
  ["a 502", 502, "<html>Bad Gateway</html>", "server_error"],
  ["a 503 with a wait", 503, "", "server_error"],
  ["a 504", 504, "", "server_error"],
])("Of %s nobody knows whether it rang.", (_what, status, body, reason) => {
  expect(answered(status, body, { "retry-after": "1" })).toMatchObject({ kind: "unknown", reason, status });
});

test("Of no answer, or half of one, nobody knows whether it rang.", () => {
  const nothing = { kind: "unknown", status: null, detail: "" };
  expect(classPlaceAnswer({ kind: "timeout" }, nowMs)).toEqual({ ...nothing, reason: "timed_out" });
  const lost = classPlaceAnswer({ kind: "lost", detail: "ECONNRESET" }, nowMs);
  expect(lost).toEqual({ ...nothing, reason: "connection_lost", detail: "ECONNRESET" });
});

test("An answer that went over the cap cannot be read, even if what is left of it could.", () => {
  const text = JSON.stringify({ data });
  const cut = { kind: "answer", status: 200, headers: new Headers(), text, truncated: true } as const;
  expect(classPlaceAnswer(cut, nowMs)).toMatchObject({ kind: "unknown", reason: "unreadable_answer" });
});

test.each<[number, unknown, string, string]>([
  [401, { message: "Unauthenticated." }, "unauthenticated", "Unauthenticated."],
  [402, "", "payment_required", ""],
  [
    403,
    { success: false, message: "Not allowed.", data: { error: "outbound_off" } },
    "forbidden",
    "outbound_off: Not allowed.",
  ],
  [404, { success: false, message: "Agent not found.", data: null }, "agent_missing", "Agent not found."],
  [404, "<html>nothing here</html>", "agent_missing", ""],
])("A %i is about us and not about the call.", (status, body, reason, detail) => {
  expect(answered(status, body)).toEqual({ kind: "about_us", reason, status, detail });
});

test("A 422 refuses this one call, with the first sentence for each field.", () => {
  const body = {
    message: "first (and 1 more error)",
    errors: { "participant.number": ["first", "x"], prompt: ["second"] },
  };
  expect(answered(422, body)).toEqual({ kind: "refused", status: 422, detail: "first second" });
});

test.each<[string, unknown, string]>([
  ["only a message", { message: "No." }, "No."],
  ["errors of an odd form", { message: "No.", errors: ["x", 3, { a: 1 }] }, "No."],
  ["errors that say nothing", { message: "No.", errors: { a: [], b: null } }, "No."],
  ["nothing readable", "<html>", ""],
])("A 422 with %s refuses all the same.", (_what, body, detail) => {
  expect(answered(422, body)).toEqual({ kind: "refused", status: 422, detail });
});

test("What Mihu says of an error is kept short, on one line, and without numbers or tokens.", () => {
  const said = `The number +14155550100\nand 4155550100 are bad,\u0000 Bearer abcdefghijkl. ${"x".repeat(500)}`;
  const answer = answered(422, { message: said });
  const detail = answer.kind === "refused" ? answer.detail : "";
  expect(detail).toMatch(/^The number \[number\] and \[number\] are bad,. Bearer \[secret\] x+…$/u);
  expect(detail).toHaveLength(300);
});

test.each<[string | null, number]>([
  ["7", 7_000],
  [" 7 ", 7_000],
  ["Mon, 23 Nov 2026 12:01:30 GMT", 90_000],
  [null, 30_000],
  ["", 30_000],
  ["soon", 30_000],
  ["0", 1_000],
  ["1.5", 1_500],
  ["2026-11-23", 30_000],
  ["-5", 1_000],
  ["Mon, 23 Nov 2026 11:00:00 GMT", 1_000],
  ["86400", 3_600_000],
  ["9".repeat(400), 3_600_000],
  ["Mon, 23 Nov 2099 12:00:00 GMT", 3_600_000],
])("A 429 with Retry-After %j makes the line wait %i ms.", (header, waitMs) => {
  const headers: Record<string, string> = header === null ? {} : { "retry-after": header };
  expect(answered(429, "", headers)).toEqual({ kind: "rate_limited", waitMs });
});
