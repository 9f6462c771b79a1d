/** Every answer of Mihu's, through the whole: what becomes of the call, of the line, and how often it rang. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { line, number, openShop, type Shop } from "../shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 60_000 } });
});
beforeEach(() => shop.simulator.reset());
afterAll(() => shop?.stop());

type Line = { paused: { reason: string } | null };
const lineNow = async () => (await (await shop.api(`/v1/lines/${line}`)).json()) as Line;
const requests = async () => {
  const answer = (await (await fetch(`${shop.simulator.url}/__faults`)).json()) as { injected: Record<string, number> };
  return answer.injected;
};

describe("an answer that hides whether it rang makes the call unknown and is never dialled again", () => {
  test.each([
    ["after_500", "server_error", 1],
    ["before_500", "server_error", 0],
    ["drop_after", "connection_lost", 1],
    ["drop_before", "connection_lost", 0],
    ["unreadable", "unreadable_answer", 1],
    ["truncated", "connection_lost", 1],
    ["no_uuid", "unreadable_answer", 1],
    ["before_409", "unexpected_answer", 0],
  ] as const)("%s: %s", async (fault, reason, rings) => {
    const index =
      100 +
      [
        "after_500",
        "before_500",
        "drop_after",
        "drop_before",
        "unreadable",
        "truncated",
        "no_uuid",
        "before_409",
      ].indexOf(fault);
    shop.simulator.setFaults({ next: [fault] });
    await shop.send({ name: `#${fault}`, phone: number(index) });
    const call = await shop.call(`#${fault}`, "unknown");
    expect(call.reason).toBe(reason);
    await shop.worker.scheduled();
    expect(shop.rings(number(index))).toHaveLength(rings);
    expect((await shop.call(`#${fault}`, "unknown")).id).toBe(call.id);
  });
});

test("422 refuses this one call for good, and says what Mihu said", async () => {
  shop.simulator.setFaults({ next: ["before_422"] });
  await shop.send({ name: "#422", phone: number(120) });
  const call = await shop.call("#422", "rejected");
  expect(call.reason).toBe("refused");
  expect((await lineNow()).paused).toBeNull();
  expect(shop.rings(number(120))).toEqual([]);
});

test("429 with Retry-After makes the whole line wait that long, and then rings once", async () => {
  shop.simulator.setFaults({ next: [{ fault: "before_429", retry_after_s: 2 }] });
  const began = Date.now();
  await shop.send({ name: "#429", phone: number(121) });
  await shop.until(requests, (injected) => injected.before_429 === 1);
  await shop.send({ name: "#429b", phone: number(122) });
  await shop.call("#429", "placed");
  await shop.call("#429b", "placed");
  const rings = [...shop.rings(number(121)), ...shop.rings(number(122))];
  expect(rings).toHaveLength(2);
  expect(Math.min(...rings.map(({ at }) => at)) - began).toBeGreaterThanOrEqual(1_900);
});

describe("an answer about us pauses the line with the reason, burns no call, and the line continues once the cause is gone", () => {
  test.each([
    ["401", "unauthenticated", { token_revoked: true }, { token_revoked: false }],
    ["404", "agent_missing", { missing_agents: ["32d8fc98-be1e-4d32-a12e-146f397fb1cb2"] }, { missing_agents: [] }],
  ])("%s: %s", async (status, reason, broken, mended) => {
    const index = 130 + Number(status) - 400;
    shop.simulator.setFaults(broken);
    await shop.send({ name: `#us-${status}`, phone: number(index) });
    await shop.until(lineNow, ({ paused }) => paused?.reason === reason);
    const call = await shop.call(`#us-${status}`, "queued");
    expect(call.reason).toBe("line_paused");
    const ready = await shop.api("/readyz");
    expect(JSON.stringify(await ready.json())).toContain(reason);
    expect(shop.rings(number(index))).toEqual([]);
    shop.simulator.setFaults(mended);
    const resumed = await shop.api(`/v1/lines/${line}/resume`, { method: "POST" });
    expect(resumed.ok).toBe(true);
    await shop.call(`#us-${status}`, "placed");
    expect(shop.rings(number(index))).toHaveLength(1);
  });
});

test("an answer that comes after 40 s is not waited for: the call is unknown after 30 s and rang once", async () => {
  shop.simulator.setFaults({ next: [{ fault: "hang_after", hang_ms: 40_000 }] });
  await shop.send({ name: "#slow", phone: number(140) });
  const [call] = await shop.until(
    () => shop.calls("order_number=slow"),
    (found) => found[0]?.status === "unknown",
    45_000,
  );
  expect(call?.reason).toBe("timed_out");
  expect(shop.rings(number(140))).toHaveLength(1);
});
