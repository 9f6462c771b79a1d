/** Mihu's list of webhooks, against the simulator where it has what is asked, and against raw bytes where it lies. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../dev/simulator/index.ts";
import { mihuAgentWebhooks } from "../../src/mihu/agent-webhooks.ts";
import { type RawServer, startRawServer } from "../platform/raw-server.ts";

const agent = "32d8fc98-be1e-4d32-a12e-146f397fb1cb2";
const url = "https://hookline.example/in/mihu/key";
let simulator: Simulator;
let raw: RawServer | undefined;
beforeEach(async () => {
  simulator = await startSimulator();
});
afterEach(async () => {
  await simulator.close();
  await raw?.close();
  raw = undefined;
});
const webhooks = (change: object = {}) =>
  mihuAgentWebhooks({ baseUrl: simulator.baseUrl, token: simulator.token, ...change });
const listed = async () => {
  const answer = await webhooks().list(agent);
  if (!answer.ok) throw new Error(answer.detail);
  return answer.webhooks;
};

test("A webhook is made, listed and changed.", async () => {
  expect(await webhooks().create(agent, { url, events: ["conversation_status"], secret: "s" })).toEqual({ ok: true });
  expect(await listed()).toEqual([{ uuid: expect.any(String), url, events: ["conversation_status"], active: true }]);
  const [made] = await listed();
  const wanted = { url: `${url}2`, events: ["conversation_status", "conversation_end_report"] };
  expect(await webhooks().change(agent, made?.uuid ?? "", wanted)).toEqual({ ok: true });
  expect(await listed()).toMatchObject([wanted]);
});

test("The sixth webhook of an agent is one too many, and nothing is made.", async () => {
  for (let n = 0; n < 5; n++) await webhooks().create(agent, { url: `${url}${n}`, events: ["conversation_status"] });
  const sixth = await webhooks().create(agent, { url, events: ["conversation_status"] });
  expect(sixth).toMatchObject({ ok: false, reason: "limit_reached" });
  expect(await listed()).toHaveLength(5);
});

test.each<[string, object, object, string]>([
  ["a wrong token", { token: "wrong" }, {}, "unauthenticated"],
  ["an agent that is gone", {}, { missing_agents: [agent] }, "agent_missing"],
])("With %s nothing is done.", async (_what, change, faults, reason) => {
  simulator.setFaults(faults);
  expect(await webhooks(change).list(agent)).toMatchObject({ ok: false, reason });
  expect(await webhooks(change).create(agent, { url, events: ["conversation_status"] })).toMatchObject({ reason });
});

test("What Mihu finds invalid is refused with its words.", async () => {
  const refused = await webhooks().create(agent, { url: "http://hookline.example", events: ["conversation_status"] });
  expect(refused).toMatchObject({ ok: false, reason: "refused", detail: expect.stringContaining("422") });
});

test.each<[string, string]>([
  ["no answer", ""],
  ["a server's error", "HTTP/1.1 500 X\r\ncontent-length: 2\r\n\r\n{}"],
  ["a page", "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>"],
  ["an answer without a list", 'HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"data":{}}'],
  ["a redirect", "HTTP/1.1 307 X\r\nlocation: /\r\ncontent-length: 0\r\n\r\n"],
])("After %s nobody knows, and nothing is taken for an empty list.", async (_what, bytes) => {
  raw = await startRawServer((socket) => socket.end(bytes));
  expect(await webhooks({ baseUrl: raw.url }).list(agent)).toMatchObject({ ok: false, reason: "unknown" });
});

test.each(["../contacts", "a/b", ""])("The agent %j is not put into a URL.", async (id) => {
  raw = await startRawServer((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));
  expect(await webhooks({ baseUrl: raw.url }).list(id)).toMatchObject({ reason: "agent_missing" });
  expect(await webhooks({ baseUrl: raw.url }).create(id, { url, events: [] })).toMatchObject({
    reason: "agent_missing",
  });
  expect(raw.requests).toEqual([]);
});
