/**
 * Statements that queue calls by the hours and countries of a line, or by the country of a source, name the version that the calls were
 * computed by. If it is another one by the time of the write, nothing is written, and the calls are computed anew, once.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { postponeClosed } from "../../../src/flows/calling/postpone.ts";
import { pollOpen } from "../../../src/flows/calling/settle.ts";
import type { StopPorts } from "../../../src/flows/calling/stop.ts";
import { decideMany } from "../../../src/flows/people/bulk.ts";
import { callAgain } from "../../../src/flows/people/call-again.ts";
import { releaseCall } from "../../../src/flows/people/release.ts";
import type { NewestPorts } from "../../../src/flows/people/render-newest.ts";
import type { OpenCall, Settlement } from "../../../src/ports/calling/settlements.ts";
import type { Voice } from "../../../src/ports/calling/voice.ts";
import { decisionStore } from "../../../src/store/calls/decisions.ts";
import { configStore } from "../../../src/store/config/config.ts";
import { planStore } from "../../../src/store/events/plans.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import { port } from "../../flows/ports.ts";
import { callStores } from "../world/calls.ts";
import { waitsForLock } from "../world/locks.ts";
import { callOf, placedCalls } from "../world/placed.ts";
import { addLine, draft, newEvent, numberOf, planOf, queueCalls, type World, world } from "../world/world.ts";

let w: World;
let writer: KeptClient;
let changer: KeptClient;
let pid: number;
beforeAll(async () => {
  w = await world();
  writer = keptClient(w.url, () => {});
  changer = keptClient(w.url, () => {});
  await w.owner`insert into rules (source, name, version, position, definition, current, created_by) values
    ('shop', 'call-me', 1, 1, ${w.owner.json({ line: "any", number: "{{ data.phone }}", about: "x", try_again: { on: ["busy"], after: ["1h"] } })},
      true, 'test')`;
});
afterAll(async () => {
  writer.drop();
  changer.drop();
  await w.close();
});

let serial = 0;
let line = "";
beforeEach(async () => {
  line = `line-${++serial}`;
  await addLine(w.owner, line);
  [{ pid }] = await writer.sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
});

const HOUR_MS = 3_600_000;
const hours = { days: "mon-sun", from: "00:00", to: "00:01" } as const;
/** Changes the line's hours as the API does: from "at any hour" to one minute of the night. */
const narrow = async () => {
  const config = configStore(changer.sql());
  const stored = (await config.read()).lines.find(({ slug }) => slug === line);
  if (stored === undefined) throw new Error("there is no such line");
  return await config.change("token:ann", () => ({
    writes: [{ do: "save_line", line: { ...stored, hours }, created: false, hoursChanged: true }],
    answer: null,
  }));
};
const isNight = ({ due_at }: { due_at?: Date }) =>
  new Intl.DateTimeFormat("en", { hour: "numeric", minute: "numeric", hourCycle: "h23", timeZone: "UTC" })
    .format(due_at)
    .startsWith("00:00");
const zones = ["UTC"];
const now = () => Date.now();

async function held(): Promise<string> {
  const number = numberOf(3_000 + serial * 10 + 1);
  const [event] = await queueCalls(w, [draft({ line, number, zones, status: "held", reason: "burst", burst: null })]);
  const [row] = await w.owner`select id from calls where event_id = ${event ?? ""}`;
  return row?.id;
}

/** A writer: `stage` sets the stage, `write` reads, computes and writes; the call that it queues is found by `queued`. */
type Writer = {
  stage(): Promise<string>;
  /** @param meanwhile happens between its first read of the line and its write */
  write(id: string, meanwhile: () => Promise<void>): Promise<unknown>;
  queued(id: string): Promise<{ due_at?: Date; closes_at?: Date | null; status?: string }>;
};
/** Lets something happen after the first answer of a question. */
const after = <A extends unknown[], R>(question: (...args: A) => Promise<R>, meanwhile: () => Promise<void>) => {
  let first = true;
  return async (...args: A): Promise<R> => {
    const answer = await question(...args);
    if (first) {
      first = false;
      await meanwhile();
    }
    return answer;
  };
};
const decidePorts = (meanwhile: () => Promise<void>) => {
  const decisions = decisionStore(writer.sql());
  return {
    clock: { now },
    defaultCountry: null,
    decisions: { ...decisions, line: after(decisions.line, meanwhile) },
    ...{ replays: port<NewestPorts["replays"]>({}), sources: port<NewestPorts["sources"]>({}) },
    ...{ lines: port<StopPorts["lines"]>({}), stops: port<StopPorts["stops"]>({}) },
  };
};
const act = { actor: "token:ann", reason: "asked" };
const furtherTry = async (id: string) => (await w.owner`select * from calls where again_of = ${id}`)[0] ?? {};

const writers: Record<string, Writer> = {
  "new calling hours of a call whose hours are over": {
    async stage() {
      const [event] = await queueCalls(w, [draft({ line, number: numberOf(serial), zones, closesAt: now() - 1 })]);
      const [row] = await w.owner`select id from calls where event_id = ${event ?? ""}`;
      return row?.id;
    },
    async write(_, meanwhile) {
      const windows = callStores(() => writer.sql());
      return await postponeClosed(
        { clock: { now }, windows: { ...windows, line: after(windows.line, meanwhile) } },
        line,
      );
    },
    queued: (id) => callOf(w.owner, id),
  },
  "a further try that the rule makes": {
    async stage() {
      const [id = ""] = await placedCalls(w, line, 1, { zones });
      await w.owner`update calls set poll_at = now() - interval '1 second' where id = ${id}`;
      return id;
    },
    async write(id, meanwhile) {
      const settlements = callStores(() => writer.sql());
      const report = {
        ...{ callId: `mihu-${id}`, ended: true, outcome: "busy" as const, raw: "busy", durationS: null, summary: null },
        ...{ recordingUrl: null, startedAt: null, number: null, agent: null, elsewhere: false },
      };
      const voice = port<Voice>({ conversation: async () => ({ reports: [report], complete: true }) });
      const ruleOf = after((call: OpenCall) => settlements.ruleOf(call), meanwhile);
      return await pollOpen({ clock: { now }, voice, settlements: { ...settlements, ruleOf } }, line);
    },
    queued: furtherTry,
  },
  "a release": {
    stage: held,
    write: (id, meanwhile) => releaseCall(decidePorts(meanwhile), id, act),
    queued: (id) => callOf(w.owner, id),
  },
  "a release of many": {
    stage: held,
    write: (id, meanwhile) =>
      decideMany(decidePorts(meanwhile), { verb: "release" }, { line }, null, act).then(({ done }) => {
        expect([id, done]).toEqual([id, 1]);
      }),
    queued: (id) => callOf(w.owner, id),
  },
  "a further try by a person": {
    async stage() {
      const id = await held();
      await w.owner`update calls set status = 'canceled', reason = 'canceled' where id = ${id}`;
      return id;
    },
    write: (id, meanwhile) => callAgain(decidePorts(meanwhile), id, act),
    queued: furtherTry,
  },
};

describe.each(Object.entries(writers))("%s", (_, { stage, write, queued }) => {
  test("is by the line as it is", async () => {
    const id = await stage();
    await write(id, async () => {});
    expect(await queued(id)).toMatchObject({ status: "queued", closes_at: null });
  });

  test("is by the new hours of a line that was changed between the read and the write", async () => {
    const id = await stage();
    await write(id, async () => {
      await narrow();
    });
    const call = await queued(id);
    expect(call).toMatchObject({ status: "queued", closes_at: expect.any(Date) });
    expect(isNight(call)).toBe(true);
  });

  test("waits for a change that is being committed, and is by the new hours", async () => {
    const id = await stage();
    const [waiting] = await queueCalls(w, [draft({ line, number: numberOf(9_000 + serial) })]);
    const [own] = await changer.sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
    const both = await w.owner.begin(async (holder) => {
      // The change has its line, and waits for a call of it.
      await holder`select from calls where event_id = ${waiting ?? ""} for update`;
      const changing = narrow();
      await waitsForLock(holder, own.pid);
      const writing = write(id, async () => {});
      await waitsForLock(holder, pid);
      return { changing, writing };
    });
    await Promise.all([both.changing, both.writing]);
    expect(isNight(await queued(id))).toBe(true);
  });

  test("does not wait for a claim of the line", async () => {
    const id = await stage();
    await changer.sql().begin(async (claiming) => {
      await claiming`select from lines where slug = ${line} for no key update`;
      await claiming`update lines set claim_seq = claim_seq + 1 where slug = ${line}`;
      await write(id, async () => {});
    });
    expect(await queued(id)).toMatchObject({ status: "queued" });
  });
});

test("A change of a line waits for a plan that queues calls by its old hours, and gives those their new ones", async () => {
  const event = await newEvent({ former: null });
  await w.events.accept("shop", [event]);
  const by = { slug: "shop", version: 1, lines: [{ slug: line, version: 1 }] };
  const [own] = await changer.sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
  const both = await w.owner.begin(async (holder) => {
    await holder`select from events where id = ${event.id} for no key update`;
    const planned = planStore(writer).plan([planOf(event, draft({ line, number: numberOf(serial), zones }))], by);
    await waitsForLock(holder, pid);
    const changed = narrow();
    await waitsForLock(holder, own.pid);
    return { planned, changed };
  });
  expect(await both.planned).toEqual([{ line, withdrawn: false }]);
  await both.changed;
  // Its hours are over, so the line gives it the new ones before it can be claimed.
  expect(await w.calls.windowsPassed(line, 10)).toHaveLength(1);
});

test("A settlement that is left out changes nothing of its call, and the others are written", async () => {
  const [one = "", other = ""] = await placedCalls(w, line, 2);
  const end = (callId: string, version: number): Settlement => ({
    ...{
      callId,
      outcome: "busy",
      outcomeRaw: "busy",
      durationS: null,
      summary: null,
      recordingUrl: null,
      endedAt: now(),
    },
    again: {
      askedAt: now() + HOUR_MS,
      dueAt: now() + HOUR_MS,
      closesAt: null,
      expiresAt: null,
      line: { slug: line, version },
    },
  });
  const before = await callOf(w.owner, one);
  expect(await w.calls.settle([end(one, 2)], "mihu")).toEqual({ pokes: [], left: [one] });
  expect(await callOf(w.owner, one)).toEqual(before);
  const done = { ...end(other, 1), again: null };
  expect(await w.calls.settle([end(one, 2), done], "mihu")).toEqual({ pokes: [line], left: [one] });
  expect((await callOf(w.owner, other)).status).toBe("ended");
  // One that has ended meanwhile is left to nobody.
  await w.calls.settle([{ ...end(one, 2), again: null }], "mihu");
  expect(await w.calls.settle([end(one, 2)], "mihu")).toEqual({ pokes: [], left: [] });
});

test.each(["release", "again"] as const)(
  "A source whose country changes between the read and the write: %s asks anew",
  async (verb) => {
    const id = await held();
    if (verb === "again") await w.owner`update calls set status = 'canceled', reason = 'canceled' where id = ${id}`;
    await w.owner`update sources set country = 'US' where slug = 'shop'`;
    const ports = decidePorts(async () => {
      await w.owner`update sources set country = 'CA', version = version + 1 where slug = 'shop'`;
    });
    const decided = await (verb === "release" ? releaseCall : callAgain)(ports, id, act);
    expect(decided).toEqual({ ok: false, why: "stopped", reason: "country_not_allowed" });
    await w.owner`update sources set country = 'US', version = 1 where slug = 'shop'`;
  },
);
