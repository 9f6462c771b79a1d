import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AGENT, type Client, fieldAt, NUMBER, startClient } from "./client.ts";

const OTHER_NUMBER = "+442071838750";

let client: Client;
beforeAll(async () => {
  client = await startClient();
});
beforeEach(() => client.simulator.reset());
afterAll(() => client.simulator.close());

const get = async (path: string) => (await client.api("GET", path)).json;
const place = async (number?: string) => String(fieldAt((await client.call(number)).json, "data", "conversation_uuid"));
const endAll = (outcome?: string) => client.control("POST", "/__end", { outcome });

describe("GET /conversations", () => {
  test("lists newest first, in Laravel's envelope", async () => {
    const first = await place();
    const second = await place(OTHER_NUMBER);
    const list = await get("/conversations?sort_by=created_at&sort_dir=desc");
    expect(fieldAt(list, "data")).toMatchObject({ current_page: 1, last_page: 1, per_page: 15, total: 2 });
    expect([fieldAt(list, "data", "data", 0, "uuid"), fieldAt(list, "data", "data", 1, "uuid")]).toEqual([
      second,
      first,
    ]);
    expect(fieldAt(await get("/conversations?sort_dir=asc"), "data", "data", 0, "uuid")).toBe(first);
  });

  test("pages, and refuses more than 100 a page", async () => {
    for (let last = 0; last < 5; last++) await place(`+1415555010${last}`);
    const page = await get("/conversations?page=3&per_page=2");
    expect(fieldAt(page, "data")).toMatchObject({
      current_page: 3,
      last_page: 3,
      per_page: 2,
      total: 5,
      from: 5,
      to: 5,
    });
    expect(fieldAt(page, "data", "data")).toHaveLength(1);
    expect(fieldAt(await get("/conversations?page=9&per_page=2"), "data", "data")).toEqual([]);
    for (const query of ["per_page=101", "per_page=0", "page=0", "page=x", "sort_by=number", "sort_dir=up"]) {
      expect((await client.api("GET", `/conversations?${query}`)).status).toBe(422);
    }
  });

  test("filters by part of the number, agent, contact, channel and status", async () => {
    const uuid = await place();
    await place(OTHER_NUMBER);
    await client.control("POST", "/__end", { id: client.simulator.rings()[1]?.id });
    const contact = fieldAt(await get(`/conversations/${uuid}`), "data", "contact", "uuid");
    const counts: [query: string, total: number][] = [
      [`phone=${encodeURIComponent(NUMBER)}`, 1],
      ["phone=5550100", 1],
      ["phone=1", 2],
      // An unescaped plus is a space to the server.
      [`phone=${NUMBER}`, 0],
      [`agent_uuid=${AGENT}`, 2],
      ["agent_uuid=other", 0],
      [`contact_uuid=${contact}`, 1],
      ["channel=call", 2],
      ["channel=whatsapp", 0],
      ["status=active", 1],
      ["status=completed", 1],
    ];
    for (const [query, total] of counts) {
      expect([query, fieldAt(await get(`/conversations?${query}`), "data", "total")]).toEqual([query, total]);
    }
  });
});

describe("one conversation", () => {
  test("has no result while its call lasts, and all of it once ended", async () => {
    const uuid = await place();
    expect(fieldAt(await get(`/conversations/${uuid}`), "data")).toMatchObject({
      uuid,
      status: "active",
      channel: "call",
      agent_uuid: AGENT,
      is_simulation: false,
      campaign_uuid: null,
      task_uuids: [],
      contact: { phone_number: NUMBER },
      call: { status: "in-progress", duration: null, recording_url: null, summary: null },
    });
    await endAll();
    expect(fieldAt(await get(`/conversations/${uuid}`), "data")).toMatchObject({
      status: "completed",
      call: {
        uuid: client.simulator.rings()[0]?.id,
        status: "completed",
        duration: expect.any(Number),
        recording_url: expect.stringMatching(/^https:/),
        summary: expect.any(String),
      },
    });
    expect(client.simulator.rings()[0]).toMatchObject({ endedAt: expect.any(Number), outcome: "completed" });
  });

  const ENDS: [outcome: string, status: string, connects: boolean][] = [
    ["completed", "completed", true],
    ["voicemail", "completed", true],
    ["no_answer", "no-answer", false],
    ["busy", "busy", false],
    ["failed", "failed", false],
    ["canceled", "canceled", false],
  ];
  test.each(ENDS)("that ended as %s says %s", async (outcome, status, connects) => {
    const uuid = await place();
    await endAll(outcome);
    const call = fieldAt(await get(`/conversations/${uuid}`), "data", "call");
    expect(call).toMatchObject({ status, recording_url: connects ? expect.any(String) : null });
    const messages = await get(`/conversations/${uuid}/messages`);
    expect(Number(fieldAt(messages, "data", "total")) > 0).toBe(connects);
  });

  test("of a call that never ends stays without a result", async () => {
    client.simulator.setFaults({ outcomes: { never: 1 }, call_ms: 0 });
    const uuid = await place();
    expect((await endAll()).json).toEqual({ ended: 0 });
    expect(fieldAt(await get(`/conversations/${uuid}`), "data", "call", "status")).toBe("initiated");
  });

  test("ends by itself after call_ms, and its outcome's own time wins over that", async () => {
    client.simulator.setFaults({ call_ms: 1, outcomes: { busy: 1 } });
    await place();
    await expect.poll(() => client.simulator.rings()[0]?.outcome).toBe("busy");
    client.simulator.setFaults({ outcome_ms: { busy: 3_600_000 } });
    await place();
    client.simulator.setFaults({ outcomes: { no_answer: 1 }, outcome_ms: {} });
    await place();
    await expect.poll(() => client.simulator.rings()[2]?.outcome).toBe("no_answer");
    expect(client.simulator.rings()[1]?.outcome).toBeNull();
  });

  test("has one session for each call, newest first, each with the call's own uuid", async () => {
    const uuid = await place();
    await endAll();
    await place();
    const sessions = await get(`/conversations/${uuid}/sessions`);
    const rings = client.simulator.rings();
    expect(fieldAt(sessions, "data", "total")).toBe(2);
    expect(fieldAt(sessions, "data", "data", 0)).toMatchObject({
      call_uuid: rings[1]?.id,
      ended_at: null,
      summary: null,
    });
    expect(fieldAt(sessions, "data", "data", 1)).toMatchObject({
      call_uuid: rings[0]?.id,
      conversation_uuid: uuid,
      ended_at: expect.any(String),
      summary: expect.any(String),
    });
    expect(fieldAt(await get(`/conversations/${uuid}`), "data", "call", "uuid")).toBe(rings[1]?.id);
    expect(fieldAt(await get(`/conversations/${uuid}/sessions?status=ended`), "data", "total")).toBe(1);
  });

  test("has a transcript that begins with the greeting and can be asked for by sender", async () => {
    const uuid = await place();
    await endAll();
    const messages = await get(`/conversations/${uuid}/messages`);
    expect(fieldAt(messages, "data", "data", 0)).toMatchObject({ sender: "AI", content: "Hello Ada!" });
    expect(fieldAt(await get(`/conversations/${uuid}/messages?sender=Human`), "data", "total")).toBe(1);
    const backwards = await get(`/conversations/${uuid}/messages?sort_dir=desc`);
    expect(fieldAt(backwards, "data", "data", 2, "content")).toBe("Hello Ada!");
  });

  test("that is unknown is a 404", async () => {
    for (const path of [
      "/conversations/none",
      "/conversations/none/sessions",
      "/conversations/none/other",
      "/nothing",
    ]) {
      expect((await client.api("GET", path)).status).toBe(404);
    }
  });
});

describe("the rest of the workspace", () => {
  test("GET /contacts?limit=1 shows one contact of all", async () => {
    await place();
    await place(OTHER_NUMBER);
    const contacts = await get("/contacts?limit=1");
    expect(fieldAt(contacts, "data")).toMatchObject({ per_page: 1, total: 2 });
    expect(fieldAt(contacts, "data", "data")).toHaveLength(1);
  });

  test("GET /agents lists the known agents in the other envelope", async () => {
    const agents = await get("/agents");
    expect(fieldAt(agents, "data", "items", 0, "uuid")).toBe(AGENT);
    expect(fieldAt(agents, "data", "pagination", "total")).toBe(client.simulator.agentIds.length);
    expect(client.simulator.agentIds.length).toBeGreaterThanOrEqual(2);
  });

  test("actions are dispatched, hang-up ends the call, and what is malformed or unknown is refused", async () => {
    const uuid = await place();
    const act = async (action: string, body?: unknown) => client.api("POST", `/calls/action/${uuid}/${action}`, body);
    expect(fieldAt((await act("say", { message: "One moment." })).json, "data", "status")).toBe("dispatched");
    expect(client.simulator.rings()[0]?.endedAt).toBeNull();
    expect((await act("say", {})).status).toBe(422);
    expect((await act("say", { message: "x".repeat(2_001) })).status).toBe(422);
    expect((await act("dance")).status).toBe(404);
    expect((await client.api("POST", "/calls/action/none/hangup")).status).toBe(404);
    expect((await act("hangup")).status).toBe(200);
    expect(client.simulator.rings()[0]?.outcome).toBe("completed");
    expect((await act("hangup")).status).toBe(200);
  });
});
