import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Claim } from "../../../src/ports/calling/claims.ts";
import { keptClient } from "../../../src/store/postgres/kept-client.ts";
import { callStores } from "../world/calls.ts";
import { addLine, draft, numberOf, queueCalls, type World, world } from "../world/world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

let lines = 0;
/** A new line with this many due calls, each to another number. */
async function lineWith(count: number, pace: { minute?: number; atOnce?: number; day?: number } = {}): Promise<string> {
  const line = `line-${++lines}`;
  await addLine(w.owner, line, pace);
  await queueCalls(
    w,
    Array.from({ length: count }, (_, index) => draft({ line, number: numberOf(lines * 100 + index) })),
  );
  return line;
}

const placed = (claim: Claim) =>
  claim.calls.map(({ id, claimSeq }) => ({
    callId: id,
    claimSeq,
    status: "placed" as const,
    conversationUuid: `conversation-${id}`,
    contactUuid: null,
    mihuId: id,
    listenUrl: null,
    recordUrl: null,
  }));

describe("a claim", () => {
  test("takes due calls, commits their lease and writes an entry for each", async () => {
    const line = await lineWith(2);
    const claim = await w.calls.claim(line, 0, 10);
    expect(claim).toMatchObject({ seq: 1, missing: false, paused: false });
    expect(claim.calls).toHaveLength(2);
    expect(claim.calls[0]).toMatchObject({
      agent: "agent-1",
      claimSeq: 1,
      about: "The customer waits for order #1001.",
    });
    const rows = await w.owner`select status, lease_until > now() as leased from calls where line = ${line}`;
    expect(rows.every((row) => row.status === "dialing" && row.leased)).toBe(true);
    const entries =
      await w.owner`select action from entries where subject_id = ${claim.calls[0]?.id ?? ""} order by id`;
    expect(entries.map(({ action }) => action)).toEqual(["queued", "dialing"]);
  });

  test("picks nothing for a caller who does not know the last claim", async () => {
    const line = await lineWith(2);
    const first = await w.calls.claim(line, 0, 1);
    const behind = await w.calls.claim(line, 0, 1);
    expect(behind.calls).toEqual([]);
    expect(behind.seq).toBe(first.seq);
    expect((await w.calls.claim(line, behind.seq, 1)).calls).toHaveLength(1);
  });

  test("by many instances of a line at once never gives a call to two of them", async () => {
    const line = await lineWith(30);
    const clients = Array.from({ length: 6 }, () => keptClient(w.url, () => {}));
    const taken: string[] = [];
    await Promise.all(
      clients.map(async (client) => {
        const store = callStores(() => client.sql());
        let seq = (await store.claimSeq(line)) ?? 0;
        for (let round = 0; round < 60; round++) {
          const claim = await store.claim(line, seq, 3);
          seq = claim.seq;
          taken.push(...claim.calls.map(({ id }) => id));
        }
      }),
    );
    for (const client of clients) client.drop();
    expect(new Set(taken).size).toBe(taken.length);
    expect(taken).toHaveLength(30);
  });

  test("by many instances at once never exceeds the pace", async () => {
    const line = await lineWith(30, { minute: 7, atOnce: 20 });
    const clients = Array.from({ length: 6 }, () => keptClient(w.url, () => {}));
    const counts = await Promise.all(
      clients.map(async (client) => {
        const store = callStores(() => client.sql());
        let taken = 0;
        let seq = (await store.claimSeq(line)) ?? 0;
        for (let round = 0; round < 60; round++) {
          const claim = await store.claim(line, seq, 3);
          seq = claim.seq;
          taken += claim.calls.length;
        }
        return taken;
      }),
    );
    for (const client of clients) client.drop();
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(7);
  });

  test("never has two calls to one number in flight, on one line or on two", async () => {
    const number = numberOf(9_000 - 1_000);
    const [one, two] = [await lineWith(0), await lineWith(0)];
    await queueCalls(w, [draft({ line: one, number }), draft({ line: one, number }), draft({ line: two, number })]);
    const first = await w.calls.claim(one, 0, 10);
    expect(first.calls).toHaveLength(1);
    expect((await w.calls.claim(one, 1, 10)).calls).toEqual([]);
    expect((await w.calls.claim(two, 0, 10)).calls).toEqual([]);
    // Placed and still going on: the number is kept as well.
    await w.calls.record(one, placed(first));
    expect((await w.calls.claim(two, 0, 10)).calls).toEqual([]);
    await w.owner`update calls set status = 'ended', outcome = 'completed', ended_at = now() where id = ${first.calls[0]?.id ?? ""}`;
    expect((await w.calls.claim(two, 0, 10)).calls).toHaveLength(1);
  });

  test("frees a slot of calls_per_minute a whole window after the answer, not after the claim", async () => {
    const line = await lineWith(2, { minute: 1 });
    const first = await w.calls.claim(line, 0, 10);
    expect(first.calls).toHaveLength(1);
    // The claim is long past, the answer is new.
    await w.owner`update calls set claimed_at = now() - interval '59 seconds' where line = ${line} and status = 'dialing'`;
    await w.calls.record(line, placed(first));
    await w.owner`update calls set slot_until = slot_until - interval '58 seconds' where line = ${line} and status = 'placed'`;
    expect((await w.calls.claim(line, 1, 10)).calls).toEqual([]);
    await w.owner`update calls set slot_until = slot_until - interval '3 seconds' where line = ${line} and status = 'placed'`;
    expect((await w.calls.claim(line, 1, 10)).calls).toHaveLength(1);
  });

  test("counts placed calls without an outcome for calls_at_once, until they are too old to go on", async () => {
    const line = await lineWith(3, { atOnce: 2 });
    const first = await w.calls.claim(line, 0, 10);
    expect(first.calls).toHaveLength(2);
    await w.calls.record(line, placed(first));
    expect((await w.calls.claim(line, 1, 10)).calls).toEqual([]);
    await w.owner`update calls set placed_at = now() - interval '601 seconds' where id = ${first.calls[0]?.id ?? ""}`;
    expect((await w.calls.claim(line, 1, 10)).calls).toHaveLength(1);
  });

  test("counts each request that Mihu saw, also those of one call that was put off", async () => {
    const line = await lineWith(1, { minute: 2 });
    let seq = 0;
    let posts = 0;
    for (let round = 0; round < 5; round++) {
      const claim = await w.calls.claim(line, seq, 10);
      seq = claim.seq;
      posts += claim.calls.length;
      await w.calls.record(
        line,
        claim.calls.map(({ id, claimSeq }) => ({
          callId: id,
          claimSeq,
          status: "queued" as const,
          reason: "rate_limited" as const,
          detail: {},
          posted: true,
          waitMs: 0,
        })),
      );
    }
    expect(posts).toBe(2);
    const [row] = await w.owner`select day_calls from lines where slug = ${line}`;
    expect(row?.day_calls).toBe(0);
  });

  test("leaves a number alone while nobody can say whether its last call rings", async () => {
    const number = numberOf(8_500);
    const line = await lineWith(0, { atOnce: 1 });
    await queueCalls(w, [draft({ line, number }), draft({ line, number })]);
    const first = await w.calls.claim(line, 0, 10);
    const id = first.calls[0]?.id ?? "";
    await w.owner`update calls set status = 'review', reason = 'several_found', lease_until = null where id = ${id}`;
    expect((await w.calls.claim(line, first.seq, 10)).calls).toEqual([]);
    await w.owner`update calls set claimed_at = now() - interval '601 seconds', slot_until = null where id = ${id}`;
    expect((await w.calls.claim(line, first.seq, 10)).calls).toHaveLength(1);
  });

  test("does not wait for whoever holds the line: what it sees would be older than its lock", async () => {
    const line = await lineWith(1);
    await w.owner.begin(async (sql) => {
      await sql`update lines set updated_at = now() where slug = ${line}`;
      expect((await w.calls.claim(line, 0, 10)).calls).toEqual([]);
    });
    expect((await w.calls.claim(line, 0, 10)).calls).toHaveLength(1);
  });

  test.each([
    ["a line that is paused", "update lines set paused_at = now(), pause_reason = 'unauthenticated'"],
    ["a line that Mihu asked to wait", "update lines set not_before = now() + interval '1 minute'"],
    ["calls that are not due yet", "update calls set due_at = now() + interval '1 minute'"],
    ["calls outside their calling hours", "update calls set closes_at = now() - interval '1 second'"],
    ["calls that are too late", "update calls set expires_at = now() - interval '1 second'"],
    ["numbers of a country that the line may no longer ring", "update lines set countries = '{CA}'"],
    ["more than calls_per_day", "update lines set calls_per_day = 0"],
    [
      "suppressed numbers",
      "insert into suppressions (number, reason, created_by) select number, 'asked', 'test' from calls",
    ],
  ])("passes over %s", async (_, change) => {
    const line = await lineWith(1);
    const where = change.startsWith("update lines") ? ` where slug = '${line}'` : ` where line = '${line}'`;
    await w.owner.unsafe(change + where);
    expect((await w.calls.claim(line, 0, 10)).calls).toEqual([]);
  });

  test("says when it is worth asking again", async () => {
    const line = await lineWith(1);
    await w.owner`update calls set due_at = now() + interval '90 seconds' where line = ${line}`;
    const { nextAt } = await w.calls.claim(line, 0, 10);
    expect(Math.abs((nextAt ?? 0) - (Date.now() + 90_000))).toBeLessThan(5_000);
    expect((await w.calls.claim(await lineWith(0), 0, 10)).nextAt).toBeNull();
  });

  test("does not ask again for a wait that is over", async () => {
    const line = await lineWith(0);
    await w.owner`update lines set not_before = now() - interval '1 second' where slug = ${line}`;
    expect((await w.calls.claim(line, 0, 10)).nextAt).toBeNull();
  });

  test("of a line that is not there says so", async () => {
    expect(await w.calls.claim("nowhere", 0, 10)).toMatchObject({ missing: true, calls: [] });
  });
});

describe("calls_per_day", () => {
  test("counts a call for the day of its claim: what yesterday took is not given back to today", async () => {
    const line = await lineWith(2, { day: 1 });
    const yesterday = await w.calls.claim(line, 0, 1);
    await w.owner`update calls set claimed_at = claimed_at - interval '1 day' where line = ${line} and status = 'dialing'`;
    await w.owner`update lines set day = to_char(now() at time zone 'UTC' - interval '1 day', 'YYYY-MM-DD') where slug = ${line}`;
    const today = await w.calls.claim(line, 1, 1);
    expect(today.calls).toHaveLength(1);
    const back = yesterday.calls.map(({ id, claimSeq }) => ({
      callId: id,
      claimSeq,
      status: "queued" as const,
      reason: "rate_limited" as const,
      detail: {},
      posted: false,
      waitMs: 0,
    }));
    await w.calls.record(line, back);
    expect((await w.owner`select day_calls from lines where slug = ${line}`)[0]?.day_calls).toBe(1);
    expect((await w.calls.claim(line, 2, 1)).calls).toEqual([]);
  });
});

describe("recording", () => {
  test("an answer for an older claim of the same call changes nothing", async () => {
    const line = await lineWith(1);
    const claim = await w.calls.claim(line, 0, 1);
    const [result] = placed(claim);
    if (result === undefined) throw new Error("nothing was claimed");
    await w.calls.record(line, [{ ...result, claimSeq: 99 }]);
    const [row] = await w.owner`select status from calls where id = ${result.callId}`;
    expect(row?.status).toBe("dialing");
  });

  test("a late good answer still places a call that had become unknown, and nothing else does", async () => {
    const line = await lineWith(2);
    const claim = await w.calls.claim(line, 0, 2);
    await w.owner`update calls set status = 'unknown', reason = 'lease_expired', lease_until = null where line = ${line}`;
    const [one, two] = placed(claim);
    if (one === undefined || two === undefined) throw new Error("two were to be claimed");
    const { callId, claimSeq } = two;
    await w.calls.record(line, [
      one,
      { callId, claimSeq, status: "queued", reason: "rate_limited", detail: {}, posted: true, waitMs: 0 },
    ]);
    const rows = await w.owner`select id, status from calls where line = ${line}`;
    expect(Object.fromEntries(rows.map(({ id, status }) => [id, status]))).toEqual({
      [one.callId]: "placed",
      [callId]: "unknown",
    });
  });
});
