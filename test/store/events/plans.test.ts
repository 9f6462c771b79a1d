import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { transitions } from "../../../src/domain/calls/call.ts";
import type { CallDraft } from "../../../src/domain/plan/draft.ts";
import type { EventPlan } from "../../../src/domain/plan/plan.ts";
import { keptClient } from "../../../src/store/postgres/kept-client.ts";
import { addLine, draft, eventsOf, newEvent, numberOf, planOf, type World, world } from "../world/world.ts";

let w: World;
beforeAll(async () => {
  w = await world("line-a");
});
afterAll(() => w.close());

const HOUR_MS = 3_600_000;
let names = 0;
/** A rule's name of its own, so that no test meets another's turns and bursts. */
const freshRule = (): string => `rule-${++names}`;

/** Accepts as many events as there are lists of drafts, and plans them in one statement. */
async function plan(...drafts: readonly (readonly CallDraft[])[]): Promise<string[]> {
  const events = await Promise.all(drafts.map(() => newEvent()));
  await w.events.accept("shop", events);
  await w.events.plan(events.map((event, index) => planOf(event, ...(drafts[index] ?? []))));
  return events.map(({ id }) => id);
}

const callsOf = async (...ids: string[]) =>
  await w.owner`select c.* from calls c join events e on e.id = c.event_id where event_id in ${w.owner(ids)}
    order by array_position(${ids}::uuid[], event_id), rule`;
const endsOf = async (...ids: string[]) => (await callsOf(...ids)).map(({ status, reason }) => [status, reason]);
const eventOf = async (id: string) => (await w.owner`select * from events where id = ${id}`)[0];
const entriesOf = async (id: string) =>
  await w.owner`select action, actor, reason, data, tx::text from entries where subject = 'call' and subject_id = ${id} order by id`;
const verdictsOf = async (id: string) =>
  await w.owner`select gate, verdict, inputs from verdicts where call_id = ${id} order by id`;

describe("a plan", () => {
  test("writes the event's end, its calls, their verdicts and their entries in one transaction", async () => {
    const due = Date.now() + HOUR_MS;
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    const pokes = await w.events.plan([
      planOf(event, draft({ dueAt: due, closesAt: due + HOUR_MS, expiresAt: due + 2 * HOUR_MS, greeting: "Hello 👋" })),
    ]);
    expect(pokes).toEqual([{ line: "line-a", withdrawn: false }]);
    expect(await eventOf(event.id)).toMatchObject({ state: "planned", reason: null, planned_at: expect.any(Date) });
    const [call, ...others] = await callsOf(event.id);
    expect(others).toEqual([]);
    expect(call).toMatchObject({
      source: "shop",
      rule: "call-me",
      rule_version: 1,
      try: 1,
      again_of: null,
      mode: "live",
      line: "line-a",
      status: "queued",
      reason: null,
      order_number: "#1001",
      order_number_key: "1001",
      record_type: "order",
      record_id: "987",
      number: "+14155550100",
      about: "The customer waits for order #1001.",
      greeting: "Hello 👋",
      due_at: new Date(due),
      closes_at: new Date(due + HOUR_MS),
      expires_at: new Date(due + 2 * HOUR_MS),
    });
    const [row] = await w.owner`select to_json(zones) as zones, c.xmin::text as call, e.xmin::text as event
      from calls c join events e on e.id = c.event_id where c.id = ${call?.id}`;
    expect(row?.zones).toEqual(["America/Los_Angeles"]);
    expect(await verdictsOf(call?.id)).toEqual([
      { gate: "countries", verdict: "pass", inputs: { country: "US" } },
      { gate: "suppression", verdict: "pass", inputs: {} },
      { gate: "burst", verdict: "pass", inputs: { calls: 1, allowed: 1_000 } },
    ]);
    const [entry, ...more] = await entriesOf(call?.id);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      action: "queued",
      actor: "plan",
      reason: null,
      data: { event_id: event.id, rule: "call-me", rule_version: 1, mode: "live", line: "line-a" },
      tx: row?.call,
    });
    expect(row?.event).toBe(row?.call);
  });

  test("without a call leaves its reason with the event, and pokes nobody", async () => {
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    const given: EventPlan = { ...planOf(event), detail: { withdraw_failed: ["call-me: data.x is missing"] } };
    expect(await w.events.plan([given])).toEqual([]);
    expect(await eventOf(event.id)).toMatchObject({
      state: "ignored",
      reason: "no_rule_matched",
      detail: { withdraw_failed: ["call-me: data.x is missing"] },
    });
    expect(await callsOf(event.id)).toEqual([]);
  });

  test("keeps a skipped call with its reason, its evidence and all of its texts", async () => {
    const shadow = draft({
      mode: "shadow",
      status: "skipped",
      reason: "shadow",
      dueAt: null,
      expiresAt: null,
      burst: null,
    });
    const missing = draft({
      rule: "gone",
      line: null,
      number: null,
      about: null,
      status: "skipped",
      reason: "line_missing",
      detail: { line: "nowhere" },
      verdicts: [],
    });
    const [id = ""] = await plan([shadow, missing]);
    expect(await callsOf(id)).toMatchObject([
      { rule: "call-me", status: "skipped", reason: "shadow", number: "+14155550100", about: shadow.about },
      { rule: "gone", status: "skipped", reason: "line_missing", line: null, detail: { line: "nowhere" } },
    ]);
  });

  test("tells each line once, with the earliest call that it has", async () => {
    await addLine(w.owner, "line-b");
    const now = Date.now();
    const events = [await newEvent(), await newEvent()];
    await w.events.accept("shop", events);
    const [one, two] = events;
    if (one === undefined || two === undefined) throw new Error("two were made");
    const pokes = await w.events.plan([
      planOf(one, draft({ dueAt: now + 2_000 }), draft({ rule: "other", line: "line-b", dueAt: now + 9_000 })),
      planOf(two, draft({ dueAt: now + 1_000 })),
    ]);
    expect([...pokes].map((one) => (typeof one === "string" ? one : one.line)).sort()).toEqual(["line-a", "line-b"]);
  });

  test("of five hundred events is one statement", async () => {
    const rule = freshRule();
    const ids = await plan(...Array.from({ length: 500 }, (_, index) => [draft({ rule, number: numberOf(index) })]));
    const [row] = await w.owner`select count(*)::int as calls, count(distinct xmin::text)::int as transactions
      from calls where event_id in ${w.owner(ids)}`;
    expect(row).toEqual({ calls: 500, transactions: 1 });
  });

  test("an event is planned once: a second plan changes nothing", async () => {
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    await w.events.plan([planOf(event, draft({ rule: "first" }))]);
    const pokes = await w.events.plan([planOf(event, draft({ rule: "second" }))]);
    expect(pokes).toEqual([]);
    expect((await callsOf(event.id)).map(({ rule }) => rule)).toEqual(["first"]);
  });

  test("an event is planned once by two clients at the same time, in whatever order they take a batch", async () => {
    const clients = [keptClient(w.url, () => {}), keptClient(w.url, () => {})];
    const stores = clients.map((client) => eventsOf(client, 30_000));
    for (let round = 0; round < 8; round++) {
      const events = await Promise.all(Array.from({ length: 60 }, () => newEvent()));
      await w.events.accept("shop", events);
      const rules = [freshRule(), freshRule()];
      const pokes = await Promise.all(
        stores.map((store, index) => {
          const plans = events.map((event) => planOf(event, draft({ rule: rules[index] ?? "" })));
          return store.plan(index === 0 ? plans : plans.reverse());
        }),
      );
      const calls = await callsOf(...events.map(({ id }) => id));
      expect(calls.map(({ event_id }) => event_id).sort()).toEqual(events.map(({ id }) => id).sort());
      const [row] = await w.owner`select count(*)::int as n from entries
        where subject = 'call' and subject_id in ${w.owner(calls.map(({ id }) => id))}`;
      expect(row?.n).toBe(60);
      expect(pokes.flat().length).toBeGreaterThan(0);
    }
    for (const client of clients) client.drop();
  });

  test.each<[string, Partial<CallDraft>]>([
    ["a status that there is not", { status: JSON.parse('"ringing"') }],
    ["a skipped call without a reason", { status: "skipped", reason: null }],
    ["a queued call without a number", { number: null }],
    ["a number that is not E.164", { number: "4155550100" }],
    ["a verdict that there is not", { verdicts: [JSON.parse('{"gate": "x", "verdict": "maybe", "inputs": {}}')] }],
  ])("is whole or not at all: with %s every event of its batch stays unplanned", async (_, deviation) => {
    const rule = freshRule();
    const [good, bad] = [await newEvent(), await newEvent()];
    await w.events.accept("shop", [good, bad]);
    const once = { key: "one", until: Date.now() + HOUR_MS };
    await expect(
      w.events.plan([planOf(good, draft({ rule, once })), planOf(bad, draft({ rule, ...deviation }))]),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^23/) });
    for (const { id } of [good, bad]) expect(await eventOf(id)).toMatchObject({ state: "unplanned", planned_at: null });
    expect(await callsOf(good.id, bad.id)).toEqual([]);
    expect(
      await w.owner`select 1 from once where rule = ${rule} union all select 1 from bursts where rule = ${rule}`,
    ).toEqual([]);
  });
});

describe("once_per", () => {
  const turn = (rule: string, key = "one", deviation: Partial<CallDraft> = {}) =>
    draft({ rule, once: { key, until: Date.now() + HOUR_MS }, ...deviation });

  test("lets a key have its call once, also in a later batch, and the second keeps its texts and its verdict", async () => {
    const rule = freshRule();
    const [first = ""] = await plan([turn(rule)]);
    const [second = ""] = await plan([turn(rule)]);
    expect(await endsOf(first, second)).toEqual([
      ["queued", null],
      ["skipped", "once_per"],
    ]);
    const [call] = await callsOf(second);
    expect(call).toMatchObject({ number: "+14155550100", about: expect.stringContaining("#1001") });
    expect((await verdictsOf(call?.id)).map(({ gate, verdict }) => [gate, verdict])).toEqual([
      ["countries", "pass"],
      ["suppression", "pass"],
      ["once_per", "stop"],
    ]);
    expect(await entriesOf(call?.id)).toMatchObject([{ action: "skipped", reason: "once_per" }]);
  });

  test("within a batch gives the turn to the first event", async () => {
    const rule = freshRule();
    const ids = await plan([turn(rule)], [turn(rule)], [turn(rule, "two")], [turn(rule)]);
    expect((await endsOf(...ids)).map(([status]) => status)).toEqual(["queued", "skipped", "queued", "skipped"]);
  });

  test("gives the key another turn when its time is over, and not before", async () => {
    const rule = freshRule();
    await plan([turn(rule)]);
    await w.owner`update once set until = now() + interval '1 minute' where rule = ${rule}`;
    const [early = ""] = await plan([turn(rule)]);
    await w.owner`update once set until = now() where rule = ${rule}`;
    const [late = ""] = await plan([turn(rule)]);
    expect(await endsOf(early, late)).toEqual([
      ["skipped", "once_per"],
      ["queued", null],
    ]);
  });

  test("by two clients at the same time gives one turn, whatever their order", async () => {
    const rule = freshRule();
    const clients = [keptClient(w.url, () => {}), keptClient(w.url, () => {})];
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    const all = await Promise.all(
      clients.map(async (client, index) => {
        const events = await Promise.all(keys.map(() => newEvent()));
        await w.events.accept("shop", events);
        const plans = events.map((event, nth) => planOf(event, turn(rule, keys[nth])));
        await eventsOf(client, 30_000).plan(index === 0 ? plans : plans.reverse());
        return events.map(({ id }) => id);
      }),
    );
    for (const client of clients) client.drop();
    const ends = await endsOf(...all.flat());
    expect(ends.filter(([status]) => status === "queued")).toHaveLength(40);
    expect(ends.filter(([, reason]) => reason === "once_per")).toHaveLength(40);
  });

  test.each<[string, Partial<CallDraft>]>([
    ["a shadow's call", { status: "skipped", reason: "shadow" }],
    ["a call that is held", { status: "held", reason: "placeholder", burst: null }],
  ])("is not used up by %s", async (_, deviation) => {
    const rule = freshRule();
    await plan([turn(rule, "one", deviation)]);
    const [next = ""] = await plan([turn(rule)]);
    expect(await endsOf(next)).toEqual([["queued", null]]);
  });

  test("is not used up by a call to a suppressed number", async () => {
    const [rule, number] = [freshRule(), numberOf(8_001)];
    await w.owner`insert into suppressions (number, reason, created_by) values (${number}, 'asked', 'test')`;
    const [none = "", next = ""] = [...(await plan([turn(rule, "one", { number })])), ...(await plan([turn(rule)]))];
    expect(await endsOf(none, next)).toEqual([
      ["skipped", "suppressed"],
      ["queued", null],
    ]);
  });

  test("of one rule says nothing of another", async () => {
    const ids = [...(await plan([turn(freshRule())])), ...(await plan([turn(freshRule())]))];
    expect((await endsOf(...ids)).map(([status]) => status)).toEqual(["queued", "queued"]);
  });
});

describe("suppression", () => {
  test.each([
    ["for good", null, "skipped"],
    ["for a time", "1 hour", "skipped"],
    ["until a time that is over", "-1 second", "queued"],
  ])("%s: the call is %s", async (_, interval, status) => {
    const number = numberOf(8_100 + names++);
    await w.owner`insert into suppressions (number, reason, until, created_by)
      values (${number}, 'asked', now() + ${interval}::text::interval, 'test')`;
    const [id = ""] = await plan([draft({ number })]);
    const [call] = await callsOf(id);
    expect([call?.status, call?.reason]).toEqual(status === "skipped" ? ["skipped", "suppressed"] : ["queued", null]);
    const gates = (await verdictsOf(call?.id)).map(({ gate, verdict }) => [gate, verdict]);
    if (status === "skipped") expect(gates).toContainEqual(["suppression", "stop"]);
    else expect(gates).toContainEqual(["suppression", "pass"]);
  });
});

describe("burst", () => {
  const many = (rule: string, count: number, deviation: Partial<CallDraft> = {}) =>
    Array.from({ length: count }, () => [draft({ rule, burst: { calls: 3, window: 600_000 }, ...deviation })]);

  test("beyond its limit holds calls for a person, within a batch and across batches, each with its verdict", async () => {
    const rule = freshRule();
    const ids = [
      ...(await plan(...many(rule, 2))),
      ...(await plan(...many(rule, 3))),
      ...(await plan(...many(rule, 1))),
    ];
    expect(await endsOf(...ids)).toEqual([
      ["queued", null],
      ["queued", null],
      ["queued", null],
      ["held", "burst"],
      ["held", "burst"],
      ["held", "burst"],
    ]);
    const calls = await callsOf(...ids);
    expect((await verdictsOf(calls[3]?.id)).at(-1)).toEqual({
      gate: "burst",
      verdict: "stop",
      inputs: { calls: 4, allowed: 3 },
    });
    expect((await verdictsOf(calls[2]?.id)).at(-1)).toMatchObject({ gate: "burst", verdict: "pass" });
    expect(await entriesOf(calls[5]?.id)).toMatchObject([{ action: "held", reason: "burst" }]);
  });

  test("begins anew with its next window", async () => {
    const rule = freshRule();
    await plan(...many(rule, 4));
    const [id = ""] = await plan(...many(rule, 1, { burst: { calls: 3, window: 1_200_000 } }));
    expect(await endsOf(id)).toEqual([["queued", null]]);
  });

  test("counts what rings, and neither what is skipped nor what is held for another reason", async () => {
    const rule = freshRule();
    const quiet = { burst: null } as const;
    await plan(
      ...many(rule, 5, { status: "skipped", reason: "shadow", ...quiet }),
      ...many(rule, 5, { status: "held", reason: "placeholder", ...quiet }),
    );
    const ids = await plan(...many(rule, 3));
    expect((await endsOf(...ids)).map(([status]) => status)).toEqual(["queued", "queued", "queued"]);
  });

  test("does not count a call that once_per stopped", async () => {
    const rule = freshRule();
    const once = { key: "one", until: Date.now() + HOUR_MS };
    await plan(...many(rule, 5, { once }));
    const ids = await plan(...many(rule, 3));
    expect((await endsOf(...ids)).map(([status]) => status)).toEqual(["queued", "queued", "held"]);
  });

  test("by two clients at the same time never lets more through", async () => {
    const rule = freshRule();
    const clients = [keptClient(w.url, () => {}), keptClient(w.url, () => {})];
    const ids = await Promise.all(
      clients.map(async (client) => {
        const events = await Promise.all(Array.from({ length: 20 }, () => newEvent()));
        await w.events.accept("shop", events);
        const store = eventsOf(client, 30_000);
        for (const event of events) await store.plan([planOf(event, ...many(rule, 1).flat())]);
        return events.map(({ id }) => id);
      }),
    );
    for (const client of clients) client.drop();
    const ends = await endsOf(...ids.flat());
    expect(ends.filter(([status]) => status === "queued")).toHaveLength(3);
    expect(ends.filter(([status]) => status === "held")).toHaveLength(37);
  });
});

describe("withdrawing", () => {
  /** Plans an event that withdraws the waiting calls of a rule for a record. */
  async function withdraw(rule: string, record: { type: string; id: string }): Promise<string> {
    const event = await newEvent({ record });
    await w.events.accept("shop", [event]);
    await w.events.plan([{ ...planOf(event), reason: "withdraws_only", withdraw: [{ rule, record }] }]);
    return event.id;
  }
  const recordOf = (id: string) => ({ type: "order", id });

  test("cancels queued and held calls of this rule and record, with an entry that names the event, and no others", async () => {
    const [rule, other] = [freshRule(), freshRule()];
    const [mine, theirs] = [await newEvent({ record: recordOf("w-1") }), await newEvent({ record: recordOf("w-2") })];
    const held = await newEvent({ record: recordOf("w-1") });
    const typed = await newEvent({ record: { type: "ticket", id: "w-1" } });
    await w.events.accept("shop", [mine, theirs, held, typed]);
    await w.events.plan([
      planOf(mine, draft({ rule }), draft({ rule: other })),
      planOf(theirs, draft({ rule })),
      planOf(held, draft({ rule, status: "held", reason: "placeholder" })),
      planOf(typed, draft({ rule })),
    ]);
    const by = await withdraw(rule, recordOf("w-1"));
    expect(await endsOf(mine.id, theirs.id, held.id, typed.id)).toEqual([
      ["canceled", "withdrawn"],
      ["queued", null],
      ["queued", null],
      ["canceled", "withdrawn"],
      ["queued", null],
    ]);
    const [call] = await callsOf(mine.id);
    expect(call?.detail).toEqual({ event_id: by });
    expect((await entriesOf(call?.id)).at(-1)).toMatchObject({
      action: "canceled",
      actor: "plan",
      reason: "withdrawn",
      data: { event_id: by },
    });
  });

  test("of another source's record touches nothing", async () => {
    const rule = freshRule();
    await w.owner`insert into sources (slug, preset) values ('elsewhere', 'generic')`;
    const mine = await newEvent({ record: recordOf("w-3") });
    await w.events.accept("elsewhere", [mine]);
    await w.events.plan([planOf(mine, draft({ rule }))]);
    await withdraw(rule, recordOf("w-3"));
    expect(await endsOf(mine.id)).toEqual([["queued", null]]);
  });

  test.each(["dialing", "unknown", "review", "placed", "ended", "rejected", "expired", "skipped"] as const)(
    "leaves a call that is %s as it is",
    async (status) => {
      const rule = freshRule();
      const mine = await newEvent({ record: recordOf(rule) });
      await w.events.accept("shop", [mine]);
      await w.events.plan([planOf(mine, draft({ rule, number: numberOf(8_500 + names) }))]);
      await w.owner`update calls set status = ${status}, reason = 'test', lease_until = now() + interval '1 hour', claim_seq = 1,
        placed_at = now(), mihu_id = 'call-1', outcome = case when ${status} = 'ended' then 'completed' end,
        ended_at = case when ${status} = 'ended' then now() end where event_id = ${mine.id}`;
      await withdraw(rule, recordOf(rule));
      expect(await endsOf(mine.id)).toEqual([[status, "test"]]);
      // A person may still close a call that Mihu has; a claimed call is canceled if it comes back.
      expect(transitions[status].includes("canceled")).toBe(status === "review" || status === "dialing");
    },
  );

  test("by an event that was planned already does nothing", async () => {
    const rule = freshRule();
    const [mine, by] = [await newEvent({ record: recordOf("w-4") }), await newEvent({ record: recordOf("w-4") })];
    await w.events.accept("shop", [mine, by]);
    await w.events.plan([planOf(by)]);
    await w.events.plan([planOf(mine, draft({ rule }))]);
    await w.events.plan([{ ...planOf(by), withdraw: [{ rule, record: recordOf("w-4") }] }]);
    expect(await endsOf(mine.id)).toEqual([["queued", null]]);
  });
});
