// biome-ignore-all lint/suspicious/noThenProperty: the API's word, whose value is a text and can never be called.
/** What people decide about calls: each statement's guard, its entry, and who is first when two come at once. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CallStatus, callStatuses } from "../../../src/domain/calls/call.ts";
import { decidable } from "../../../src/domain/plan/decision.ts";
import type { CallDraft } from "../../../src/domain/plan/draft.ts";
import type { StopPorts } from "../../../src/flows/calling/stop.ts";
import { callAgain } from "../../../src/flows/people/call-again.ts";
import { cancelCall } from "../../../src/flows/people/cancel.ts";
import type { DecidePorts } from "../../../src/flows/people/decide.ts";
import { releaseCall } from "../../../src/flows/people/release.ts";
import { type Resolution, resolveCall } from "../../../src/flows/people/resolve.ts";
import type { DecisionStore } from "../../../src/ports/people/decisions.ts";
import { decisionStore } from "../../../src/store/calls/decisions.ts";
import { stopStore } from "../../../src/store/calls/stops.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import { callStores } from "../world/calls.ts";
import { waitsForLock } from "../world/locks.ts";
import { callOf, entriesOf } from "../world/placed.ts";
import { addLine, draft, first, newEvent, numberOf, planOf, type World, world } from "../world/world.ts";

let w: World;
let client: KeptClient;
let decisions: DecisionStore;
let ports: DecidePorts & StopPorts;
beforeAll(async () => {
  w = await world("line-a");
  client = keptClient(w.url, () => {});
  decisions = decisionStore(client.sql());
  ports = {
    clock: { now: () => Date.now() },
    decisions,
    defaultCountry: "US",
    lines: { recheck: async () => "rechecked" },
    stops: stopStore(client.sql()),
  };
});
afterAll(async () => {
  client.drop();
  await w.close();
});

const actor = "token:test";
const act = { actor, reason: "because" };
const by = { line: first("line-a"), source: { slug: "shop", version: 1 } };
const times = { ...by, dueAt: Date.now() - 1_000, closesAt: null, expiresAt: Date.now() + 3_600_000, verdicts: [] };
let numbers = 0;

/** A call of a new event, to a new number. */
async function call(status: CallStatus, deviation: Partial<CallDraft> = {}): Promise<string> {
  const event = await newEvent();
  const number = numberOf(numbers++);
  await w.events.accept("shop", [event]);
  await w.events.plan([planOf(event, draft({ rule: `rule-${numbers}`, number, ...deviation }))]);
  const [row] = await w.owner`select id from calls where event_id = ${event.id}`;
  const id: string = row?.id ?? "";
  if (status !== "queued" && deviation.status === undefined) await put(id, status);
  return id;
}

/** Sets the stage: the call is in this status, with all that Postgres asks of one. */
const put = (id: string, status: CallStatus) => w.owner`
  update calls set status = ${status}, reason = 'test', lease_until = now() + interval '1 hour', claim_seq = 1,
    claimed_at = now() - interval '10 minutes', placed_at = now(),
    mihu_id = case when ${status} in ('placed', 'ended') then 'call-1' end,
    outcome = case when ${status} = 'ended' then 'completed' end,
    ended_at = case when ${status} = 'ended' then now() end where id = ${id}`;

const last = async (id: string) => (await entriesOf(w.owner, "call", id)).at(-1);
const triesOf = async (id: string) =>
  await w.owner`select n.* from calls c join calls n on n.event_id = c.event_id and n.rule = c.rule where c.id = ${id} order by n.try`;
const suppress = async (id: string) => {
  const { number } = await callOf(w.owner, id);
  await w.owner`insert into suppressions (number, reason, created_by) values (${number}, 'asked', 'test')`;
};

describe("every decision", () => {
  const all: [string, readonly CallStatus[], (id: string) => Promise<unknown>][] = [
    ["cancel", decidable.cancel, (id) => cancelCall(ports, id, act)],
    ["release", decidable.release, (id) => releaseCall(ports, id, act)],
    ["again", decidable.again, (id) => callAgain(ports, id, act)],
    ...[
      { rang: true as const, conversation_uuid: "conversation-x" },
      { rang: false as const, then: "dial" as const, reason: "because" },
      { rang: false as const, then: "close" as const, reason: "because" },
    ].map((said): [string, readonly CallStatus[], (id: string) => Promise<unknown>] => [
      `resolve ${JSON.stringify(said)}`,
      decidable.resolve,
      (id) => resolveCall(ports, id, said, actor),
    ]),
  ];

  test.each(all)(
    "%s is possible from %j, and from everywhere else changes nothing and names the status",
    async (name, from, decide) => {
      for (const status of callStatuses.filter((one) => !from.includes(one))) {
        const id = await call(status);
        const [before, entries] = [await callOf(w.owner, id), await entriesOf(w.owner, "call", id)];
        expect(await decide(id)).toMatchObject({ ok: false, why: "state", status });
        // A call that Mihu has cannot be canceled, but its further tries can.
        const stopped = name === "cancel" && ["dialing", "unknown", "placed"].includes(status);
        expect(await callOf(w.owner, id)).toEqual({ ...before, again_stopped: stopped ? "canceled" : null });
        expect(await entriesOf(w.owner, "call", id)).toHaveLength(entries.length + (stopped ? 1 : 0));
        expect(await triesOf(id)).toHaveLength(1);
      }
    },
  );

  test.each(all)("%s of a call that is not there says so", async (_, __, decide) => {
    expect(await decide(randomUUID())).toEqual({ ok: false, why: "not_found" });
  });

  test("is guarded by its statement, whatever was read before", async () => {
    for (const status of callStatuses) {
      const id = await call(status);
      const before = await callOf(w.owner, id);
      const may = (decision: keyof typeof decidable) => decidable[decision].some((from) => from === status);
      const isUnderWay = ["dialing", "unknown", "placed"].includes(status);
      if (!may("cancel")) expect((await decisions.cancel([id], act)).canceled).toEqual([]);
      if (!may("release")) expect(await decisions.release([{ id, times, turn: null }], act)).toEqual(new Map());
      if (!may("again")) expect(await decisions.again([{ id, times }], "again", act)).toEqual(new Map());
      if (!may("resolve")) {
        expect(await decisions.close([id], act)).toEqual([]);
        expect(await decisions.rang([{ id, conversationUuid: `conversation-${id}` }], act)).toEqual(new Map());
        expect(await decisions.again([{ id, times }], "resolve", act)).toEqual(new Map());
      }
      // A call that is under way is what it was, but for its further tries.
      const stopped = isUnderWay && !may("cancel") ? { again_stopped: "canceled" } : {};
      expect(await callOf(w.owner, id)).toEqual({ ...before, ...stopped });
      expect(await triesOf(id)).toHaveLength(1);
    }
  });
});

describe("canceling", () => {
  test.each(["queued", "held"] as const)("a %s call ends it, with who and why in its entry", async (status) => {
    const id = await call(status);
    expect(await cancelCall(ports, id, act)).toEqual({ ok: true, callId: id, line: "line-a", duplicate: false });
    expect(await callOf(w.owner, id)).toMatchObject({
      status: "canceled",
      reason: "canceled",
      detail: { reason: "because" },
    });
    expect(await last(id)).toEqual({
      action: "canceled",
      actor,
      reason: "canceled",
      data: { reason: "because", row: expect.any(Object) },
    });
  });

  test("keeps what was known of the call", async () => {
    const id = await call("held", {
      status: "held",
      reason: "placeholder",
      detail: { path: "data.name" },
      burst: null,
    });
    await cancelCall(ports, id, act);
    expect((await callOf(w.owner, id)).detail).toEqual({ path: "data.name", reason: "because" });
  });

  test("comes second to a claim that is being committed, and says that the call is being dialled", async () => {
    const id = await call("queued");
    const [mine] = await client.sql()`select pg_backend_pid() as pid`;
    let canceling: Promise<unknown> = Promise.resolve();
    await w.owner.begin(async (claiming) => {
      await claiming`update calls set status = 'dialing', claim_seq = 1, lease_until = now() + interval '1 minute' where id = ${id}`;
      canceling = cancelCall(ports, id, act);
      await waitsForLock(claiming, mine?.pid);
    });
    expect(await canceling).toMatchObject({ ok: false, why: "state", status: "dialing" });
    expect((await callOf(w.owner, id)).status).toBe("dialing");
  });

  test("and claiming at the same time: each call is either canceled or claimed, and both say the same", async () => {
    const line = "line-race";
    await addLine(w.owner, line);
    const ids: string[] = [];
    for (let index = 0; index < 60; index++) ids.push(await call("queued", { line }));
    const [one, two] = [keptClient(w.url, () => {}), keptClient(w.url, () => {})];
    const claimer = callStores(() => one.sql());
    const canceler = { ...ports, decisions: decisionStore(two.sql()) };
    const claimed: string[] = [];
    const claiming = (async () => {
      for (let seq = 0; ; ) {
        const claim = await claimer.claim(line, seq, 2);
        if (claim.calls.length === 0 && claim.nextAt === null) return;
        claimed.push(...claim.calls.map(({ id }) => id));
        seq = claim.seq;
        const [left] = await one.sql()`select 1 from calls where line = ${line} and status = 'queued'`;
        if (left === undefined) return;
      }
    })();
    // From the end, so that they meet.
    const canceling = (async () => {
      const won: string[] = [];
      for (const id of [...ids].reverse()) {
        const decided = await cancelCall(canceler, id, act);
        if (decided.ok) won.push(id);
        else expect(decided).toMatchObject({ ok: false, why: "state", status: "dialing" });
      }
      return won;
    })();
    const [canceled] = await Promise.all([canceling, claiming]);
    for (const kept of [one, two]) kept.drop();
    expect([...canceled, ...claimed].sort()).toEqual([...ids].sort());
    expect(canceled.length).toBeGreaterThan(0);
    expect(claimed.length).toBeGreaterThan(0);
    const rows = await w.owner`select id, status from calls where line = ${line}`;
    for (const { id, status } of rows)
      expect([id, status]).toEqual([id, claimed.includes(id) ? "dialing" : "canceled"]);
  });
});

describe("releasing", () => {
  const held = (deviation: Partial<CallDraft> = {}) => call("held", { status: "held", reason: "burst", ...deviation });

  /** A version 1 of the call's rule. */
  async function ruled(id: string, definition: object): Promise<void> {
    const { rule } = await callOf(w.owner, id);
    const whole = { line: "line-a", number: "{{ data.phone }}", about: "x", ...definition };
    await w.owner`insert into rules (source, name, version, position, definition, current, created_by)
      values ('shop', ${rule}, 1, 0, ${w.owner.json(whole)}, true, 'test')`;
  }

  test("queues the call, due now, with the gates asked anew and who and why in its entry", async () => {
    const id = await held();
    await ruled(id, { expires: "2h" });
    expect(await releaseCall(ports, id, act)).toEqual({ ok: true, callId: id, line: "line-a", duplicate: false });
    const row = await callOf(w.owner, id);
    expect(row).toMatchObject({ status: "queued", reason: null, detail: null, try: 1, closes_at: null });
    expect(Math.abs(row.due_at.getTime() - Date.now())).toBeLessThan(10_000);
    expect(row.expires_at.getTime() - row.due_at.getTime()).toBe(7_200_000);
    expect(await last(id)).toMatchObject({ action: "released", actor, reason: null, data: { reason: "because" } });
    const gates = await w.owner`select gate, verdict from verdicts where call_id = ${id} order by id`;
    expect(gates.slice(-3)).toMatchObject([
      { gate: "countries", verdict: "pass" },
      { gate: "hours", verdict: "pass" },
      { gate: "suppression", verdict: "pass" },
    ]);
  });

  test("waits for the next calling hour of the customer", async () => {
    await addLine(w.owner, "line-day");
    await w.owner`update lines set hours = '{"days":"mon-fri","from":"09:00","to":"17:00"}' where slug = 'line-day'`;
    const id = await held({ line: "line-day", zones: ["America/New_York"] });
    const evening = { ...ports, clock: { now: () => Date.parse("2026-01-05T23:00:00Z") } };
    expect(await releaseCall(evening, id, { actor, reason: null })).toMatchObject({ ok: true });
    expect(await callOf(w.owner, id)).toMatchObject({
      due_at: new Date("2026-01-06T14:00:00Z"),
      closes_at: new Date("2026-01-06T22:00:00Z"),
    });
    expect((await last(id))?.data).not.toHaveProperty("reason");
  });

  test.each<[string, Partial<CallDraft>, object]>([
    ["about", { reason: "placeholder", about: null }, {}],
    ["prompt", { reason: "placeholder", prompt: null }, { prompt: "Ask {{ data.name }}." }],
    ["greeting", { reason: "placeholder", greeting: null }, { greeting: "Hello {{ data.name }}." }],
  ])("is refused while its %s is missing, also by way of canceling it first", async (_, deviation, definition) => {
    const id = await held(deviation);
    await ruled(id, definition);
    const missing = { ok: false, why: "stopped", reason: "placeholder" };
    expect(await releaseCall(ports, id, act)).toEqual(missing);
    expect((await callOf(w.owner, id)).status).toBe("held");
    await cancelCall(ports, id, act);
    expect(await callAgain(ports, id, act)).toEqual(missing);
    expect(await triesOf(id)).toHaveLength(1);
  });

  test("is refused where the line may no longer ring the country", async () => {
    await addLine(w.owner, "line-ca");
    await w.owner`update lines set countries = '{CA}' where slug = 'line-ca'`;
    const id = await held({ line: "line-ca", number: "+14155550143" });
    expect(await releaseCall(ports, id, act)).toEqual({ ok: false, why: "stopped", reason: "country_not_allowed" });
  });

  test("is refused for a suppressed number, and takes no turn of once_per", async () => {
    const id = await held();
    await ruled(id, { once_per: { key: "{{ data.id }}", in: "1d" } });
    await suppress(id);
    expect(await releaseCall(ports, id, act)).toEqual({ ok: false, why: "stopped", reason: "suppressed" });
    const { rule, status } = await callOf(w.owner, id);
    expect(status).toBe("held");
    expect(await w.owner`select 1 from once where rule = ${rule}`).toEqual([]);
  });

  describe("under once_per", () => {
    const day = 86_400_000;
    /** A call that its burst held, and its turn. */
    async function withTurn(): Promise<{ id: string; rule: string; key: string; event: string }> {
      const event = await newEvent({ body: '{"id":"customer-1"}' });
      const rule = `turn-${randomUUID()}`;
      await w.events.accept("shop", [event]);
      const once = { key: "customer-1", until: Date.now() + day };
      const number = numberOf(numbers++);
      await w.events.plan([planOf(event, draft({ rule, number, once, burst: { calls: 0, window: 0 } }))]);
      const [row] = await w.owner`select id, status from calls where event_id = ${event.id}`;
      expect(row?.status).toBe("held");
      await ruled(row?.id, { once_per: { key: "{{ data.id }}", in: "2d" } });
      return { id: row?.id, rule, key: once.key, event: event.id };
    }
    const turnsOf = async (rule: string) =>
      await w.owner`select key, event_id, until > now() + interval '47 hours' as long from once where rule = ${rule}`;

    test("keeps the call's own turn, which lasts from the release on", async () => {
      const { id, rule, key, event } = await withTurn();
      expect(await releaseCall(ports, id, act)).toMatchObject({ ok: true });
      expect(await turnsOf(rule)).toEqual([{ key, event_id: event, long: true }]);
    });

    test("is refused when another event of this customer has had the turn meanwhile", async () => {
      const { id, rule, key } = await withTurn();
      const other = await newEvent();
      await w.owner`update once set event_id = ${other.id} where rule = ${rule}`;
      expect(await releaseCall(ports, id, act)).toEqual({ ok: false, why: "stopped", reason: "once_per" });
      expect((await callOf(w.owner, id)).status).toBe("held");
      expect(await turnsOf(rule)).toEqual([{ key, event_id: other.id, long: false }]);
    });

    test("takes over a turn whose time is up", async () => {
      const { id, rule, key, event } = await withTurn();
      const other = await newEvent();
      await w.owner`update once set event_id = ${other.id}, until = now() where rule = ${rule}`;
      expect(await releaseCall(ports, id, act)).toMatchObject({ ok: true });
      expect(await turnsOf(rule)).toEqual([{ key, event_id: event, long: true }]);
    });
  });

  test("and canceling at the same time: one of them wins", async () => {
    const other = keptClient(w.url, () => {});
    const canceler = { ...ports, decisions: decisionStore(other.sql()) };
    for (let round = 0; round < 20; round++) {
      const id = await held();
      const [released, canceled] = await Promise.all([releaseCall(ports, id, act), cancelCall(canceler, id, act)]);
      // A release that was first is canceled all the same: a queued call may be.
      expect(canceled.ok).toBe(true);
      expect((await callOf(w.owner, id)).status).toBe("canceled");
      const actions = (await entriesOf(w.owner, "call", id)).map(({ action }) => action);
      expect(actions).toEqual(released.ok ? ["held", "released", "canceled"] : ["held", "canceled"]);
    }
    other.drop();
  });
});

describe("resolving", () => {
  const rang = (conversation_uuid?: string): Resolution => ({ rang: true, conversation_uuid });

  test("as rung places the call when it was claimed, and has its outcome asked for at once", async () => {
    const id = await call("review");
    const { claimed_at: claimedAt } = await callOf(w.owner, id);
    expect(await resolveCall(ports, id, rang("conversation-1"), actor)).toMatchObject({ ok: true, callId: id });
    const row = await callOf(w.owner, id);
    expect(row).toMatchObject({
      status: "placed",
      reason: null,
      conversation_uuid: "conversation-1",
      placed_at: claimedAt,
    });
    expect((await w.calls.openToPoll("line-a", 100)).map((open) => open.id)).toContain(id);
    expect(await last(id)).toEqual({
      action: "placed",
      actor,
      reason: null,
      data: { rang: true, conversation_uuid: "conversation-1" },
    });
  });

  test("as rung needs Mihu's id of the conversation or of the call", async () => {
    const id = await call("review");
    expect(await resolveCall(ports, id, rang(), actor)).toEqual({ ok: false, why: "conversation_missing" });
    expect((await callOf(w.owner, id)).status).toBe("review");
    await w.owner`update calls set mihu_id = 'mihu-1' where id = ${id}`;
    expect(await resolveCall(ports, id, rang(), actor)).toMatchObject({ ok: true });
    expect(await callOf(w.owner, id)).toMatchObject({ status: "placed", mihu_id: "mihu-1", conversation_uuid: null });
  });

  test("as rung does not take the conversation that another call has", async () => {
    const [one, two] = [await call("review"), await call("review")];
    await resolveCall(ports, one, rang("conversation-2"), actor);
    expect(await resolveCall(ports, two, rang("conversation-2"), actor)).toEqual({
      ok: false,
      why: "conversation_taken",
    });
    expect((await callOf(w.owner, two)).status).toBe("review");
  });

  test("as not rung, to close it, cancels it", async () => {
    const id = await call("review");
    const said = { rang: false, then: "close", reason: "because" } as const;
    expect(await resolveCall(ports, id, said, actor)).toMatchObject({ ok: true, callId: id });
    expect(await callOf(w.owner, id)).toMatchObject({ status: "canceled", reason: "canceled" });
    expect(await last(id)).toEqual({
      action: "canceled",
      actor,
      reason: "canceled",
      data: { rang: false, then: "close", reason: "because", row: expect.any(Object) },
    });
    expect(await triesOf(id)).toHaveLength(1);
  });

  const dial = { rang: false, then: "dial", reason: "because" } as const;
  test("as not rung, to dial it, cancels it and makes one further try, whoever says so at the same time", async () => {
    const other = keptClient(w.url, () => {});
    const elsewhere = { ...ports, decisions: decisionStore(other.sql()) };
    const id = await call("review");
    const both = await Promise.all([resolveCall(ports, id, dial, actor), resolveCall(elsewhere, id, dial, actor)]);
    other.drop();
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(both.filter(({ ok }) => !ok)).toMatchObject([{ ok: false, why: "state", status: "canceled" }]);
    const [first, second, ...more] = await triesOf(id);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ id, status: "canceled", reason: "canceled" });
    expect(second).toMatchObject({
      status: "queued",
      try: 2,
      again_of: id,
      number: first?.number,
      about: first?.about,
    });
    expect(second).toMatchObject({ claimed_at: null, claim_seq: null, conversation_uuid: null, polls: 0 });
    expect(both).toContainEqual({ ok: true, callId: second?.id, line: "line-a", duplicate: false });
    expect((await last(id))?.data).toEqual({ rang: false, then: "dial", reason: "because", row: expect.any(Object) });
    expect(await last(second?.id)).toMatchObject({
      action: "queued",
      actor,
      data: { again_of: id, try: 2, reason: "because" },
    });
  });

  test("as not rung, to dial a suppressed number, leaves it before the person", async () => {
    const id = await call("review");
    await suppress(id);
    expect(await resolveCall(ports, id, dial, actor)).toEqual({ ok: false, why: "stopped", reason: "suppressed" });
    expect((await callOf(w.owner, id)).status).toBe("review");
    expect(await triesOf(id)).toHaveLength(1);
  });
});

describe("calling again", () => {
  test.each(decidable.again)("after %s makes a further try and leaves the call as it is", async (status) => {
    const id = await call(status);
    const before = await callOf(w.owner, id);
    const decided = await callAgain(ports, id, act);
    const [first, second] = await triesOf(id);
    expect(first).toEqual(before);
    expect(decided).toEqual({ ok: true, callId: second?.id, line: "line-a", duplicate: false });
    expect(second).toMatchObject({ status: "queued", try: 2, again_of: id, outcome: null, summary: null });
    expect(second?.again_reason).toBe("because");
    expect(await last(second?.id)).toMatchObject({ actor, data: { again_of: id, try: 2, reason: "because" } });
  });

  test("clicked twice at the same time makes one try, and both are told which", async () => {
    const other = keptClient(w.url, () => {});
    const elsewhere = { ...ports, decisions: decisionStore(other.sql()) };
    for (let round = 0; round < 10; round++) {
      const id = await call("ended");
      const both = await Promise.all([callAgain(ports, id, act), callAgain(elsewhere, id, act)]);
      const [, second, ...more] = await triesOf(id);
      expect(more).toEqual([]);
      expect(both).toEqual(
        expect.arrayContaining([
          { ok: true, callId: second?.id, line: "line-a", duplicate: false },
          { ok: true, callId: second?.id, line: "line-a", duplicate: true },
        ]),
      );
      expect(await entriesOf(w.owner, "call", second?.id)).toHaveLength(1);
    }
    other.drop();
  });

  test("finds the further try that a rule made, and continues from the newest", async () => {
    const id = await call("ended");
    await callAgain(ports, id, act);
    const [, second] = await triesOf(id);
    expect(await callAgain(ports, id, act)).toMatchObject({ callId: second?.id, duplicate: true });
    await put(second?.id, "ended");
    expect(await callAgain(ports, second?.id, act)).toMatchObject({ ok: true, duplicate: false });
    expect((await triesOf(id)).map((one) => [one.try, one.again_of])).toEqual([
      [1, null],
      [2, id],
      [3, second?.id],
    ]);
  });

  test("has its reason also where it comes out of a review, and none of a number in it", async () => {
    const id = await call("review");
    const said = { rang: false as const, then: "dial" as const, reason: "she wrote: ring +1 415 555 0100 again" };
    await resolveCall(ports, id, said, actor);
    const [first, second] = await triesOf(id);
    expect(first?.again_reason).toBeNull();
    expect(second?.again_reason).toContain("she wrote: ring");
    expect(second?.again_reason).not.toContain("555 0100");
  });

  test("is refused for a suppressed number", async () => {
    const id = await call("ended");
    await suppress(id);
    expect(await callAgain(ports, id, act)).toEqual({ ok: false, why: "stopped", reason: "suppressed" });
    expect(await triesOf(id)).toHaveLength(1);
  });
});
