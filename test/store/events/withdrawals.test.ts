/** Two inboxes of one source plan its events in either order: what withdraws may be planned before what it withdraws. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { notBegun } from "../../../src/domain/calls/dial.ts";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import type { CallDraft } from "../../../src/domain/plan/draft.ts";
import { keptClient } from "../../../src/store/postgres/kept-client.ts";
import { sweepStore } from "../../../src/store/sweep.ts";
import { draft, newEvent, numberOf, planOf, type World, world } from "../world/world.ts";

let w: World;
beforeAll(async () => {
  w = await world("line-a");
});
afterAll(() => w.close());

const HOUR_MS = 3_600_000;
const now = Date.now();
let nth = 0;
/** A new record for each test. */
const freshRecord = () => ({ type: "order", id: `withdrawn-${++nth}` });
type Record = ReturnType<typeof freshRecord>;

const withdraw = async (event: NewEvent, record: Record) =>
  await w.events.plan([{ ...planOf(event), reason: "withdraws_only", withdraw: [{ rule: "call-me", record }] }]);
const own = (more: Partial<CallDraft> = {}) => draft({ number: numberOf(7_000 + nth), ...more });
const callOf = async (event: NewEvent) => (await w.owner`select * from calls where event_id = ${event.id}`)[0];
const claimed = async () => (await w.calls.claim("line-a", (await w.calls.claimSeq("line-a")) ?? 0, 64)).calls;

/** Accepts both in this order, and plans the second, which withdraws, first. */
async function crossed(first: Partial<NewEvent> = {}, second: Partial<NewEvent> = {}, more: Partial<CallDraft> = {}) {
  const record = freshRecord();
  const [makes, withdraws] = [await newEvent({ record, ...first }), await newEvent({ record, ...second })];
  await w.events.accept("shop", [makes]);
  await w.events.accept("shop", [withdraws]);
  await withdraw(withdraws, record);
  await w.events.plan([planOf(makes, own(more))]);
  return { makes, withdraws, record, call: await callOf(makes) };
}

describe("a call whose record was withdrawn before it was made", () => {
  test("is canceled as it is made, names the event that withdrew it, and never rings", async () => {
    const { withdraws, call, makes } = await crossed();
    expect(call).toMatchObject({ status: "canceled", reason: "withdrawn", detail: { event_id: withdraws.id } });
    const entries =
      await w.owner`select action, reason, data from entries where subject = 'call' and subject_id = ${call?.id}`;
    expect(entries).toMatchObject([
      { action: "canceled", reason: "withdrawn", data: { event_id: makes.id, withdrawn_by: withdraws.id } },
    ]);
    expect(await claimed()).toEqual([]);
  });

  test("is canceled as well where a gate would have held it", async () => {
    const { call } = await crossed({}, {}, { status: "held", reason: "placeholder", burst: null });
    expect(call).toMatchObject({ status: "canceled", reason: "withdrawn" });
  });

  test("takes no turn of its rule's once_per", async () => {
    const once = { key: `turn-${nth}`, until: now + HOUR_MS };
    await crossed({}, {}, { once });
    const next = await newEvent({ record: freshRecord() });
    await w.events.accept("shop", [next]);
    await w.events.plan([planOf(next, own({ once }))]);
    expect(await callOf(next)).toMatchObject({ status: "queued" });
    await w.owner`update calls set status = 'canceled', reason = 'test' where event_id = ${next.id}`;
  });

  test.each<[string, Partial<NewEvent>, Partial<NewEvent>, string]>([
    ["later by the sender's clock", { occurredAt: now - HOUR_MS }, { occurredAt: now - 1 }, "canceled"],
    ["earlier by the sender's clock, and came late", { occurredAt: now - 1 }, { occurredAt: now - HOUR_MS }, "queued"],
    ["at the same moment", { occurredAt: now - HOUR_MS }, { occurredAt: now - HOUR_MS }, "queued"],
    ["later as they came, where one names no time", {}, { occurredAt: now - HOUR_MS }, "canceled"],
  ])("by an event that is %s", async (_, first, second, status) => {
    const { call } = await crossed(first, second);
    expect(call?.status).toBe(status);
    await w.owner`update calls set status = 'canceled', reason = 'test' where id = ${call?.id}`;
  });

  test("by a sender whose clock is years ahead withdraws no call of what comes tomorrow", async () => {
    const { record } = await crossed({}, { occurredAt: now + 5 * 365 * 24 * HOUR_MS });
    const next = await newEvent({ record, occurredAt: now + HOUR_MS });
    await w.events.accept("shop", [next]);
    await w.events.plan([planOf(next, own())]);
    expect(await callOf(next)).toMatchObject({ status: "queued" });
    await w.owner`update calls set status = 'canceled', reason = 'test' where event_id = ${next.id}`;
  });

  test("of another rule, record or source rings", async () => {
    const { record } = await crossed();
    const [rule, other] = [await newEvent({ record }), await newEvent({ record: { ...record, type: "ticket" } })];
    await w.owner`insert into sources (slug, preset) values ('elsewhere', 'generic') on conflict do nothing`;
    const elsewhere = await newEvent({ record });
    await w.owner`update withdrawals set received_at = now() + interval '1 hour' where record_id = ${record.id}`;
    await w.events.accept("shop", [rule, other]);
    await w.events.accept("elsewhere", [elsewhere]);
    await w.events.plan([planOf(rule, own({ rule: "another" })), planOf(other, own()), planOf(elsewhere, own())]);
    for (const event of [rule, other, elsewhere]) expect(await callOf(event)).toMatchObject({ status: "queued" });
    await w.owner`update calls set status = 'canceled', reason = 'test' where status = 'queued'`;
  });
});

describe("a call that a line has claimed when its record is withdrawn", () => {
  test("is named by its line, which asks the gates of its claims again, and ends as withdrawn when it comes back", async () => {
    const record = freshRecord();
    const [makes, withdraws] = [await newEvent({ record }), await newEvent({ record })];
    await w.events.accept("shop", [makes]);
    await w.events.accept("shop", [withdraws]);
    await w.events.plan([planOf(makes, own())]);
    const [call] = await claimed();
    expect(await withdraw(withdraws, record)).toEqual([{ line: "line-a", withdrawn: true }]);
    const claim = { callId: call?.id ?? "", claimSeq: call?.claimSeq ?? 0 };
    await w.calls.record("line-a", [{ ...claim, ...notBegun("gates_changed") }]);
    expect(await callOf(makes)).toMatchObject({
      ...{ status: "canceled", reason: "withdrawn", detail: { event_id: withdraws.id } },
    });
  });
});

describe("a call and its withdrawal that are planned at the same moment, neither seeing the other,", () => {
  /** What two such plans leave behind: a queued call, and the withdrawal of its record. */
  async function unseen() {
    const record = freshRecord();
    const [makes, withdraws] = [await newEvent({ record }), await newEvent({ record })];
    await w.events.accept("shop", [makes]);
    await w.events.accept("shop", [withdraws]);
    await w.events.plan([planOf(makes, own())]);
    const call = await callOf(makes);
    await withdraw(withdraws, record);
    // The update of the second found nothing: its snapshot was older than the call.
    await w.owner`update calls set status = 'queued', reason = null, detail = null, again_stopped = null where id = ${call?.id}`;
    return { call };
  }

  test("end in a call that is not claimed, and that the sweep cancels", async () => {
    const { call } = await unseen();
    expect(await claimed()).toEqual([]);
    const client = keptClient(w.url, () => {});
    await sweepStore(client.sql()).expire();
    client.drop();
    const [row] = await w.owner`select status, reason from calls where id = ${call?.id}`;
    expect(row).toEqual({ status: "canceled", reason: "withdrawn" });
  });

  test("do not keep a further try from ringing that a person wants all the same", async () => {
    const { call } = await unseen();
    await w.owner`update calls set try = 2, again_of = gen_random_uuid(), again_reason = 'they rang us',
      created_at = clock_timestamp() where id = ${call?.id}`;
    expect((await claimed()).map(({ id }) => id)).toEqual([call?.id]);
  });

  test.each([
    ["a person's try keep their turn, if it was decided after the withdrawal", "they rang us", true],
    ["the first try do not ring", null, false],
  ])("and further tries that the rule makes of %s", async (_, wish, rings) => {
    const { call } = await unseen();
    const columns = w.owner`event_id, source, rule, rule_version, mode, line, number, about, content, record_type, record_id,
      due_at, expires_at`;
    // The first try was made before the withdrawal was planned.
    const ended = w.owner`status = 'ended', outcome = 'busy', ended_at = now(), placed_at = now(), mihu_id = 'm'`;
    await w.owner`update calls set ${ended}, created_at = created_at - interval '1 hour' where id = ${call?.id}`;
    await w.owner`insert into calls (${columns}, status, try, again_of, again_reason)
      select ${columns}, 'queued', 2, id, ${wish} from calls where id = ${call?.id}`;
    const [second] = await w.owner`update calls set ${ended} where again_of = ${call?.id} returning id`;
    await w.owner`insert into calls (${columns}, status, try, again_of)
      select ${columns}, 'queued', 3, ${second?.id}::uuid from calls where id = ${call?.id}`;
    expect((await claimed()).map((one) => one.try)).toEqual(rings ? [3] : []);
    await w.owner`update calls set status = 'canceled', reason = 'test', lease_until = null
      where event_id = ${call?.event_id} and status <> 'ended'`;
  });
});

test("A withdrawal is forgotten after thirty days, and not before", async () => {
  const { record } = await crossed();
  const { record: old } = await crossed();
  await w.owner`update withdrawals set received_at = now() - interval '31 days' where record_id = ${old.id}`;
  await w.owner`update withdrawals set received_at = now() - interval '29 days' where record_id = ${record.id}`;
  const client = keptClient(w.url, () => {});
  await sweepStore(client.sql()).expire();
  client.drop();
  const left = await w.owner`select record_id from withdrawals where record_id in ${w.owner([record.id, old.id])}`;
  expect(left).toEqual([{ record_id: record.id }]);
});

test("An event that withdraws late leaves the call of a later one alone", async () => {
  const record = freshRecord();
  const [makes, late] = [
    await newEvent({ record, occurredAt: now - 1_000 }),
    await newEvent({ record, occurredAt: now - HOUR_MS }),
  ];
  await w.events.accept("shop", [makes]);
  await w.events.plan([planOf(makes, own())]);
  await w.events.accept("shop", [late]);
  await withdraw(late, record);
  expect(await callOf(makes)).toMatchObject({ status: "queued" });
});
