import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Settlement } from "../../../src/ports/calling/settlements.ts";
import { keptClient } from "../../../src/store/postgres/kept-client.ts";
import { callStores } from "../world/calls.ts";
import { callOf, claimedCalls, entriesOf, placedCalls } from "../world/placed.ts";
import { first, newEvent, planOf, type World, world } from "../world/world.ts";

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
/** A later event of the call's record withdraws it. */
async function withdraw(id: string): Promise<void> {
  const event = await newEvent({ record: { type: "order", id } });
  await w.events.accept("shop", [event]);
  await w.events.plan([{ ...planOf(event), withdraw: [{ rule: "call-me", record: { type: "order", id } }] }]);
}
const triesOf = async (id: string) =>
  await w.owner`select t.* from calls t join calls c on c.event_id = t.event_id and c.rule = t.rule
    where c.id = ${id} order by t.try`;

describe("settling", () => {
  test("ends a placed call with all that is known of it and an entry, and pokes its line", async () => {
    const id = await placed();
    const { pokes } = await w.calls.settle([endOf(id, { endedAt: 1_767_636_000_123 })], "mihu");
    expect(pokes).toEqual(["line-a"]);
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
        data: { outcome: "completed", outcome_raw: "completed", duration_s: 42, row: expect.any(Object) },
      },
    ]);
  });

  test("writes no text of the call into an entry: what may have to be erased is not there", async () => {
    const id = await placed();
    await w.calls.settle([endOf(id, { summary: "Ann Smith is ill" })], "mihu");
    expect(JSON.stringify(await entriesOf(w.owner, "call", id))).not.toMatch(/Ann Smith|https?:|\+1415/);
  });

  test("twice changes nothing more: the first outcome is the outcome", async () => {
    const id = await placed();
    await w.calls.settle([endOf(id)], "mihu");
    const before = [await callOf(w.owner, id), await entriesOf(w.owner, "call", id)];
    const { pokes } = await w.calls.settle(
      [
        busy(id, {
          again: { askedAt: Date.now(), dueAt: Date.now(), closesAt: null, expiresAt: null, line: first("line-a") },
        }),
      ],
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
    const clients = [keptClient(w.url, () => {}), keptClient(w.url, () => {})];
    const ends = ids.map((id) =>
      busy(id, {
        again: {
          askedAt: Date.now() + HOUR_MS,
          dueAt: Date.now() + HOUR_MS,
          closesAt: null,
          expiresAt: null,
          line: first("line-a"),
        },
      }),
    );
    await Promise.all(
      clients.map((client, index) =>
        callStores(() => client.sql()).settle(index === 0 ? ends : [...ends].reverse(), "mihu"),
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
    const { pokes } = await w.calls.settle([endOf(call.id), endOf("00000000-0000-4000-8000-000000000000")], "mihu");
    expect(pokes).toEqual([]);
    expect(await callOf(w.owner, call.id)).toMatchObject({ status: "dialing", outcome: null });
  });
});

describe("a further try", () => {
  const again = {
    askedAt: 1_800_000_000_000,
    dueAt: 1_800_000_000_000,
    closesAt: 1_800_003_600_000,
    expiresAt: 1_800_007_200_000,
    line: first("line-a"),
  };

  test("is a row of its own that names the call before it and says the same, once", async () => {
    const id = await placed();
    const { pokes } = await w.calls.settle([busy(id, { again })], "mihu");
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
      {
        action: "queued",
        actor: "mihu",
        reason: null,
        data: {
          again_of: id,
          try: 2,
          asked_at: expect.any(String),
          due_at: expect.any(String),
          content: expect.stringMatching(/^[0-9a-f]{64}$/),
          row: expect.any(Object),
          verdicts: [],
        },
      },
    ]);
    // The line has room now, which is sooner than the further try is due.
    expect(pokes).toEqual(["line-a"]);
  });

  test.each(["placed", "dialing"])(
    "of a call whose record was withdrawn while it was %s is canceled, and says why",
    async (status) => {
      const id = await placed();
      await w.owner`update calls set status = ${status}, lease_until = now() + interval '1 hour',
      record_id = ${id}::text where id = ${id}`;
      await withdraw(id);
      await withdraw(id);
      await w.owner`update calls set status = 'placed' where id = ${id}`;
      const stops = (await entriesOf(w.owner, "call", id)).filter(({ action }) => action === "further_tries_stopped");
      expect(stops).toEqual([
        { action: "further_tries_stopped", actor: "plan", reason: "withdrawn", data: { event_id: expect.any(String) } },
      ]);
      await w.calls.settle([busy(id, { again })], "mihu");
      const [first, second] = await triesOf(id);
      expect(first).toMatchObject({ status: "ended", outcome: "busy" });
      expect(second).toMatchObject({ status: "canceled", reason: "withdrawn", try: 2 });
    },
  );

  test("of a call that a person has stopped is canceled, and only of one under way can they be stopped", async () => {
    const id = await placed();
    const act = { actor: "token:ann", reason: "they wrote back" };
    expect(await w.calls.cancel([id], act)).toEqual({ canceled: [], claimed: [], stopped: [id] });
    expect(await w.calls.cancel([id], act)).toEqual({ canceled: [], claimed: [], stopped: [] });
    expect((await entriesOf(w.owner, "call", id)).at(-1)).toEqual({
      action: "further_tries_stopped",
      actor: "token:ann",
      reason: "canceled",
      data: { reason: "they wrote back" },
    });
    await w.calls.settle([busy(id, { again })], "mihu");
    expect((await triesOf(id))[1]).toMatchObject({ status: "canceled", reason: "canceled" });
    expect(await w.calls.cancel([id], act)).toEqual({ canceled: [], claimed: [], stopped: [] });
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
  test("of conversations: every call that was placed in them, of whatever line, and who it rang", async () => {
    const [a = "", b = "", c = "", d = ""] = await placedCalls(w, "line-a", 4);
    await w.owner`update calls set conversation_uuid = 'shared' where id in ${w.owner([a, b, c])}`;
    await w.calls.settle([busy(b), endOf(c)], "mihu");
    const open = await w.calls.ofConversations(["shared", "none", `conversation-${d}`, "shared"]);
    expect(new Map(open.map(({ id, ended, settled }) => [id, [ended, settled]]))).toEqual(
      new Map([
        [a, [false, false]],
        [b, [true, false]],
        [c, [true, true]],
        [d, [false, false]],
      ]),
    );
    expect(open.find(({ id }) => id === a)).toEqual({
      id: a,
      line: "line-a",
      conversationUuid: "shared",
      mihuId: `mihu-${a}`,
      claimedAt: expect.any(Number),
      placedAt: expect.any(Number),
      polls: 0,
      try: 1,
      source: "shop",
      rule: "call-me",
      ruleVersion: 1,
      number: expect.stringMatching(/^\+1415/),
      agent: "agent-1",
      ended: false,
      settled: false,
    });
  });

  test("has no agent once the line's agent was changed after its claim", async () => {
    const id = await placed();
    await w.owner`update lines set agent_since = now() where slug = 'line-a'`;
    const agents = async () => (await w.calls.ofConversations([`conversation-${id}`])).map(({ agent }) => agent);
    expect(await agents()).toEqual([null]);
    await w.owner`update lines set agent_since = now() - interval '1 day' where slug = 'line-a'`;
    expect(await agents()).toEqual(["agent-1"]);
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

describe("a placed call without a conversation", () => {
  const bare = async () => {
    const id = await placed();
    await w.owner`update calls set conversation_uuid = null, mihu_id = ${`MIHU-${id}`} where id = ${id}`;
    return id;
  };

  test("is due at once when there is news of its id, and only then", async () => {
    const id = await bare();
    expect(await w.calls.pollNow("line-a", ["another"])).toBe(false);
    expect(await w.calls.pollNow("line-b", [`mihu-${id}`])).toBe(false);
    expect(await w.calls.pollNow("line-a", [`mihu-${id}`])).toBe(true);
    expect((await w.calls.openToPoll("line-a", 100)).map((call) => call.id)).toContain(id);
  });

  test("is given the one that was found, once, with an entry", async () => {
    const id = await bare();
    const join = (conversationUuid: string) =>
      w.calls.joinConversation(id, { conversationUuid, contactUuid: "contact-1" }, "poll");
    expect(await join("c-9")).toBe(true);
    expect(await join("c-10")).toBe(false);
    const told = await w.owner`select data from entries where subject_id = ${id} and action = 'conversation_found'`;
    expect(told).toEqual([{ data: { conversation_uuid: "c-9", row: expect.any(Object) } }]);
    expect((await w.calls.ofConversations(["c-9"])).map((call) => call.id)).toEqual([id]);
  });

  test("is given one that another call has too, and none where that has the same id of Mihu's", async () => {
    const [other, same, different] = [await placed(), await bare(), await bare()];
    await w.owner`update calls set conversation_uuid = 'c-11', mihu_id = ${`mihu-${same}`} where id = ${other}`;
    const join = (id: string) => w.calls.joinConversation(id, { conversationUuid: "c-11", contactUuid: null }, "poll");
    expect([await join(same), await join(different)]).toEqual([false, true]);
    expect(await w.owner`select 1 from entries where subject_id = ${same} and action = 'conversation_found'`).toEqual(
      [],
    );
  });
});

describe("what is somebody else's", () => {
  test("is noted once for each call and conversation, however often it is looked at", async () => {
    const id = await placed();
    const note = { callId: id, conversationUuid: "c-1", mismatch: "number" } as const;
    for (let look = 0; look < 3; look++) await w.calls.noteForeign([note], "mihu");
    await w.calls.noteForeign([{ ...note, conversationUuid: "c-2", mismatch: "agent" }], "poll");
    expect((await entriesOf(w.owner, "call", id)).slice(3)).toEqual([
      { action: "not_this_call", actor: "mihu", reason: null, data: { conversation_uuid: "c-1", mismatch: "number" } },
      { action: "not_this_call", actor: "poll", reason: null, data: { conversation_uuid: "c-2", mismatch: "agent" } },
    ]);
  });
});
