import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SettingsChange } from "../../../dev/simulator/engine/settings.ts";
import { CALL_FAULTS, type CallFault } from "../../../dev/simulator/engine/types.ts";
import { type Client, fieldAt, startClient } from "./client.ts";

let client: Client;
beforeAll(async () => {
  client = await startClient();
});
beforeEach(() => client.simulator.reset());
afterAll(() => client.simulator.close());

const injected = async () => fieldAt((await client.control("GET", "/__faults")).json, "injected");

/** The status of one call, or `broken` when no whole answer came. */
async function statusOfCall(number?: string): Promise<number | "broken"> {
  return client.call(number).then(
    (reply) => reply.status,
    () => "broken",
  );
}

describe("each fault of a call", () => {
  const TABLE: [fault: CallFault, status: number | "broken", rings: number][] = [
    ["before_307", 307, 0],
    ["before_401", 401, 0],
    ["before_402", 402, 0],
    ["before_403", 403, 0],
    ["before_404", 404, 0],
    ["before_409", 409, 0],
    ["before_422", 422, 0],
    ["before_429", 429, 0],
    ["before_500", 500, 0],
    ["before_503", 503, 0],
    ["drop_before", "broken", 0],
    ["hang_before", 503, 0],
    ["after_500", 500, 1],
    ["after_503", 503, 1],
    ["drop_after", "broken", 1],
    ["hang_after", 200, 1],
    ["unreadable", 200, 1],
    ["truncated", "broken", 1],
    ["no_uuid", 200, 1],
    ["initiated_shape", 200, 1],
    ["initiated_bare", 200, 1],
  ];

  test("is in the table below", () => {
    expect(TABLE.map(([fault]) => fault)).toEqual([...CALL_FAULTS]);
  });

  test.each(TABLE)("%s from the queue answers %s, rings %i times, is counted once and is then over", async (...row) => {
    const [fault, status, rings] = row;
    client.simulator.setFaults({ next: [fault], hang_ms: 1 });
    expect(await statusOfCall()).toBe(status);
    expect(client.simulator.rings()).toHaveLength(rings);
    expect(await injected()).toEqual({ [fault]: 1 });
    expect(await statusOfCall()).toBe(200);
    expect(client.simulator.rings()).toHaveLength(rings + 1);
  });

  test.each(TABLE)("%s at rate 1 befalls every call", async (fault, status, rings) => {
    await client.control("POST", "/__faults", { [fault]: 1, hang_ms: 1 });
    expect([await statusOfCall(), await statusOfCall()]).toEqual([status, status]);
    expect(client.simulator.rings()).toHaveLength(2 * rings);
    expect(await injected()).toEqual({ [fault]: 2 });
  });
});

describe("the answer under a fault", () => {
  test("429 says in Retry-After how many seconds to wait, by setting or by its place in the queue", async () => {
    client.simulator.setFaults({ retry_after_s: 7, next: ["before_429", { fault: "before_429", retry_after_s: 30 }] });
    expect((await client.call()).headers.get("retry-after")).toBe("7");
    expect((await client.call()).headers.get("retry-after")).toBe("30");
  });

  test("403 and 409 carry a machine code, 422 its field, 307 the same path", async () => {
    client.simulator.setFaults({ next: ["before_403", "before_409", "before_422", "before_307"] });
    expect(fieldAt((await client.call()).json, "data", "error")).toEqual(expect.any(String));
    expect(fieldAt((await client.call()).json, "data", "error")).toEqual(expect.any(String));
    expect(fieldAt((await client.call()).json, "errors", "participant.number", 0)).toEqual(expect.any(String));
    expect((await client.call()).headers.get("location")).toBe("/api/v1/call");
  });

  test("an unreadable 2xx is not JSON", async () => {
    client.simulator.setFaults({ next: ["unreadable"] });
    const reply = await client.call();
    expect(reply.text).not.toBe("");
    expect(reply.json).toBeUndefined();
  });

  test("a 2xx without uuid names neither conversation nor call, the older shapes only the call", async () => {
    client.simulator.setFaults({ next: ["no_uuid", "initiated_shape", "initiated_bare"] });
    const bare = await client.call();
    expect(fieldAt(bare.json, "data")).toEqual({ agentId: expect.any(String), status: "success" });
    const shaped = await client.call();
    const id = client.simulator.rings()[1]?.id;
    expect(fieldAt(shaped.json, "data")).toEqual({
      id,
      agentId: expect.any(String),
      provider: "twilio",
      status: "initiated",
    });
    const older = await client.call();
    expect(older.json).toEqual({
      id: client.simulator.rings()[2]?.id,
      agentId: expect.any(String),
      provider: "twilio",
      status: "initiated",
    });
  });

  test("a truncated 2xx has its headers and then breaks", async () => {
    client.simulator.setFaults({ next: ["truncated"] });
    const response = await fetch(`${client.simulator.baseUrl}/call`, {
      method: "POST",
      headers: { authorization: `Bearer ${client.simulator.token}`, "content-type": "application/json" },
      body: JSON.stringify({ agentId: "a", prompt: { content: "x" }, participant: { number: "+14155550100" } }),
    });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  test("a call that hangs after the ring has rung long before it is answered, though its client gives up", async () => {
    client.simulator.setFaults({ next: ["hang_after"] });
    const controller = new AbortController();
    const pending = fetch(`${client.simulator.baseUrl}/call`, {
      method: "POST",
      signal: controller.signal,
      headers: { authorization: `Bearer ${client.simulator.token}`, "content-type": "application/json" },
      body: JSON.stringify({ agentId: "a", prompt: { content: "x" }, participant: { number: "+14155550100" } }),
    });
    await expect.poll(() => client.simulator.rings().length).toBe(1);
    controller.abort();
    await expect(pending).rejects.toThrow();
    expect(client.simulator.rings()).toHaveLength(1);
  });

  test("latency comes before the ring, and a reset meanwhile breaks the connection instead of ringing", async () => {
    client.simulator.setFaults({ latency_ms: 40 });
    const before = Date.now();
    expect((await client.call()).status).toBe(200);
    expect(client.simulator.rings()[0]?.at).toBeGreaterThanOrEqual(before + 38);
    const pending = statusOfCall();
    await client.control("GET", "/__faults");
    client.simulator.reset();
    const status = await pending;
    // The call may reach the simulator only after the reset, and is then an ordinary one.
    expect(client.simulator.rings()).toHaveLength(status === "broken" ? 0 : 1);
  });

  test("latency of the answer comes after the ring", async () => {
    client.simulator.setFaults({ answer_latency_ms: { min: 40, max: 50 } });
    await client.call();
    expect(Date.now()).toBeGreaterThanOrEqual((client.simulator.rings()[0]?.at ?? Infinity) + 38);
  });
});

describe("the queue and the rates", () => {
  test("the queue is used in order, `none` passes, and requests that Mihu itself refuses use nothing up", async () => {
    client.simulator.setFaults({ next: ["after_500", "none", "before_503"], missing_agents: ["gone"] });
    expect((await client.api("POST", "/call", {})).status).toBe(422);
    const gone = { agentId: "gone", prompt: { content: "x" }, participant: { number: "+14155550100" } };
    expect((await client.api("POST", "/call", gone)).status).toBe(404);
    expect((await client.api("POST", "/call", gone, { authorization: "Bearer wrong" })).status).toBe(401);
    expect([await statusOfCall(), await statusOfCall(), await statusOfCall()]).toEqual([500, 200, 503]);
  });

  test("the same seed brings the same faults and outcomes again, another seed brings others", async () => {
    const settings: SettingsChange = { after_500: 0.3, before_503: 0.3, outcomes: { completed: 1, busy: 1 } };
    const run = async (seed: number) => {
      client.simulator.reset();
      client.simulator.setFaults({ seed, ...settings });
      const statuses: (number | "broken")[] = [];
      for (let index = 0; index < 40; index++) statuses.push(await statusOfCall());
      await client.control("POST", "/__end", {});
      return JSON.stringify([statuses, client.simulator.rings().map((ring) => ring.outcome)]);
    };
    const first = await run(7);
    expect(await run(7)).toBe(first);
    expect(await run(8)).not.toBe(first);
  });

  test("a rate of 0.25 befalls about a quarter of eight hundred calls", async () => {
    client.simulator.setFaults({ before_500: 0.25 });
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let index = 0; index < 40; index++) await client.call();
      }),
    );
    expect(client.simulator.rings().length).toBeGreaterThan(550);
    expect(client.simulator.rings().length).toBeLessThan(650);
  });

  test("lists fail at the rate of list_500, single reads and calls do not", async () => {
    const uuid = fieldAt((await client.call()).json, "data", "conversation_uuid");
    client.simulator.setFaults({ list_500: 1 });
    for (const path of ["/conversations", `/conversations/${uuid}/sessions`, "/contacts?limit=1", "/agents"]) {
      expect((await client.api("GET", path)).status).toBe(500);
    }
    expect((await client.api("GET", `/conversations/${uuid}`)).status).toBe(200);
    expect((await client.call()).status).toBe(200);
    expect(await injected()).toEqual({ list_500: 4 });
  });
});

describe("POST /__faults", () => {
  const BAD: [name: string, body: unknown][] = [
    ["an unknown name", { after_501: 1 }],
    ["a name of the prototype", { toString: 1 }],
    ["a rate over 1", { after_500: 1.5 }],
    ["a rate that is no number", { after_500: "1" }],
    ["rates that add up to more than 1", { after_500: 0.6, before_500: 0.6 }],
    ["an unknown fault in the queue", { next: ["after_501"] }],
    ["a queue that is no list", { next: "after_500" }],
    ["a span whose end is before its begin", { latency_ms: { min: 2, max: 1 } }],
    ["an unknown outcome", { outcomes: { lost: 1 } }],
    ["outcomes without weight", { outcomes: { completed: 0 } }],
    ["a list", []],
    ["no body", undefined],
  ];
  test.each(BAD)("%s is a 400 with the known names, and nothing is changed", async (_name, body) => {
    const before = (await client.control("GET", "/__faults")).text;
    const reply = await client.control("POST", "/__faults", body);
    expect(reply.status).toBe(400);
    expect(fieldAt(reply.json, "known")).toContain("after_500");
    expect((await client.control("GET", "/__faults")).text).toBe(before);
  });

  test("merges: what is not named stays", async () => {
    await client.control("POST", "/__faults", { after_500: 0.5 });
    const reply = await client.control("POST", "/__faults", { seed: 3 });
    expect(fieldAt(reply.json, "settings", "after_500")).toBe(0.5);
    expect(fieldAt(reply.json, "settings", "seed")).toBe(3);
  });

  test("setFaults throws with the reason", () => {
    expect(() => client.simulator.setFaults({ after_500: 2 })).toThrow(/after_500/);
  });
});
