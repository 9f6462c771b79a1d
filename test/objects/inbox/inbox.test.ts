/** The inbox's shell on Node's own SQLite: what a whole Hookline is too large to be brought to. */
import { afterEach, describe, expect, it, vi } from "vitest";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import { type PreparedEvents, prepareEvents } from "../../../src/domain/events/prepared.ts";
import { type InboxDeps, inboxObject } from "../../../src/objects/inbox/inbox.ts";
import { eventId, sha256Hex } from "../../../src/platform/hashes.ts";
import { createLog } from "../../../src/platform/log.ts";
import type { Committed } from "../../../src/ports/ingest/events.ts";
import type { SourceCopy } from "../../../src/ports/source-copy.ts";
import { bareEvent } from "../../bare-event.ts";
import { port } from "../../flows/ports.ts";
import { disk } from "../../runtime/disk.ts";
import { sourceCopy } from "../../source-copy.ts";

vi.mock("cloudflare:workers", () => import("../../runtime/workers.ts"));

const now = Date.parse("2026-01-05T18:00:00Z");
const shop = sourceCopy();

function event(key: string, body = `{"id":"${key}"}`): NewEvent {
  const names = { dedupeKey: key, externalId: key, type: "orders/updated" };
  return bareEvent(eventId("shop", key), { ...names, body, bodyHash: sha256Hex(body) });
}

class Away extends Error {}
class Refused extends Error {}

/** What outlives an object: its disk, its alarm, and Postgres. */
function world(eventsMax = 1_000) {
  const storage = disk();
  const kv = new Map<string, unknown>();
  const there = {
    clock: now,
    postgres: true,
    hasSource: true,
    alarmAt: null as number | null,
    setAlarms: [] as number[],
    /** How the runtime answers to an alarm that is set. */
    alarmSet: async (): Promise<void> => {},
    /** Secrets that the source has in Postgres, and how often one was offered there. */
    secrets: [] as SourceCopy["secrets"],
    offered: 0,
    asked: 0,
    stored: new Map<string, string>(),
    booked: [] as number[],
    named: [] as string[],
    namesAway: false,
    /** Whether the source was changed so that nothing more is accepted. */
    leftOut: false,
    /** Statements, in their order. */
    did: [] as string[],
    refuses: (_: NewEvent) => false,
  };
  const background: Promise<unknown>[] = [];
  const take = (events: readonly NewEvent[]): Committed => {
    there.asked++;
    if (!there.postgres) throw new Away();
    if (events.some(there.refuses)) throw new Refused();
    const acceptances = events.map(({ id, bodyHash }) => {
      const before = there.stored.get(id);
      there.stored.set(id, before ?? bodyHash);
      return { id, duplicate: before !== undefined, conflict: before !== undefined && before !== bodyHash };
    });
    return { acceptances, sourceVersion: 1, linesVersion: "1", receivedAt: there.clock };
  };
  const answer = async <T>(value: () => T): Promise<T> => {
    if (!there.postgres) throw new Away();
    return value();
  };
  const deps: InboxDeps = {
    clock: { now: () => there.clock },
    events: {
      async insert(_, requests) {
        there.asked++;
        there.did.push("insert");
        if (!there.postgres) throw new Away();
        const left = requests.flatMap(({ ids }, request) =>
          ids.flatMap((id, index) => {
            if (there.stored.has(id)) return [{ request, index }];
            there.stored.set(id, "inserted");
            return [];
          }),
        );
        return { left, sourceVersion: 1, linesVersion: "1", receivedAt: there.clock };
      },
      async accept(_, events) {
        there.did.push("accept");
        const taken = take(events);
        if (!there.leftOut) return taken;
        return { ...taken, acceptances: taken.acceptances.map((one) => ({ ...one, leftOut: true })) };
      },
      drain: async (_, events) => take(events),
      answers: () => answer(() => {}),
      plan: (plans) =>
        answer(() => {
          there.did.push(`plan ${plans.map(({ eventId }) => eventId).join(" ")}`);
          return [];
        }),
      unplanned: () => answer(() => []),
      awaitFetch: () => answer(() => {}),
      claimFetches: () => answer(() => []),
      postponeFetches: () => answer(() => {}),
      nextFetch: () => answer(() => null),
      noteFetching: () => answer(() => {}),
      refuses: (error) => error instanceof Refused,
      isAway: (error) => error instanceof Away,
      isNotNow: (error) => error instanceof Away,
    },
    sources: {
      copy: () =>
        answer(() =>
          !there.hasSource ? null : { ...shop, version: 1 + there.secrets.length, secrets: [...there.secrets] },
        ),
      lines: () => answer(() => ({ lines: [], version: "1" })),
      wentBack: () => answer(() => {}),
      capture: (_, { sealed }) =>
        answer(() => {
          there.offered++;
          if (there.secrets.length > 0) return false;
          there.secrets.push({ id: "s1", sealed });
          return true;
        }),
    },
    rejections: port<InboxDeps["rejections"]>({}),
    lines: port<InboxDeps["lines"]>({}),
    records: port<InboxDeps["records"]>({}),
    spills: { note: async ({ events }) => void there.booked.push(events) },
    names: {
      async add(names) {
        there.named.push(...names);
        if (there.namesAway) throw new Error("the directory is away");
        return { knownInMs: 0 };
      },
    },
    log: createLog({ info: () => {}, warn: () => {}, error: () => {} }),
    spillLimits: { eventsMax, bytesMax: 1e9, rowBytesMax: 1e6 },
  };
  const Inbox = inboxObject(() => deps);
  const begin = () =>
    new Inbox(
      port<DurableObjectState>({
        waitUntil: (work: Promise<unknown>) => void background.push(work),
        storage: port<DurableObjectState["storage"]>({
          ...storage,
          sql: storage.sql as unknown as DurableObjectState["storage"]["sql"],
          kv: {
            get: (key: string) => kv.get(key),
            put: (key: string, value: unknown) => void kv.set(key, value),
            delete: (key: string) => kv.delete(key),
          } as unknown as DurableObjectState["storage"]["kv"],
          sync: async () => {},
          getAlarm: async () => there.alarmAt,
          setAlarm(at: number | Date) {
            there.alarmAt = Number(at);
            there.setAlarms.push(Number(at));
            return there.alarmSet();
          },
        }),
      }),
      {},
    );
  /** Lets the alarm fire when its time has come. */
  const ring = async (inbox: ReturnType<typeof begin>) => {
    if (there.alarmAt === null) throw new Error("no alarm is set");
    there.clock = Math.max(there.clock, there.alarmAt);
    there.alarmAt = null;
    await inbox.alarm();
    await Promise.all(background.splice(0));
  };
  /** Keys of the object's disk, and its statements that were no questions. */
  const left = () => [
    ...kv.keys(),
    ...storage.statements().filter((statement) => !/^\s*(?:select|pragma)\b/i.test(statement)),
  ];
  return { there, begin, ring, left };
}

const one = (key: string) => [event(key)];

afterEach(() => vi.clearAllMocks());

describe("an inbox without Postgres", () => {
  it("asks Postgres once, keeps what comes, and drains it when its alarm finds Postgres again", async () => {
    const { there, begin, ring } = world();
    const inbox = begin();
    there.postgres = false;
    for (const key of ["a", "b", "c"])
      expect(await inbox.accept("shop", one(key), false)).toMatchObject({ ok: true, spilled: true });
    expect(there.asked).toBe(1);
    await ring(inbox);
    await ring(inbox);
    there.postgres = true;
    expect(await inbox.accept("shop", one("d"), false)).toMatchObject({ ok: true, spilled: true });
    await ring(inbox);
    expect(there.stored.size).toBe(4);
    const direct = await inbox.accept("shop", one("e"), false);
    expect(direct).toEqual({ ok: true, acceptances: [{ id: event("e").id, duplicate: false, conflict: false }] });
  });

  it("tries ever more rarely, and at once again after it has succeeded", async () => {
    const { there, begin, ring } = world();
    const inbox = begin();
    there.postgres = false;
    await inbox.accept("shop", one("a"), false);
    const pauses: number[] = [];
    for (let round = 0; round < 7; round++) {
      await ring(inbox);
      pauses.push((there.alarmAt ?? 0) - there.clock);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    there.postgres = true;
    await ring(inbox);
    there.postgres = false;
    await inbox.accept("shop", one("b"), false);
    expect((there.alarmAt ?? 0) - there.clock).toBe(1_000);
  });

  it("that is full answers that it can take nothing, has lost nothing, and takes again once it has drained", async () => {
    const { there, begin, ring } = world(5);
    const inbox = begin();
    there.postgres = false;
    const answers = [];
    for (const keys of [["a", "b"], ["c", "d"], ["e", "f"], ["g"], ["a"]])
      answers.push(
        await inbox.accept(
          "shop",
          keys.map((key) => event(key)),
          false,
        ),
      );
    const full = { ok: false, reason: "away", retryAfterSeconds: expect.any(Number) };
    expect(answers).toMatchObject([{ ok: true }, { ok: true }, full, { ok: true }, { ok: true }]);
    there.postgres = true;
    await ring(inbox);
    expect([...there.stored.keys()]).toEqual(["a", "b", "c", "d", "g"].map((key) => event(key).id));
    expect(
      await inbox.accept(
        "shop",
        ["e", "f"].map((key) => event(key)),
        false,
      ),
    ).toMatchObject({ ok: true });
  });

  it("sets its alarm when it begins with something on its disk, though the one before was lost", async () => {
    const { there, begin, ring } = world();
    there.postgres = false;
    await begin().accept("shop", one("a"), false);
    there.alarmAt = null;
    there.postgres = true;
    const next = begin();
    expect(there.alarmAt).not.toBeNull();
    // Nobody has said its name to it.
    await ring(next);
    expect(there.stored.size).toBe(1);
  });

  it("that is asked how much waits puts no alarm off that is due, and sets one anew that is lost", async () => {
    const { there, begin } = world();
    const inbox = begin();
    there.postgres = false;
    await inbox.accept("shop", one("a"), false);
    const at = there.alarmAt ?? 0;
    there.clock = at + 20;
    await inbox.spilled("shop", 0);
    expect(there.alarmAt).toBe(at);
    there.clock = at + 120_000;
    await inbox.spilled("shop", 0);
    expect(there.alarmAt).toBeGreaterThan(at);
  });

  it("puts no alarm off that is due, though setting an earlier one failed meanwhile", async () => {
    const { there, begin } = world();
    const inbox = begin();
    there.postgres = false;
    const first = Promise.withResolvers<void>();
    there.alarmSet = () => first.promise;
    await inbox.accept("shop", one("a"), false);
    there.alarmSet = async () => {};
    await inbox.poke("shop");
    first.reject(new Error("the storage failed"));
    await new Promise((resolve) => setTimeout(resolve, 0));
    await inbox.spilled("shop", 0);
    expect(there.setAlarms).toEqual([now + 1_000, now]);
  });

  it("that was killed after Postgres took a batch and before it forgot it drains it again, which matters to nobody", async () => {
    const { there, begin, ring } = world();
    there.postgres = false;
    await begin().accept("shop", [event("a"), event("b")], false);
    there.postgres = true;
    for (const { id, bodyHash } of [event("a"), event("b")]) there.stored.set(id, bodyHash);
    const next = begin();
    await ring(next);
    expect(there.stored.size).toBe(2);
    expect(await next.spilled("shop", 0)).toMatchObject({ events: 0 });
  });

  it("writes itself into the book when a spill begins, at each try, and at its end", async () => {
    const { there, begin, ring } = world();
    const inbox = begin();
    there.postgres = false;
    await inbox.accept("shop", one("a"), false);
    await inbox.accept("shop", one("b"), false);
    await ring(inbox);
    there.postgres = true;
    await ring(inbox);
    expect(there.booked).toEqual([1, 2, 0]);
  });

  it("keeps the books of others, and forgets who has ended", async () => {
    const { begin } = world();
    const inbox = begin();
    const count = { source: "shop", shard: 1, events: 3, bytes: 10, oldestAt: now };
    await inbox.noteSpill(count);
    await inbox.noteSpill({ ...count, shard: 2 });
    await inbox.noteSpill({ ...count, events: 0 });
    expect(await begin().spills()).toEqual([{ ...count, shard: 2 }]);
  });

  it("answers a request that was refused as refused, and keeps those beside it", async () => {
    const { there, begin } = world();
    const inbox = begin();
    there.refuses = ({ dedupeKey }) => dedupeKey === "bad";
    const answers = await Promise.all(["x", "a", "bad", "b"].map((key) => inbox.accept("shop", one(key), false)));
    expect(answers).toMatchObject([{ ok: true }, { ok: true }, { ok: false, reason: "refused" }, { ok: true }]);
    expect(there.stored.size).toBe(3);
  });

  it("offers what Postgres refused altogether again, and at once when the source was saved", async () => {
    const { there, begin, ring } = world();
    const inbox = begin();
    there.postgres = false;
    await inbox.accept("shop", [event("a"), event("b")], false);
    there.postgres = true;
    there.refuses = ({ id }) => id === event("a").id;
    await ring(inbox);
    expect(await inbox.spilled("shop", 0)).toMatchObject({ events: 1 });
    // It stands in nobody's way.
    expect(await inbox.accept("shop", one("c"), false)).not.toMatchObject({ spilled: true });
    there.refuses = () => false;
    await inbox.refresh("shop");
    await ring(inbox);
    expect(await inbox.spilled("shop", 0)).toMatchObject({ events: 0 });
    expect(there.stored.size).toBe(3);
  });
});

describe("prepared events", () => {
  const isNew = { duplicate: false, conflict: false };
  const prepared = (...keys: string[]): PreparedEvents => {
    const verified = { secretId: null, sourceVersion: 1 };
    const found = prepareEvents(
      keys.map((key) => ({ ...event(key), former: null, verified })),
      new Map(),
    );
    if (found === null) throw new Error("these can be prepared");
    return found;
  };

  it("of all requests that wait are inserted by one statement, and all are new", async () => {
    const { there, begin } = world();
    const inbox = begin();
    const asked = ["a", "b", "c", "d"].map((key) => inbox.acceptPrepared("shop", prepared(key), 0));
    expect(await Promise.all(asked)).toEqual(["all_new", "all_new", "all_new", "all_new"]);
    // The first is committed alone, and the others wait for it.
    expect(there.asked).toBe(2);
  });

  it("of another version of the code are not taken: their columns may stand elsewhere", async () => {
    const { there, begin } = world();
    const inbox = begin();
    const one = prepared("a");
    for (const other of [
      { ...one, version: one.version + 1 },
      { ...one, columns: [...one.columns, "NULL"] },
    ])
      expect(await inbox.acceptPrepared("shop", other, 0)).toBe("other_columns");
    expect(there.stored.size).toBe(0);
  });

  it("that are not all new are told apart by the whole statement", async () => {
    const { there, begin } = world();
    const inbox = begin();
    await inbox.acceptPrepared("shop", prepared("b"), 0);
    there.stored.set(event("b").id, event("b").bodyHash);
    there.stored.set(event("d").id, "other");
    const [a, b, c, d] = ["a", "b", "c", "d"].map((key) => event(key).id);
    expect(await inbox.acceptPrepared("shop", prepared("a", "b", "c", "d"), 0)).toEqual({
      ok: true,
      acceptances: [
        { id: a, ...isNew },
        { id: b, ...isNew, duplicate: true },
        { id: c, ...isNew },
        { id: d, duplicate: true, conflict: true },
      ],
    });
  });

  it("are spilled and none is called a duplicate if the rest of a batch is refused after the others were inserted", async () => {
    const { there, begin, ring } = world();
    const inbox = begin();
    there.stored.set(event("b").id, "other");
    there.refuses = ({ dedupeKey }) => dedupeKey === "b";
    const acceptances = ["a", "b"].map((key) => ({ id: event(key).id, ...isNew }));
    expect(await inbox.acceptPrepared("shop", prepared("a", "b"), 0)).toMatchObject({ spilled: true, acceptances });
    there.refuses = () => false;
    await ring(inbox);
    expect(await inbox.spilled("shop", 0)).toMatchObject({ events: 0 });
  });

  it("that Postgres refuses are refused, and those of other requests beside them are not", async () => {
    const { there, begin } = world();
    const inbox = begin();
    there.stored.set(event("bad").id, "other");
    there.refuses = ({ dedupeKey }) => dedupeKey === "bad";
    expect(await inbox.acceptPrepared("shop", prepared("bad"), 0)).toEqual({ ok: false, reason: "refused" });
    expect(await inbox.acceptPrepared("shop", prepared("a"), 0)).toBe("all_new");
  });

  it("go to the spill while Postgres is away, and are drained as they came", async () => {
    const { there, begin, ring } = world();
    const inbox = begin();
    there.postgres = false;
    expect(await inbox.acceptPrepared("shop", prepared("a", "b"), 0)).toMatchObject({ ok: true, spilled: true });
    there.postgres = true;
    await ring(inbox);
    expect([...there.stored]).toEqual(["a", "b"].map((key) => [event(key).id, event(key).bodyHash]));
  });

  it("of several versions of the source are all judged by the whole statement, in the order in which they came", async () => {
    const { there, begin } = world();
    const inbox = begin();
    const newer = { ...prepared("n"), verified: { secretId: null, sourceVersion: 2 } };
    const asked = [prepared("first"), prepared("old"), newer].map((one) => inbox.acceptPrepared("shop", one, 0));
    expect(await Promise.all(asked)).toMatchObject(["all_new", { ok: true }, { ok: true }]);
    expect([...there.stored]).toEqual([
      [event("first").id, "inserted"],
      ...["old", "n"].map((key) => [event(key).id, event(key).bodyHash]),
    ]);
  });

  it("that are new are planned after the whole statement has judged what is left, and in the order in which they came", async () => {
    const { there, begin } = world();
    const inbox = begin();
    await inbox.acceptPrepared("shop", prepared("seen"), 0);
    there.did.length = 0;
    await inbox.acceptPrepared("shop", prepared("a", "seen", "b"), 0);
    await vi.waitFor(() => expect(there.did).toHaveLength(3));
    expect(there.did).toEqual(["insert", "accept", `plan ${event("a").id} ${event("b").id}`]);
  });

  it("of which one was left out after others were inserted are sent again", async () => {
    const { there, begin } = world();
    const inbox = begin();
    there.stored.set(event("seen").id, event("seen").bodyHash);
    there.leftOut = true;
    expect(await inbox.acceptPrepared("shop", prepared("a", "seen"), 0)).toMatchObject({ ok: false, reason: "away" });
    const alone = await inbox.acceptPrepared("shop", prepared("seen"), 0);
    expect(alone).toMatchObject({ ok: false, leftOut: true });
  });
});

describe("a refresh", () => {
  it("by a Worker of an earlier version, which tells no directory, tells it the source's name", async () => {
    const { there, begin } = world();
    const inbox = begin();
    await inbox.refresh("shop", true);
    expect(there.named).toEqual([]);
    await inbox.refresh("shop");
    expect(there.named).toEqual(["shop"]);
  });

  it("is confirmed without the directory", async () => {
    const { there, begin } = world();
    there.namesAway = true;
    expect(await begin().refresh("shop")).toEqual({ olderCopiesMs: null });
  });

  it("says how long Workers of an earlier version may have an older copy", async () => {
    const { there, begin } = world();
    const inbox = begin();
    await inbox.describe("shop", true);
    expect(await inbox.refresh("shop", true)).toEqual({ olderCopiesMs: null });
    await inbox.describe("shop");
    expect(await inbox.refresh("shop", true)).toEqual({ olderCopiesMs: 31_000 });
    there.clock += 31_000;
    expect(await begin().refresh("shop", true)).toEqual({ olderCopiesMs: null });
  });
});

describe("a secret that a sender hands over", () => {
  const secret = { sealed: "jwe-a", kid: "k1", fingerprint: "f" };

  it("is in the inbox's copy of its source before anybody is told that it was kept", async () => {
    const { begin } = world();
    const inbox = begin();
    expect((await inbox.describe("shop"))?.secrets).toEqual([]);
    expect(await inbox.capture("shop", secret)).toBe("kept");
    expect((await inbox.describe("shop"))?.secrets).toEqual([{ id: "s1", sealed: "jwe-a" }]);
  });

  it("is not kept while Postgres is away, and can be offered again", async () => {
    const { there, begin } = world();
    const inbox = begin();
    await inbox.describe("shop");
    there.postgres = false;
    expect(await inbox.capture("shop", secret)).toBe("away");
    expect((await inbox.describe("shop"))?.secrets).toEqual([]);
    there.postgres = true;
    expect(await inbox.capture("shop", secret)).toBe("kept");
  });

  it("is taken from nobody once there is one, and whoever offers on does not reach Postgres", async () => {
    const { there, begin } = world();
    const inbox = begin();
    await inbox.capture("shop", secret);
    for (let time = 0; time < 5; time++)
      expect(await inbox.capture("shop", { ...secret, sealed: `jwe-${time}` })).toBe("taken");
    expect(there.offered).toBe(1);
    expect(there.secrets).toHaveLength(1);
  });
});

describe("an inbox of a name that no source has", () => {
  type Asked = ReturnType<ReturnType<typeof world>["begin"]>;
  /** Methods that a request of a stranger may reach. The API and the sweep call others, of sources that are there. */
  const asks: [string, (inbox: Asked) => Promise<unknown>][] = [
    ["describe", (inbox) => inbox.describe("guess")],
    ["current", (inbox) => inbox.current("guess", 1)],
    ["capture", (inbox) => inbox.capture("guess", { sealed: "jwe", kid: "k", fingerprint: "f" })],
    ["spilled", (inbox) => inbox.spilled("guess", 0)],
    ["spills", (inbox) => inbox.spills()],
  ];

  it.each(asks)("stores nothing and sets no alarm, asked to %s with Postgres or without", async (_, ask) => {
    for (const postgres of [true, false]) {
      const { there, begin, left } = world();
      Object.assign(there, { hasSource: false, postgres });
      const inbox = begin();
      for (let nth = 0; nth < 3; nth++) await ask(inbox).catch(() => {});
      expect([postgres, left(), there.setAlarms]).toEqual([postgres, [], []]);
    }
  });

  it("differs from that of a source, whose copy and name are on the disk", async () => {
    const { begin, left } = world();
    await begin().describe("shop");
    expect(left().length).toBeGreaterThan(0);
  });
});
