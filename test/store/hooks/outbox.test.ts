import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { renderBody } from "../../../src/domain/hooks/body.ts";
import { eventOf } from "../../../src/domain/hooks/told-event.ts";
import type { OutboxEntry, OutboxMark } from "../../../src/ports/hooks/outbox.ts";
import { outboxStore } from "../../../src/store/hooks/outbox.ts";
import { connect, type Sql } from "../../../src/store/postgres/connection.ts";
import { draft, numberOf, queueCalls, type World, world } from "../world/world.ts";

const beginning: OutboxMark = { tx: "0", id: 0 };
const first = "00000000-0000-4000-8000-000000000001";
const second = "00000000-0000-4000-8000-000000000002";

let stage: World;
let sql: Sql;
beforeEach(async () => {
  stage = await world("line-a");
  sql = connect(stage.url, { idleSeconds: 20, connectSeconds: 5 }, () => {});
});
afterEach(async () => {
  await sql.end();
  await stage.close();
});

const read = (mark: OutboxMark, limit = 1_000) => outboxStore(() => sql).entriesAfter(mark, limit);

/** All entries past a mark, once they are this many: short transactions of other tests' databases may hold them up. */
async function readAll(from: OutboxMark, count: number, limit = 1_000) {
  const giveUp = Date.now() + 20_000;
  const entries: OutboxEntry[] = [];
  let mark = from;
  for (;;) {
    const found = await read(mark, limit);
    entries.push(...found.entries);
    ({ mark } = found);
    if (!found.more && (entries.length >= count || Date.now() > giveUp)) return { entries, mark };
  }
}

const said = ({ entries }: { entries: readonly OutboxEntry[] }) =>
  entries.map(({ subjectId, action, sequence }) => [subjectId, action, sequence]);

/** Inserts an entry with the app's role, in a transaction of its own. */
const write = async (subject: string, subjectId: string, action: string, on: Sql | postgres.TransactionSql = sql) =>
  await on`insert into entries (subject, subject_id, action, actor) values (${subject}, ${subjectId}, ${action}, 'test')`;

/** A transaction that stays open. */
async function open() {
  const client = postgres(stage.url, { max: 1, onnotice: () => {} });
  const begun = Promise.withResolvers<postgres.TransactionSql>();
  const end = Promise.withResolvers<void>();
  const done = client.begin(async (tx) => {
    await tx`select pg_current_xact_id()`;
    begun.resolve(tx);
    await end.promise;
  });
  return {
    tx: await begun.promise,
    async commit() {
      end.resolve();
      await done;
      await client.end();
    },
  };
}

describe("the outbox", () => {
  it("has the events of a call in their order, numbered without gaps, with the call's row", async () => {
    const [eventId = ""] = await queueCalls(stage, [draft({ number: numberOf(1) })]);
    const line = "line-a";
    const claimed = await stage.calls.claim(line, 0, 10);
    const callId = claimed.calls[0]?.id ?? "";
    const waits = { status: "queued", reason: "rate_limited", detail: {}, posted: false, waitMs: 0 } as const;
    await stage.calls.record(line, [{ callId, claimSeq: claimed.seq, ...waits }]);
    const { seq } = await stage.calls.claim(line, claimed.seq, 10);
    const ids = { conversationUuid: "c-1", contactUuid: null, mihuId: "m-1", listenUrl: null, recordUrl: null };
    await stage.calls.record(line, [{ callId, claimSeq: seq, status: "placed", ...ids }]);
    const end = {
      callId,
      outcome: "completed",
      outcomeRaw: "completed",
      recordingUrl: null,
      endedAt: Date.now(),
    } as const;
    await stage.calls.settle([{ ...end, durationS: 12, summary: null, again: null }], "mihu");
    await stage.calls.settle([{ ...end, durationS: 12, summary: "They agreed.", again: null }], "mihu");
    const { entries } = await readAll(beginning, 5);
    const bodies = entries.map((entry) => {
      const event = eventOf(entry);
      return event === null ? null : renderBody(entry, event, { payload: "full_with_pii", publicUrl: null }).value;
    });
    expect(bodies).toMatchObject([
      { type: "call.queued", data: { sequence: 1, final: false, will_retry: false, placed_at: null, mihu_id: null } },
      {
        type: "call.queued",
        data: { sequence: 2, final: false, will_retry: true, reason: "rate_limited", outcome: null },
      },
      { type: "call.placed", data: { sequence: 3, final: false, mihu_id: "m-1", reason: null, outcome: null } },
      { type: "call.ended", data: { sequence: 4, final: true, outcome: "completed", conversation_uuid: "c-1" } },
      { type: "call.report_added", data: { sequence: 5, final: false, summary: "They agreed.", status: "ended" } },
    ]);
    for (const body of bodies.slice(1, 3)) expect(Date.parse(String(body?.data.due_at))).toBeGreaterThan(0);
    expect(Date.parse(String(bodies[2]?.data.placed_at))).toBeGreaterThan(Date.now() - 60_000);
    expect(entries[0]).toMatchObject({
      subject: "call",
      subjectId: callId,
      actor: "plan",
      reason: null,
      data: { event_id: eventId },
      call: { id: callId, eventId, number: numberOf(1), orderNumber: "#1001", status: "ended", try: 1 },
      next: null,
    });
    expect(entries[0]?.at).toBeGreaterThan(Date.now() - 60_000);
    expect(entries[0]?.call?.createdAt).toBeGreaterThan(Date.now() - 60_000);
  });

  it("has the further try of a call", async () => {
    await queueCalls(stage, [draft({ status: "skipped", reason: "shadow" })]);
    const [next] = await stage.owner`
      insert into calls (event_id, source, rule, rule_version, mode, status, reason, try, again_of, due_at)
      select event_id, source, rule, rule_version, mode, 'canceled', 'canceled', 2, id, '2026-01-05T18:00:00Z' from calls
      returning id`;
    const { entries } = await readAll(beginning, 1);
    expect(entries[0]?.next).toEqual({ id: next?.id, status: "canceled", dueAt: Date.parse("2026-01-05T18:00:00Z") });
  });

  it("reads each event once, however small the steps are, and past entries that make none", async () => {
    const written = Array.from({ length: 25 }, (_, at) => (at % 3 === 0 ? "queued" : at % 3 === 1 ? "read" : "held"));
    for (const action of written) await write("call", first, action);
    await write("line", "line-a", "paused");
    await write("line", "line-a", "rate_limited");
    await write("source", "shop", "silent");
    const told = [...written.filter((action) => action !== "read"), "paused", "silent"];
    for (const limit of [1, 2, 7, 1_000]) {
      const { entries, mark } = await readAll(beginning, told.length, limit);
      expect(entries.map(({ action }) => action)).toEqual(told);
      expect(entries.slice(0, -2).map(({ sequence }) => sequence)).toEqual(told.slice(0, -2).map((_, at) => at + 1));
      expect(entries.slice(-2)).toMatchObject([
        { call: null, sequence: null },
        { call: null, sequence: null },
      ]);
      expect(await read(mark)).toMatchObject({ entries: [], mark, more: false, restored: false });
    }
  });

  it("waits for a transaction that began earlier, so that no late commit slips under the mark", async () => {
    const slow = await open();
    await write("call", first, "queued", slow.tx);
    await write("call", second, "queued");
    const before = await read(beginning);
    expect(before).toMatchObject({ entries: [], mark: beginning, more: false, waiting: true });
    await slow.commit();
    expect(said(await readAll(before.mark, 2))).toEqual([
      [first, "queued", 1],
      [second, "queued", 1],
    ]);
  });

  it.each([1, 2, 1_000])(
    "keeps a call's order where a later transaction wrote first, and tells nothing twice (by %i)",
    async (limit) => {
      const slow = await open();
      await write("call", second, "held");
      await write("call", first, "queued");
      await write("call", first, "placed");
      await write("call", first, "ended", slow.tx);
      await slow.commit();
      await write("call", first, "report_added");
      // The order of (transaction, id) begins with the slow one.
      const { entries } = await readAll(beginning, 5, limit);
      expect(said({ entries })).toEqual([
        [first, "queued", 1],
        [first, "placed", 2],
        [first, "ended", 3],
        [second, "held", 1],
        [first, "report_added", 4],
      ]);
    },
  );

  it("returns an overtaken entry even while its transaction counts as running", async () => {
    const slow = await open();
    const pinning = await open();
    await write("call", first, "queued");
    await write("call", first, "ended", slow.tx);
    await slow.commit();
    expect(said(await readAll(beginning, 2))).toEqual([
      [first, "queued", 1],
      [first, "ended", 2],
    ]);
    await pinning.commit();
    await write("call", second, "held");
    expect(said(await readAll({ tx: "0", id: 0 }, 3))).toHaveLength(3);
  });

  it("finds the mark before the newest events of some kinds", async () => {
    for (const action of ["queued", "placed", "ended"]) await write("call", first, action);
    await write("line", "line-a", "paused");
    await readAll(beginning, 4);
    const of = async (actions: Record<string, string[]>, limit: number) =>
      (await read(await outboxStore(() => sql).markBefore(actions, limit))).entries.map(({ action }) => action);
    expect(await of({ call: ["queued", "placed", "ended"] }, 2)).toEqual(["placed", "ended", "paused"]);
    expect(await of({ call: ["queued"], line: ["paused"] }, 1)).toEqual(["paused"]);
    expect(await of({ call: ["queued"], line: [] }, 10)).toEqual(["queued", "placed", "ended", "paused"]);
    expect(await of({ source: ["silent"] }, 10)).toEqual([]);
    await stage.owner`truncate entries`;
    expect(await outboxStore(() => sql).markBefore({ call: ["queued"] }, 1)).toEqual(beginning);
  });
});

describe("after a dump was restored into another server", () => {
  /** Entries of the former server, whose transactions are far ahead of this one's. */
  async function restore(...rows: readonly (readonly [tx: string, action: string])[]) {
    for (const [tx, action] of rows)
      await stage.owner`insert into entries (tx, at, subject, subject_id, action, actor)
        values (${tx}::text::xid8, now() - interval '2 days', 'call', ${first}, ${action}, 'test')`;
  }

  it("reads what the former server had not told, then its own entries, and says so", async () => {
    await restore(["900000000001", "queued"], ["900000000002", "placed"], ["900000000003", "ended"]);
    await write("call", second, "queued");
    const told: OutboxMark = { tx: "900000000001", id: 1 };
    const rest = await read(told);
    expect(said(rest)).toEqual([
      [first, "placed", 2],
      [first, "ended", 3],
    ]);
    expect(rest).toMatchObject({ restored: false, mark: { tx: "900000000003", id: 3 } });
    const moved = await read(rest.mark);
    expect(moved).toMatchObject({ entries: [], restored: true, mark: { id: 3 } });
    expect(said(await readAll(moved.mark, 1))).toEqual([[second, "queued", 1]]);
  });

  it("begins with the present if this server has written nothing yet", async () => {
    await restore(["900000000001", "queued"]);
    const moved = await read({ tx: "900000000001", id: 1 });
    expect(moved.restored).toBe(true);
    expect(Number(moved.mark.tx)).toBeLessThan(900_000_000_000);
    await write("call", second, "queued");
    expect(said(await readAll(moved.mark, 1))).toEqual([[second, "queued", 1]]);
  });

  it.each([1, 2, 1_000])("tells no restored entry again whose number this server reaches (by %i)", async (limit) => {
    await restore(...Array.from({ length: 6 }, (_, at) => [String(900_000_000_000 + at), "queued"] as const));
    await write("call", second, "queued");
    const { mark } = await readAll((await read({ tx: "900000000005", id: 6 })).mark, 1);
    await write("call", second, "placed");
    // The server's numbers reach those of the dump: the restored entries now stand between its own.
    await stage.owner`update entries set tx = (select tx from entries where id = 8) where id <= 3`;
    await stage.owner`update entries set tx = ((select tx from entries where id = 8)::text::bigint + 1)::text::xid8
      where id between 4 and 6`;
    await write("call", second, "ended");
    await write("call", second, "report_added");
    expect(said(await readAll(mark, 3, limit))).toEqual([
      [second, "placed", 2],
      [second, "ended", 3],
      [second, "report_added", 4],
    ]);
  });
});

describe("the plan of a read near the end of many entries", () => {
  it("uses the indexes of entries and calls", async () => {
    await stage.owner`insert into entries (tx, subject, subject_id, action, actor)
      select (n / 250 + 1)::text::xid8, 'call', gen_random_uuid()::text, 'queued', 'test' from generate_series(1, 50000) n`;
    await queueCalls(
      stage,
      Array.from({ length: 20 }, (_, at) => draft({ number: numberOf(at) })),
    );
    await stage.owner`insert into calls (event_id, source, rule, rule_version, mode, status, reason, try, again_of)
      select c.event_id, 'shop', 'call-me', 1, 'live', 'skipped', 'shadow', n + 1, c.id
      from (select id, event_id from calls limit 1) c, generate_series(1, 5000) n`;
    await stage.owner`analyze`;
    const sent: { text: string; parameters: unknown[] }[] = [];
    const watched = postgres(stage.url, {
      max: 1,
      fetch_types: false,
      debug: (_connection, text, parameters) => void sent.push({ text, parameters }),
    });
    const store = outboxStore(() => watched);
    await store.entriesAfter({ tx: "201", id: 49_900 }, 500);
    await store.markBefore({ call: ["queued"] }, 50);
    await watched.end();
    const plans = await Promise.all(
      sent.map(async ({ text, parameters }) => {
        const rows = await stage.owner.unsafe<{ "QUERY PLAN": string }[]>(`explain ${text}`, parameters.map(String));
        return rows.map((row) => row["QUERY PLAN"]).join("\n");
      }),
    );
    expect(plans[0]).toMatch(/entries_by_tx/);
    expect(plans[0]).toMatch(/entries_by_subject/);
    expect(plans[0]).toMatch(/calls_pkey/);
    expect(plans[0]).toMatch(/calls_once/);
    expect(plans[1]).toMatch(/Index (?:Only )?Scan Backward using entries_by_tx/);
    for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on (?:entries|calls)/);
  });
});
