/**
 * Replay: stored events go through today's rules. A call that rang never rings again, and a repeated replay makes
 * nothing twice.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { appUrl } from "../../../cli/install/run-migrations.ts";
import type { CallStatus } from "../../../src/domain/calls/call.ts";
import type { FetchAnswer } from "../../../src/domain/fetch/fetch.ts";
import { eventsPerReplayMax } from "../../../src/domain/limits.ts";
import { compileRules } from "../../../src/domain/rules/source-rules.ts";
import { planEvents } from "../../../src/flows/planning/plan.ts";
import { replay } from "../../../src/flows/planning/replay.ts";
import { sourceStore } from "../../../src/store/config/sources.ts";
import { replayStore } from "../../../src/store/events/replays.ts";
import { connect } from "../../../src/store/postgres/connection.ts";
import { type Beside, serviceBeside } from "../world/beside.ts";
import { eventStores } from "../world/events.ts";
import { waitsForLock } from "../world/locks.ts";
import { newEvent, numberOf } from "../world/world.ts";

let api: Beside["api"];
let owner: Beside["owner"];
let client: Beside["client"];
let beside: Beside;
beforeAll(async () => {
  beside = await serviceBeside();
  ({ api, owner, client } = beside);
  await api.ask("PUT", "/v1/lines/wide", { agent: "a", countries: ["US"] });
});
afterAll(async () => {
  await beside.close();
});

const clock = { now: () => Date.now() };
const none = { open: async () => ({ ok: false, problem: "credential_missing" }) as const };
const hourMs = 3_600_000;
const rung: CallStatus[] = ["dialing", "unknown", "placed", "ended", "review"];
const callMe = {
  mode: "live",
  line: "wide",
  number: "{{ data.phone }}",
  about: "Order {{ data.id }}.",
  on: ["orders/updated"],
};

let slugs = 0;
let numbers = 0;
/** A source of its own, with one rule. */
async function shop(rule: object | null = {}) {
  const source = `shop-${++slugs}`;
  await api.ask("PUT", `/v1/sources/${source}`, {
    preset: "generic",
    country: "US",
    secrets: ["a-secret-of-this-test-alone"],
  });
  const save = async (more: object, name = "call-me") => {
    const saved = await api.ask("PUT", `/v1/sources/${source}/rules/${name}`, { ...callMe, ...more });
    if (saved.status > 201) throw new Error(JSON.stringify(saved.json));
  };
  if (rule !== null) await save(rule);
  return {
    source,
    save,
    /** Accepts events and plans them by the rules of now. @returns their ids */
    async send(count = 1, more: Parameters<typeof newEvent>[0] = {}, planned = true) {
      const store = eventStores(client, 5_000);
      const events = await Promise.all(
        Array.from({ length: count }, () =>
          newEvent({
            id: randomUUID(),
            source,
            body: JSON.stringify({ id: 1, phone: numberOf(numbers++ % 8_900) }),
            ...more,
          }),
        ),
      );
      await store.accept(source, events);
      if (planned) await this.plan();
      return events.map(({ id }) => id);
    },
    async plan() {
      const store = eventStores(client, 5_000);
      const sources = sourceStore(client.sql);
      const [copy, { lines }] = [await sources.copy(source), await sources.lines()];
      if (copy === null) throw new Error("no source");
      const view = {
        source: copy,
        rules: compileRules(copy.rules),
        lines: new Map(lines.map((line) => [line.slug, line])),
      };
      await planEvents({ clock, events: store }, view, await store.unplanned(source, 1_000));
    },
    calls:
      () => owner`select id, event_id, rule, try, status, reason, again_of, again_reason from calls where source = ${source}
      order by created_at, event_id, rule, try`,
    replay: (body: object = {}, token?: string) =>
      api.ask("POST", "/v1/events/replay", { filter: { source }, reason: "the rule is mended", ...body }, token),
  };
}
type Shop = Awaited<ReturnType<typeof shop>>;

/** Puts the calls of a source into a status, as their dialling would have done. */
async function move({ source }: Shop, status: CallStatus): Promise<void> {
  const dialled = [...rung].includes(status);
  const placed = ["placed", "ended"].includes(status);
  await owner`update calls set status = ${status}, reason = ${["queued", "dialing", "placed", "ended"].includes(status) ? null : "expired"},
    claim_seq = ${dialled ? 1 : null}, claimed_at = ${dialled ? owner`now()` : null},
    lease_until = ${status === "dialing" ? owner`now() + interval '1 hour'` : null},
    placed_at = ${placed ? owner`now()` : null}, mihu_id = ${placed ? "m" : null},
    ended_at = ${status === "ended" ? owner`now()` : null}, outcome = ${status === "ended" ? "completed" : null}
    where source = ${source}`;
}

describe("a replay", () => {
  test("makes of ignored events the calls that today's rules want, says so first and changes nothing by that", async () => {
    const acme = await shop({ on: ["orders/paid"] });
    const ids = await acme.send(3);
    await acme.save({});
    const plan = await acme.replay({ dry_run: true });
    expect(plan.json).toMatchObject({
      dry_run: true,
      events: 3,
      would_call: 3,
      already_called: 0,
      too_old: 0,
      skipped: [],
      more: false,
    });
    expect(plan.json.samples).toHaveLength(3);
    expect(plan.json.samples[0]).toMatchObject({
      rule: "call-me",
      try: 1,
      again_of: null,
      status: "queued",
      call_id: null,
    });
    expect(await acme.calls()).toEqual([]);
    expect(await owner`select 1 from entries where subject = 'event' and subject_id in ${owner(ids)}`).toHaveLength(0);

    const done = await acme.replay();
    expect(done.json).toMatchObject({ dry_run: false, called: 3, more: false });
    expect((await acme.calls()).map(({ status, try: nth }) => [status, nth])).toEqual([
      ["queued", 1],
      ["queued", 1],
      ["queued", 1],
    ]);
    const states = await owner`select state, reason, replays from events where source = ${acme.source}`;
    expect(states).toEqual(Array.from({ length: 3 }, () => ({ state: "planned", reason: null, replays: 1 })));
    const told = await owner`select subject, action, actor, data->>'reason' as reason from entries
      where subject_id in ${owner([...ids, ...(await acme.calls()).map(({ id }) => id)])} order by subject`;
    expect(told.map(({ subject, action }) => `${subject} ${action}`)).toEqual([
      ...Array.from({ length: 3 }, () => "call queued"),
      ...Array.from({ length: 3 }, () => "event replayed"),
    ]);
    for (const { actor, reason } of told) expect([actor.slice(0, 6), reason]).toEqual(["token:", "the rule is mended"]);
    expect(api.told).toContain("poke wide");
    expect((await acme.replay()).json).toMatchObject({ called: 0, owed: 3 });
  });

  test.each<CallStatus>(["skipped", "canceled", "expired", "rejected"])(
    "makes a further try where the one before ended %s, and links it to that",
    async (status) => {
      const acme = await shop();
      await acme.send();
      await move(acme, status);
      expect((await acme.replay()).json).toMatchObject({ called: 1 });
      const [before, made] = await acme.calls();
      const why = { again_of: before?.id, again_reason: "the rule is mended" };
      expect(made).toMatchObject({ try: 2, status: "queued", ...why });
    },
  );

  test.each(rung)("never rings again what is %s", async (status) => {
    const acme = await shop();
    await acme.send();
    await move(acme, status);
    expect((await acme.replay({ dry_run: true })).json).toMatchObject({ would_call: 0, already_called: 1 });
    expect((await acme.replay()).json).toMatchObject({ called: 0, already_called: 1 });
    expect(await acme.calls()).toHaveLength(1);
  });

  test.each<CallStatus>(["queued", "held"])(
    "leaves alone what is %s, whatever the reason: a call is owed already",
    async (status) => {
      const acme = await shop();
      await acme.send();
      await move(acme, status);
      expect((await acme.replay({ even_if_called: true })).json).toMatchObject({ called: 0, owed: 1 });
      expect(await acme.calls()).toHaveLength(1);
    },
  );

  test("rings again what has rung and ended only for a reason, which stays with the call and in its entry", async () => {
    const acme = await shop();
    await acme.send();
    await move(acme, "ended");
    expect((await acme.replay({ even_if_called: true, reason: undefined })).status).toBe(422);
    const reason = "the recall notice was wrong, said +1 415 555 0100";
    expect((await acme.replay({ even_if_called: true, reason })).json).toMatchObject({ called: 1, already_called: 0 });
    const [first, second] = await acme.calls();
    expect(second).toMatchObject({ try: 2, again_of: first?.id, status: "queued" });
    expect(second?.again_reason).toContain("the recall notice was wrong");
    expect(second?.again_reason).not.toContain("555 0100");
    expect((await api.ask("GET", `/v1/calls/${second?.id}`)).json).toMatchObject({
      again_reason: second?.again_reason,
    });
    const [entry] = await owner`select data from entries where subject = 'call' and subject_id = ${second?.id}`;
    expect(entry?.data).toMatchObject({ again_of: first?.id, try: 2, replayed: true, reason: second?.again_reason });
  });

  test.each<CallStatus>(["dialing", "unknown", "placed", "review"])(
    "rings nobody beside a call that is %s, even for a reason",
    async (status) => {
      const acme = await shop();
      await acme.send();
      await move(acme, status);
      expect((await acme.replay({ even_if_called: true })).json).toMatchObject({ called: 0, already_called: 1 });
    },
  );

  test("does not ring by a rule that was renamed, or by another put before it, whoever was rung about the event", async () => {
    const acme = await shop();
    await acme.send();
    await move(acme, "ended");
    await api.ask("DELETE", `/v1/sources/${acme.source}/rules/call-me`);
    await acme.save({}, "call-them");
    expect((await acme.replay()).json).toMatchObject({ called: 0, already_called: 1 });
    await acme.save({ also: true }, "tell-them");
    expect((await acme.replay()).json).toMatchObject({ called: 1, already_called: 1 });
    expect((await acme.calls()).map(({ rule }) => rule)).toEqual(["call-me", "tell-them"]);
  });

  test("by one rule makes no call of another", async () => {
    const acme = await shop({ on: ["orders/paid"] });
    await acme.send();
    await acme.save({});
    await acme.save({ also: true }, "tell-them");
    expect((await acme.replay({ rule: "tell-them" })).json).toMatchObject({ called: 1 });
    expect((await acme.calls()).map(({ rule }) => rule)).toEqual(["tell-them"]);
  });

  test("of what is older than its rule's `expires` rings nobody: it counts from receipt, as a rehearsal says too", async () => {
    const acme = await shop({ on: ["orders/paid"], expires: "4h" });
    const [slow] = await acme.send(1, { occurredAt: Date.now() - 5 * hourMs });
    const [late] = await acme.send();
    await owner`update events set received_at = now() - interval '5 hours' where id = ${late ?? ""}`;
    const [fresh] = await acme.send(1, { occurredAt: Date.now() + 3 * hourMs });
    await owner`update events set received_at = now() - interval '3 hours' where id = ${fresh ?? ""}`;
    await acme.save({ expires: "4h" });
    for (const as_of of ["event", "now"]) {
      const rehearsed = await api.ask("POST", `/v1/sources/${acme.source}/rehearse`, { as_of });
      expect(rehearsed.json).toMatchObject({ calls: 3, too_old: 1, expiry: expect.stringContaining("received") });
      expect(rehearsed.json.expiry).toContain("A replay now would skip 1 of these calls as too old.");
    }
    expect((await acme.replay({ dry_run: true })).json).toMatchObject({ would_call: 2, too_old: 1 });
    const done = await acme.replay();
    expect(done.json).toMatchObject({ called: 2, too_old: 1, expiry: expect.stringContaining("received") });
    const calls =
      await owner`select event_id, expires_at - now() < interval '61 minutes' as soon from calls where source = ${acme.source} order by soon`;
    expect(calls).toEqual([
      { event_id: slow, soon: false },
      { event_id: fresh, soon: true },
    ]);
  });

  test("of what is too old rings it all the same for a person's reason, which stands in its entries and its verdict", async () => {
    const acme = await shop({ on: ["orders/paid"], expires: "4h" });
    const [late = ""] = await acme.send();
    await owner`update events set received_at = now() - interval '5 hours' where id = ${late}`;
    await acme.save({ expires: "4h" });
    const without = await api.ask("POST", "/v1/events/replay", { ids: [late], ignore_expiry: true });
    expect(without.status).toBe(422);
    expect(JSON.stringify(without.json)).toContain("ignore_expiry needs a reason");
    const ignoring = { ignore_expiry: true, reason: "they still want it" };
    expect((await acme.replay({ ...ignoring, dry_run: true })).json).toMatchObject({ would_call: 1, too_old: 0 });
    expect((await acme.replay(ignoring)).json).toMatchObject({ called: 1, too_old: 0 });
    const [call] =
      await owner`select id, expires_at > now() + interval '3 hours 59 minutes' as whole from calls where event_id = ${late}`;
    expect(call).toMatchObject({ whole: true });
    const found = await owner`select subject, data->>'reason' as reason, data->>'ignore_expiry' as ignored from entries
      where subject_id in (${late}, ${call?.id}) and action in ('replayed', 'queued') order by subject`;
    expect(found).toEqual([
      { subject: "call", reason: "they still want it", ignored: "true" },
      { subject: "event", reason: "they still want it", ignored: "true" },
    ]);
    const [verdict] =
      await owner`select verdict, inputs from verdicts where call_id = ${call?.id} and gate = 'expires'`;
    expect(verdict).toMatchObject({ verdict: "pass", inputs: { ignored: true } });
  });

  test("of signed bytes that were old when they came waits for a person, whatever the rule allows", async () => {
    const acme = await shop({ on: ["orders/paid"], expires: "30d" });
    await acme.send(1, { occurredAt: Date.now() - 49 * hourMs, bodyKey: randomUUID() });
    await acme.send(1, { occurredAt: Date.now() - 49 * hourMs });
    const [trusted = ""] = await acme.send(1, { occurredAt: Date.now() - 50 * hourMs, bodyKey: randomUUID() });
    await owner`update events set received_at = now() - interval '49 hours' where id = ${trusted}`;
    await acme.save({ expires: "30d" });
    expect((await acme.replay()).json).toMatchObject({ called: 3, held: 1, too_old: 0 });
    const [held] = await owner`select reason from calls where source = ${acme.source} and status = 'held'`;
    expect(held).toEqual({ reason: "too_old" });
  });

  test("passes over what waits for its plan, was erased, is unknown, or has no rule; and says of each why", async () => {
    const acme = await shop({ on: ["orders/paid"] });
    const [erased, unmatched] = await acme.send(2);
    await owner`update events set erased_at = now(), body = '{}', body_hash = '', external_id = null, detail = null where id = ${erased ?? ""}`;
    const [waiting] = await acme.send(1, {}, false);
    const done = await api.ask("POST", "/v1/events/replay", { ids: [erased, unmatched, waiting, randomUUID()] });
    expect(done.json).toMatchObject({ called: 0, events: 3 });
    expect(
      Object.fromEntries(done.json.skipped.map((one: { reason: string; count: number }) => [one.reason, one.count])),
    ).toEqual({
      ...{ erased: 1, no_rule_matched: 1, unplanned: 1, not_found: 1 },
    });
  });

  test("of a source that is not there says so, and not that there was nothing to do", async () => {
    const filter = { source: "a-slip-of-the-pen" };
    expect((await api.ask("POST", "/v1/events/replay", { filter, dry_run: true })).status).toBe(404);
  });

  test("of a paused source makes nothing", async () => {
    const acme = await shop({ on: ["orders/paid"] });
    await acme.send();
    await acme.save({});
    await api.ask("POST", `/v1/sources/${acme.source}/pause`, { reason: "the shop is moving" });
    expect((await acme.replay()).json.skipped).toMatchObject([{ reason: "source_paused", count: 1 }]);
    expect(await acme.calls()).toEqual([]);
  });

  test("goes through every gate: no number, a suppressed one, a withdrawn record, and more than the burst allows", async () => {
    const acme = await shop({ on: ["orders/paid"] });
    const phone = "+14155560123";
    await api.ask("POST", "/v1/suppressions", { number: phone, reason: "x" });
    await acme.send(1, { body: JSON.stringify({ id: 1, phone: "" }) });
    await acme.send(1, { body: JSON.stringify({ id: 1, phone }) });
    const [withdrawn] = await acme.send(1, { record: { type: "order", id: "w" } });
    await owner`insert into withdrawals (source, rule, record_type, record_id, event_id, received_at)
      values (${acme.source}, 'call-me', 'order', 'w', ${withdrawn ?? ""}, now() + interval '1 second')`;
    await acme.send(3);
    await acme.save({ burst: { calls: 2, in: "1h" } });
    const plan = await acme.replay({ dry_run: true });
    const done = await acme.replay();
    for (const { json } of [plan, done]) {
      expect(json).toMatchObject({ held: 1, events: 6 });
      expect(json.would_call ?? json.called).toBe(3);
      const skipped = Object.fromEntries(
        json.skipped.map((one: { reason: string; count: number }) => [one.reason, one.count]),
      );
      expect(skipped).toEqual({ no_number: 1, suppressed: 1, withdrawn: 1 });
    }
    expect((await acme.calls()).map(({ status }) => status).sort()).toEqual(["held", "queued", "queued"]);
  });

  test("gives a customer the turn of a call that did not ring, and not that of one that rang", async () => {
    const once = { once_per: { key: "{{ data.id }}", in: "30d" } };
    for (const [status, called] of [
      ["expired", 1],
      ["placed", 0],
      ["queued", 0],
    ] as const) {
      const acme = await shop(once);
      const [first] = await acme.send();
      const [second] = await acme.send();
      expect((await acme.calls()).map((call) => [call.event_id, call.reason]).sort()).toEqual(
        [
          [first, null],
          [second, "once_per"],
        ].sort(),
      );
      await owner`update calls set status = ${status}, reason = ${status === "expired" ? "expired" : null},
        placed_at = ${status === "placed" ? owner`now()` : null}, mihu_id = ${status === "placed" ? "m" : null}
        where event_id = ${first ?? ""}`;
      const done = await api.ask("POST", "/v1/events/replay", { ids: [second] });
      expect([status, done.json.called]).toEqual([status, called]);
    }
  });

  test("narrows by what became of the events: reason, rule, state, type, order number and time", async () => {
    const acme = await shop();
    await acme.send(2, { body: JSON.stringify({ id: 1, phone: "nobody" }) });
    await acme.send(1, { type: "orders/read", orderNumber: "#77", orderNumberKey: "77" });
    const events = async (filter: object) =>
      (await acme.replay({ dry_run: true, filter: { source: acme.source, ...filter } })).json.events;
    expect(await events({})).toBe(3);
    expect(await events({ reason: "no_number" })).toBe(2);
    expect(await events({ reason: "no_number", rule: "call-me" })).toBe(2);
    expect(await events({ reason: "no_rule_matched" })).toBe(1);
    expect(await events({ rule: "call-me" })).toBe(2);
    expect(await events({ rule: "another" })).toBe(0);
    expect(await events({ state: "ignored" })).toBe(1);
    expect(await events({ type: "orders/read" })).toBe(1);
    expect(await events({ order_number: "# 77".replace(" ", "") })).toBe(1);
    expect(await events({ from: new Date(Date.now() + hourMs).toISOString() })).toBe(0);
    expect(await events({ to: new Date(Date.now() - hourMs).toISOString() })).toBe(0);
  });

  test("of more than one request takes continues by its cursor, and comes by each event once", async () => {
    const acme = await shop({ on: ["orders/paid"] });
    await acme.send(eventsPerReplayMax + 30);
    await acme.save({});
    let [cursor, called, rounds] = [undefined as string | undefined, 0, 0];
    do {
      const { json } = await acme.replay(cursor === undefined ? {} : { cursor });
      called += json.called;
      cursor = json.next_cursor ?? undefined;
      rounds++;
    } while (cursor !== undefined);
    expect([called, rounds]).toEqual([eventsPerReplayMax + 30, 2]);
    expect(await owner`select 1 from calls where source = ${acme.source}`).toHaveLength(eventsPerReplayMax + 30);
  });

  test("of a rule that fetches uses what was fetched before, fetches what was not, and passes over what cannot be had", async () => {
    const source = `thin-${++slugs}`;
    const api_ = { base_url: "https://api.example.com", credential: "x", get: { thing: "/things/{{ data.id }}" } };
    await api.ask("PUT", `/v1/sources/${source}`, {
      preset: "generic",
      country: "US",
      secrets: ["a-secret-of-this-test-alone"],
      api: api_,
    });
    const rule = { ...callMe, fetch: ["thing"], number: "{{ record.thing.phone }}" };
    const ids = await Promise.all([1, 2, 3].map(async () => (await newEvent({ id: randomUUID(), source })).id));
    for (const id of ids) await eventStores(client, 5_000).accept(source, [await newEvent({ id, source })]);
    await owner`update events set state = 'ignored', reason = 'no_rules', planned_at = now() where source = ${source}`;
    expect((await api.ask("PUT", `/v1/sources/${source}/rules/call-me`, rule)).status).toBe(201);
    const thing = (phone: string) => ({ thing: { phone } });
    await owner`update events set fetched = ${JSON.stringify(thing("+14155560001"))} where id = ${ids[0] ?? ""}`;

    const asked: string[] = [];
    const records = {
      open: async () => ({
        ok: true as const,
        api: {
          inOrder: (names: readonly string[]) => [...names],
          get: async (name: string): Promise<FetchAnswer> => {
            asked.push(name);
            if (asked.length > 1) return { kind: "status", status: 500, retryAfterMs: null };
            return { kind: "found", value: { phone: "+14155560002" } };
          },
        },
      }),
    };
    const sql = client.sql();
    const ports = { clock, records, replays: replayStore(sql), sources: sourceStore(() => sql) };
    const done = await replay(
      ports,
      { which: { filter: { source } }, after: null, rule: null, evenIfCalled: false, dryRun: false },
      { actor: "a", reason: "b" },
    );
    expect([done.calls, done.skipped, asked.length]).toEqual([2, { fetch_failed: 1 }, 2]);
    const made = await owner`select e.fetched::json->'thing'->>'phone' as kept, c.number from calls c
      join events e on e.id = c.event_id where c.source = ${source} order by c.number`;
    expect(made).toEqual(["+14155560001", "+14155560002"].map((phone) => ({ kept: phone, number: phone })));
    // Without its credential nothing is had, and what was kept is enough.
    expect((await api.ask("POST", "/v1/events/replay", { filter: { source } })).json).toMatchObject({
      owed: 2,
      skipped: [{ reason: "fetch_failed" }],
    });
  });

  test("at once with another makes each call once, and one that it was slower with it passes over", async () => {
    const acme = await shop({ on: ["orders/paid"] });
    const ids = await acme.send(40);
    await acme.save({});
    const url = appUrl(api.ownerUrl, inject("cluster").appPassword);
    const clients = Array.from({ length: 4 }, () => connect(url, { idleSeconds: 5, connectSeconds: 5 }, () => {}));
    const asked = { which: { ids }, after: null, rule: null, evenIfCalled: false, dryRun: false };
    // Whoever holds the rows keeps all four behind what they have read.
    const pids = await Promise.all(clients.map(pidOf));
    const held = await owner.reserve();
    await held`begin`;
    await held`select 1 from events where source = ${acme.source} for update`;
    const going = clients.map((sql) =>
      replay({ clock, records: none, replays: replayStore(sql), sources: sourceStore(() => sql) }, asked, {
        actor: "a",
        reason: "b",
      }),
    );
    await Promise.all(pids.map((pid) => waitsForLock(owner, pid)));
    await held`commit`;
    held.release();
    const done = await Promise.all(going);
    await Promise.all(clients.map((sql) => sql.end()));
    expect(done.map(({ calls }) => calls).sort((a, b) => a - b)).toEqual([0, 0, 0, 40]);
    expect(done.map(({ skipped }) => skipped.moved ?? 0).sort((a, b) => a - b)).toEqual([0, 40, 40, 40]);
    expect(await acme.calls()).toHaveLength(40);
    expect(await owner`select distinct replays from events where source = ${acme.source}`).toEqual([{ replays: 1 }]);
  });

  test("at once with another that goes by another rule rings nobody twice", async () => {
    const acme = await shop({ on: ["orders/paid"] });
    const ids = await acme.send(5);
    const url = appUrl(api.ownerUrl, inject("cluster").appPassword);
    const clients = Array.from({ length: 2 }, () => connect(url, { idleSeconds: 5, connectSeconds: 5 }, () => {}));
    const asked = { which: { ids }, after: null, rule: null, evenIfCalled: false, dryRun: false };
    const pids = await Promise.all(clients.map(pidOf));
    const held = await owner.reserve();
    await held`begin`;
    await held`select 1 from events where source = ${acme.source} for update`;
    const going = [];
    for (const [index, sql] of clients.entries()) {
      // Between the two the rule is renamed.
      if (index > 0) await api.ask("DELETE", `/v1/sources/${acme.source}/rules/call-me`);
      await acme.save({}, index === 0 ? "call-me" : "call-them");
      going.push(
        replay({ clock, records: none, replays: replayStore(sql), sources: sourceStore(() => sql) }, asked, {
          actor: "a",
          reason: "b",
        }),
      );
      await waitsForLock(owner, pids[index] ?? 0);
    }
    await held`commit`;
    held.release();
    await Promise.all(going);
    await Promise.all(clients.map((sql) => sql.end()));
    expect(await acme.calls()).toHaveLength(5);
  });

  test("beside the plan of the same events makes nothing of what that plans", async () => {
    const acme = await shop();
    const ids = await acme.send(20, {}, false);
    await Promise.all([acme.plan(), api.ask("POST", "/v1/events/replay", { ids }), acme.plan()]);
    await api.ask("POST", "/v1/events/replay", { ids });
    expect((await acme.calls()).map(({ try: nth }) => nth)).toEqual(Array.from({ length: 20 }, () => 1));
  });

  test.each<[string, object, number]>([
    ["neither ids nor a filter", { filter: undefined }, 422],
    ["both", { ids: [randomUUID()] }, 422],
    ["a filter without a source", { filter: { type: "x" } }, 422],
    ["a filter of something else", { filter: { source: "x", all: true } }, 422],
    ["an id that is none", { filter: undefined, ids: ["x"] }, 422],
    [
      "too many ids",
      { filter: undefined, ids: Array.from({ length: eventsPerReplayMax + 1 }, () => randomUUID()) },
      422,
    ],
    ["a cursor that is none", { cursor: "x" }, 422],
    ["even_if_called without a reason", { even_if_called: true, reason: undefined }, 422],
  ])("with %s is refused", async (_, body, status) => {
    const acme = await shop();
    expect((await acme.replay(body)).status).toBe(status);
  });

  test("shows numbers and texts to whoever may see them, which is noted, and to nobody else", async () => {
    const acme = await shop({ on: ["orders/paid"] });
    await acme.send(1, { body: JSON.stringify({ id: "secret-order", phone: numberOf(4_242) }) });
    await acme.save({});
    const open = await acme.replay({ dry_run: true });
    expect(open.json.samples[0]).toMatchObject({
      number: numberOf(4_242),
      about: expect.stringContaining("secret-order"),
    });
    const masked = await acme.replay({ dry_run: true }, await api.token("calls:write"));
    expect(masked.json.would_call).toBe(1);
    expect(JSON.stringify(masked.json)).not.toContain("secret-order");
    expect(JSON.stringify(masked.json)).not.toContain(numberOf(4_242));
    expect((await acme.replay({}, await api.token("calls:read", "admin"))).status).toBe(403);
    expect(await owner`select 1 from entries where action = 'read' and data->>'what' = 'replay'`).not.toHaveLength(0);
  });
});

async function pidOf(sql: ReturnType<typeof connect>): Promise<number> {
  const [row] = await sql<[{ pid: number }]>`select pg_backend_pid() as pid`;
  return row.pid;
}

describe("a conflict: other bytes under one id", () => {
  const bodyOf = (number: string, n = 0) => JSON.stringify({ id: 1, n, phone: number });
  const some = () => numberOf(numbers++ % 8_900);
  /** An event, and conflicts of it that would ring these numbers. @returns the ids, the event's first */
  async function group(shop_: Shop, first: string, others: readonly string[], planned = true): Promise<string[]> {
    const [id = ""] = await shop_.send(1, { body: bodyOf(first), bodyHash: "first" }, planned);
    for (const [n, other] of others.entries())
      await shop_.send(1, { id, body: bodyOf(other, n + 1), bodyHash: `other-${n}` }, false);
    const rows = await owner`select id from events where conflict_of = ${id} order by received_at, id`;
    return [id, ...rows.map((row) => row.id)];
  }
  const ends = async ({ source }: Shop) =>
    (await owner`select number, status, reason from calls where source = ${source} order by number, status desc`).map(
      ({ number, status, reason }) => [number, status, reason],
    );

  test("rings nobody by itself, and is replayed like every other event", async () => {
    const s = await shop();
    const [mine, theirs] = [some(), some()];
    const [, conflict] = await group(s, mine, [theirs]);
    expect(await ends(s)).toEqual([[mine, "queued", null]]);
    expect((await api.ask("GET", `/v1/events/${conflict}`)).json).toMatchObject({
      state: "ignored",
      reason: "conflict",
      conflict_of: expect.any(String),
      body: bodyOf(theirs, 1),
    });
    expect((await s.replay({ filter: { source: s.source, reason: "conflict" } })).json).toMatchObject({
      called: 1,
      held: 0,
    });
    expect(await ends(s)).toEqual([mine, theirs].sort().map((number) => [number, "queued", null]));
    expect((await api.ask("GET", `/v1/events/${conflict}`)).json).toMatchObject({
      state: "planned",
      reason: null,
      conflict_of: expect.any(String),
    });
  });

  test.each<CallStatus>(["queued", "placed", "ended", "review"])(
    "has its call held to a number that its id and rule called, whose call is %s",
    async (status) => {
      const s = await shop();
      const number = some();
      const [first, conflict] = await group(s, number, [number]);
      await move(s, status);
      const dry = await s.replay({ ids: [conflict], filter: undefined, dry_run: true });
      expect(dry.json).toMatchObject({ would_call: 1, held: 1 });
      expect((await s.replay({ ids: [conflict], filter: undefined })).json).toMatchObject({ called: 1, held: 1 });
      const [call] = await owner`select id, status, reason, detail from calls where event_id = ${conflict ?? null}`;
      expect(call).toMatchObject({ status: "held", reason: "conflict", detail: { event_id: first } });
      const released = await api.ask("POST", `/v1/calls/${call?.id}/release`, { reason: "it is another order" });
      expect(released.json).toMatchObject({ status: "queued" });
    },
  );

  test.each<CallStatus>(["canceled", "expired", "rejected"])(
    "rings a number whose call is %s: nobody was called",
    async (status) => {
      const s = await shop();
      const number = some();
      const [, conflict] = await group(s, number, [number]);
      await move(s, status);
      expect((await s.replay({ ids: [conflict], filter: undefined })).json).toMatchObject({ called: 1, held: 0 });
    },
  );

  test("of which several name one number rings it once, in one replay, in two, and in two at once", async () => {
    const s = await shop();
    const [mine, theirs] = [some(), some()];
    const [, ...conflicts] = await group(s, mine, [theirs, theirs, theirs, theirs]);
    expect((await s.replay({ ids: conflicts.slice(0, 2), filter: undefined })).json).toMatchObject({
      called: 2,
      held: 1,
    });
    const both = await Promise.all(conflicts.slice(2).map((id) => s.replay({ ids: [id], filter: undefined })));
    for (const { json } of both) expect(json).toMatchObject({ called: 1, held: 1 });
    expect((await ends(s)).filter(([number, status]) => number === theirs && status === "queued")).toHaveLength(1);
  });

  test("of which two are replayed at once for a number that nobody called rings it once", async () => {
    const s = await shop();
    const [mine, theirs] = [some(), some()];
    const [, ...conflicts] = await group(s, mine, [theirs, theirs]);
    const url = appUrl(api.ownerUrl, inject("cluster").appPassword);
    const clients = conflicts.map(() => connect(url, { idleSeconds: 5, connectSeconds: 5 }, () => {}));
    const pids = await Promise.all(clients.map(pidOf));
    // A barrier: the conflicts' own rows are held until both replays wait, so that each would begin its statement before the other's end.
    const held = await owner.reserve();
    await held`begin`;
    await held`select 1 from events where id in ${owner(conflicts)} for update`;
    const going = clients.map((sql, index) =>
      replay(
        { clock, records: none, replays: replayStore(sql), sources: sourceStore(() => sql) },
        {
          which: { ids: conflicts.slice(index, index + 1) },
          after: null,
          rule: null,
          evenIfCalled: false,
          dryRun: false,
        },
        { actor: "a", reason: "b" },
      ),
    );
    await Promise.all(pids.map((pid) => waitsForLock(owner, pid)));
    await held`commit`;
    held.release();
    const done = await Promise.all(going);
    await Promise.all(clients.map((sql) => sql.end()));
    expect(done.map(({ calls, held: waiting }) => [calls, waiting]).sort()).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect((await ends(s)).filter(([number]) => number === theirs)).toEqual([
      [theirs, "queued", null],
      [theirs, "held", "conflict"],
    ]);
  });

  test("that rang a number holds the call of the first event to it, too", async () => {
    const s = await shop({ when: "data.n > 0" });
    const number = some();
    const [first, conflict] = await group(s, number, [number]);
    await s.replay({ ids: [conflict], filter: undefined });
    await s.save({});
    expect((await s.replay({ ids: [first], filter: undefined })).json).toMatchObject({ called: 1, held: 1 });
  });

  test("of another rule, or of another event, holds nothing", async () => {
    const s = await shop();
    const number = some();
    const [, conflict] = await group(s, number, []);
    expect(conflict).toBeUndefined();
    const [, other] = await group(s, some(), [number]);
    expect((await s.replay({ ids: [other], filter: undefined })).json).toMatchObject({ called: 1, held: 0 });
  });

  test("waits until the event that has its id is planned", async () => {
    const s = await shop();
    const number = some();
    const [, conflict] = await group(s, number, [number], false);
    expect((await s.replay({ ids: [conflict], filter: undefined })).json).toMatchObject({
      called: 0,
      skipped: [{ reason: "unplanned", count: 1, reason_text: expect.any(String) }],
    });
  });

  test("is erased with the event that has its id", async () => {
    const s = await shop();
    const [first, conflict] = await group(s, some(), [some()]);
    const erased = await api.ask("POST", "/v1/erasures", {
      source: s.source,
      event: first,
      reason: "asked by the customer",
    });
    expect([erased.status, erased.json]).toEqual([
      200,
      expect.objectContaining({ erased: { calls: 1, events: 2, canceled_calls: 1 } }),
    ]);
    const [row] = await owner`select body, external_id, erased_at from events where id = ${conflict ?? null}`;
    expect(row).toMatchObject({ body: "{}", external_id: null, erased_at: expect.any(Date) });
  });
});
