/** Calls that a line has claimed when something stops them: those that come back are canceled, and no claim takes them again. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DialEnd } from "../../../src/domain/calls/dial.ts";
import { notBegun } from "../../../src/domain/calls/dial.ts";
import { stopClaimed } from "../../../src/flows/calling/stop.ts";
import { cancelCall } from "../../../src/flows/people/cancel.ts";
import type { ClaimedCall } from "../../../src/ports/calling/claims.ts";
import type { Rechecked } from "../../../src/ports/calling/line-objects.ts";
import type { ClaimedOn } from "../../../src/ports/calling/stops.ts";
import { decisionStore } from "../../../src/store/calls/decisions.ts";
import { stopStore } from "../../../src/store/calls/stops.ts";
import { suppressionStore } from "../../../src/store/config/suppressions.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import { sweepStore } from "../../../src/store/sweep.ts";
import { waitsForLock } from "../world/locks.ts";
import { callOf, entriesOf } from "../world/placed.ts";
import { draft, numberOf, queueCalls, type World, world } from "../world/world.ts";

let w: World;
let client: KeptClient;
beforeAll(async () => {
  w = await world("line-a");
  client = keptClient(w.url, () => {});
});
afterAll(async () => {
  client.drop();
  await w.close();
});

let serial = 100;
const by = { actor: "token:test", reason: "because +14155550199" };
/** Suppresses a number and reaches each of its calls. @returns what was canceled and claimed */
async function suppress(number: string, sql = client.sql()) {
  const wanted = { number, reason: "asked", until: null, createdBy: "token:test" };
  const { id } = await suppressionStore(sql).suppress(wanted);
  const sum = { canceled: 0, claimed: [] as ClaimedOn[] };
  for (let over = false; !over; ) {
    const part = await stopStore(sql).advance(id, 10);
    sum.canceled += part.canceled;
    sum.claimed.push(...part.claimed);
    over = part.over;
  }
  return sum;
}
const claim = async () => {
  const seq = (await w.calls.claimSeq("line-a")) ?? 0;
  return (await w.calls.claim("line-a", seq, 64)).calls;
};
/** One call that the line has claimed. */
async function claimedCall(): Promise<ClaimedCall> {
  const number = numberOf(serial++);
  await queueCalls(w, [draft({ number, rule: `rule-${serial}` })]);
  const call = (await claim()).find((one) => one.number === number);
  if (call === undefined) throw new Error("the call was not claimed");
  return call;
}
const record = (call: ClaimedCall, end: DialEnd) =>
  w.calls.record("line-a", [{ callId: call.id, claimSeq: call.claimSeq, ...end }]);
/** A line that gives back what it had claimed, as soon as it is asked. */
const lineThatGivesBack = (...calls: ClaimedCall[]) => ({
  recheck: async () => {
    for (const call of calls) await record(call, notBegun("gates_changed"));
    return "rechecked" as const;
  },
});
const ports = (lines: { recheck(line: string): Promise<Rechecked> }) => ({
  clock: { now: () => 1_000 },
  lines,
  stops: stopStore(client.sql()),
  decisions: decisionStore(client.sql()),
});

/** Ends of a dial after which a call waits again. */
const comesBack: Record<string, DialEnd> = {
  "was not begun": notBegun("gates_changed"),
  "was told to wait by Mihu": { status: "queued", reason: "rate_limited", detail: {}, posted: true, waitMs: 0 },
};

describe("a number that is suppressed while a line has its call", () => {
  test.each(Object.entries(comesBack))("is not rung: a call that %s is canceled", async (_, end) => {
    const call = await claimedCall();
    const { canceled, claimed } = await suppress(call.number);
    expect([canceled, claimed]).toEqual([0, [{ id: call.id, line: "line-a" }]]);
    const before = await w.owner`select day_calls from lines where slug = 'line-a'`;
    await record(call, end);
    expect(await callOf(w.owner, call.id)).toMatchObject({ status: "canceled", reason: "suppressed" });
    const actions = (await entriesOf(w.owner, "call", call.id)).map(({ action, reason }) => [action, reason]);
    expect(actions.slice(-2)).toEqual([
      ["further_tries_stopped", "suppressed"],
      ["canceled", "suppressed"],
    ]);
    // The call rang nobody, so it does not count for the day.
    const after = await w.owner`select day_calls from lines where slug = 'line-a'`;
    expect(after[0]?.day_calls).toBe(before[0]?.day_calls - 1);
    const verdicts = await w.owner`select gate from verdicts where call_id = ${call.id} and verdict = 'stop'`;
    expect(verdicts.map(({ gate }) => gate)).toEqual(["suppression"]);
  });

  test("is stopped too where a claim is being committed at that moment", async () => {
    const number = numberOf(serial++);
    await queueCalls(w, [draft({ number })]);
    const other = keptClient(w.url, () => {});
    const [mine] = await other.sql()`select pg_backend_pid() as pid`;
    let suppressing: ReturnType<typeof suppress> | null = null;
    await w.owner.begin(async (claiming) => {
      await claiming`update calls set status = 'dialing', claim_seq = 1, lease_until = now() + interval '1 minute'
        where number = ${number}`;
      suppressing = suppress(number, other.sql());
      await waitsForLock(claiming, mine?.pid);
    });
    expect(await suppressing).toMatchObject({ canceled: 0, claimed: [{ line: "line-a" }] });
    other.drop();
    await w.owner`update calls set status = 'canceled', reason = 'suppressed', lease_until = null where number = ${number}`;
  });

  test("says how many came back and how many could not be stopped", async () => {
    const back = await claimedCall();
    const begun = await claimedCall();
    const claimed = [back, begun].map(({ id }) => ({ id, line: "line-a" }));
    await suppress(back.number);
    const stopped = await stopClaimed(ports(lineThatGivesBack(back)), claimed);
    expect(stopped).toEqual({
      ...{ givenBack: [back.id], canceled: [back.id], inFlight: [begun.id], unconfirmed: [] },
      ...{ unconfirmedUntil: null, older: false, failures: [] },
    });
    await record(begun, notBegun("given_back"));
  });

  test("says until when a call may begin if its line does not answer, or is of an older version", async () => {
    const call = await claimedCall();
    await suppress(call.number);
    const until = async (recheck: () => Promise<Rechecked>) => {
      const stopped = await stopClaimed(ports({ recheck }), [{ id: call.id, line: "line-a" }]);
      expect(stopped).toMatchObject({ givenBack: [], inFlight: [call.id] });
      return stopped.unconfirmedUntil;
    };
    expect(await until(async () => "silent")).toBe(3_000);
    // It may be of an older version, which begins what it has claimed at any time of the lease, and claims again until the next sweep.
    const older = 1_000 + 60_000 + 75_000;
    expect(await until(async () => "older")).toBe(older);
    expect(await until(() => Promise.reject(new Error("unreachable")))).toBe(older);
    await record(call, notBegun("given_back"));
  });
});

describe("a claimed call that a person cancels", () => {
  test("is canceled with the person's reason if its line has not begun it", async () => {
    const call = await claimedCall();
    expect(await cancelCall(ports(lineThatGivesBack(call)), call.id, by)).toMatchObject({ ok: true, callId: call.id });
    expect(await callOf(w.owner, call.id)).toMatchObject({
      ...{ status: "canceled", reason: "canceled", again_stopped: "canceled" },
      detail: { reason: expect.stringMatching(/^because \S+$/) },
    });
    // Entries are never erased: they hold no number.
    const told = (await entriesOf(w.owner, "call", call.id)).map(({ data }) => JSON.stringify(data)).join();
    expect(told).toContain("because");
    expect(told).not.toContain("4155550199");
  });

  test.each(Object.entries(comesBack))("is not claimed again if it %s, however late", async (_, end) => {
    const call = await claimedCall();
    const decided = await cancelCall(ports({ recheck: async (): Promise<Rechecked> => "rechecked" }), call.id, by);
    expect(decided).toMatchObject({ ok: false, why: "state", status: "dialing", stopped: { inFlight: [call.id] } });
    await record(call, end);
    expect(await callOf(w.owner, call.id)).toMatchObject({ status: "canceled", reason: "canceled" });
  });

  test("is neither claimed nor left waiting where an older version put it back into the queue", async () => {
    const call = await claimedCall();
    await decisionStore(client.sql()).cancel([call.id], by);
    await w.owner`update calls set status = 'queued', lease_until = null, slot_until = null where id = ${call.id}`;
    expect((await claim()).map(({ id }) => id)).not.toContain(call.id);
    await sweepStore(client.sql()).expire();
    expect(await callOf(w.owner, call.id)).toMatchObject({ status: "canceled", reason: "canceled" });
  });
});

test("a call that was claimed and not sent keeps its turn: it is due when it was, and before those behind it", async () => {
  const dueAt = Date.now() - 3_600_000;
  const [number, behind] = [numberOf(serial++), numberOf(serial++)];
  await queueCalls(w, [draft({ number, dueAt }), draft({ number: behind, dueAt: dueAt + 1_000 })]);
  const first = (await claim()).find((one) => one.number === number);
  if (first === undefined) throw new Error("the call was not claimed");
  await record(first, notBegun("given_back"));
  expect((await callOf(w.owner, first.id)).due_at.getTime()).toBe(dueAt);
  const seq = (await w.calls.claimSeq("line-a")) ?? 0;
  expect((await w.calls.claim("line-a", seq, 1)).calls.map((one) => one.number)).toEqual([number]);
  // A call that reached Mihu waits as long as Mihu asked.
  const [again] = await w.owner`select id, claim_seq::int as seq from calls where number = ${number}`;
  const wait: DialEnd = { status: "queued", reason: "rate_limited", detail: {}, posted: true, waitMs: 60_000 };
  await w.calls.record("line-a", [{ callId: again?.id, claimSeq: again?.seq, ...wait }]);
  expect((await callOf(w.owner, first.id)).due_at.getTime()).toBeGreaterThan(Date.now() + 50_000);
});

test("a claim says how long its call may still begin: to the end of its hours or its expiry", async () => {
  const number = numberOf(serial++);
  const end = Date.now() + 60_000;
  await queueCalls(w, [draft({ number, closesAt: end, expiresAt: end + 60_000 })]);
  const call = (await claim()).find((one) => one.number === number);
  expect(call?.openMs).toBeGreaterThan(50_000);
  expect(call?.openMs).toBeLessThanOrEqual(60_000);
});
