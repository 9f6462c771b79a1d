import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Adoption, FoundCall } from "../../../src/domain/calls/reconcile.ts";
import type { ClaimedCall } from "../../../src/ports/calling/claims.ts";
import type { SweepStore } from "../../../src/ports/sweep.ts";
import { healthLookups } from "../../../src/store/lookups/readiness.ts";
import type { Sql } from "../../../src/store/postgres/connection.ts";
import { keptClient } from "../../../src/store/postgres/kept-client.ts";
import { sweepStore } from "../../../src/store/sweep.ts";
import { callOf, claimedCalls, entriesOf } from "../world/placed.ts";
import { addLine, type World, world } from "../world/world.ts";

let w: World;
let sweep: SweepStore;
let sql: Sql;
const kept = { drop: () => {} };
beforeAll(async () => {
  w = await world();
  const client = keptClient(w.url, () => {});
  kept.drop = client.drop;
  sql = client.sql();
  sweep = sweepStore(sql);
});
afterAll(async () => {
  kept.drop();
  await w.close();
});

let lines = 0;
/** A line with one call whose answer was lost. */
async function lost(): Promise<{ line: string; call: ClaimedCall }> {
  const line = `line-${++lines}`;
  await addLine(w.owner, line);
  const [call] = await claimedCalls(w, line, 1);
  if (call === undefined) throw new Error("one was claimed");
  await w.calls.record(line, [
    { callId: call.id, claimSeq: call.claimSeq, status: "unknown", reason: "server_error", detail: { status: 500 } },
  ]);
  return { line, call };
}
const due = (id: string) => w.owner`update calls set poll_at = now() where id = ${id}`;
const adoption = (id: string, deviation: Partial<Adoption> = {}): Adoption => ({
  conversationUuid: `conversation-${id}`,
  contactUuid: "contact-1",
  mihuId: `mihu-${id}`,
  placedAt: Date.now(),
  ...deviation,
});
const good = ({ id, claimSeq }: ClaimedCall) => ({
  callId: id,
  claimSeq,
  status: "placed" as const,
  conversationUuid: "late",
  contactUuid: null,
  mihuId: "late",
  listenUrl: null,
  recordUrl: null,
});
const secondsUntil = (at: Date) => (at.getTime() - Date.now()) / 1_000;

describe("the looks of an unknown call", () => {
  test("begin 15 s after its answer was lost, and the line is told when", async () => {
    const { line, call } = await lost();
    expect(secondsUntil((await callOf(w.owner, call.id)).poll_at)).toBeCloseTo(15, -1);
    expect(await w.calls.openUnknown(line, 10)).toEqual([]);
    const { nextAt } = await w.calls.claim(line, 1, 10);
    expect(Math.abs((nextAt ?? 0) - (Date.now() + 15_000))).toBeLessThan(5_000);
    expect((await sweep.waiting()).lines).toContain(line);
    await due(call.id);
    const [open, ...others] = await w.calls.openUnknown(line, 10);
    expect(others).toEqual([]);
    expect(open).toMatchObject({ id: call.id, agent: "agent-1", number: call.number, looks: 0 });
    expect(Math.abs((open?.claimedAt ?? 0) - Date.now())).toBeLessThan(10_000);
  });

  test("begin 15 s after the sweep found that its lease had run out", async () => {
    const line = `line-${++lines}`;
    await addLine(w.owner, line);
    const [call] = await claimedCalls(w, line, 1);
    await w.owner`update calls set lease_until = now() - interval '1 second' where id = ${call?.id ?? ""}`;
    await sweep.expire();
    expect(secondsUntil((await callOf(w.owner, call?.id ?? "")).poll_at)).toBeCloseTo(15, -1);
    expect((await sweep.waiting()).lines).toContain(line);
  });

  test.each(["unauthenticated", "paused_by_person"] as const)(
    "go on while the line is paused (%s), and nothing else wakes it",
    async (reason) => {
      const { line, call } = await lost();
      await w.calls.pauseLine(line, reason, "because", "test");
      const claim = await w.calls.claim(line, 1, 10);
      expect(claim).toMatchObject({ paused: true, nextAt: expect.any(Number) });
      await due(call.id);
      expect((await sweep.waiting()).lines).toContain(line);
      expect(await w.calls.openUnknown(line, 10)).toHaveLength(1);
      await w.calls.toReview(call.id, { reason: "not_found", conversations: [] }, "test");
      expect((await w.calls.claim(line, 1, 10)).nextAt).toBeNull();
      expect((await sweep.waiting()).lines).not.toContain(line);
    },
  );

  test.each([
    [true, 1],
    [false, 0],
  ])("are put off with an entry; one that could be read (%s) counts", async (read, looks) => {
    const { line, call } = await lost();
    await due(call.id);
    await w.calls.lookLater(call.id, { read, waitMs: 45_000 }, "line:x");
    expect(await w.calls.openUnknown(line, 10)).toEqual([]);
    const row = await callOf(w.owner, call.id);
    expect(row).toMatchObject({ status: "unknown", reason: "server_error", polls: looks });
    expect(secondsUntil(row.poll_at)).toBeCloseTo(45, -1);
    expect((await entriesOf(w.owner, "call", call.id)).at(-1)).toMatchObject({
      action: "looked_up",
      actor: "line:x",
      data: { read, looks },
    });
  });
});

describe("adopting", () => {
  test("places the call with what was found, has it asked after at once, and tells so", async () => {
    const { call } = await lost();
    await w.calls.lookLater(call.id, { read: true, waitMs: 0 }, "line:x");
    const { claimed_at: claimedAt } = await callOf(w.owner, call.id);
    expect(await w.calls.adopt(call.id, adoption(call.id), "line:x")).toBe(true);
    const row = await callOf(w.owner, call.id);
    expect(row).toMatchObject({
      status: "placed",
      reason: null,
      conversation_uuid: `conversation-${call.id}`,
      contact_uuid: "contact-1",
      mihu_id: `mihu-${call.id}`,
      polls: 0,
    });
    expect(row.placed_at.getTime()).toBeGreaterThanOrEqual(claimedAt.getTime());
    expect(row.poll_at.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
    expect((await entriesOf(w.owner, "call", call.id)).at(-1)).toEqual({
      action: "placed",
      actor: "line:x",
      reason: null,
      data: {
        adopted: true,
        row: expect.any(Object),
        conversation_uuid: `conversation-${call.id}`,
        mihu_id: `mihu-${call.id}`,
      },
    });
  });

  test.each([
    ["a day before the claim", -86_400_000],
    ["tomorrow", 86_400_000],
  ])("never believes that it was placed %s", async (_, offMs) => {
    const { call } = await lost();
    await w.calls.adopt(call.id, adoption(call.id, { placedAt: Date.now() + offMs }), "line:x");
    const { placed_at: placedAt } = await callOf(w.owner, call.id);
    expect(Math.abs(secondsUntil(placedAt))).toBeLessThan(10);
  });

  test("works without ids of contact and call", async () => {
    const { call } = await lost();
    expect(await w.calls.adopt(call.id, adoption(call.id, { contactUuid: null, mihuId: null }), "line:x")).toBe(true);
    expect(await callOf(w.owner, call.id)).toMatchObject({ status: "placed", contact_uuid: null, mihu_id: null });
  });

  test.each(["mihu-shared", null])("the same twice is refused, whoever looked (%s)", async (mihuId) => {
    const shared = { conversationUuid: `shared-${mihuId}`, mihuId };
    const [one, two] = [await lost(), await lost()];
    const adopted = await Promise.all(
      [one, two].map(({ call }) => w.calls.adopt(call.id, adoption(call.id, shared), "line:x")),
    );
    expect(adopted.filter(Boolean)).toHaveLength(1);
    const left = adopted[0] ? two : one;
    expect((await callOf(w.owner, left.call.id)).status).toBe("unknown");
  });

  test("comes second to a late good answer, which it does not undo", async () => {
    const { line, call } = await lost();
    await w.calls.record(line, [good(call)]);
    const entries = await entriesOf(w.owner, "call", call.id);
    expect(await w.calls.adopt(call.id, adoption(call.id), "line:x")).toBe(false);
    expect(await w.calls.toReview(call.id, { reason: "not_found", conversations: [] }, "line:x")).toBe(false);
    await w.calls.lookLater(call.id, { read: true, waitMs: 0 }, "line:x");
    expect(await callOf(w.owner, call.id)).toMatchObject({ status: "placed", conversation_uuid: "late", polls: 0 });
    expect(await entriesOf(w.owner, "call", call.id)).toEqual(entries);
  });

  test("comes first to a late answer, which then changes nothing", async () => {
    const { line, call } = await lost();
    await w.calls.adopt(call.id, adoption(call.id), "line:x");
    await w.calls.record(line, [good(call)]);
    expect(await callOf(w.owner, call.id)).toMatchObject({ conversation_uuid: `conversation-${call.id}` });
  });
});

describe("a review", () => {
  test("says why and names the conversations, keeps the number while it may ring, and is never looked up or dialled again", async () => {
    const { line, call } = await lost();
    await due(call.id);
    const doubt = { reason: "several_found", conversations: ["c-1", "c-2"] } as const;
    expect(await w.calls.toReview(call.id, doubt, "line:x")).toBe(true);
    expect(await w.calls.toReview(call.id, doubt, "line:x")).toBe(false);
    expect(await callOf(w.owner, call.id)).toMatchObject({
      status: "review",
      reason: "several_found",
      poll_at: null,
      detail: { status: 500 },
    });
    expect((await entriesOf(w.owner, "call", call.id)).at(-1)).toEqual({
      action: "review",
      actor: "line:x",
      reason: "several_found",
      data: { conversations: ["c-1", "c-2"] },
    });
    expect(await w.calls.openUnknown(line, 10)).toEqual([]);
    const claim = await w.calls.claim(line, 1, 10);
    expect(claim).toMatchObject({ calls: [], nextAt: null });
    // It may ring for as long as a call lasts; then the number is free.
    await w.owner`update calls set claimed_at = now() - interval '601 seconds' where id = ${call.id}`;
    const [again] = await claimedCalls(w, line, 1, { number: call.number });
    expect(again?.number).toBe(call.number);
  });
});

describe("who else may have what was found", () => {
  const found = (deviation: Partial<FoundCall>): FoundCall => ({
    conversationUuid: "c-found",
    contactUuid: null,
    callId: "m-found",
    agent: "agent-1",
    number: null,
    moments: [],
    channel: null,
    simulation: false,
    inbound: false,
    campaign: false,
    task: false,
    ...deviation,
  });
  const others = async (call: ClaimedCall, what: FoundCall[]) =>
    await w.calls.othersOf(
      { id: call.id, agent: "agent-1", number: call.number, claimedAt: Date.now(), looks: 0 },
      what,
    );

  test.each<[string, string, boolean]>([
    ["a call of the same conversation", "status = 'placed', placed_at = now(), conversation_uuid = 'c-found'", true],
    [
      "a call of the same conversation, long ago and to another number",
      "status = 'ended', outcome = 'completed', ended_at = now(), placed_at = now(), conversation_uuid = 'c-found', number = '+14155550199', claimed_at = now() - interval '90 days'",
      true,
    ],
    [
      "a call with the same id of Mihu's",
      "status = 'placed', placed_at = now(), mihu_id = 'm-found', claimed_at = now() - interval '90 days'",
      true,
    ],
    ["a call about then without a conversation", "status = 'placed', placed_at = now(), mihu_id = 'm-other'", true],
    [
      "a call of another time without a conversation",
      "status = 'placed', placed_at = now(), mihu_id = 'm-other', claimed_at = now() - interval '1 hour'",
      false,
    ],
    [
      "a call of another conversation",
      "status = 'placed', placed_at = now(), mihu_id = 'm-other', conversation_uuid = 'c-other'",
      false,
    ],
    ["a call about then that a person decides about", "status = 'review', reason = 'not_found'", true],
    [
      "a call of another time that a person decides about",
      "status = 'review', reason = 'not_found', claimed_at = now() - interval '1 hour'",
      false,
    ],
    [
      "a call about then of which a person said that it did not ring",
      "status = 'canceled', reason = 'canceled'",
      false,
    ],
  ])("%s", async (_, change, counts) => {
    const { line, call } = await lost();
    await w.calls.toReview(call.id, { reason: "not_found", conversations: [] }, "test");
    await w.owner.unsafe(`update calls set ${change} where id = '${call.id}'`);
    const [mine] = await claimedCalls(w, line, 1);
    if (mine === undefined) throw new Error("one was claimed");
    const seen = await others({ ...mine, number: call.number }, [found({})]);
    await w.owner`update calls set conversation_uuid = null, mihu_id = 'gone', status = 'review', reason = 'not_found',
      outcome = null, ended_at = null, claimed_at = now() - interval '1 year' where id = ${call.id}`;
    expect(seen).toHaveLength(counts ? 1 : 0);
  });

  test("not the call itself", async () => {
    const { call } = await lost();
    await w.owner`update calls set conversation_uuid = 'c-own', mihu_id = 'm-own' where id = ${call.id}`;
    expect(await others(call, [found({ conversationUuid: "c-own", callId: "m-own" })])).toEqual([]);
  });

  test("the other's ids and claim are told", async () => {
    const { call } = await lost();
    await w.owner`update calls set conversation_uuid = 'c-one', mihu_id = 'm-one', status = 'placed', placed_at = now()
      where id = ${call.id}`;
    const [mine] = await claimedCalls(w, `line-${lines}`, 1);
    if (mine === undefined) throw new Error("one was claimed");
    const [other] = await others(mine, [found({ conversationUuid: "c-one", callId: null })]);
    expect(other).toMatchObject({ conversationUuid: "c-one", mihuId: "m-one", claimedAt: expect.any(Number) });
  });
});

describe("a list of Mihu's that cannot be read", () => {
  const told = async () =>
    (await healthLookups(sql, null).readiness()).problems.filter(({ code }) => code === "list_unreadable");

  test("is told once calls stay unknown for longer than looking them up takes, with their lines, and no sooner", async () => {
    const { line, call } = await lost();
    expect(await told()).toEqual([]);
    await w.calls.lookLater(call.id, { read: false, waitMs: 60_000 }, "test");
    await w.owner`update calls set claimed_at = now() - interval '14 minutes' where id = ${call.id}`;
    expect(await told()).toEqual([]);
    await w.owner`update calls set claimed_at = now() - interval '16 minutes' where id = ${call.id}`;
    expect(await told()).toEqual([{ code: "list_unreadable", since: expect.any(Number), count: 1, rows: [line] }]);
    await w.calls.toReview(call.id, { reason: "not_found", conversations: [] }, "test");
    expect(await told()).toEqual([]);
  });
});
