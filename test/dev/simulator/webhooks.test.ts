import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AGENT, type Client, fieldAt, NUMBER, type Receiver, startClient, startReceiver } from "./client.ts";

const SECRET = "a-secret-that-nobody-shows";
const PATH = `/agents/${AGENT}/webhooks`;

let client: Client;
let receiver: Receiver;
beforeAll(async () => {
  client = await startClient();
});
beforeEach(async () => {
  await client.control("POST", "/__reset", { webhooks: true });
  receiver = await startReceiver();
  return () => receiver.close();
});
afterAll(() => client.simulator.close());

const register = (events = ["conversation_end_report", "voice_evaluation"], more: object = {}) =>
  client.api("POST", PATH, { url: receiver.url, events, secret_key: SECRET, ...more });
const endAll = (outcome?: string) => client.control("POST", "/__end", { outcome });
const events = () => receiver.received.map((delivery) => delivery.event);
const counts = async () => fieldAt((await client.control("GET", "/__faults")).json, "webhooks");
const injected = async () => fieldAt((await client.control("GET", "/__faults")).json, "injected");

describe("registering", () => {
  test("answers without the secret, ever", async () => {
    const created = await register();
    expect(created.status).toBe(201);
    expect(fieldAt(created.json, "data")).toMatchObject({
      uuid: expect.any(String),
      url: receiver.url,
      is_active: true,
    });
    const changed = await client.api("PATCH", `${PATH}/${fieldAt(created.json, "data", "uuid")}`, {
      secret_key: "other",
    });
    const listed = await client.api("GET", PATH);
    for (const reply of [created, changed, listed]) expect(reply.text).not.toMatch(/secret|other/);
  });

  test("is refused for the sixth webhook of an agent, and possible again once one is deleted", async () => {
    const uuids: unknown[] = [];
    for (let index = 0; index < 5; index++) uuids.push(fieldAt((await register()).json, "data", "uuid"));
    const sixth = await register();
    expect(sixth.status).toBe(409);
    expect(fieldAt(sixth.json, "data", "error")).toBe("webhook_limit_reached");
    expect((await client.api("DELETE", `${PATH}/${uuids[0]}`)).status).toBe(200);
    expect((await client.api("DELETE", `${PATH}/${uuids[0]}`)).status).toBe(404);
    expect((await register()).status).toBe(201);
  });

  const BAD: [name: string, body: object, field: string][] = [
    ["no url", { url: undefined }, "url"],
    ["http to another machine", { url: "http://hooks.example/in" }, "url"],
    ["a url that is none", { url: "hooks" }, "url"],
    ["no events", { events: undefined }, "events"],
    ["an empty list of events", { events: [] }, "events"],
    ["an unknown event", { events: ["conversation_end_report", "other"] }, "events"],
    ["a secret that is no text", { secret_key: 1 }, "secret_key"],
    ["an activity that is no flag", { is_active: "yes" }, "is_active"],
  ];
  test.each(BAD)("%s is a 422", async (_name, body, field) => {
    const reply = await register(undefined, body);
    expect(reply.status).toBe(422);
    expect(Object.keys(Object(fieldAt(reply.json, "errors")))).toEqual([field]);
  });

  test("for a missing agent is a 404", async () => {
    client.simulator.setFaults({ missing_agents: [AGENT] });
    expect((await register()).status).toBe(404);
  });
});

describe("sending", () => {
  test("the end report and then the evaluation come once each, signed over the very bytes", async () => {
    await register();
    const placed = await client.call();
    await endAll();
    await receiver.reached(2);
    expect(events()).toEqual(["conversation_end_report", "voice_evaluation"]);
    for (const delivery of receiver.received) {
      const expected = createHmac("sha256", SECRET).update(delivery.text).digest("hex");
      expect(delivery.headers["x-mihu-signature"]).toBe(`sha256=${expected}`);
      expect(delivery.headers["content-type"]).toBe("application/json");
      expect(delivery.data).toMatchObject({
        call_id: fieldAt(placed.json, "data", "id"),
        conversation_uuid: fieldAt(placed.json, "data", "conversation_uuid"),
        agent_id: AGENT,
        number: NUMBER,
        contact_info: { phone_number: NUMBER },
        duration: expect.any(Number),
        fields: { Authorization: expect.any(String), api_key: expect.any(String), account_domain: expect.any(String) },
      });
    }
    await expect.poll(counts).toEqual({ sent: 2, delivered: 2, failed: 0 });
  });

  test("only subscribed events are sent, to active webhooks; the status is told at the ring and at the end", async () => {
    await register(["conversation_status"]);
    await register(["conversation_end_report"], { is_active: false });
    await client.call();
    await receiver.reached(1);
    await endAll("no_answer");
    await receiver.reached(2);
    expect(receiver.received.map((delivery) => fieldAt(delivery.data, "status"))).toEqual(["in-progress", "no-answer"]);
    await expect.poll(counts).toEqual({ sent: 2, delivered: 2, failed: 0 });
  });

  test("a webhook without a secret is not signed", async () => {
    await register(["voice_evaluation"], { secret_key: undefined });
    await client.call();
    await endAll();
    await receiver.reached(1);
    expect(receiver.received[0]?.headers["x-mihu-signature"]).toBeUndefined();
  });

  test("what is not answered with 2xx comes again with the same bytes, and is given up after the last wait", async () => {
    client.simulator.setFaults({ webhook_retry_ms: [1, 1] });
    await register(["voice_evaluation"]);
    receiver.answers.push(500, 302);
    await client.call();
    await endAll();
    await receiver.reached(3);
    expect(new Set(receiver.received.map((delivery) => delivery.text)).size).toBe(1);
    await expect.poll(counts).toEqual({ sent: 3, delivered: 1, failed: 0 });

    receiver.answers.push(500, 500, 500);
    await client.call();
    await endAll();
    await expect.poll(counts).toEqual({ sent: 6, delivered: 1, failed: 1 });
  });

  test("a receiver that is not there is tried again and given up", async () => {
    client.simulator.setFaults({ webhook_retry_ms: [1] });
    await register(["voice_evaluation"]);
    await receiver.close();
    await client.call();
    await endAll();
    await expect.poll(counts).toEqual({ sent: 2, delivered: 0, failed: 1 });
    receiver = await startReceiver();
  });
});

describe("the faults of webhooks", () => {
  test("doubled: each comes twice with the same bytes", async () => {
    client.simulator.setFaults({ webhook_double: 1 });
    await register();
    await client.call();
    await endAll();
    await receiver.reached(4);
    const [one, two, three, four] = receiver.received;
    expect([one?.text, three?.text]).toEqual([two?.text, four?.text]);
    expect(await injected()).toEqual({ webhook_double: 2 });
  });

  test("lost: none comes, while the call has ended all the same", async () => {
    client.simulator.setFaults({ webhook_lost: 1 });
    await register();
    await client.call();
    await endAll();
    expect(await injected()).toEqual({ webhook_lost: 2 });
    expect(await counts()).toEqual({ sent: 0, delivered: 0, failed: 0 });
    expect(client.simulator.rings()[0]?.outcome).toBe("completed");
  });

  test("shuffled: the evaluation comes before the end report", async () => {
    client.simulator.setFaults({ webhook_shuffle: 1 });
    await register();
    await client.call();
    await endAll();
    await receiver.reached(2);
    expect(events()).toEqual(["voice_evaluation", "conversation_end_report"]);
  });

  test("late: it comes not before its time", async () => {
    client.simulator.setFaults({ webhook_late_ms: { min: 40, max: 60 } });
    await register(["voice_evaluation"]);
    await client.call();
    const before = Date.now();
    await endAll();
    await receiver.reached(1);
    expect(Date.now()).toBeGreaterThanOrEqual(before + 38);
    expect(await injected()).toEqual({ webhook_late: 1 });
  });
});
