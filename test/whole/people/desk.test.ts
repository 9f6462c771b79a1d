/** Notes, review, transcripts, readings and the timeline of an order, on the real whole. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listenForOutcomes, number, openShop, type Shop, source } from "../shop.ts";

let shop: Shop;
let anna: string;
let bob: string;
let owner: postgres.Sql;

beforeAll(async () => {
  shop = await openShop({
    mihu: { call_ms: 300, outcomes: { completed: 1 } },
    rule: { burst: { calls: 3, in: "10m" } },
    vars: { LINK_HOSTS: "media.mihu.example", REVIEW_OVERDUE: "1h" },
  });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => undefined });
  await listenForOutcomes(shop);
  anna = await named("Anna", ["calls:read", "calls:write", "pii:read"]);
  bob = await named("Bob", ["calls:read", "calls:write"]);
}, 90_000);
afterAll(async () => {
  await owner?.end({ timeout: 5 });
  await shop?.stop();
});

async function named(name: string, scopes: string[]): Promise<string> {
  const made = await shop.api("/v1/tokens", { method: "POST", json: { name, scopes, days: 1 } });
  return ((await made.json()) as { token: string }).token;
}

type Answer = { status: number; body: Record<string, unknown>; location: string | null };

async function as(token: string, method: string, path: string, json?: object): Promise<Answer> {
  const answer = await fetch(shop.url + path, {
    method,
    redirect: "manual",
    headers: {
      authorization: `Bearer ${token}`,
      ...(json === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await answer.text();
  const isJson = (answer.headers.get("content-type") ?? "").includes("json");
  return { status: answer.status, body: isJson ? JSON.parse(text) : {}, location: answer.headers.get("location") };
}

type Step = { kind: string; sentence: string; by: string | null; quote: string | null; gap_s: number | null };
const timelineOf = (answer: Answer) => answer.body.timeline as Step[];

test("An order's timeline goes from the event to the outcome, with a person's note by the name of their token.", async () => {
  await shop.send({ name: "#9101", phone: number(901) });
  const call = await shop.call("#9101", "ended");
  const noted = await as(anna, "POST", "/v1/orders/notes", {
    order_number: " 9101",
    text: "Refund of <b>20</b> agreed.",
  });
  expect([noted.status, noted.body.source]).toEqual([201, null]);

  const order = await as(anna, "GET", "/v1/orders?order_number=9101");
  const steps = timelineOf(order);
  expect(steps[0]).toMatchObject({
    kind: "event",
    sentence: `${source} sent orders/updated; it was verified.`,
    gap_s: null,
  });
  const kinds = steps.map(({ kind }) => kind);
  for (const kind of ["event", "gate", "call", "report", "note"]) expect(kinds).toContain(kind);
  expect(steps.findIndex(({ sentence }) => sentence.startsWith("Placed"))).toBeLessThan(
    steps.findIndex(({ sentence }) => sentence.startsWith("Ended: completed")),
  );
  expect(steps.at(-1)).toMatchObject({ kind: "note", by: "Anna", quote: "Refund of <b>20</b> agreed." });
  expect(steps.every(({ gap_s }, index) => (index === 0 ? gap_s === null : (gap_s ?? -1) >= 0))).toBe(true);
  expect(order.body.next).toBeNull();

  // Without `pii:read` the text is masked, in the timeline as well.
  const masked = await as(bob, "GET", "/v1/orders?order_number=9101");
  expect(timelineOf(masked).at(-1)).toMatchObject({ kind: "note", by: "Anna" });
  expect(JSON.stringify(masked.body)).not.toContain("Refund");
  const story = await as(bob, "GET", `/v1/calls/${call.id}`);
  expect(
    (story.body.timeline as { kind: string; by?: string }[]).find(({ by }) => by === "line support-en"),
  ).toBeDefined();
});

test("A note needs an order that is known, and its entry holds no text; erasing the person erases it.", async () => {
  const unknown = await as(anna, "POST", "/v1/orders/notes", { order_number: "no-such-order", text: "x" });
  expect([unknown.status, unknown.body.code]).toEqual([404, "not_found"]);
  for (const [named, says] of [
    ["no-such-source", "There is no source of this name."],
    ["api", "No event and no call of the source api has this order number."],
  ]) {
    const answer = await as(anna, "POST", "/v1/orders/notes", { order_number: "9101", source: named, text: "x" });
    expect([answer.status, answer.body.code, answer.body.detail]).toEqual([404, "not_found", says]);
  }
  for (const text of ["", "   ", "x".repeat(2_001), "a\u0000b"]) {
    const answer = await as(anna, "POST", "/v1/orders/notes", { order_number: "9101", text });
    expect([text.length, answer.status]).toEqual([text.length, 422]);
  }
  expect(
    (await as(await shop.tokenFor(["calls:read"]), "POST", "/v1/orders/notes", { order_number: "9101", text: "x" }))
      .status,
  ).toBe(403);

  const rows = await owner<{ data: string }[]>`select data::text as data from entries where subject = 'note'`;
  expect(rows.length).toBe(1);
  expect(rows[0]?.data).not.toContain("Refund");
  const erased = await shop.api("/v1/erasures", { method: "POST", json: { number: number(901), reason: "asked" } });
  expect(erased.status).toBe(200);
  const [note] = timelineOf(await as(anna, "GET", "/v1/orders?order_number=9101")).filter(
    ({ kind }) => kind === "note",
  );
  expect(note).toMatchObject({ sentence: "A note, whose text was erased.", quote: null });
  const late = await as(anna, "POST", "/v1/orders/notes", { order_number: "9101", text: "She is Anna Nguyen." });
  expect([late.status, late.body.code]).toEqual([409, "order_erased"]);
});

test("A call that waits for a person has an owner: of two at once one wins, and a decided call cannot be taken on.", async () => {
  // Of a burst of more than three, the others are held.
  for (let nth = 0; nth < 6; nth++) await shop.send({ name: `#92${nth}0`, phone: number(920 + nth) });
  const held = await shop.until(
    async () =>
      (await as(anna, "GET", "/v1/review?status=held")).body.data as { call: { id: string }; owner: string | null }[],
    (items) => items.length >= 3,
  );
  const id = held[0]?.call.id ?? "";
  const [one, two] = await Promise.all([
    as(anna, "POST", `/v1/calls/${id}/assign`, { owner: "me" }),
    as(bob, "POST", `/v1/calls/${id}/assign`, { owner: "me" }),
  ]);
  expect([one.status, two.status].sort()).toEqual([200, 409]);
  const loser =
    one.status === 409 ? { token: anna, answer: one, other: "Bob" } : { token: bob, answer: two, other: "Anna" };
  expect(loser.answer.body).toMatchObject({ code: "owned" });
  expect(String(loser.answer.body.detail)).toContain(loser.other);
  expect((await as(loser.token, "POST", `/v1/calls/${id}/assign`, { owner: "me", take_from_other: true })).status).toBe(
    200,
  );
  const mine = (await as(loser.token, "GET", "/v1/review?owner=me")).body.data as {
    call: { id: string };
    mine: boolean;
    overdue: boolean;
    decisions: string[];
  }[];
  expect(mine).toMatchObject([{ call: { id }, mine: true, overdue: false, decisions: ["release", "cancel"] }]);
  expect((await as(loser.token, "POST", `/v1/calls/${id}/assign`, { owner: null })).body).toEqual({ id, owner: null });
  expect((await as(anna, "GET", "/v1/review?owner=none")).body.data).toHaveLength(held.length);

  expect((await as(anna, "POST", `/v1/calls/${id}/cancel`, { reason: "not wanted" })).status).toBe(200);
  const late = await as(anna, "POST", `/v1/calls/${id}/assign`, { owner: "me" });
  expect([late.status, late.body.code, late.body.call_status]).toEqual([409, "call_state", "canceled"]);
  const entries = await owner<{ action: string }[]>`
    select action from entries where subject_id = ${id} and action in ('assigned', 'unassigned') order by id`;
  expect(entries.map(({ action }) => action)).toEqual(["assigned", "assigned", "unassigned"]);
  expect(
    (await as(anna, "POST", "/v1/calls/0b0f7b0e-8f3b-4c56-9d1e-3a1f5a2b7c11/assign", { owner: "me" })).status,
  ).toBe(404);
});

test("A call that waits for longer than REVIEW_OVERDUE is overdue, in the list and in /readyz.", async () => {
  const [row] = await owner<{ id: string }[]>`
    update calls set created_at = now() - interval '61 minutes' where id = (
      select id from calls where status = 'held' order by created_at limit 1) returning id`;
  const items = (await as(anna, "GET", "/v1/review?status=held")).body.data as {
    call: { id: string };
    overdue: boolean;
  }[];
  expect(items.find(({ overdue }) => overdue)?.call.id).toBe(row?.id);
  const ready = await shop.api("/readyz");
  expect(JSON.stringify(await ready.json())).toContain("review_overdue");
});

test("An owner has a call for one wait: when it waits again, its age is that of the new wait, and it is free to take.", async () => {
  type Item = { call: { id: string }; owner: string | null; age_s: number; overdue: boolean };
  const items = async (query: string) => (await as(anna, "GET", `/v1/review?${query}`)).body.data as Item[];
  const id = (await items("status=held&owner=none")).at(-1)?.call.id ?? "";
  expect((await as(anna, "POST", `/v1/calls/${id}/assign`, { owner: "me" })).status).toBe(200);
  await owner`update calls set created_at = now() - interval '3 hours' where id = ${id}`;
  await owner`update owners set at = now() - interval '2 hours' where call = ${id}`;
  expect((await items("owner=me")).map(({ call }) => call.id)).toContain(id);

  shop.simulator.setFaults({ next: ["before_500"] });
  expect((await as(anna, "POST", `/v1/calls/${id}/release`, { reason: "go on" })).status).toBe(202);
  const again = await shop.until(
    async () => (await items("")).find(({ call }) => call.id === id),
    (item) => item !== undefined && item.age_s < 3_600,
  );
  expect(again).toMatchObject({ owner: null, overdue: false });
  expect((await items("owner=me")).map(({ call }) => call.id)).not.toContain(id);
  expect((await items("owner=none")).map(({ call }) => call.id)).toContain(id);
  expect((await as(bob, "POST", `/v1/calls/${id}/assign`, { owner: "me" })).status).toBe(200);
  expect((await items("owner=none")).map(({ call }) => call.id)).not.toContain(id);
  expect((await as(anna, "POST", `/v1/calls/${id}/assign`, { owner: "me" })).body.code).toBe("owned");
});

test("A transcript is read from Mihu when it is asked for, noted each time, and stored nowhere.", async () => {
  await shop.send({ name: "#9301", phone: number(931), tags: "call-me" });
  const held = (await as(anna, "GET", "/v1/calls?order_number=9301")).body.data as { id: string; status: string }[];
  if (held[0]?.status === "held") await as(anna, "POST", `/v1/calls/${held[0].id}/release`, { reason: "go on" });
  const { id } = await shop.call("#9301", "ended");
  const read = await as(anna, "GET", `/v1/calls/${id}/transcript`);
  expect(read.status).toBe(200);
  const utterances = read.body.utterances as { speaker: string; text: string }[];
  expect(utterances.map(({ speaker }) => speaker)).toEqual(["agent", "customer", "agent"]);
  expect(read.body).toMatchObject({ complete: true, cut: null, next_cursor: null, only_this_call: true });
  expect((await as(anna, "GET", `/v1/calls/${id}/transcript?cursor=0`)).body.code).toBe("invalid");
  expect((await as(bob, "GET", `/v1/calls/${id}/transcript`)).status).toBe(403);
  expect((await as(anna, "GET", `/v1/calls/${id}/listen`)).body.code).toBe("not_live");

  const found = await shop.api("/v1/audit/readings?reader=Anna");
  const { data } = (await found.json()) as { data: { reader: string; action: string; call_id: string | null }[] };
  expect(data.filter(({ action }) => action === "transcript_read")).toMatchObject([{ reader: "Anna", call_id: id }]);
  const [stored] = await owner<{ rows: number }[]>`
    select count(*)::int as rows from entries where data::text like '%calling.%'`;
  expect(stored?.rows).toBe(0);
});

test.each([
  ["fails", { list_500: 1 }, { list_500: 0 }],
  ["hangs", { read_latency_ms: 20_000 }, { read_latency_ms: 0 }],
] as const)("While Mihu %s, a transcript is a clear refusal and no reading is noted.", async (_, fault, calm) => {
  const [call] = (await as(anna, "GET", "/v1/calls?status=ended&limit=1")).body.data as { id: string }[];
  const before = await owner`select id from entries where action = 'transcript_read'`;
  shop.simulator.setFaults(fault);
  const answer = await as(anna, "GET", `/v1/calls/${call?.id}/transcript`);
  shop.simulator.setFaults(calm);
  expect([answer.status, answer.body.code]).toEqual([502, "mihu_refused"]);
  expect(await owner`select id from entries where action = 'transcript_read'`).toHaveLength(before.length);
});

test("A conversation that Mihu does not have is 404 with a reason of its own, and no reading is noted.", async () => {
  const [call] = (await as(anna, "GET", "/v1/calls?status=ended&limit=1")).body.data as { id: string }[];
  const before = await owner`select id from entries where action = 'transcript_read'`;
  await owner`update calls set conversation_uuid = gen_random_uuid() where id = ${call?.id ?? null}`;
  const answer = await as(anna, "GET", `/v1/calls/${call?.id}/transcript`);
  expect([answer.status, answer.body.code]).toEqual([404, "not_at_mihu"]);
  expect(await owner`select id from entries where action = 'transcript_read'`).toHaveLength(before.length);
});

test("Two events of one record are compared field by field, and a masked reader sees the fields without their values.", async () => {
  await shop.send({ name: "#9401", id: 9401, phone: number(941), note: "first" });
  await shop.send({ name: "#9401", id: 9401, phone: number(941), note: "second" });
  const events = await shop.until(
    async () => (await as(anna, "GET", "/v1/events?order_number=9401")).body.data as { id: string }[],
    (found) => found.length === 2,
  );
  const changed = await as(anna, "GET", `/v1/events/${events[0]?.id}/changes`);
  expect(changed.body).toMatchObject({
    with: { event_id: events[1]?.id },
    changes: expect.arrayContaining([{ path: "note", before: '"first"', after: '"second"' }]),
    more: false,
  });
  const masked = await as(bob, "GET", `/v1/events/${events[0]?.id}/changes`);
  expect(JSON.stringify(masked.body)).not.toContain("second");
  expect((await as(anna, "GET", `/v1/events/${events[1]?.id}/changes`)).body).toMatchObject({
    with: null,
    changes: [],
  });
});

test("Events of two records are not compared, and direct calls only with pii:read: a guessed number is not told apart.", async () => {
  await shop.send({ name: "#9402", id: 9402, phone: number(942) });
  const idOf = async (order: string) => {
    const found = await shop.until(
      async () =>
        (await as(anna, "GET", `/v1/events?order_number=${encodeURIComponent(order)}`)).body.data as { id: string }[],
      ({ length }) => length > 0,
    );
    return found[0]?.id ?? "";
  };
  const [one, other] = [await idOf("9401"), await idOf("9402")];
  expect((await as(anna, "GET", `/v1/events/${one}/changes?with=${other}`)).status).toBe(404);
  const direct = async (order: string, phone: string) => {
    const wanted = { line: "support-en", number: phone, about: "x", order_number: order };
    const made = await as(bob, "POST", "/v1/calls", {
      ...wanted,
      due_at: new Date(Date.now() + 86_400_000).toISOString(),
    });
    expect(made.status).toBe(202);
    return await idOf(order);
  };
  const [theirs, mine] = [await direct("#9403", number(943)), await direct("#9404", number(943))];
  for (const path of [`/v1/events/${theirs}/changes`, `/v1/events/${theirs}/changes?with=${mine}`])
    expect([path, (await as(bob, "GET", path)).status]).toEqual([path, 403]);
});

test("A comparison is a reading of both events, and a note that is read without a call is a reading too.", async () => {
  const events = (await as(anna, "GET", "/v1/events?order_number=9401")).body.data as { id: string }[];
  const read = async (id: string) =>
    (await owner`select id from entries where subject_id = ${id} and action = 'read'`).length;
  const before = await Promise.all(events.map(({ id }) => read(id)));
  await as(anna, "GET", `/v1/events/${events[0]?.id}/changes?with=${events[1]?.id}`);
  expect(await Promise.all(events.map(({ id }) => read(id)))).toEqual(before.map((count) => count + 1));
  const readings = async () =>
    (await owner`select id from entries where subject = 'reading' and action = 'read'`).length;
  const events9405 = { name: "#9405", id: 9405, phone: number(945), tags: "" };
  await shop.send(events9405);
  await shop.until(
    async () => (await as(bob, "GET", "/v1/events?order_number=9405")).body.data as unknown[],
    ({ length }) => length > 0,
  );
  expect((await as(anna, "POST", "/v1/orders/notes", { order_number: "9405", text: "Anna says hello" })).status).toBe(
    201,
  );
  const known = await readings();
  await as(bob, "GET", "/v1/orders?order_number=9405");
  expect(await readings()).toBe(known);
  await as(anna, "GET", "/v1/orders?order_number=9405");
  expect(await readings()).toBe(known + 1);
});
