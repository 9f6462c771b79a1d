/** A call ends, and its rule makes a further try, at the moment at which something stops it: whichever is first, the try does not ring. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Settlement } from "../../../src/ports/calling/settlements.ts";
import type { CallsStop } from "../../../src/ports/calling/stops.ts";
import { decisionStore } from "../../../src/store/calls/decisions.ts";
import { stopStore } from "../../../src/store/calls/stops.ts";
import { configStore } from "../../../src/store/config/config.ts";
import { suppressionStore } from "../../../src/store/config/suppressions.ts";
import { planStore } from "../../../src/store/events/plans.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import { sweepStore } from "../../../src/store/sweep.ts";
import { callStores } from "../world/calls.ts";
import { waitsForLock } from "../world/locks.ts";
import { callOf, entriesOf, placedCalls } from "../world/placed.ts";
import { first, newEvent, numberOf, planOf, type World, world } from "../world/world.ts";

let w: World;
/** Each on a connection of its own. */
let settler: KeptClient;
let stopper: KeptClient;
let holding: KeptClient;
beforeAll(async () => {
  w = await world("line-a");
  settler = keptClient(w.url, () => {});
  stopper = keptClient(w.url, () => {});
  holding = keptClient(w.url, () => {});
});
afterAll(async () => {
  settler.drop();
  stopper.drop();
  holding.drop();
  await w.close();
});

type Call = { id: string; event_id: string; number: string; rule: string; record_type: string; record_id: string };

let serial = 0;
/** Two placed calls of one rule, number and record; a stop locks the first before the second. */
async function placedPair(): Promise<[Call, Call]> {
  const ids = await placedCalls(w, "line-a", 2);
  const record = `order-${++serial}`;
  await w.owner`update calls set rule = ${`rule-${serial}`}, record_id = ${record}, number = ${numberOf(5_000 + serial)}
    where id in ${w.owner(ids)}`;
  const rows = await w.owner<Call[]>`select * from calls where id in ${w.owner(ids)} order by id`;
  const [first, second] = rows;
  if (first === undefined || second === undefined) throw new Error("two were placed");
  return [first, second];
}
const settle = async ({ id }: Call): Promise<void> => {
  const end: Settlement = {
    ...{ callId: id, outcome: "no_answer", outcomeRaw: "no-answer", durationS: null, summary: null },
    ...{ recordingUrl: null, endedAt: Date.now() },
    again: {
      askedAt: Date.now() - 1_000,
      dueAt: Date.now() - 1_000,
      closesAt: null,
      expiresAt: Date.now() + 3_600_000,
      line: first("line-a"),
    },
  };
  await callStores(() => settler.sql()).settle([end], "mihu");
};
const pidOf = async (client: KeptClient): Promise<number> => {
  const [row] = await client.sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
  return row.pid;
};
const stopCalls = (reason: "rule_off" | "source_closed") => async (call: Call) => {
  const { calls } = await configStore(stopper.sql()).change("token:ann", () => ({
    writes: [
      { do: "stop_calls", source: "shop", rule: call.rule, modes: null, reason, waiting: "cancel" },
      { do: "remove_rule", source: "shop", name: "held-by-a-test" },
    ],
    answer: null,
  }));
  for (const { ends } of calls) if (ends.kind === "stopped") await reachAll(ends.stop);
};
/** Goes on with a stop until it has reached each of its calls. */
async function reachAll({ id }: CallsStop): Promise<void> {
  while (!(await stopStore(stopper.sql()).advance(id, 10)).over);
}
const version = async (): Promise<number> =>
  (await w.owner<[{ version: number }]>`select version::int from sources where slug = 'shop'`)[0].version;

/** Each way to stop a call that Mihu has. @returns `false`: the answer says that the call could not be stopped */
const stops: Record<string, (call: Call, other: Call) => Promise<unknown>> = {
  async withdrawn({ rule, record_type: type, record_id: id }) {
    const event = await newEvent({ record: { type, id } });
    await w.events.accept("shop", [event]);
    const plan = { ...planOf(event), withdraw: [{ rule, record: { type, id } }] };
    await planStore(stopper).plan([plan], { slug: "shop", version: await version(), lines: [] });
  },
  async canceled({ id }, other) {
    const ids = [id, other.id];
    const said = await decisionStore(stopper.sql()).cancel(ids, { actor: "token:ann", reason: "they wrote back" });
    return [...said.canceled, ...said.stopped].includes(id);
  },
  async suppressed({ number }) {
    const wanted = { number, reason: "asked", until: null, createdBy: "token:ann" };
    await reachAll(await suppressionStore(stopper.sql()).suppress(wanted));
  },
  rule_off: stopCalls("rule_off"),
  source_closed: stopCalls("source_closed"),
};

/** The end of the call's further try, once every claim that might take it was made and the sweep has run. */
async function endOfTry(call: Call) {
  // The other call of the number is over, so nothing but the stop keeps the try from ringing.
  await w.owner`update calls set status = 'ended', outcome = 'busy', ended_at = now()
    where number = ${call.number} and status = 'placed'`;
  const { calls } = await w.calls.claim("line-a", (await w.calls.claimSeq("line-a")) ?? 0, 64);
  await sweepStore(holding.sql()).expire();
  const [further] = await w.owner`select id from calls where event_id = ${call.event_id} and try = 2`;
  const row = await callOf(w.owner, further?.id);
  const entries = await entriesOf(w.owner, "call", further?.id);
  const ends = entries.filter(({ action }) => action !== "queued");
  return {
    rang: calls.some(({ id }) => id === further?.id),
    ...{ status: row.status, reason: row.reason },
    ends: ends.map(({ action, reason, data }) => `${action} ${reason ?? data.reason}`),
  };
}
const stopped = (reason: string) => ({
  ...{ rang: false, status: "canceled", reason },
  ends: [`canceled ${reason}`],
});

test.each(["rule_off", "source_closed"])(
  "A further try that is made while %s is being committed does not ring, and ends once",
  async (reason) => {
    const [call, other] = await placedPair();
    const stopping = await pidOf(stopper);
    await w.owner`delete from rules where name = 'held-by-a-test'`;
    await w.owner`insert into rules (source, name, version, position, definition, current, created_by)
    values ('shop', 'held-by-a-test', 1, 1, '{}', true, 'test')`;
    const { done } = await holding.sql().begin(async (holder) => {
      await holder`select from rules where name = 'held-by-a-test' for update`;
      const done = stops[reason]?.(call, other);
      await waitsForLock(holder, stopping);
      // The end of the call neither sees the stop nor waits for it.
      await settle(call);
      return { done };
    });
    await done;
    expect(await endOfTry(call)).toEqual(stopped(reason));
  },
);

describe.each(Object.entries(stops))("a further try of a call that is %s", (reason, stop) => {
  test("while its end is being committed does not ring, and ends once", async () => {
    const [call, other] = await placedPair();
    const [settling, stopping] = [await pidOf(settler), await pidOf(stopper)];
    let both: Promise<readonly unknown[]> = Promise.resolve([]);
    await holding
      .sql()
      .begin(async (holder) => {
        // The same try, which is never committed: the end of the call waits behind it, with its call locked.
        await holder`insert into calls (event_id, source, rule, rule_version, mode, line, number, about, content, status,
            due_at, try, again_of, again_reason)
          select event_id, source, rule, rule_version, mode, line, number, about, content, 'queued', due_at, 2, id, 'a test'
          from calls where id = ${call.id}`;
        const settled = settle(call);
        await waitsForLock(holder, settling);
        const done = stop(call, other);
        both = Promise.all([settled, done]);
        await Promise.race([done, waitsForLock(holder, stopping)]);
        throw new Error("rolled back");
      })
      .catch((error: Error) => {
        if (error.message !== "rolled back") throw error;
      });
    const [, answer] = await both;
    const end = await endOfTry(call);
    // A person who cancels one call is told that it has ended: its further try is another one.
    if (answer === false) expect([reason, end.status]).toEqual(["canceled", "dialing"]);
    else expect(end).toEqual(stopped(reason));
  });

  test("just before its end is committed does not ring, and ends once", async () => {
    const [call, other] = await placedPair();
    const [settling, stopping] = [await pidOf(settler), await pidOf(stopper)];
    await w.owner`insert into withdrawals (source, rule, record_type, record_id, event_id, received_at)
      values ('shop', ${call.rule}, ${call.record_type}, ${call.record_id}, ${call.event_id}, now() - interval '1 day')`;
    const both = await holding.sql().begin(async (holder) => {
      // The last row that the stop locks.
      if (reason === "withdrawn") await holder`select from withdrawals where rule = ${call.rule} for update`;
      else await holder`select from calls where id = ${other.id} for update`;
      const done = stop(call, other);
      await Promise.race([done, waitsForLock(holder, stopping)]);
      const settled = settle(call);
      await Promise.race([settled, waitsForLock(holder, settling)]);
      return { done, settled };
    });
    await Promise.all([both.done, both.settled]);
    expect(await endOfTry(call)).toEqual(stopped(reason));
  });

  test("after its end was committed does not ring, and ends once", async () => {
    const [call, other] = await placedPair();
    await settle(call);
    const [further] = await w.owner<Call[]>`select * from calls where event_id = ${call.event_id} and try = 2`;
    await stop(further ?? call, other);
    expect(await endOfTry(call)).toEqual(stopped(reason));
  });
});
