import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Rung } from "../../../src/ports/calling/claims.ts";
import { callOf, claimedCalls, entriesOf } from "../world/placed.ts";
import { addLine, draft, queueCalls, type World, world } from "../world/world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

let lines = 0;
async function freshLine(): Promise<string> {
  const line = `line-${++lines}`;
  await addLine(w.owner, line);
  return line;
}
const lineOf = async (slug: string) => (await w.owner`select * from lines where slug = ${slug}`)[0];
const gone = "00000000-0000-4000-8000-000000000001";
const moment = 1_790_000_000_000;

/** A call as a line's journal has it. */
const rung = (eventId: string, deviation: Partial<Rung> = {}): Rung => ({
  callId: gone,
  claimSeq: 6,
  eventId,
  rule: "call-me",
  try: 1,
  claimedAt: moment,
  conversationUuid: null,
  mihuId: null,
  ...deviation,
});
/** Calls that a restored Postgres has as they were before they were dialled. */
async function waiting(line: string, count = 1): Promise<{ id: string; eventId: string }[]> {
  const numbers = Array.from({ length: count }, (_, index) => `+1415557${lines}${100 + index}`.padEnd(12, "0"));
  const events = await queueCalls(
    w,
    numbers.map((number) => draft({ line, number })),
  );
  const rows = await w.owner`select id, event_id from calls where event_id in ${w.owner(events)} order by number`;
  return rows.map(({ id, event_id }) => ({ id, eventId: event_id }));
}

describe("a database that went back", () => {
  test("pauses the line, puts before a person what may have rung, and names what is gone", async () => {
    const line = await freshLine();
    const [one, two] = await waiting(line, 2);
    if (one === undefined || two === undefined) throw new Error("two wait");
    const journal = [
      rung(one.eventId, { callId: one.id, conversationUuid: "conversation-1", mihuId: "mihu-1" }),
      rung("00000000-0000-8000-8000-00000000000a"),
    ];
    await w.calls.wentBack(line, { from: 0, to: 7 }, journal, `line:${line}`);
    expect(await callOf(w.owner, one.id)).toMatchObject({
      status: "review",
      reason: "database_went_back",
      claimed_at: expect.any(Date),
      conversation_uuid: "conversation-1",
      mihu_id: "mihu-1",
    });
    expect((await entriesOf(w.owner, "call", one.id)).at(-1)).toEqual({
      action: "review",
      actor: `line:${line}`,
      reason: "database_went_back",
      data: { claim: 6, conversations: ["conversation-1"], mihu_id: "mihu-1", row: expect.any(Object) },
    });
    expect((await callOf(w.owner, two.id)).status).toBe("queued");
    expect(await lineOf(line)).toMatchObject({
      pause_reason: "database_went_back",
      pause_detail: `claims 1 to 7 are missing; 1 calls that may have rung wait in review; 1 more are gone: ${gone}`,
      pause_claim_seq: "7",
    });
    expect(await entriesOf(w.owner, "line", line)).toMatchObject([
      { action: "paused", reason: "database_went_back", data: { reviewed: 1, gone: 1, gone_calls: [gone] } },
    ]);
  });

  test("continues from what the line's object knows, once a person resumes it, and claims what was never begun", async () => {
    const line = await freshLine();
    const [one, two] = await waiting(line, 2);
    if (one === undefined || two === undefined) throw new Error("two wait");
    await w.calls.wentBack(line, { from: 0, to: 7 }, [rung(one.eventId)], "line");
    expect(await w.calls.pauseLine(line, "paused_by_person", "me too", "alice")).toBe(false);
    expect(await w.calls.resumeLine(line, "probe", false)).toBe(false);
    expect((await w.calls.claim(line, 7, 10)).calls).toEqual([]);
    expect(await w.calls.resumeLine(line, "alice", true, "understood")).toBe(true);
    expect(await w.calls.claimSeq(line)).toBe(7);
    const { calls, seq } = await w.calls.claim(line, 7, 10);
    expect(seq).toBe(8);
    expect(calls.map(({ id }) => id)).toEqual([two.id]);
    expect((await entriesOf(w.owner, "line", line)).at(-1)).toMatchObject({
      action: "resumed",
      actor: "alice",
      data: { detail: "understood" },
    });
  });

  test("says which claims the journal cannot tell of", async () => {
    const line = await freshLine();
    await w.calls.wentBack(line, { from: 0, to: 7, journalBegins: 5 }, [], "line");
    const untold = "the journal begins at claim 5: calls of claims before it cannot be told";
    const detail = `claims 1 to 7 are missing; 0 calls that may have rung wait in review; 0 more are gone; ${untold}`;
    expect(await lineOf(line)).toMatchObject({ pause_detail: detail });
    expect(await entriesOf(w.owner, "line", line)).toMatchObject([{ data: { detail, journal_begins: 5 } }]);
  });

  test("knows a call by its event, rule and try, whatever its new row is called", async () => {
    const line = await freshLine();
    const [one] = await waiting(line);
    if (one === undefined) throw new Error("one waits");
    const further = rung(one.eventId, { try: 2 });
    const other = rung(one.eventId, { rule: "other" });
    await w.calls.wentBack(line, null, [further, other], "line");
    expect((await callOf(w.owner, one.id)).status).toBe("queued");
    await w.calls.wentBack(line, null, [rung(one.eventId)], "line");
    expect((await callOf(w.owner, one.id)).status).toBe("review");
  });

  test("whose call is claimed again is taken out of the dial, and its number is left alone", async () => {
    const line = await freshLine();
    const [call] = await claimedCalls(w, line, 1);
    if (call === undefined) throw new Error("one was claimed");
    await w.calls.wentBack(line, null, [rung(call.eventId, { claimedAt: Date.now() })], "line");
    expect(await callOf(w.owner, call.id)).toMatchObject({ status: "review", lease_until: null });
    expect((await lineOf(line))?.paused_at).toBeNull();
    await queueCalls(w, [draft({ line, number: call.number })]);
    expect((await w.calls.claim(line, 1, 10)).calls).toEqual([]);
  });

  test.each(["placed", "ended", "unknown", "review", "canceled", "rejected", "expired", "skipped"])(
    "leaves a call that is %s as it is",
    async (status) => {
      const line = await freshLine();
      const [call] = await claimedCalls(w, line, 1);
      if (call === undefined) throw new Error("one was claimed");
      await w.owner`update calls set status = ${status}, reason = 'test', mihu_id = 'm', placed_at = now(), lease_until = null,
        outcome = case when ${status} = 'ended' then 'completed' end, ended_at = case when ${status} = 'ended' then now() end
        where id = ${call.id}`;
      const before = await callOf(w.owner, call.id);
      await w.calls.wentBack(line, null, [rung(call.eventId)], "line");
      expect(await callOf(w.owner, call.id)).toEqual(before);
    },
  );

  test("pauses nothing that has caught up meanwhile, or is paused already", async () => {
    const line = await freshLine();
    await w.owner`update lines set claim_seq = 7 where slug = ${line}`;
    await w.calls.wentBack(line, { from: 3, to: 7 }, [], "line");
    expect((await lineOf(line))?.paused_at).toBeNull();
    await w.calls.pauseLine(line, "unauthenticated", "401", "line");
    await w.calls.wentBack(line, { from: 3, to: 9 }, [], "line");
    expect(await lineOf(line)).toMatchObject({ pause_reason: "unauthenticated" });
    expect(await entriesOf(w.owner, "line", line)).toHaveLength(1);
  });
});

describe("the claims of a journal", () => {
  test("are those that are dialing and that it was named for, and no others", async () => {
    const line = await freshLine();
    await waiting(line, 3);
    const [first] = (await w.calls.claim(line, 0, 1, "journal-1")).calls;
    await w.calls.claim(line, 1, 1, "journal-2");
    await w.calls.claim(line, 2, 1);
    expect(await w.calls.claimedBy(line, "journal-1")).toEqual([{ callId: first?.id, claimSeq: 1 }]);
    expect(await w.calls.claimedBy(line, "journal")).toEqual([]);
    // Claimed anew by code that knows nothing of journals: it is nobody's.
    await w.owner`update calls set claim_seq = 9 where id = ${first?.id ?? ""}`;
    expect(await w.calls.claimedBy(line, "journal-1")).toEqual([]);
  });
});
