import { describe, expect, it } from "vitest";
import type { ClaimedCall, ClaimRef } from "../../../src/ports/calling/claims.ts";
import type { ClaimJournal } from "../../../src/ports/calling/journal.ts";
import type { DialResult } from "../../../src/ports/calling/results.ts";
import { claimed } from "../../flows/calling/lines.ts";
import { journalDisk, journalOn } from "../../runtime/journal.ts";

const DAY_MS = 86_400_000;
const call = (id: string, deviation: Partial<ClaimedCall> = {}): ClaimedCall => ({
  ...claimed,
  id,
  eventId: `event of ${id}`,
  ...deviation,
});
const ref = (callId: string, claimSeq = 7): ClaimRef => ({ callId, claimSeq });
const placed = (of: ClaimRef): DialResult => ({
  ...of,
  status: "placed",
  conversationUuid: `conversation of ${of.callId}`,
  contactUuid: null,
  mihuId: null,
  listenUrl: null,
  recordUrl: null,
});
const putOff = (of: ClaimRef): DialResult => ({
  ...of,
  status: "queued",
  reason: "rate_limited",
  detail: {},
  posted: true,
  waitMs: 0,
});

async function begun(journal: ClaimJournal, ...calls: ClaimedCall[]): Promise<void> {
  await journal.claimed(calls);
  for (const { id, claimSeq } of calls) expect(await journal.begin(ref(id, claimSeq))).toBe(true);
}

describe("a claim", () => {
  it("is begun once, and only once that is on the disk", async () => {
    const storage = journalDisk();
    const journal = journalOn(storage);
    await journal.claimed([call("a")]);
    const before = storage.synced;
    expect(await journal.begin(ref("a"))).toBe(true);
    expect(storage.synced).toBe(before + 1);
    expect(await journal.begin(ref("a"))).toBe(false);
  });

  it.each<[string, ClaimRef]>([
    ["that was never noted", ref("b")],
    ["of another number", ref("a", 8)],
  ])("%s is not begun", async (_, other) => {
    const journal = journalOn();
    await journal.claimed([call("a")]);
    expect(await journal.begin(other)).toBe(false);
  });

  it("that was released by the next instance is not begun by the one before", async () => {
    const storage = journalDisk();
    const [old, next] = [journalOn(storage), journalOn(storage)];
    expect(next.id).toBe(old.id);
    await old.claimed([call("a")]);
    expect(await next.release([ref("a")])).toEqual([ref("a")]);
    expect(await old.begin(ref("a"))).toBe(false);
  });

  it("that was begun is not released by anybody", async () => {
    const storage = journalDisk();
    await begun(journalOn(storage), call("a"));
    expect(await journalOn(storage).release([ref("a")])).toEqual([]);
  });

  it("that was released before it was even noted is not begun", async () => {
    const storage = journalDisk();
    expect(await journalOn(storage).release([ref("a")])).toEqual([ref("a")]);
    const old = journalOn(storage);
    expect(await old.claimed([call("a")])).toEqual([]);
    expect(await old.begin(ref("a"))).toBe(false);
  });
});

describe("what is left after a kill", () => {
  it("is what waited and what was answered, and not what was begun without an answer", async () => {
    const storage = journalDisk();
    const journal = journalOn(storage);
    await begun(journal, call("a"), call("b"));
    await journal.claimed([call("c")]);
    await journal.answered(placed(ref("b")));
    expect(await journalOn(storage).left()).toEqual({ waiting: [ref("c")], answers: [placed(ref("b"))] });
  });

  it("is nothing once Postgres has it", async () => {
    const journal = journalOn();
    await begun(journal, call("a"));
    await journal.claimed([call("b")]);
    await journal.answered(placed(ref("a")));
    await journal.recorded([ref("a"), ref("b")]);
    expect(await journal.left()).toEqual({ waiting: [], answers: [] });
  });

  it("is given back again, should the kill come between the release and Postgres", async () => {
    const storage = journalDisk();
    await journalOn(storage).claimed([call("a")]);
    await journalOn(storage).release([ref("a")]);
    const { waiting } = await journalOn(storage).left();
    expect(waiting).toEqual([ref("a")]);
    expect(await journalOn(storage).release(waiting)).toEqual([ref("a")]);
  });
});

describe("a call that may have rung", () => {
  it("is told when the same (event, rule, try) is claimed again, whatever its row is called", async () => {
    const journal = journalOn();
    await begun(journal, call("a"));
    await journal.answered(placed(ref("a")));
    await journal.recorded([ref("a")]);
    const again = call("another row", { eventId: "event of a", claimSeq: 3 });
    expect(await journal.claimed([again, call("b")])).toEqual([
      {
        ...ref("a"),
        eventId: "event of a",
        rule: "call-me",
        try: 1,
        claimedAt: expect.any(Number),
        conversationUuid: "conversation of a",
        mihuId: null,
      },
    ]);
  });

  it.each<[string, Partial<ClaimedCall>]>([
    ["a further try", { try: 2 }],
    ["another rule", { rule: "other" }],
    ["another event", { eventId: "another" }],
  ])("is not told for %s", async (_, deviation) => {
    const journal = journalOn();
    await begun(journal, call("a"));
    expect(await journal.claimed([call("b", { eventId: "event of a", claimSeq: 8, ...deviation })])).toEqual([]);
  });

  it("is not told where Mihu said that it did not ring, or where it was never begun", async () => {
    const journal = journalOn();
    await begun(journal, call("a"));
    await journal.answered(putOff(ref("a")));
    await journal.claimed([call("b")]);
    expect(await journal.claimed([call("a", { claimSeq: 8 }), call("b", { claimSeq: 8 })])).toEqual([]);
    expect(await journal.after(0)).toEqual([]);
  });

  it("is found by the number of its claim", async () => {
    const journal = journalOn();
    await begun(journal, call("a", { claimSeq: 5 }), call("b", { claimSeq: 6 }), call("c", { claimSeq: 7 }));
    expect((await journal.after(5)).map(({ callId }) => callId)).toEqual(["c", "b"]);
    expect(await journal.after(7)).toEqual([]);
  });

  it("is forgotten after seven days, however few there are", async () => {
    let now = 0;
    const journal = journalOn(journalDisk(), () => now);
    await begun(journal, call("a"));
    now = 7 * DAY_MS;
    await journal.claimed([call("b", { claimSeq: 8 })]);
    expect(await journal.after(0)).toHaveLength(1);
    now++;
    await journal.claimed([call("c", { claimSeq: 9 })]);
    expect(await journal.after(0)).toEqual([]);
  });
});

describe("where a journal begins", () => {
  it("is nowhere before the first claim, and then at that claim, over a restart", async () => {
    const storage = journalDisk();
    expect(await journalOn(storage).begins()).toBeNull();
    await journalOn(storage).claimed([call("a", { claimSeq: 5 }), call("b", { claimSeq: 5 })]);
    await journalOn(storage).claimed([call("c", { claimSeq: 6 })]);
    expect(await journalOn(storage).begins()).toBe(5);
  });

  it("is after whatever it forgot, for its age or for its number", async () => {
    let now = 0;
    const journal = journalOn(journalDisk(), () => now, 2);
    await begun(journal, call("a", { claimSeq: 5 }), call("b", { claimSeq: 6 }));
    expect(await journal.begins()).toBe(5);
    await begun(journal, call("c", { claimSeq: 7 }));
    expect(await journal.begins()).toBe(6);
    now = 7 * DAY_MS + 1;
    await begun(journal, call("d", { claimSeq: 8 }));
    expect(await journal.begins()).toBe(8);
    expect((await journal.after(0)).map(({ callId }) => callId)).toEqual(["d"]);
  });

  it("does not move with what cannot have rung, which is forgotten after an hour", async () => {
    let now = 0;
    const storage = journalDisk();
    const journal = journalOn(storage, () => now);
    const rows = () =>
      storage.sql
        .exec("select call_id from claims order by n")
        .toArray()
        .map((row) => row.call_id);
    await begun(journal, call("rung", { claimSeq: 1 }), call("put off", { claimSeq: 2 }));
    await journal.answered(putOff(ref("put off", 2)));
    await journal.claimed(["given back", "released", "open"].map((id) => call(id, { claimSeq: 3 })));
    await journal.release([ref("released", 3)]);
    await journal.recorded([ref("rung", 1), ref("put off", 2), ref("given back", 3), ref("released", 3)]);
    now = 3_600_000;
    await journal.claimed([call("x", { claimSeq: 4 })]);
    expect(rows()).toHaveLength(6);
    now++;
    await journal.claimed([call("y", { claimSeq: 5 })]);
    expect(rows()).toEqual(["rung", "open", "x", "y"]);
    expect(await journal.begins()).toBe(1);
  });

  it("forgets by an index, however many claims are remembered", () => {
    const storage = journalDisk();
    let pruned = "";
    const { exec } = storage.sql;
    storage.sql = {
      exec(query, ...bindings) {
        if (query.includes("order by n limit") && query.includes("open = 0")) pruned = query;
        return exec(query, ...bindings);
      },
    };
    journalOn(storage).claimed([call("a")]);
    const plan = exec(`explain query plan ${pruned}`, 0).toArray();
    expect(JSON.stringify(plan)).toContain("claims_idle");
  });
});

it("A journal's name is its own, and stays over a restart", () => {
  const storage = journalDisk();
  expect(journalOn(storage).id).toBe(journalOn(storage).id);
  expect(journalOn().id).not.toBe(journalOn(storage).id);
});
