/** Calls whose answer was lost, through the whole: looked up, adopted or put before a person, and never dialled again. */
import type postgres from "postgres";
import { describe, expect, test } from "vitest";
import { withLongCalls } from "../long-calls.ts";
import { type Call, line, number, type Shop, wideLine } from "../shop.ts";

let shop: Shop;
let owner: postgres.Sql;
withLongCalls((opened, connection) => {
  shop = opened;
  owner = connection;
});

let numbers = 500;
type Lost = { name: string; phone: string; id: string };
/** A call whose answer hid whether it rang. */
async function lost(fault: "after_500" | "before_500" | "drop_after", phone = number(numbers++)): Promise<Lost> {
  const name = `#lost-${numbers++}`;
  shop.simulator.setFaults({ next: [fault] });
  await shop.send({ name, phone });
  const { id } = await shop.call(name, "unknown");
  return { name, phone, id };
}

const row = async (id: string) => {
  const [found] = await owner`select status, polls, poll_at, poll_at > now() as waits from calls where id = ${id}`;
  if (found === undefined) throw new Error("there is no such call");
  return found;
};
const entries = async (id: string, action: string) => {
  const found = await owner`select data from entries where subject_id = ${id} and action = ${action} order by id`;
  return found.map(({ data }) => data);
};

/** Makes the look-up due in the call's row, and lets cron wake the line. Resolves with the call after the look-up. */
async function look({ id, name }: Lost): Promise<Call> {
  const before = (await entries(id, "looked_up")).length;
  await owner`update calls set poll_at = now() where id = ${id} and status = 'unknown'`;
  await shop.worker.scheduled();
  await shop.until(
    async () => [(await row(id)).status, (await entries(id, "looked_up")).length] as const,
    ([status, looks]) => status !== "unknown" || looks > before,
  );
  const [call] = await shop.calls(`order_number=${encodeURIComponent(name)}`);
  if (call === undefined) throw new Error("there is no such call");
  return call;
}

/** A conversation that no request of Hookline caused. */
async function foreign(deviation: Record<string, unknown>): Promise<{ uuid: string }> {
  const answer = await fetch(`${shop.simulator.url}/__conversations`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ agentId: wideLine.agent, ...deviation }),
  });
  return (await answer.json()) as { uuid: string };
}
const endAll = () => fetch(`${shop.simulator.url}/__end`, { method: "POST", body: "{}" });

describe("a call that rang though its answer was lost", () => {
  test.each(["after_500", "drop_after"] as const)(
    "is adopted with the conversation that it became, and rang once (%s)",
    async (fault) => {
      const call = await lost(fault);
      const [ring] = shop.rings(call.phone);
      expect(await look(call)).toMatchObject({
        id: call.id,
        status: "placed",
        reason: null,
        conversation_uuid: ring?.conversation_uuid,
      });
      expect(shop.rings(call.phone)).toHaveLength(1);
      expect((await entries(call.id, "placed"))[0]).toMatchObject({ adopted: true, mihu_id: ring?.id });
    },
  );

  test("has its outcome, even if it ended while nobody knew whose it was", async () => {
    const call = await lost("after_500");
    await endAll();
    await look(call);
    expect(await shop.call(call.name, "ended")).toMatchObject({ outcome: "completed" });
    expect(shop.rings(call.phone)).toHaveLength(1);
  });

  test("is found in an older conversation with the same customer", async () => {
    const phone = number(numbers++);
    await shop.send({ name: "#before", phone });
    const before = await shop.call("#before", "placed");
    await endAll();
    await owner`update calls set poll_at = now() where id = ${before.id}`;
    await shop.worker.scheduled();
    await shop.call("#before", "ended");
    const call = await lost("after_500", phone);
    const found = await look(call);
    expect(found).toMatchObject({ status: "placed", conversation_uuid: before.conversation_uuid });
    expect(shop.rings(phone)).toHaveLength(2);
    expect((await entries(call.id, "placed"))[0]).toMatchObject({ mihu_id: shop.rings(phone)[1]?.id });
  });

  test("is looked up by the line's own alarm, without cron", async () => {
    const call = await lost("after_500");
    // The first look is 15 s after the answer; nothing of the test wakes the line.
    const found = await shop.until(
      () => shop.calls(`order_number=${encodeURIComponent(call.name)}`),
      ([one]) => one?.status === "placed",
      25_000,
    );
    expect(found).toHaveLength(1);
    expect(shop.rings(call.phone)).toHaveLength(1);
  });
});

describe("a call that did not ring", () => {
  test("is looked up three times and then put before a person, and never dialled again", async () => {
    const call = await lost("before_500");
    expect((await look(call)).status).toBe("unknown");
    expect((await look(call)).status).toBe("unknown");
    expect((await row(call.id)).waits).toBe(true);
    expect(await look(call)).toMatchObject({ status: "review", reason: "not_found" });
    expect(await entries(call.id, "looked_up")).toMatchObject([{ looks: 1 }, { looks: 2 }]);
    await shop.worker.scheduled();
    expect(shop.rings(call.phone)).toEqual([]);
    // The call's number is free, so another call to this customer is dialled.
    await shop.send({ name: `${call.name}-next`, phone: call.phone });
    await shop.call(`${call.name}-next`, "placed");
    expect(shop.rings(call.phone)).toHaveLength(1);
  });

  test("and lets what waited for its number ring as soon as a person has it", async () => {
    const call = await lost("before_500");
    await shop.send({ name: `${call.name}-waits`, phone: call.phone });
    await shop.call(`${call.name}-waits`, "queued");
    for (let looks = 0; looks < 3; looks++) await look(call);
    expect((await row(call.id)).status).toBe("review");
    await shop.call(`${call.name}-waits`, "placed");
    expect(shop.rings(call.phone)).toHaveLength(1);
  });

  test.each<[string, (phone: string) => Record<string, unknown>]>([
    ["the customer's own inbound call", (phone) => ({ number: phone, type: "inbound" })],
    ["a simulation", (phone) => ({ number: phone, is_simulation: true })],
    ["a campaign's call", (phone) => ({ number: phone, campaign_uuid: "campaign-1" })],
    ["a task's call", (phone) => ({ number: phone, task_uuids: ["task-1"] })],
    ["another agent's call", (phone) => ({ number: phone, agentId: "another-agent" })],
    ["a call to a number that contains this one", (phone) => ({ number: `${phone}7` })],
    ["a call of ten minutes ago", (phone) => ({ number: phone, created_at: Date.now() - 600_000 })],
  ])("does not become %s", async (_, deviation) => {
    const call = await lost("before_500");
    await foreign(deviation(call.phone));
    for (let looks = 0; looks < 3; looks++) await look(call);
    const [found] = await shop.calls(`order_number=${encodeURIComponent(call.name)}`);
    expect(found).toMatchObject({ status: "review", reason: "not_found", conversation_uuid: null });
    expect(shop.rings(call.phone)).toEqual([]);
  });

  test("does not take the conversation of an earlier call to the same number", async () => {
    const first = await lost("after_500");
    await look(first);
    await endAll();
    await owner`update calls set poll_at = now() where id = ${first.id}`;
    await shop.worker.scheduled();
    const { conversation_uuid: taken } = await shop.call(first.name, "ended");
    const second = await lost("before_500", first.phone);
    // The second call is claimed shortly after the first, so that both windows contain the conversation.
    await owner`update calls set claimed_at = (select claimed_at from calls where id = ${first.id}) + interval '2 seconds'
      where id = ${second.id}`;
    for (let looks = 0; looks < 3; looks++) await look(second);
    const [found] = await shop.calls(`order_number=${encodeURIComponent(second.name)}`);
    expect(found).toMatchObject({ status: "review", reason: "not_found", conversation_uuid: null });
    expect((await shop.calls(`conversation=${taken}`)).map(({ id }) => id)).toEqual([first.id]);
    expect(shop.rings(first.phone)).toHaveLength(1);
  });
});

test("where two conversations may be meant, a person decides at the first look and is told which", async () => {
  const call = await lost("after_500");
  const other = await foreign({ number: call.phone });
  expect(await look(call)).toMatchObject({ status: "review", reason: "several_found", conversation_uuid: null });
  const [doubt] = await entries(call.id, "review");
  expect(doubt?.conversations).toEqual(
    expect.arrayContaining([other.uuid, shop.rings(call.phone)[0]?.conversation_uuid]),
  );
  expect(shop.rings(call.phone)).toHaveLength(1);
});

test("while the list cannot be read nothing is decided, however often it is asked; then it is", async () => {
  const call = await lost("after_500");
  shop.simulator.setFaults({ list_500: 1 });
  for (let looks = 0; looks < 5; looks++) expect((await look(call)).status).toBe("unknown");
  expect(await row(call.id)).toMatchObject({ status: "unknown", polls: 0, waits: true });
  shop.simulator.setFaults({ list_500: 0 });
  expect((await look(call)).status).toBe("placed");
  expect(shop.rings(call.phone)).toHaveLength(1);
});

test("a line that is paused looks up what it dialled, and dials nothing", async () => {
  const call = await lost("after_500");
  const paused = await shop.api(`/v1/lines/${line}/pause`, { method: "POST", json: { reason: "a pause of the test" } });
  expect(paused.ok).toBe(true);
  const waits = number(numbers++);
  await shop.send({ name: "#paused", phone: waits });
  expect((await look(call)).status).toBe("placed");
  expect((await shop.call("#paused", "queued")).reason).toBe("paused_by_person");
  expect(shop.rings(waits)).toEqual([]);
  await shop.api(`/v1/lines/${line}/resume`, { method: "POST" });
  await shop.call("#paused", "placed");
  expect(shop.rings(call.phone)).toHaveLength(1);
});
