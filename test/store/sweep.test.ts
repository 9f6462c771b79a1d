import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callStatuses, transitions } from "../../src/domain/calls/call.ts";
import type { SweepStore } from "../../src/ports/sweep.ts";
import { keptClient } from "../../src/store/postgres/kept-client.ts";
import { sweepStore } from "../../src/store/sweep.ts";
import { callOf, claimedCalls, entriesOf, placedCalls } from "./world/placed.ts";
import { addLine, draft, newEvent, planOf, queueCalls, type World, world } from "./world/world.ts";

let w: World;
let sweep: SweepStore;
const client = { drop: () => {} };
beforeAll(async () => {
  w = await world("line-a");
  const kept = keptClient(w.url, () => {});
  client.drop = kept.drop;
  sweep = sweepStore(kept.sql());
});
afterAll(async () => {
  client.drop();
  await w.close();
});

describe("a sweep", () => {
  test("makes a call whose lease ran out unknown, with an entry, and never dials it again", async () => {
    const [lost, safe] = await claimedCalls(w, "line-a", 2);
    if (lost === undefined || safe === undefined) throw new Error("two were claimed");
    await w.owner`update calls set lease_until = now() - interval '1 second' where id = ${lost.id}`;
    expect(await sweep.expire()).toEqual({ leases: 1, late: 0 });
    expect(await callOf(w.owner, lost.id)).toMatchObject({
      status: "unknown",
      reason: "lease_expired",
      lease_until: null,
    });
    expect(await callOf(w.owner, safe.id)).toMatchObject({ status: "dialing", reason: null });
    expect((await entriesOf(w.owner, "call", lost.id)).at(-1)).toEqual({
      action: "unknown",
      actor: "sweep",
      reason: "lease_expired",
      data: { line: "line-a" },
    });
    expect(await sweep.expire()).toEqual({ leases: 0, late: 0 });
    const seq = (await w.calls.claimSeq("line-a")) ?? 0;
    expect((await w.calls.claim("line-a", seq, 10)).calls).toEqual([]);
  });

  test("leaves the last word to the line that noted its claim, wakes it before, and waits no longer than that", async () => {
    await addLine(w.owner, "line-noted");
    await queueCalls(w, [draft({ line: "line-noted", number: "+14155557900" })]);
    const [call] = (await w.calls.claim("line-noted", 0, 1, "journal-1")).calls;
    if (call === undefined) throw new Error("one was claimed");
    expect((await sweep.waiting()).lines).not.toContain("line-noted");
    await w.owner`update calls set lease_until = now() + interval '20 seconds' where id = ${call.id}`;
    expect((await sweep.waiting()).lines).toContain("line-noted");
    await w.owner`update calls set lease_until = now() - interval '1 second' where id = ${call.id}`;
    expect(await sweep.expire()).toMatchObject({ leases: 0 });
    expect(await sweep.expire()).toMatchObject({ leases: 0 });
    expect((await callOf(w.owner, call.id)).status).toBe("dialing");
    // Its line says that it was never begun.
    const back = {
      callId: call.id,
      claimSeq: call.claimSeq,
      status: "queued",
      reason: "given_back",
      detail: {},
    } as const;
    await w.calls.record("line-noted", [{ ...back, posted: false, waitMs: 0 }]);
    expect(await callOf(w.owner, call.id)).toMatchObject({ status: "queued", reason: "given_back", poll_at: null });
    await w.calls.claim("line-noted", 1, 1, "journal-1");
    await w.owner`update calls set lease_until = now() - interval '1 second' where id = ${call.id}`;
    await sweep.expire();
    await w.owner`update calls set poll_at = poll_at - interval '31 seconds' where id = ${call.id}`;
    expect(await sweep.expire()).toMatchObject({ leases: 1 });
    expect(await callOf(w.owner, call.id)).toMatchObject({ status: "unknown", reason: "lease_expired" });
  });

  test("ends a waiting call that is too late, with an entry", async () => {
    const events = await queueCalls(w, [draft({ expiresAt: Date.now() - 1 }), draft({ expiresAt: null })]);
    expect(await sweep.expire()).toEqual({ leases: 0, late: 1 });
    const rows =
      await w.owner`select id, status, reason from calls where event_id in ${w.owner(events)} order by status`;
    expect(rows.map(({ status, reason }) => [status, reason])).toEqual([
      ["expired", "expired"],
      ["queued", null],
    ]);
    expect((await entriesOf(w.owner, "call", rows[0]?.id)).at(-1)).toMatchObject({
      action: "expired",
      actor: "sweep",
      reason: "expired",
    });
  });

  test.each(callStatuses.filter((status) => status !== "queued" && status !== "dialing"))(
    "leaves a call that is %s as it is, however old",
    async (status) => {
      const [id = ""] = await placedCalls(w, "line-a", 1);
      await w.owner`update calls set status = ${status}, reason = 'test', expires_at = now() - interval '1 day',
        lease_until = now() - interval '1 day', outcome = case when ${status} = 'ended' then 'completed' end,
        ended_at = case when ${status} = 'ended' then now() end where id = ${id}`;
      expect(await sweep.expire()).toEqual({ leases: 0, late: 0 });
      expect((await callOf(w.owner, id)).status).toBe(status);
      // The table and the statement agree.
      expect(transitions[status].includes("expired")).toBe(false);
    },
  );
});

describe("a waiting call that its line may not dial", () => {
  test.each([
    ["suppressed", "insert into suppressions (number, reason, created_by) values ('+14155557001', 'asked', 'test')"],
    ["country_not_allowed", "update lines set countries = '{CA}' where slug = 'line-stopped-country_not_allowed'"],
  ])("ends with its reason: %s", async (reason, change) => {
    const line = `line-stopped-${reason}`;
    await addLine(w.owner, line);
    const number = reason === "suppressed" ? "+14155557001" : "+14155557002";
    const [event] = await queueCalls(w, [draft({ line, number, dueAt: Date.now() + 3_600_000 })]);
    await w.owner.unsafe(change);
    await sweep.expire();
    const [call] = await w.owner`select id, status, reason from calls where event_id = ${event ?? ""}`;
    expect(call).toMatchObject({ status: "canceled", reason });
    expect((await entriesOf(w.owner, "call", call?.id)).at(-1)).toMatchObject({ action: "canceled", reason });
  });
});

describe("who has work", () => {
  test.each<[string, (line: string) => Promise<unknown>, boolean]>([
    ["a call that is due", () => Promise.resolve(), true],
    [
      "a call that is due later",
      (line) => w.owner`update calls set due_at = now() + interval '1 hour' where line = ${line}`,
      false,
    ],
    [
      "a call whose calling hours are over",
      (line) => w.owner`update calls set due_at = now() + interval '1 hour', closes_at = now() where line = ${line}`,
      true,
    ],
    [
      "a call that is held",
      (line) => w.owner`update calls set status = 'held', reason = 'burst' where line = ${line}`,
      false,
    ],
    [
      "a placed call that is to be asked after",
      (line) =>
        w.owner`update calls set status = 'placed', placed_at = now(), mihu_id = 'x', poll_at = now() where line = ${line}`,
      true,
    ],
    [
      "a placed call that is to be asked after later",
      (line) =>
        w.owner`update calls set status = 'placed', placed_at = now(), mihu_id = 'x', poll_at = now() + interval '1 hour' where line = ${line}`,
      false,
    ],
  ])("a line with %s", async (name, change, has) => {
    const line = name.replaceAll(" ", "-");
    await addLine(w.owner, line);
    await queueCalls(w, [draft({ line })]);
    await change(line);
    expect((await sweep.waiting()).lines.includes(line)).toBe(has);
  });

  test("a line that Mihu's answers paused is asked after, and one that a person paused is left alone", async () => {
    for (const [line, reason] of [
      ["by-mihu", "unauthenticated"],
      ["by-person", "paused_by_person"],
    ] as const) {
      await addLine(w.owner, line);
      await queueCalls(w, [draft({ line })]);
      await w.calls.pauseLine(line, reason, "because", "test");
    }
    const { lines, paused } = await sweep.waiting();
    expect(paused).toEqual([{ line: "by-mihu", agent: "agent-1", reason: "unauthenticated" }]);
    expect(lines).not.toContain("by-mihu");
    expect(lines).not.toContain("by-person");
  });

  test("a source with an event that a crash left unplanned, until it is planned", async () => {
    await w.owner`insert into sources (slug, preset) values ('left', 'generic')`;
    const event = await newEvent();
    expect((await sweep.waiting()).sources).toEqual([]);
    await w.events.accept("left", [event]);
    expect((await sweep.waiting()).sources).toEqual(["left"]);
    await w.events.plan([planOf(event)]);
    expect((await sweep.waiting()).sources).toEqual([]);
  });
});
