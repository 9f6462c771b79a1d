import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Settlement } from "../../src/ports/line.ts";
import { callStore } from "../../src/store/calls.ts";
import { keptClient } from "../../src/store/kept.ts";
import { callOf, claimedCalls, entriesOf, placedCalls } from "./placed.ts";
import { type World, world } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await world("line-a", "line-b");
});
afterAll(() => w.close());

const HOUR_MS = 3_600_000;

/** The end of a call. */
const endOf = (callId: string, deviation: Partial<Settlement> = {}): Settlement => ({
  callId,
  outcome: "completed",
  outcomeRaw: "completed",
  durationS: 42,
  summary: "All is well.",
  recordingUrl: "https://example.test/recording",
  endedAt: Date.now(),
  again: null,
  ...deviation,
});
const busy = (callId: string, deviation: Partial<Settlement> = {}): Settlement =>
  endOf(callId, {
    outcome: "busy",
    outcomeRaw: "busy",
    durationS: null,
    summary: null,
    recordingUrl: null,
    ...deviation,
  });

async function placed(): Promise<string> {
  const [id] = await placedCalls(w, "line-a", 1);
  if (id === undefined) throw new Error("one was placed");
  return id;
}
const triesOf = async (id: string) =>
  await w.owner`select t.* from calls t join calls c on c.event_id = t.event_id and c.rule = t.rule
    where c.id = ${id} order by t.try`;

describe("settling", () => {
  test("ends a placed call with all that is known of it and an entry, and pokes its line", async () => {
    const id = await placed();
    const pokes = await w.calls.settle([endOf(id, { endedAt: 1_767_636_000_123 })], "mihu");
    expect(pokes).toEqual([{ line: "line-a", dueAt: expect.any(Number) }]);
    expect(await callOf(w.owner, id)).toMatchObject({
      status: "ended",
      outcome: "completed",
      outcome_raw: "completed",
      duration_s: 42,
      summary: "All is well.",
      recording_url: "https://example.test/recording",
      ended_at: new Date(1_767_636_000_123),
      poll_at: null,
    });
    expect((await entriesOf(w.owner, "call", id)).slice(3)).toEqual([
      {
        action: "ended",
        actor: "mihu",
        reason: null,
        data: { outcome: "completed", outcome_raw: "completed", duration_s: 42 },
      },
    ]);
  });

  test("writes no text of the call into an entry: what may have to be erased is not there", async () => {
    const id = await placed();
    await w.calls.settle([endOf(id, { summary: "Ann Smith is ill" })], "mihu");
    expect(JSON.stringify(await entriesOf(w.owner, "call", id))).not.toMatch(/Ann Smith|recording|\+1415/);
  });

  test("twice changes nothing more: the first outcome is the outcome", async () => {
    const id = await placed();
    await w.calls.settle([endOf(id)], "mihu");
    const before = [await callOf(w.owner, id), await entriesOf(w.owner, "call", id)];
    const pokes = await w.calls.settle(
      [busy(id, { again: { dueAt: Date.now(), closesAt: null, expiresAt: null } })],
      "mihu",
    );
    expect(pokes).toEqual([]);
    expect([await callOf(w.owner, id), await entriesOf(w.owner, "call", id)]).toEqual(before);
  });

  test("a late report adds a summary, a duration and a recording, and takes nothing back", async () => {
    const id = await placed();
    await w.calls.settle([busy(id, { durationS: 7 })], "mihu");
    await w.calls.settle([endOf(id, { summary: "They rang back." })], "poll");
    expect(await callOf(w.owner, id)).toMatchObject({
      status: "ended",
      outcome: "busy",
      outcome_raw: "busy",
      duration_s: 7,
      summary: "They rang back.",
      recording_url: "https://example.test/recording",
    });
    expect((await entriesOf(w.owner, "call", id)).at(-1)).toMatchObject({ action: "report_added", actor: "poll" });
    await w.calls.settle(
      [endOf(id, { summary: "Something else.", durationS: 1, recordingUrl: "https://other.test" })],
      "poll",
    );
    expect(await callOf(w.owner, id)).toMatchObject({ summary: "They rang back.", duration_s: 7 });
  });

  test("a late report that adds one thing takes no other back", async () => {
    const id = await placed();
    await w.calls.settle([endOf(id, { durationS: null })], "mihu");
    await w.calls.settle(
      [endOf(id, { durationS: 42, summary: "Another story.", recordingUrl: "https://other.test" })],
      "poll",
    );
    await w.calls.settle([endOf(id, { durationS: 1, summary: null })], "poll");
    expect(await callOf(w.owner, id)).toMatchObject({
      duration_s: 42,
      summary: "All is well.",
      recording_url: "https://example.test/recording",
    });
  });

  test("one call twice in a batch ends it once", async () => {
    const id = await placed();
    await w.calls.settle([busy(id), busy(id)], "mihu");
    const actions = (await entriesOf(w.owner, "call", id)).map(({ action }) => action);
    expect(actions.filter((action) => action === "ended")).toHaveLength(1);
  });

  test("by two instances at once ends it once, with one further try", async () => {
    const ids = await placedCalls(w, "line-a", 20);
    const clients = [keptClient(w.url), keptClient(w.url)];
    const ends = ids.map((id) => busy(id, { again: { dueAt: Date.now() + HOUR_MS, closesAt: null, expiresAt: null } }));
    await Promise.all(
      clients.map((client, index) =>
        callStore(() => client.sql()).settle(index === 0 ? ends : [...ends].reverse(), "mihu"),
      ),
    );
    for (const client of clients) client.drop();
    for (const id of ids) {
      expect(await triesOf(id)).toHaveLength(2);
      expect((await entriesOf(w.owner, "call", id)).filter(({ action }) => action === "ended")).toHaveLength(1);
    }
  });

  test("a call that was never placed, or is not there, changes nothing", async () => {
    const [call] = await claimedCalls(w, "line-b", 1);
    if (call === undefined) throw new Error("one was claimed");
    const pokes = await w.calls.settle([endOf(call.id), endOf("00000000-0000-4000-8000-000000000000")], "mihu");
    expect(pokes).toEqual([]);
    expect(await callOf(w.owner, call.id)).toMatchObject({ status: "dialing", outcome: null });
  });
});

describe("a further try", () => {
  const again = { dueAt: 1_800_000_000_000, closesAt: 1_800_003_600_000, expiresAt: 1_800_007_200_000 };

  test("is a row of its own that names the call before it and says the same, once", async () => {
    const id = await placed();
    const pokes = await w.calls.settle([busy(id, { again })], "mihu");
    const [first, second, ...others] = await triesOf(id);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ id, status: "ended", outcome: "busy", try: 1 });
    const same = [
      "event_id",
      "source",
      "rule",
      "rule_version",
      "mode",
      "line",
      "number",
      "about",
      "order_number_key",
      "zones",
    ];
    for (const column of same) expect(second?.[column]).toEqual(first?.[column]);
    expect(second).toMatchObject({
      try: 2,
      again_of: id,
      status: "queued",
      due_at: new Date(again.dueAt),
      closes_at: new Date(again.closesAt),
      expires_at: new Date(again.expiresAt),
      claim_seq: null,
      conversation_uuid: null,
      placed_at: null,
      outcome: null,
    });
    expect(await entriesOf(w.owner, "call", second?.id)).toEqual([
      { action: "queued", actor: "mihu", reason: null, data: { again_of: id, try: 2, due_at: expect.any(String) } },
    ]);
    // The line has room now, which is sooner than the further try is due.
    expect(pokes).toEqual([{ line: "line-a", dueAt: expect.any(Number) }]);
    expect(pokes[0]?.dueAt).toBeLessThan(again.dueAt);
  });

  test("that is there already is not made again", async () => {
    const id = await placed();
    await w.calls.settle([busy(id, { again })], "mihu");
    await w.owner`update calls set status = 'placed', outcome = null, ended_at = null where id = ${id}`;
    await w.calls.settle([busy(id, { again })], "mihu");
    expect(await triesOf(id)).toHaveLength(2);
  });
});

describe("what is open", () => {
  test("of a conversation: placed calls, and those that ended without a summary, of this line only", async () => {
    const [a = "", b = "", c = "", d = ""] = await placedCalls(w, "line-a", 4);
    await w.owner`update calls set conversation_uuid = 'shared' where id in ${w.owner([a, b, c])}`;
    await w.calls.settle([busy(b), endOf(c)], "mihu");
    const open = await w.calls.openByConversation("line-a", "shared");
    expect(new Map(open.map(({ id, ended }) => [id, ended]))).toEqual(
      new Map([
        [a, false],
        [b, true],
      ]),
    );
    expect(open.find(({ id }) => id === a)).toEqual({
      id: a,
      line: "line-a",
      conversationUuid: "shared",
      mihuId: `mihu-${a}`,
      placedAt: expect.any(Number),
      polls: 0,
      try: 1,
      source: "shop",
      rule: "call-me",
      ruleVersion: 1,
      ended: false,
    });
    expect(await w.calls.openByConversation("line-b", "shared")).toEqual([]);
    expect(await w.calls.openByConversation("line-a", `conversation-${d}`)).toHaveLength(1);
  });

  test("and is to be asked after: a minute after it was placed, then as often as it was told", async () => {
    const id = await placed();
    expect((await w.calls.openToPoll("line-a", 100)).map((call) => call.id)).not.toContain(id);
    const [row] = await w.owner`select poll_at - placed_at = interval '60 seconds' as soon,
      abs(extract(epoch from poll_at - placed_at) - 60) < 1 as about from calls where id = ${id}`;
    expect(row?.about).toBe(true);
    await w.owner`update calls set poll_at = now() where id = ${id}`;
    expect((await w.calls.openToPoll("line-a", 100)).map((call) => call.id)).toContain(id);
    await w.calls.pollLater([{ callId: id, waitMs: 120_000 }]);
    expect((await w.calls.openToPoll("line-a", 100)).map((call) => call.id)).not.toContain(id);
    expect((await callOf(w.owner, id)).polls).toBe(1);
  });
});
