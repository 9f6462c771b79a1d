import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AGENT, type Client, fieldAt, NUMBER, ORDER, startClient } from "./client.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let client: Client;
beforeAll(async () => {
  client = await startClient();
});
beforeEach(() => client.simulator.reset());
afterAll(() => client.simulator.close());

describe("POST /call", () => {
  test("a good order rings once and is answered in the documented envelope", async () => {
    const before = Date.now();
    const reply = await client.call();
    expect(reply.status).toBe(200);
    expect(reply.json).toEqual({
      success: true,
      message: expect.any(String),
      data: {
        id: expect.stringMatching(UUID),
        agentId: AGENT,
        status: "success",
        conversation_uuid: expect.stringMatching(UUID),
        contact_uuid: expect.stringMatching(UUID),
        listen_url: expect.stringMatching(/^https:/),
        record_url: expect.stringMatching(/^https:/),
      },
    });
    const rings = client.simulator.rings();
    expect(rings).toEqual([
      {
        at: expect.any(Number),
        endedAt: null,
        agentId: AGENT,
        number: NUMBER,
        about: "The customer is Ada.",
        prompt: "You are Michael from support.",
        overwrite: false,
        greeting: "Hello Ada!",
        conversation_uuid: fieldAt(reply.json, "data", "conversation_uuid"),
        id: fieldAt(reply.json, "data", "id"),
        request: expect.any(Number),
        outcome: null,
      },
    ]);
    expect(rings[0]?.at).toBeGreaterThanOrEqual(before);
    expect(rings[0]?.at).toBeLessThanOrEqual(Date.now());
  });

  test("two calls of one agent to one number share the conversation and the contact, not the call", async () => {
    const one = await client.call();
    const other = await client.call();
    const elsewhere = await client.call("+14155550101");
    expect(fieldAt(other.json, "data", "conversation_uuid")).toBe(fieldAt(one.json, "data", "conversation_uuid"));
    expect(fieldAt(other.json, "data", "contact_uuid")).toBe(fieldAt(one.json, "data", "contact_uuid"));
    expect(fieldAt(other.json, "data", "id")).not.toBe(fieldAt(one.json, "data", "id"));
    expect(fieldAt(elsewhere.json, "data", "conversation_uuid")).not.toBe(
      fieldAt(one.json, "data", "conversation_uuid"),
    );
  });

  test("with reuse_conversations off every call has a conversation of its own and the contact stays", async () => {
    client.simulator.setFaults({ reuse_conversations: false });
    const one = await client.call();
    const other = await client.call();
    expect(fieldAt(other.json, "data", "conversation_uuid")).not.toBe(fieldAt(one.json, "data", "conversation_uuid"));
    expect(fieldAt(other.json, "data", "contact_uuid")).toBe(fieldAt(one.json, "data", "contact_uuid"));
  });

  const BAD: [name: string, body: unknown, fields: string[]][] = [
    ["no body", undefined, ["agentId", "participant", "participant.number", "prompt", "prompt.content"]],
    ["not JSON", "{", ["agentId", "participant", "participant.number", "prompt", "prompt.content"]],
    ["no agent", { ...ORDER, agentId: undefined }, ["agentId"]],
    ["no participant", { ...ORDER, participant: undefined }, ["participant", "participant.number"]],
    ["no number", { ...ORDER, participant: { about: "x" } }, ["participant.number"]],
    ["a national number", { ...ORDER, participant: { number: "4155550100" } }, ["participant.number"]],
    ["a number with spaces", { ...ORDER, participant: { number: "+1 415 555 0100" } }, ["participant.number"]],
    ["a number that begins with 0", { ...ORDER, participant: { number: "+04155550100" } }, ["participant.number"]],
    ["a number of 16 digits", { ...ORDER, participant: { number: "+1234567890123456" } }, ["participant.number"]],
    ["about that is no text", { ...ORDER, participant: { number: NUMBER, about: 1 } }, ["participant.about"]],
    ["no prompt", { ...ORDER, prompt: undefined }, ["prompt", "prompt.content"]],
    ["an empty prompt", { ...ORDER, prompt: { content: " " } }, ["prompt.content"]],
    ["overwrite that is no flag", { ...ORDER, prompt: { content: "x", overwrite: "no" } }, ["prompt.overwrite"]],
    ["a message that is a text", { ...ORDER, message: "Hello" }, ["message"]],
    ["a greeting that is no text", { ...ORDER, message: { start: 1 } }, ["message.start"]],
  ];
  test.each(BAD)("%s is a 422 that names the field, and rings nobody", async (_name, body, fields) => {
    const reply = await client.api("POST", "/call", body);
    expect(reply.status).toBe(422);
    expect(fieldAt(reply.json, "message")).toEqual(expect.any(String));
    expect(Object.keys(Object(fieldAt(reply.json, "errors")))).toEqual(fields);
    expect(client.simulator.rings()).toEqual([]);
  });

  test("a prompt may be left out once the workspace does not require it", async () => {
    client.simulator.setFaults({ prompt_required: false });
    expect((await client.api("POST", "/call", { ...ORDER, prompt: undefined })).status).toBe(200);
    expect(client.simulator.rings()).toHaveLength(1);
  });

  test("an agent that is missing is a 404, and so is an unlisted one when not any agent will do", async () => {
    client.simulator.setFaults({ missing_agents: [AGENT] });
    expect((await client.call()).status).toBe(404);
    client.simulator.setFaults({ missing_agents: [], any_agent: false });
    expect((await client.call()).status).toBe(200);
    expect((await client.api("POST", "/call", { ...ORDER, agentId: "other" })).status).toBe(404);
    await client.control("POST", "/__agents", { id: "other" });
    expect((await client.api("POST", "/call", { ...ORDER, agentId: "other" })).status).toBe(200);
    expect(client.simulator.rings()).toHaveLength(2);
  });

  test("a body over 1 MB is a 413 and rings nobody", async () => {
    const about = "x".repeat(1_048_576);
    const reply = await client.api("POST", "/call", { ...ORDER, participant: { number: NUMBER, about } });
    expect(reply.status).toBe(413);
    expect(client.simulator.rings()).toEqual([]);
  });
});

describe("the token", () => {
  const BAD: [name: string, authorization: string | undefined][] = [
    ["missing", undefined],
    ["empty", "Bearer "],
    ["wrong", "Bearer wrong"],
    ["of another scheme", "Basic d3Jvbmc6d3Jvbmc="],
  ];
  test.each(BAD)("%s is a 401 on every path below /api/v1", async (_name, authorization) => {
    for (const [method, path] of [
      ["POST", "/call"],
      ["GET", "/contacts"],
      ["GET", "/nothing"],
    ] as const) {
      const response = await fetch(`${client.simulator.baseUrl}${path}`, {
        method,
        headers: { "content-type": "application/json", ...(authorization === undefined ? {} : { authorization }) },
        ...(method === "POST" ? { body: JSON.stringify(ORDER) } : {}),
      });
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({ message: "Unauthenticated." });
    }
    expect(client.simulator.rings()).toEqual([]);
  });

  test("one that is revoked is a 401 until it is given back", async () => {
    client.simulator.setFaults({ token_revoked: true });
    expect((await client.api("GET", "/contacts?limit=1")).status).toBe(401);
    client.simulator.setFaults({ token_revoked: false });
    expect((await client.api("GET", "/contacts?limit=1")).status).toBe(200);
  });

  test("the one that is given at start is used, and a random one has 32 bytes", async () => {
    expect(Buffer.from(client.simulator.token, "base64url")).toHaveLength(32);
    const other = await startClient({ token: "chosen-token" });
    expect(other.simulator.token).toBe("chosen-token");
    expect((await other.call()).status).toBe(200);
    await other.simulator.close();
  });
});
