/** Every commit that may have added entries pokes the notary, for any writer, and never before the commit. */
import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TokenScope } from "../../../cli/install/mint-token.ts";
import { signalQuietly } from "../../../dev/stack/processes.ts";
import { sessionStore } from "../../../src/store/access/sessions.ts";
import { tokenStore } from "../../../src/store/access/tokens.ts";
import { chainStore } from "../../../src/store/audit/chain.ts";
import { decisionStore } from "../../../src/store/calls/decisions.ts";
import { erasureStore } from "../../../src/store/calls/erasures.ts";
import { configStore } from "../../../src/store/config/config.ts";
import { lineWebhooks } from "../../../src/store/config/line-webhooks.ts";
import { sealedStore } from "../../../src/store/config/sealed.ts";
import { sourcePauses } from "../../../src/store/config/source-pauses.ts";
import { sourceStore } from "../../../src/store/config/sources.ts";
import { suppressionStore } from "../../../src/store/config/suppressions.ts";
import { replayStore } from "../../../src/store/events/replays.ts";
import { lookupStore } from "../../../src/store/lookups/lookups.ts";
import { isAway } from "../../../src/store/postgres/connection.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import type { EntriesNotice } from "../../../src/store/postgres/notifying-client.ts";
import { storedRejectionStore } from "../../../src/store/rejections/stored-rejections.ts";
import { sweepStore } from "../../../src/store/sweep.ts";
import { callStores } from "../world/calls.ts";
import { eventStores } from "../world/events.ts";
import { service, type TestService } from "../world/service.ts";
import { addLine, draft, eventsOf, first, newEvent, planOf, type World, world } from "../world/world.ts";

let w: World;
let client: KeptClient;
/** After commits, and after lost answers. */
let pokes = 0;
/** Before statements. */
let warnings = 0;
beforeAll(async () => {
  w = await world("line-a");
  client = keptClient(w.url, count);
});
beforeEach(() => {
  pokes = 0;
  warnings = 0;
});
afterAll(async () => {
  client?.drop();
  await w?.close();
});

const count: EntriesNotice = (when) => {
  if (when === "after") pokes++;
  else warnings++;
};
const id = randomUUID();
const act = { actor: "test", reason: "the customer asked for it" };
const by = { line: first("line-a"), source: { slug: "shop", version: 1 } };
const times = { ...by, dueAt: Date.now(), closesAt: null, expiresAt: null, verdicts: [] };

const stores = () => {
  const { sql } = client;
  return {
    events: eventStores(client, 5_000),
    calls: callStores(sql),
    decisions: decisionStore(sql()),
    erasures: erasureStore(sql()),
    config: configStore(sql()),
    webhooks: lineWebhooks(sql()),
    pauses: sourcePauses(sql()),
    suppressions: suppressionStore(sql()),
    sealed: sealedStore(sql()),
    sources: sourceStore(sql),
    tokens: tokenStore(sql()),
    sessions: sessionStore(sql()),
    replays: replayStore(sql()),
    rejections: storedRejectionStore(sql()),
    lookups: lookupStore(sql()),
    chain: chainStore(sql),
    sweep: sweepStore(sql()),
  };
};
type Stores = ReturnType<typeof stores>;

const reading = { subject: "call", subjectId: id, action: "read", actor: "test", reason: null, data: {} };
const settlement = {
  callId: id,
  outcome: "completed",
  outcomeRaw: null,
  durationS: 1,
  summary: null,
  recordingUrl: null,
  endedAt: Date.now(),
  again: null,
} as const;
const doubt = { reason: "not_found", conversations: [] } as const;
const adoption = { conversationUuid: id, contactUuid: null, mihuId: null, placedAt: Date.now() };
const suppression = { number: "+14155550199", reason: "asked", until: null, createdBy: "test" };
const webhook = { keyHash: "hash", sealedSecret: "sealed" };

/** Every kind of write that has entries. Whether it finds a row to change does not matter: it was committed. */
const writes: Record<string, (stores: Stores) => Promise<unknown>> = {
  "an event that comes": async ({ events }) => await events.accept("shop", [await newEvent()], unforeseen),
  "a plan": async ({ events }) => {
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    await events.plan([planOf(event, draft())]);
  },
  "an event of the spill": async ({ events }) => {
    const spilled = { ...(await newEvent()), seq: 1, receivedAt: Date.now(), bytes: 1 };
    await events.drain("shop", [spilled], unforeseen);
  },
  "a fetch that is tried later": async ({ events }) => await events.postponeFetches("shop", [{ id, afterMs: 1 }]),
  "a source whose API fails": async ({ events }) => await events.noteFetching("shop", "credential_refused", 1),
  "a claim": async ({ calls }) => await calls.claim("line-a", 0, 1),
  "the result of a dial": async ({ calls }) =>
    await calls.record("line-a", [{ callId: id, claimSeq: 1, status: "unknown", reason: "timed_out", detail: {} }]),
  "a database that went back": async ({ calls }) => await calls.wentBack("line-a", null, [], "test"),
  "an outcome": async ({ calls }) => await calls.settle([settlement], "test"),
  "a conversation that is another's": async ({ calls }) =>
    await calls.noteForeign([{ callId: id, conversationUuid: id, mismatch: "number" }], "test"),
  "a conversation that is found": async ({ calls }) =>
    await calls.joinConversation(id, { conversationUuid: id, contactUuid: null }, "test"),
  "a call that is adopted": async ({ calls }) => await calls.adopt(id, adoption, "test"),
  "a call that goes to review": async ({ calls }) => await calls.toReview(id, doubt, "test"),
  "a look that is put off": async ({ calls }) => await calls.lookLater(id, { read: true, waitMs: 1 }, "test"),
  "further tries that a person stops": async ({ calls }) => await calls.cancel([id], act),
  "a call whose hours are over": async ({ calls }) => await calls.rewindow(first("line-a"), [{ id, window: null }]),
  "a line that is paused": async ({ calls }) => await calls.pauseLine("line-a", "paused_by_person", "stop", "test"),
  "a line that continues": async ({ calls }) => await calls.resumeLine("line-a", "test", true),
  "all lines that are paused": async ({ calls }) => await calls.pauseAll("stop", "test"),
  "all lines that go on": async ({ calls }) => await calls.resumeAll(undefined, "test"),
  "a line that Mihu asked to wait": async ({ calls }) => await calls.holdLine("line-a", 1),
  "a call that is canceled": async ({ decisions }) => await decisions.cancel([id], act),
  "a call that is closed": async ({ decisions }) => await decisions.close([id], act),
  "a call that is released": async ({ decisions }) => await decisions.release([{ id, times, turn: null }], act),
  "a call that rang": async ({ decisions }) => await decisions.rang([{ id, conversationUuid: null }], act),
  "a call that is made again": async ({ decisions }) => await decisions.again([{ id, times }], "again", act),
  "an erasure": async ({ erasures }) => await erasures.erase({ number: "+14155550198" }, 1, act),
  "a replay": async ({ replays }) =>
    await replays.make([{ id, source: { slug: "shop", version: 1, lines: [] }, replays: 0, calls: [] }], act, false),
  "a rejection that is accepted": async ({ rejections }) =>
    await rejections.accepted("shop", [{ id, events: [] }], act),
  "a change of the configuration, however many writes it has": async ({ config }) =>
    await config.change("test", () => ({ writes: [line("line-b"), line("line-c")], answer: null })),
  "a webhook that is set": async ({ webhooks }) => await webhooks.setWebhook("line-a", webhook, "test"),
  "a webhook that is proposed": async ({ webhooks }) => await webhooks.proposeWebhook("line-a", webhook, "test"),
  "a webhook that is settled": async ({ webhooks }) => await webhooks.settleWebhook("line-a", webhook.keyHash, "test"),
  "a source that is paused": async ({ pauses }) => await pauses.pauseSource("shop", "stop", "test"),
  "a source that continues": async ({ pauses }) => await pauses.resumeSource("shop", undefined, "test"),
  "a number that is suppressed": async ({ suppressions }) => await suppressions.suppress(suppression),
  "a number that may be rung again": async ({ suppressions }) => await suppressions.release(suppression.number, "test"),
  "values that are sealed anew": async ({ sealed }) => await sealed.write([], [], "test"),
  "a secret that a sender handed over": async ({ sources }) =>
    await sources.capture("shop", { sealed: "sealed", kid: "k", fingerprint: "f" }),
  "a token that is made": async ({ tokens }) =>
    await tokens.add({ jti: id, name: "test", scopes: [], expiresAt: Date.now() + 60_000 }, "test"),
  "a person who signs in": async ({ sessions }) =>
    await sessions.begin({ hash: "hash", jti: id, expiresAt: Date.now() + 60_000 }),
  "a person who signs out": async ({ sessions }) => await sessions.end("hash"),
  "a token that is revoked": async ({ tokens }) => await tokens.revoke(id, "test"),
  "somebody who reads what is masked": async ({ lookups }) => await lookups.noteRead(reading),
  "a word of the chain about itself": async ({ chain }) => await chain.note("chain_right", "test", {}),
};

const unforeseen = { sourceVersion: 0, ends: new Map() };
const line = (slug: string) =>
  ({
    do: "save_line",
    created: true,
    hoursChanged: false,
    line: {
      slug,
      agent: "agent-1",
      callsPerMinute: 1,
      callsAtOnce: 1,
      callsPerDay: 1,
      countries: null,
      hours: null,
      webhookSettings: null,
    },
  }) as const;

describe("the notary is poked", () => {
  it.each(Object.entries(writes))("once by %s", async (_, write) => {
    await write(stores());
    expect(pokes).toBe(1);
    expect(warnings).toBeGreaterThanOrEqual(1);
  });

  it("by each statement of a sweep that moves calls or secrets", async () => {
    await stores().sweep.expire();
    expect(pokes).toBe(2);
  });

  it("once what was written can be read by everybody", async () => {
    const mark = randomUUID();
    const seen: Promise<number>[] = [];
    const stored = async () => (await w.owner`select 1 from entries where subject_id = ${mark}`).length;
    const own = keptClient(w.url, (when) => void (when === "after" && seen.push(stored())));
    await lookupStore(own.sql()).noteRead({ ...reading, subjectId: mark });
    expect(await Promise.all(seen)).toEqual([1]);
    own.drop();
  });

  it("after the commit of a transaction, and not by its statements", async () => {
    await client.sql().begin(async (tx) => {
      await tx`insert into entries (subject, subject_id, action, actor) values ('audit', 'chain', 'test', 'test')`;
      await tx.savepoint(
        (inner) =>
          inner`insert into entries (subject, subject_id, action, actor) values ('audit', 'chain', 'test', 'test')`,
      );
      expect(pokes).toBe(0);
    });
    expect(pokes).toBe(1);
  });

  it("by a statement whose insert is a part of its own", async () => {
    const sql = client.sql();
    const told = sql`insert into entries (subject, subject_id, action, actor) select 'audit', 'chain', 'test', 'test'`;
    const text = "insert into entries (subject, subject_id, action, actor) select 'audit', 'chain', 'test', 'test'";
    await sql`with told as (${told}) select 1`;
    expect(pokes).toBe(1);
    await sql`with told as (${sql.unsafe(text)}) select ${text}::text`;
    expect(pokes).toBe(2);
    await sql.unsafe(text);
    expect(pokes).toBe(3);
  });
});

describe("a process that may not live to poke the notary after its commit", () => {
  const insert = "insert into entries (subject, subject_id, action, actor) values ('audit', 'lost', 'test', 'test')";

  it("pokes it before the statement is sent, so also before it is committed", async () => {
    const seen: (readonly [string, Promise<number>])[] = [];
    const stored = async () => (await w.owner`select 1 from entries where subject_id = 'sent'`).length;
    const own = keptClient(w.url, (when) => void seen.push([when, stored()]));
    await own.sql().unsafe(insert.replace("lost", "sent"));
    expect(seen.map(([when]) => when)).toEqual(["before", "after"]);
    expect(await seen[1]?.[1]).toBe(1);
    own.drop();
  });

  it("pokes it for each statement of a transaction as it is sent", async () => {
    await client.sql().begin(async (tx) => {
      await tx.unsafe(insert);
      await tx.unsafe(insert);
      expect([warnings, pokes]).toEqual([2, 0]);
    });
    expect([warnings, pokes]).toEqual([2, 1]);
  });

  it("pokes it after an answer that was lost: Postgres may have committed it", async () => {
    const own = keptClient(w.url, count);
    const [{ pid } = { pid: 0 }] = await own.sql()<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const sent = own.sql().unsafe(`${insert}; select pg_sleep(30)`);
    const lost = sent.then(
      () => null,
      (error: unknown) => error,
    );
    signalQuietly(pid, "SIGTERM");
    expect(isAway(await lost)).toBe(true);
    expect([warnings, pokes]).toEqual([1, 1]);
    own.drop();
  });

  it("pokes it after a statement whose deadline has passed: it may be committed later", async () => {
    const own = keptClient(w.url, count);
    const late = own.within(300, async (sql) => await sql.unsafe(`select pg_sleep(1); ${insert}`));
    expect(isAway(await late.catch((error: unknown) => error))).toBe(true);
    await expect.poll(() => [warnings, pokes]).toEqual([1, 1]);
  });

  it("pokes it once for a transaction whose connection was lost after it had written entries", async () => {
    const own = keptClient(w.url, count);
    const began = own.sql().begin(async (tx) => {
      const [{ pid } = { pid: 0 }] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
      await tx.unsafe(insert);
      signalQuietly(pid, "SIGTERM");
      await new Promise((resolve) => setTimeout(resolve, 50));
      await tx`select 1`;
    });
    expect(isAway(await began.catch((error: unknown) => error))).toBe(true);
    expect(pokes).toBe(1);
    own.drop();
  });
});

describe("the notary is not poked", () => {
  it("by a statement that failed, nor by a transaction that was rolled back", async () => {
    const sql = client.sql();
    await expect(sql`insert into entries (subject) values (${"audit"})`).rejects.toThrow();
    await expect(
      sql.begin(async (tx) => {
        await tx`insert into entries (subject, subject_id, action, actor) values ('audit', 'chain', 'test', 'test')`;
        throw new Error("taken back");
      }),
    ).rejects.toThrow("taken back");
    expect(pokes).toBe(0);
  });

  it("by the dry run of a replay, which is rolled back", async () => {
    await stores().replays.make(
      [{ id, source: { slug: "shop", version: 1, lines: [] }, replays: 0, calls: [] }],
      act,
      true,
    );
    expect(pokes).toBe(0);
  });

  it("by a value that only looks like a statement", async () => {
    await client.sql()`select ${"insert into entries"}::text`;
    expect(pokes).toBe(0);
  });

  it("by what only reads, or writes no entries", async () => {
    const { calls, config, lookups, tokens } = stores();
    await Promise.all([calls.openToPoll("line-a", 1), config.read(), lookups.balance(), tokens.list()]);
    await calls.pollLater([{ callId: id, waitMs: 1 }]);
    expect(pokes).toBe(0);
  });
});

describe("the notary is poked through the API", () => {
  let api: TestService;
  let owner: postgres.Sql;
  beforeAll(async () => {
    api = await service({}, count);
    owner = postgres(api.ownerUrl, { max: 1, onnotice: () => {} });
  });
  afterAll(async () => {
    await owner?.end();
    await api?.close();
  });

  it("by a person who reads a call with its number, and by nobody who does not see it", async () => {
    await owner`insert into sources (slug, preset, country) values ('shop', 'shopify', 'US')`;
    await addLine(owner, "line-a");
    const own = keptClient(api.ownerUrl, () => {});
    const event = await newEvent();
    const events = eventsOf(own, 5_000);
    await events.accept("shop", [event]);
    await events.plan([planOf(event, draft({ number: "+14155550123" }))]);
    own.drop();
    const [call] = await owner`select id from calls where event_id = ${event.id}`;
    const read = async (...scopes: TokenScope[]) => {
      const token = await api.token(...scopes);
      pokes = 0;
      const answer = await api.ask("GET", `/v1/calls/${call?.id}`, undefined, token);
      return { number: answer.json.number, pokes };
    };
    expect(await read("calls:read")).toEqual({ number: expect.not.stringContaining("0123"), pokes: 0 });
    expect(await read("calls:read", "pii:read")).toEqual({ number: "+14155550123", pokes: 1 });
  });
});
