import { afterEach, beforeEach, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../dev/simulator/index.ts";
import { type MihuSettings, mihuVoice } from "../../src/mihu/client.ts";
import type { ClaimedCall } from "../../src/ports/calling/claims.ts";
import { bytesOf, type RawServer, startRawServer } from "../platform/raw-server.ts";

const neutralPrompt = "Follow your usual instructions for this call.";
const clock = { now: () => Date.now() };
const call: ClaimedCall = {
  id: "0190aaaa-0000-8000-8000-000000000001",
  agent: "32d8fc98-be1e-4d32-a12e-146f397fb1cb2",
  number: "+14155550100",
  about: "The customer is Ada.\nTheir order number is #12345.",
  prompt: "You are Michael from support.",
  promptOverwrite: true,
  greeting: "Hello Ada!",
  openMs: null,
  claimSeq: 1,
  eventId: "event-1",
  rule: "call-me",
  try: 1,
};

let simulator: Simulator;
let raw: RawServer | undefined;

beforeEach(async () => {
  simulator = await startSimulator({ callMs: 3_600_000 });
});
afterEach(async () => {
  await simulator.close();
  await raw?.close();
  raw = undefined;
});

const voiceOf = (change: Partial<MihuSettings> = {}) =>
  mihuVoice({ baseUrl: simulator.baseUrl, token: simulator.token, clock, ...change });

async function control(path: string, body: unknown): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${simulator.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
}

async function place(change: Partial<ClaimedCall> = {}) {
  const answer = await voiceOf().place({ ...call, ...change });
  if (answer.kind !== "placed" || answer.conversationUuid === null) throw new Error(`not placed: ${answer.kind}`);
  return { ...answer, conversationUuid: answer.conversationUuid };
}

test("A placed call rings once, with the agent, number, texts and greeting that were asked for.", async () => {
  const answer = await place();
  expect(simulator.rings()).toMatchObject([
    {
      agentId: call.agent,
      number: call.number,
      about: call.about,
      prompt: call.prompt,
      overwrite: true,
      greeting: call.greeting,
      conversation_uuid: answer.conversationUuid,
      id: answer.mihuId,
    },
  ]);
});

test("Without prompt and greeting the agent's own are left alone, and a prompt is sent all the same.", async () => {
  await place({ prompt: null, greeting: null });
  expect(simulator.rings()).toMatchObject([{ prompt: neutralPrompt, overwrite: false, greeting: null }]);
});

test("The base URL may be given without its path.", async () => {
  expect(await voiceOf({ baseUrl: `${simulator.url}/` }).place(call)).toMatchObject({ kind: "placed" });
});

test.each([
  ["before_307", { kind: "unknown", reason: "unexpected_answer" }, 0],
  ["before_401", { kind: "about_us", reason: "unauthenticated" }, 0],
  ["before_402", { kind: "about_us", reason: "payment_required" }, 0],
  ["before_403", { kind: "about_us", reason: "forbidden" }, 0],
  ["before_404", { kind: "about_us", reason: "agent_missing" }, 0],
  ["before_409", { kind: "unknown", reason: "unexpected_answer" }, 0],
  ["before_422", { kind: "refused", status: 422 }, 0],
  ["before_429", { kind: "rate_limited", waitMs: 2_000 }, 0],
  ["before_500", { kind: "unknown", reason: "server_error" }, 0],
  ["before_503", { kind: "unknown", reason: "server_error" }, 0],
  ["drop_before", { kind: "unknown", reason: "connection_lost" }, 0],
  ["after_500", { kind: "unknown", reason: "server_error" }, 1],
  ["after_503", { kind: "unknown", reason: "server_error" }, 1],
  ["drop_after", { kind: "unknown", reason: "connection_lost" }, 1],
  ["unreadable", { kind: "unknown", reason: "unreadable_answer" }, 1],
  ["truncated", { kind: "unknown", reason: "connection_lost" }, 1],
  ["no_uuid", { kind: "unknown", reason: "unreadable_answer" }, 1],
  ["initiated_shape", { kind: "placed", conversationUuid: null }, 1],
  ["initiated_bare", { kind: "placed", conversationUuid: null }, 1],
] as const)("Of %s the answer is classed, and the call is never posted again.", async (fault, wanted, rings) => {
  simulator.setFaults({ next: [fault] });
  expect(await voiceOf().place(call)).toMatchObject(wanted);
  expect(simulator.rings()).toHaveLength(rings);
  // The fault was for one request: a second one would have rung.
});

test.each(["hang_before", "hang_after"] as const)(
  "An answer that comes too late (%s) leaves the call unknown.",
  async (fault) => {
    simulator.setFaults({ next: [fault] });
    expect(await voiceOf({ postTimeoutMs: 150 }).place(call)).toMatchObject({ kind: "unknown", reason: "timed_out" });
    expect(simulator.rings()).toHaveLength(fault === "hang_after" ? 1 : 0);
  },
);

test("A wrong token is about us.", async () => {
  expect(await voiceOf({ token: "wrong" }).place(call)).toMatchObject({ kind: "about_us", reason: "unauthenticated" });
});

test.each([200, 307, 400, 401, 404, 409, 422, 429, 500, 503])(
  "A %i is asked for once, on the wire.",
  async (status) => {
    raw = await startRawServer((socket) =>
      socket.end(bytesOf(status, "{}", ["location: /api/v1/call", "retry-after: 0"])),
    );
    await voiceOf({ baseUrl: raw.url }).place(call);
    expect(raw.requests).toHaveLength(1);
    expect(raw.requests[0]).toMatch(/^POST \/api\/v1\/call HTTP/);
  },
);

test("A conversation tells of a call that continues, and then of its end.", async () => {
  const { conversationUuid, mihuId } = await place();
  expect((await voiceOf().conversation(conversationUuid))?.reports).toMatchObject([
    { callId: mihuId, ended: false, outcome: null, number: call.number, agent: call.agent, elsewhere: false },
  ]);
  await control("/__end", { outcome: "no_answer" });
  expect((await voiceOf().conversation(conversationUuid))?.reports).toMatchObject([
    { callId: mihuId, ended: true, outcome: "no_answer", raw: "no-answer", durationS: 0, summary: null },
  ]);
});

test("A second call of one conversation is told apart from the first.", async () => {
  const first = await place();
  await control("/__end", { outcome: "completed" });
  const second = await place();
  expect(second.conversationUuid).toBe(first.conversationUuid);
  const reports = await voiceOf().conversation(first.conversationUuid);
  expect(reports?.reports.map((report) => [report.callId, report.ended])).toEqual([
    [second.mihuId, false],
    [first.mihuId, false],
  ]);
  const later = await voiceOf({ clock: { now: () => Date.now() + 120_000 } }).conversation(first.conversationUuid);
  expect(later?.reports.map((report) => [report.callId, report.ended, report.outcome])).toEqual([
    [second.mihuId, false, null],
    [first.mihuId, true, "unspecified"],
  ]);
});

test("What cannot be read is null: no such conversation, a wrong token, a server's error, a page.", async () => {
  expect(await voiceOf().conversation("no-such")).toBeNull();
  expect(await voiceOf({ token: "wrong" }).conversation("no-such")).toBeNull();
  for (const bytes of [bytesOf(500, "{}"), bytesOf(200, "<html>"), bytesOf(302, "", ["location: /login"])]) {
    raw = await startRawServer((socket) => socket.end(bytes));
    expect(await voiceOf({ baseUrl: raw.url }).conversation("c-1")).toBeNull();
    await raw.close();
  }
  raw = undefined;
});

test.each(["", "../contacts", "a/b", "a?b", "a b", "%2e%2e", "a".repeat(65)])(
  "The id %j is not put into a URL: nothing is asked.",
  async (id) => {
    raw = await startRawServer((socket) => socket.end(bytesOf(200, '{"success":true,"data":{}}')));
    const voice = voiceOf({ baseUrl: raw.url });
    expect(await voice.conversation(id)).toBeNull();
    expect(await voice.probe(id)).toBe(false);
    expect(raw.requests).toEqual([]);
  },
);

test("Where the sessions cannot be read, the newest call is told all the same.", async () => {
  const answer = { data: { session_uuids: ["s-1", "s-2"], call: { uuid: "call-2", status: "busy" } } };
  raw = await startRawServer((socket, request) =>
    socket.end(request.includes("/sessions") ? bytesOf(500, "") : bytesOf(200, JSON.stringify(answer))),
  );
  expect(await voiceOf({ baseUrl: raw.url }).conversation("c-1")).toMatchObject({
    reports: [{ callId: "call-2", outcome: "busy" }],
    complete: false,
  });
});

test("However many pages of sessions there are said to be, few are asked for.", async () => {
  const list = { data: { last_page: 1e9, data: [{ call_uuid: "call-1", started_at: "2026-11-23T11:00:00Z" }] } };
  raw = await startRawServer((socket, request) =>
    socket.end(bytesOf(200, request.includes("/sessions") ? JSON.stringify(list) : '{"data":{}}')),
  );
  const read = await voiceOf({ baseUrl: raw.url }).conversation("c-1");
  expect(read?.reports).toHaveLength(3);
  expect(read?.complete).toBe(false);
  expect(raw.requests).toHaveLength(4);
});

test("A probe says yes where token and agent are good, and asks nothing that rings.", async () => {
  expect(await voiceOf().probe(call.agent)).toBe(true);
  expect(simulator.rings()).toEqual([]);
});

test("A probe says no for a wrong token, a missing agent, and a Mihu that is not there.", async () => {
  expect(await voiceOf({ token: "wrong" }).probe(call.agent)).toBe(false);
  simulator.setFaults({ missing_agents: [call.agent] });
  expect(await voiceOf().probe(call.agent)).toBe(false);
  raw = await startRawServer((socket) => socket.destroy());
  expect(await voiceOf({ baseUrl: raw.url }).probe(call.agent)).toBe(false);
});

test.each(["", "with blank", "line\nbreak", "ünicode"])(
  "The token %j is refused at once, and not repeated.",
  (token) => {
    expect(() => voiceOf({ token })).toThrow("The Mihu token");
    if (token !== "") expect(() => voiceOf({ token })).not.toThrow(token);
  },
);
