import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isLoopbackHost } from "../../../dev/simulator/loopback.ts";
import { AGENT, type Client, fieldAt, NUMBER, startClient } from "./client.ts";

let client: Client;
beforeAll(async () => {
  client = await startClient();
});
beforeEach(() => client.simulator.reset());
afterAll(() => client.simulator.close());

/** `fetch` does not let its caller choose Host, so this goes below it. */
function statusWith(headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${client.simulator.url}/__rings`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });
}

describe("the control paths", () => {
  const REFUSED: [name: string, headers: Record<string, string>][] = [
    ["a foreign host", { host: "rebound.example" }],
    ["a foreign host that begins like a loopback one", { host: "127.0.0.1.example" }],
    ["an origin, even our own", { origin: "http://127.0.0.1" }],
    ["a null origin", { origin: "null" }],
    ["a cross-site fetch", { "sec-fetch-site": "cross-site" }],
  ];
  test.each(REFUSED)("refuse %s", async (_name, headers) => {
    expect(await statusWith(headers)).toBe(403);
  });

  test("answer loopback hosts without a token", async () => {
    for (const host of ["127.0.0.1:1", "localhost", "[::1]:8787"]) expect(await statusWith({ host })).toBe(200);
  });

  test("know a loopback host from others", () => {
    const others = ["", "example", "10.0.0.1", "localhost.example", "user@localhost", "127.0.0.1:80:80", "0.0.0.0"];
    for (const host of others) expect(isLoopbackHost(host)).toBe(false);
  });

  test("answer 404 for an unknown path", async () => {
    expect((await client.control("GET", "/__nothing")).status).toBe(404);
    expect((await client.control("GET", "/")).status).toBe(404);
  });

  test("GET /__rings gives the ledger in order, and its rest from an index on", async () => {
    for (const last of [0, 1, 2]) await client.call(`+1415555010${last}`);
    const all = await client.control("GET", "/__rings");
    expect(fieldAt(all.json, "rings")).toHaveLength(3);
    expect(fieldAt(all.json, "rings", 0, "number")).toBe("+14155550100");
    const rest = await client.control("GET", "/__rings?since=2");
    expect(rest.json).toEqual({ rings: [fieldAt(all.json, "rings", 2)], next: 3 });
    expect((await client.control("GET", "/__rings?since=-1")).status).toBe(400);
  });

  test("POST /__reset empties ledger, conversations and faults, and keeps webhooks unless told", async () => {
    const webhook = { url: "https://hooks.example/in", events: ["conversation_end_report"], secret_key: "k" };
    await client.api("POST", `/agents/${AGENT}/webhooks`, webhook);
    await client.call();
    client.simulator.setFaults({ after_500: 1, next: ["drop_after"] });
    await client.control("POST", "/__reset");
    expect(client.simulator.rings()).toEqual([]);
    expect(fieldAt((await client.api("GET", "/conversations")).json, "data", "total")).toBe(0);
    expect((await client.call()).status).toBe(200);
    expect(fieldAt((await client.api("GET", `/agents/${AGENT}/webhooks`)).json, "data")).toHaveLength(1);
    await client.control("POST", "/__reset", { webhooks: true });
    expect(fieldAt((await client.api("GET", `/agents/${AGENT}/webhooks`)).json, "data")).toEqual([]);
  });

  test("POST /__end ends one call or all, with an outcome if one is given, and each only once", async () => {
    const id = fieldAt((await client.call()).json, "data", "id");
    await client.call("+14155550101");
    expect((await client.control("POST", "/__end", { id, outcome: "busy" })).json).toEqual({ ended: 1 });
    expect((await client.control("POST", "/__end", { id })).json).toEqual({ ended: 0 });
    expect((await client.control("POST", "/__end", {})).json).toEqual({ ended: 1 });
    expect(client.simulator.rings().map((ring) => ring.outcome)).toEqual(["busy", "completed"]);
    expect((await client.control("POST", "/__end", { outcome: "lost" })).status).toBe(400);
  });

  test("POST /__conversations adds one that is not ours, marked as asked, without a ring", async () => {
    const createdAt = Date.now() - 60_000;
    const added = await client.control("POST", "/__conversations", {
      agentId: AGENT,
      number: NUMBER,
      created_at: createdAt,
      type: "inbound",
      is_simulation: true,
      campaign_uuid: "c",
      task_uuids: ["t"],
    });
    const read = await client.api("GET", `/conversations/${fieldAt(added.json, "uuid")}`);
    expect(fieldAt(read.json, "data")).toMatchObject({
      type: "inbound",
      is_simulation: true,
      campaign_uuid: "c",
      task_uuids: ["t"],
      contact: { phone_number: NUMBER },
      session_uuids: [fieldAt(added.json, "session_uuid")],
    });
    expect(Date.parse(String(fieldAt(read.json, "data", "created_at")))).toBe(createdAt);
    expect(client.simulator.rings()).toEqual([]);
  });
});
