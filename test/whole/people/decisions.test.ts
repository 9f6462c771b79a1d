// biome-ignore-all lint/suspicious/noThenProperty: the API's word, whose value is a text and can never be called.
/** What people decide about calls, through the API and with the simulator's rings: every waiting state has a way out. */
import postgres from "postgres";
import { describe, expect, test } from "vitest";
import { withLongCalls } from "../long-calls.ts";
import { type Call, callMe, line, listenForOutcomes, number, put, type Shop, source } from "../shop.ts";

let shop: Shop;
let owner: postgres.Sql;
withLongCalls((opened, connection) => {
  shop = opened;
  owner = connection;
});

let names = 0;
const fresh = () => ({ name: `#person-${++names}`, phone: number(300 + names) });
type Problem = { code: string; detail: string; call_status?: string; reason?: string };

/** Decides about a call as an administrator, or with another token. */
async function decide(id: string, verb: string, json?: object, token?: string) {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await shop.api(`/v1/calls/${id}/${verb}`, {
    method: "POST",
    headers,
    ...(json === undefined ? {} : { json }),
  });
  const body = (await answer.json()) as Call & Problem & { try: number; again_of: string | null; duplicate: boolean };
  return { status: answer.status, body };
}

/** A call that waits on a paused line. */
async function waiting(): Promise<{ id: string; name: string; phone: string }> {
  await shop.api(`/v1/lines/${line}/pause`, { method: "POST", json: { reason: "a pause of the test" } });
  const order = fresh();
  await shop.send(order);
  return { ...order, id: (await shop.call(order.name, "queued")).id };
}
const resume = () => shop.api(`/v1/lines/${line}/resume`, { method: "POST" });

/** A call in `review`: nobody knows whether it rang. */
async function reviewed(fault: "before_500" | "after_500"): Promise<{ id: string; name: string; phone: string }> {
  const order = fresh();
  shop.simulator.setFaults({ next: [fault] });
  await shop.send(order);
  const { id } = await shop.call(order.name, "unknown");
  await owner`update calls set status = 'review', reason = 'not_found', poll_at = null where id = ${id} and status = 'unknown'`;
  return { ...order, id };
}
const tries = (name: string) => shop.calls(`order_number=${encodeURIComponent(name)}`);

describe("canceling", () => {
  test("a call that waits prevents its ring, with who and why in its timeline", async () => {
    const call = await waiting();
    const { status, body } = await decide(call.id, "cancel", { reason: "solved by mail" });
    expect([status, body.status, body.reason, body.detail]).toEqual([
      200,
      "canceled",
      "canceled",
      { reason: "solved by mail" },
    ]);
    // The line continues and rings another customer; by then this one would have rung.
    await resume();
    const other = fresh();
    await shop.send(other);
    await shop.call(other.name, "placed");
    expect(shop.rings(call.phone)).toEqual([]);
    const story = (await (await shop.api(`/v1/calls/${call.id}`)).json()) as { timeline: object[] };
    expect(story.timeline).toContainEqual(
      expect.objectContaining({
        action: "canceled",
        actor: expect.stringMatching(/^token:/),
        data: expect.objectContaining({ reason: "solved by mail" }),
      }),
    );
  });

  test("a call that was placed meanwhile is refused by naming that", async () => {
    const order = fresh();
    await shop.send(order);
    const { id } = await shop.call(order.name, "placed");
    const { status, body } = await decide(id, "cancel", { reason: "too late" });
    expect([status, body.code, body.call_status, body.detail]).toEqual([
      409,
      "call_state",
      "placed",
      "The call is placed.",
    ]);
    expect(shop.rings(order.phone)).toHaveLength(1);
  });

  test("while the line dials: whoever is canceled did not ring, and everybody else rang once", async () => {
    const orders = await Promise.all(Array.from({ length: 12 }, () => waiting()));
    await resume();
    const ends = await Promise.all(orders.map(({ id }) => decide(id, "cancel", { reason: "all of them" })));
    for (const [index, { name, phone }] of orders.entries()) {
      const canceled = ends[index]?.status === 200;
      await shop.call(name, canceled ? "canceled" : "placed");
      expect(shop.rings(phone)).toHaveLength(canceled ? 0 : 1);
    }
  });

  test.each([
    ["without a reason", {}, 422],
    ["with an empty reason", { reason: "" }, 422],
    ["with an unknown field", { reason: "x", force: true }, 422],
  ])("%s is refused, and changes nothing", async (_, json, status) => {
    const call = await waiting();
    expect((await decide(call.id, "cancel", json)).status).toBe(status);
    expect((await decide(call.id, "cancel", { reason: "tidied" })).status).toBe(200);
    await resume();
  });
});

describe("a cancel that meets the dial at the same moment", () => {
  /** A call that its line claims soon. */
  async function soon(inMs = 1_000, phone = number(300 + ++names)): Promise<{ id: string; phone: string }> {
    const json = {
      line,
      number: phone,
      about: "They wait for us.",
      // Another call to the same number is about something else.
      order_number: `#soon-${++names}`,
      due_at: new Date(Date.now() + inMs).toISOString(),
    };
    const answer = await shop.api("/v1/calls", { method: "POST", json });
    const { id } = (await answer.json()) as Call;
    return { id, phone };
  }
  /** So many connections wait for a lock. */
  let holder = 0;
  /** Whether so many wait for the lock that is held, or for somebody who does. */
  const waits = (count: number) =>
    shop.until(
      () => owner`with recursive behind as (
          select pid from pg_stat_activity where ${holder}::int = any(pg_blocking_pids(pid))
          union select a.pid from pg_stat_activity a join behind b on b.pid = any(pg_blocking_pids(a.pid))
        ) select pid from behind`,
      (rows) => rows.length >= count,
    );
  /** Holds a lock while this is done; what was changed for it is taken back. */
  async function holding(lock: (sql: postgres.TransactionSql) => Promise<unknown>, work: () => Promise<void>) {
    const other = postgres(shop.ownerUrl, { max: 1 });
    const over = new Error("over");
    const held = other.begin(async (sql) => {
      holder = (await sql<[{ pid: number }]>`select pg_backend_pid() as pid`)[0].pid;
      await lock(sql);
      await work();
      throw over;
    });
    await expect(held).rejects.toBe(over);
    await other.end();
  }

  test("wins when it has the row first: it says canceled, and nobody rings", async () => {
    const call = await soon();
    let asked: ReturnType<typeof decide> | undefined;
    await holding(
      (sql) => sql`select 1 from calls where id = ${call.id} for update`,
      async () => {
        asked = decide(call.id, "cancel", { reason: "in time" });
        await waits(1);
        // The call is due, and its line comes for it, in vain.
        const isDue = () => owner`select 1 from calls where id = ${call.id} and due_at < now() - interval '200 ms'`;
        await shop.until(isDue, (rows) => rows.length > 0);
        await shop.worker.scheduled();
      },
    );
    const ended = await asked;
    expect([ended?.status, ended?.body.status]).toEqual([200, "canceled"]);
    const other = await soon();
    await shop.until(
      () => shop.rings(other.phone),
      (rings) => rings.length === 1,
    );
    expect(shop.rings(call.phone)).toEqual([]);
  });

  test("loses when the claim has the row first: it says so, and it rings once", async () => {
    const call = await soon();
    const later = await soon(600_000, call.phone);
    let asked: ReturnType<typeof decide> | undefined;
    await holding(
      // A claim of another call to this number has locked the row, and waits for the number.
      (sql) => sql`update calls set status = 'dialing', claim_seq = 1, lease_until = now() where id = ${later.id}`,
      async () => {
        await waits(1);
        asked = decide(call.id, "cancel", { reason: "too late" });
        await waits(2);
      },
    );
    const ended = await asked;
    expect([ended?.status, ended?.body.code]).toEqual([409, "call_state"]);
    expect(["dialing", "placed"]).toContain(ended?.body.call_status);
    const isPlaced = () => owner`select 1 from calls where id = ${call.id} and status = 'placed'`;
    await shop.until(isPlaced, (rows) => rows.length > 0);
    expect(shop.rings(call.phone)).toHaveLength(1);
  });
});

describe("releasing", () => {
  test("a call that its rule's burst held rings it once, however often it is clicked", async () => {
    const rule = { ...callMe, on: ["orders/burst"], burst: { calls: 1, in: "1h" } };
    await put(shop, `/v1/sources/${source}/rules/few`, rule);
    await shop.send(fresh(), { type: "orders/burst" });
    const order = fresh();
    await shop.send(order, { type: "orders/burst" });
    const { id } = await shop.call(order.name, "held");
    expect(shop.rings(order.phone)).toEqual([]);
    const clicks = await Promise.all([decide(id, "release"), decide(id, "release", { reason: "they are real" })]);
    expect(clicks.map(({ status }) => status).sort()).toEqual([202, 409]);
    await shop.call(order.name, "placed");
    expect(shop.rings(order.phone)).toHaveLength(1);
  });

  test("a call without one of its texts is refused, and says that the rule has to be mended", async () => {
    const rule = { ...callMe, on: ["orders/holes"], prompt: "Ask about {{ data.nothing_here }}." };
    await put(shop, `/v1/sources/${source}/rules/holes`, rule);
    const order = fresh();
    await shop.send(order, { type: "orders/holes" });
    const { id } = await shop.call(order.name, "held");
    const { status, body } = await decide(id, "release");
    expect([status, body.code, body.reason]).toEqual([409, "call_stopped", "placeholder"]);
    expect(body.detail).toContain("Mend the rule");
    expect((await decide(id, "cancel", { reason: "mended" })).status).toBe(200);
    expect(shop.rings(order.phone)).toEqual([]);
  });
});

describe("resolving", () => {
  test("as not rung, to dial it, rings once more as a second try", async () => {
    const call = await reviewed("before_500");
    expect(shop.rings(call.phone)).toEqual([]);
    const said = { rang: false, then: "dial", reason: "the customer says that nobody rang" };
    const { status, body } = await decide(call.id, "resolve", said);
    expect([status, body.try, body.again_of]).toEqual([202, 2, call.id]);
    const found = await shop.until(
      () => tries(call.name),
      (all) => all.some((one) => one.status === "placed"),
    );
    expect(found.map((one) => [one.id, one.status])).toEqual([
      [body.id, "placed"],
      [call.id, "canceled"],
    ]);
    expect(shop.rings(call.phone)).toHaveLength(1);
    const late = await decide(call.id, "resolve", said);
    expect([late.status, late.body.call_status]).toEqual([409, "canceled"]);
  });

  test("as not rung, to close it, rings nobody", async () => {
    const call = await reviewed("before_500");
    const { status, body } = await decide(call.id, "resolve", { rang: false, then: "close", reason: "done by mail" });
    expect([status, body.id, body.status]).toEqual([200, call.id, "canceled"]);
    expect(await tries(call.name)).toHaveLength(1);
    expect(shop.rings(call.phone)).toEqual([]);
  });

  test("as rung takes the conversation, and its outcome comes", async () => {
    const call = await reviewed("after_500");
    expect((await decide(call.id, "resolve", { rang: true })).status).toBe(422);
    const [ring] = shop.rings(call.phone);
    await fetch(`${shop.simulator.url}/__end`, { method: "POST", body: "{}" });
    const said = { rang: true, conversation_uuid: ring?.conversation_uuid };
    const { status, body } = await decide(call.id, "resolve", said);
    expect([status, body.conversation_uuid]).toEqual([200, ring?.conversation_uuid]);
    await shop.worker.scheduled();
    expect(await shop.call(call.name, "ended")).toMatchObject({ outcome: "completed" });
    expect(shop.rings(call.phone)).toHaveLength(1);
  });

  test("a call that is not in review is refused by naming where it is, and rings nobody", async () => {
    const call = await waiting();
    for (const said of [
      { rang: true, conversation_uuid: "conversation-x" },
      { rang: false, then: "close", reason: "x" },
      { rang: false, then: "dial", reason: "x" },
    ]) {
      const { status, body } = await decide(call.id, "resolve", said);
      expect([status, body.code, body.call_status, body.detail]).toEqual([
        409,
        "call_state",
        "queued",
        "The call is queued.",
      ]);
    }
    expect(await tries(call.name)).toMatchObject([{ status: "queued" }]);
    expect((await decide(call.id, "cancel", { reason: "tidied" })).status).toBe(200);
    await resume();
    expect(shop.rings(call.phone)).toEqual([]);
  });

  test.each([
    ["nothing", {}, "rang"],
    ["a word in the place of yes and no", { rang: "yes" }, "rang"],
    ["no, and not what then", { rang: false, reason: "x" }, "then"],
    ["no, and something else then", { rang: false, then: "again", reason: "x" }, "then"],
    ["no, and not why", { rang: false, then: "dial" }, "reason"],
    ["yes, and to dial it", { rang: true, then: "dial" }, "then"],
  ])("by saying %s is refused at the field", async (_, json, field) => {
    const { status, body } = await decide(crypto.randomUUID(), "resolve", json);
    expect([status, body.detail.split(":")[0]]).toEqual([422, field]);
  });
});

describe("calling again", () => {
  test("after the call has ended rings once more, however often it is clicked", async () => {
    await listenForOutcomes(shop);
    shop.simulator.setFaults({ call_ms: 50 });
    const order = fresh();
    await shop.send(order);
    const { id } = await shop.call(order.name, "ended");
    const clicks = await Promise.all([1, 2, 3].map(() => decide(id, "again", { reason: "they asked for it" })));
    expect(clicks.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(new Set(clicks.map(({ body }) => body.id)).size).toBe(1);
    expect(clicks.filter(({ body }) => body.duplicate)).toHaveLength(2);
    expect(clicks[0]?.body).toMatchObject({ try: 2, again_of: id });
    await shop.until(
      () => tries(order.name),
      (all) => all.length === 2 && all.every((one) => one.status === "ended"),
    );
    expect(shop.rings(order.phone)).toHaveLength(2);
  });

  test("is refused while nobody knows how it ended, and for a number that is suppressed", async () => {
    const order = fresh();
    await shop.send(order);
    const { id } = await shop.call(order.name, "placed");
    expect((await decide(id, "again", { reason: "x" })).body).toMatchObject({
      code: "call_state",
      call_status: "placed",
    });
    const call = await waiting();
    await shop.api("/v1/suppressions", { method: "POST", json: { number: call.phone, reason: "asked" } });
    await resume();
    expect((await decide(call.id, "again", { reason: "x" })).body).toMatchObject({
      code: "call_stopped",
      reason: "suppressed",
    });
    expect(shop.rings(call.phone)).toEqual([]);
  });
});

test("whoever may not see numbers may decide, and is not shown them; the reason is masked as well", async () => {
  const call = await waiting();
  const blind = await shop.tokenFor(["calls:write"]);
  const { status, body } = await decide(call.id, "cancel", { reason: "Ada asked for it" }, blind);
  expect(status).toBe(200);
  expect(JSON.stringify(body)).not.toContain(call.phone.slice(2));
  expect(JSON.stringify(body)).not.toContain("Ada asked");
  await resume();
});

test.each(["cancel", "release", "resolve", "again"])("%s of what is no call's id is not found", async (verb) => {
  const json = verb === "resolve" ? { rang: true } : { reason: "x" };
  for (const id of ["nothing", crypto.randomUUID()]) expect((await decide(id, verb, json)).body.code).toBe("not_found");
});
