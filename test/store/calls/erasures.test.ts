import { createHmac, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callStatuses, erasable } from "../../../src/domain/calls/call.ts";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import type { CallDraft } from "../../../src/domain/plan/draft.ts";
import { erase } from "../../../src/flows/people/erase.ts";
import { erasureStore } from "../../../src/store/calls/erasures.ts";
import { outcomeReportStore } from "../../../src/store/calls/reports.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import { draft, first, newEvent, numberOf, planOf, type World, world } from "../world/world.ts";

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

const act = { actor: "token:erika", reason: "asked by letter" };
const target = (number: string) => ({ number });
let nth = 0;
/** A new number for each test. */
const freshNumber = () => numberOf(5_000 + nth++);
const erased = (what: Parameters<typeof erase>[1]) => erase({ erasures: erasureStore(client.sql()) }, what, act);

async function made(number: string, more: Partial<CallDraft> = {}, event: Partial<NewEvent> = {}) {
  const secret = randomUUID();
  const given = await newEvent({
    body: JSON.stringify({ phone: number, secret }),
    headers: { "x-customer": secret },
    bodyKey: randomUUID(),
    ...event,
  });
  await w.events.accept("shop", [given]);
  const said = draft({ number, about: secret, prompt: secret, greeting: secret, ...more });
  await w.events.plan([planOf(given, said)]);
  const [call] = await w.owner`select * from calls where event_id = ${given.id}`;
  return { event: given, id: String(call?.id), secret };
}

/** Brings a call into a status, as the guards of the table want it. */
async function bring(id: string, status: string): Promise<void> {
  const placed = status === "placed" || status === "ended";
  await w.owner`update calls set status = ${status}, reason = 'test', detail = '{"answer": "told"}',
    lease_until = now() + interval '1 hour', claim_seq = 1, claimed_at = now(),
    placed_at = ${placed ? new Date() : null}, mihu_id = ${placed ? `mihu-${id}` : null},
    conversation_uuid = ${placed ? `conversation-${id}` : null}, contact_uuid = ${placed ? `contact-${id}` : null},
    outcome = ${status === "ended" ? "completed" : null}, ended_at = ${status === "ended" ? new Date() : null},
    summary = ${status === "ended" ? "told" : null}, recording_url = 'https://mihu.ai/r', record_url = 'https://mihu.ai/r',
    listen_url = 'https://mihu.ai/l' where id = ${id}`;
}

const row = async (id: string) => (await w.owner`select * from calls where id = ${id}`)[0];
const eventRow = async (id: string) => (await w.owner`select * from events where id = ${id}`)[0];
const entriesOf = async (id: string) =>
  await w.owner`select action, actor, reason, data from entries where subject_id = ${id} order by id`;
/** Whether a text stands anywhere in the database, tables of entries and verdicts included. */
async function found(text: string): Promise<string[]> {
  const tables = await w.owner<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public'`;
  const hits = await Promise.all(
    tables.map(async ({ name }) => {
      const [hit] = await w.owner`select 1 from ${w.owner(name)} t where to_jsonb(t)::text like ${`%${text}%`} limit 1`;
      return hit === undefined ? [] : [name];
    }),
  );
  return hits.flat();
}

describe("erasing a number", () => {
  test("leaves nothing of it, of its texts and of its events anywhere", async () => {
    const number = freshNumber();
    const { id, event, secret } = await made(number, { once: { key: number, until: Date.now() + 3_600_000 } });
    await bring(id, "ended");
    const report = {
      key: "k",
      event: "end",
      conversationUuid: `conversation-${id}`,
      mihuId: null,
      receivedAt: Date.now(),
    };
    await outcomeReportStore(client.sql).storeReports("line-a", [
      { ...report, body: JSON.stringify({ transcript: secret, number }) },
    ]);
    expect((await found(number)).sort()).toEqual(["calls", "events", "once", "reports"]);
    expect(await erased(target(number))).toMatchObject({ calls: 1, canceled: 0, events: 1, more: false });
    for (const text of [number, secret, event.bodyHash, event.dedupeKey, `contact-${id}`])
      expect(await found(text)).toEqual([]);
  });

  test("keeps what happened: status, times, outcome, reason, order number, record", async () => {
    const number = freshNumber();
    const { id, event } = await made(number);
    await bring(id, "ended");
    const before = await row(id);
    await erased(target(number));
    const kept = [
      "status",
      "outcome",
      "reason",
      "created_at",
      "placed_at",
      "ended_at",
      "order_number",
      "record_id",
      "rule",
      "line",
      "content",
    ];
    for (const column of kept) expect((await row(id))?.[column]).toEqual(before?.[column]);
    expect(await row(id)).toMatchObject({ erased_at: expect.any(Date), salt: null });
    expect(await eventRow(event.id)).toMatchObject({
      state: "planned",
      order_number: "#1001",
      record_id: "987",
      erased_at: expect.any(Date),
    });
  });

  test("writes an entry for each call and event, with who and why, in the same transaction", async () => {
    const number = freshNumber();
    const { id, event } = await made(number);
    await bring(id, "rejected");
    await erased(target(number));
    const told = { action: "erased", actor: "token:erika", reason: null, data: { reason: "asked by letter" } };
    expect((await entriesOf(id)).at(-1)).toEqual(told);
    expect((await entriesOf(event.id)).at(-1)).toEqual(told);
    const [same] = await w.owner`select count(distinct e.tx)::int as n, bool_and(e.tx::text = c.xmin::text) as with_row
      from entries e join calls c on c.id = ${id} where e.action = 'erased' and e.subject_id in (${id}, ${event.id})`;
    expect(same).toEqual({ n: 1, with_row: true });
  });

  test.each(["queued", "held"])("cancels a call that is %s first, so that it never rings", async (status) => {
    const number = freshNumber();
    const { id } = await made(number, status === "held" ? { status: "held", reason: "placeholder" } : {});
    expect(await erased(target(number))).toMatchObject({ calls: 1, canceled: 1 });
    expect(await row(id)).toMatchObject({
      status: "canceled",
      reason: "erased",
      number: null,
      erased_at: expect.any(Date),
    });
    expect((await entriesOf(id)).slice(-2)).toMatchObject([
      { action: "canceled", reason: "erased", actor: "token:erika" },
      { action: "erased" },
    ]);
  });

  test.each(callStatuses.filter((status) => !["queued", "held", ...erasable].includes(status)))(
    "names a call that is %s, and leaves it until it is over",
    async (status) => {
      const number = freshNumber();
      const { id } = await made(number);
      await bring(id, status);
      const before = await row(id);
      expect(await erased(target(number))).toMatchObject({
        calls: 0,
        waiting: { calls: [{ id, status }], callsCount: 1, events: [] },
      });
      expect(await row(id)).toEqual(before);
      await bring(id, "ended");
      expect(await erased(target(number))).toMatchObject({ calls: 1, waiting: { callsCount: 0 } });
    },
  );

  test.each([...erasable])("erases a call that is %s", async (status) => {
    const number = freshNumber();
    const { id } = await made(number);
    await bring(id, status);
    expect(await erased(target(number))).toMatchObject({ calls: 1, canceled: 0 });
    expect(await row(id)).toMatchObject({ status, number: null });
  });

  test("twice changes nothing the second time", async () => {
    const number = freshNumber();
    const { id } = await made(number);
    await erased(target(number));
    const [before, entries] = [await row(id), await entriesOf(id)];
    expect(await erased(target(number))).toMatchObject({ calls: 0, events: 0, more: false });
    expect([await row(id), await entriesOf(id)]).toEqual([before, entries]);
  });

  test("leaves the calls of all other numbers alone", async () => {
    const [number, other] = [freshNumber(), freshNumber()];
    await made(number);
    const { id, event } = await made(other);
    await erased(target(number));
    expect(await row(id)).toMatchObject({ number: other, status: "queued", erased_at: null });
    expect(await eventRow(event.id)).toMatchObject({ body: event.body, erased_at: null });
  });

  test("with five hundred calls continues in batches until all are erased", async () => {
    const number = freshNumber();
    const events = await Promise.all(Array.from({ length: 500 }, () => newEvent()));
    await w.events.accept("shop", events);
    await w.events.plan(events.map((event) => planOf(event, draft({ number }))));
    expect(await erased(target(number))).toMatchObject({ calls: 500, canceled: 500, events: 500, more: false });
    expect(await found(number)).toEqual([]);
  });

  test("while a line claims the same calls erases what it did not take, and names what it did", async () => {
    const number = freshNumber();
    const taken = await Promise.all(Array.from({ length: 3 }, () => made(number)));
    const [answer, claim] = await Promise.all([
      erased(target(number)),
      w.calls.claim("line-a", (await w.calls.claimSeq("line-a")) ?? 0, 64),
    ]);
    const dialing = claim.calls.filter((call) => call.number === number);
    expect(answer.calls + answer.waiting.callsCount).toBe(taken.length);
    expect(answer.waiting.calls.map(({ id }) => id)).toEqual(dialing.map(({ id }) => id));
  });

  test("by two at once erases each call once", async () => {
    const number = freshNumber();
    const all = await Promise.all(Array.from({ length: 40 }, () => made(number)));
    const other = keptClient(w.url, () => {});
    const answers = await Promise.all([
      erased(target(number)),
      erase({ erasures: erasureStore(other.sql()) }, target(number), act),
    ]);
    other.drop();
    expect(answers.reduce((sum, { calls }) => sum + calls, 0)).toBe(40);
    for (const { id } of all) expect((await entriesOf(id)).filter(({ action }) => action === "erased")).toHaveLength(1);
  });
});

test("a person with more calls than one statement erases: those that wait are canceled first, and `more` says what is left", async () => {
  const number = "+14155559001";
  const over = [];
  for (let nth = 0; nth < 4; nth++) over.push(await made(number, { status: "skipped", reason: "shadow" }));
  const waiting = [await made(number), await made(number, { status: "held", reason: "burst" })];
  // Calls are erased in the order of their ids, and these ids come before all others.
  await w.owner`delete from verdicts where call_id in ${w.owner(over.map(({ id }) => id))}`;
  for (const [nth, { event }] of over.entries())
    await w.owner`update calls set id = ${`00000000-0000-4000-8000-00000000000${nth}`} where event_id = ${event.id}`;
  const store = erasureStore(client.sql());
  expect(await store.erase({ number }, 2, act)).toMatchObject({ calls: 2, canceled: 2, more: true });
  const rows =
    await w.owner`select status from calls where event_id in ${w.owner(waiting.map(({ event }) => event.id))}`;
  expect(rows.map(({ status }) => status)).toEqual(["canceled", "canceled"]);
  expect(await store.erase({ number }, 2, act)).toMatchObject({ calls: 2, canceled: 0, more: true });
  // The last of them: nothing is left to ask for.
  expect(await store.erase({ number }, 2, act)).toMatchObject({ calls: 2, canceled: 0, more: false });
});

describe("erasing an event", () => {
  test("that made no call empties it, by our id or by its sender's", async () => {
    for (const byOurs of [true, false]) {
      const event = await newEvent({ body: `{"secret":"${randomUUID()}"}` });
      await w.events.accept("shop", [event]);
      await w.events.plan([planOf(event)]);
      const ids = byOurs ? [event.id] : [randomUUID(), event.id];
      expect(await erased({ source: "shop", eventIds: ids })).toMatchObject({ calls: 0, events: 1 });
      expect(await eventRow(event.id)).toMatchObject({
        body: "{}",
        headers: {},
        external_id: null,
        state: "ignored",
        reason: "no_rule_matched",
      });
    }
  });

  test("that is not planned yet names it", async () => {
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    expect(await erased({ source: "shop", eventIds: [event.id] })).toMatchObject({
      events: 0,
      waiting: { events: [event.id] },
    });
    expect(await eventRow(event.id)).toMatchObject({ body: event.body });
  });

  test("of another source touches nothing", async () => {
    const { id, event } = await made(freshNumber());
    expect(await erased({ source: "elsewhere", eventIds: [event.id] })).toMatchObject({ calls: 0, events: 0 });
    expect(await row(id)).toMatchObject({ erased_at: null });
  });

  test("cannot be prevented by a sender that names an event for it", async () => {
    const { event } = await made(freshNumber());
    await w.events.accept("shop", [await newEvent({ dedupeKey: `erased:${event.id}` })]);
    expect(await erased({ source: "shop", eventIds: [event.id] })).toMatchObject({ events: 1 });
  });
});

describe("an erased event", () => {
  test("that comes again is the same event, makes no conflict, rings nobody, and stays erased", async () => {
    const number = freshNumber();
    const { event, secret } = await made(number);
    await erased(target(number));
    const { acceptances } = await w.events.accept("shop", [event]);
    expect(acceptances).toEqual([{ id: event.id, duplicate: true, conflict: false }]);
    const other = { ...event, body: "{}", bodyHash: "other" };
    await w.events.accept("shop", [other]);
    await w.events.plan([planOf(event, draft({ number }))]);
    expect(await eventRow(event.id)).toMatchObject({
      conflicts: 0,
      body: "{}",
      body_hash: "",
      erased_at: expect.any(Date),
    });
    expect(await w.owner`select 1 from calls where event_id = ${event.id} and status = 'queued'`).toEqual([]);
    expect(await found(secret)).toEqual([]);
  });
});

describe("a call that was erased", () => {
  test("is not told of again by a late report of Mihu's, and its summary does not come back", async () => {
    const number = freshNumber();
    const { id } = await made(number);
    await bring(id, "ended");
    await w.owner`update calls set summary = null where id = ${id}`;
    await erased(target(number));
    const late = {
      key: randomUUID(),
      event: "end",
      conversationUuid: `conversation-${id}`,
      mihuId: null,
      body: "{}",
      receivedAt: 0,
    };
    await outcomeReportStore(client.sql).storeReports("line-a", [late]);
    expect(await w.owner`select 1 from reports where conversation_uuid = ${`conversation-${id}`}`).toEqual([]);
    const settlement = {
      callId: id,
      outcome: "completed",
      outcomeRaw: "completed",
      durationS: 7,
      summary: "told again",
    } as const;
    await w.calls.settle(
      [{ ...settlement, recordingUrl: "https://mihu.ai/r", endedAt: Date.now(), again: null }],
      "mihu",
    );
    expect(await row(id)).toMatchObject({ summary: null, recording_url: null });
  });

  test.each([
    "number = '+14155550100'",
    "about = 'x'",
    "salt = 'x'",
    "summary = 'x'",
    "detail = '{}'",
    "status = 'queued'",
  ])("cannot be given anything back: %s", async (change) => {
    const number = freshNumber();
    const { id } = await made(number);
    await erased(target(number));
    await expect(w.owner.unsafe(`update calls set ${change} where id = '${id}'`)).rejects.toMatchObject({
      code: "23514",
    });
  });
});

describe("what the entry of a call's making commits to", () => {
  const commits = async (id: string) => {
    const [entry] = await entriesOf(id);
    return String(entry?.data.content);
  };
  const again = (call: Awaited<ReturnType<typeof row>>) =>
    createHmac("sha256", call?.salt)
      .update(
        JSON.stringify({
          about: call?.about,
          greeting: call?.greeting,
          number: call?.number,
          prompt: call?.prompt,
          prompt_overwrite: call?.prompt_overwrite,
        }),
      )
      .digest("hex");

  test("can be shown by whoever has the row, and no longer once it was changed", async () => {
    const { id } = await made(freshNumber(), { greeting: 'Hello "you" 👋\n' });
    expect(again(await row(id))).toBe(await commits(id));
    expect((await row(id))?.content).toBe(await commits(id));
    await w.owner`update calls set about = 'something else' where id = ${id}`;
    expect(again(await row(id))).not.toBe(await commits(id));
  });

  test("differs for two calls that say the same to the same person", async () => {
    const number = freshNumber();
    const texts = { about: "same", prompt: null, greeting: null };
    const [one, two] = [await made(number, texts), await made(number, texts)];
    expect(await commits(one.id)).not.toBe(await commits(two.id));
  });

  test("is the same for a further try, whose row can show it as well", async () => {
    const { id } = await made(freshNumber());
    await bring(id, "placed");
    const later = {
      askedAt: Date.now(),
      dueAt: Date.now() + 3_600_000,
      closesAt: null,
      expiresAt: null,
      line: first("line-a"),
    };
    const end = { callId: id, outcome: "busy", outcomeRaw: "busy", durationS: null, summary: null } as const;
    await w.calls.settle([{ ...end, recordingUrl: null, endedAt: Date.now(), again: later }], "mihu");
    const [second] = await w.owner`select * from calls where again_of = ${id}`;
    expect(await commits(second?.id)).toBe(await commits(id));
    expect(again(second)).toBe(await commits(id));
  });

  test("stays in the entry when the call is erased, and its key is gone", async () => {
    const number = freshNumber();
    const { id } = await made(number);
    const { salt } = (await row(id)) ?? {};
    const before = await commits(id);
    await erased(target(number));
    expect(await commits(id)).toBe(before);
    expect(await found(String(salt))).toEqual([]);
  });
});
