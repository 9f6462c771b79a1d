import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { service, type TestService } from "../world/service.ts";

let api: TestService;
let owner: postgres.Sql;
let masked: string;

const called = "+14155550123";
const conversation = "0b9d3a52-aaaa-4e4f-8d51-2f7f8d1c4e60";
let eventId: string;
let callId: string;
let ignoredId: string;

/** Inserts an event about one order. */
async function addEvent(order: string | null, more: Record<string, unknown> = {}): Promise<string> {
  const id = randomUUID();
  const row: Record<string, unknown> = {
    ...{ id, source: "shop-a", dedupe_key: id, type: "orders/updated", headers: {}, body: "{}", body_hash: "h" },
    ...{ order_number: order, order_number_key: order?.replace("#", "").toLowerCase() ?? null },
    ...{ state: "planned", planned_at: new Date(), ...more },
  };
  await owner`insert into events ${owner(row)}`;
  return id;
}

async function addCall(event: string, more: Record<string, unknown> = {}): Promise<string> {
  const row: Record<string, unknown> = {
    ...{ event_id: event, source: "shop-a", rule: "call-me", rule_version: 1, mode: "live", line: "desk" },
    ...{ status: "queued", number: called, about: "x", due_at: new Date(), ...more },
  };
  const [made] = await owner`insert into calls ${owner(row)} returning id`;
  return made?.id;
}

const find = async (q: string, token?: string) => {
  const { status, json } = await api.ask("GET", `/v1/find?${new URLSearchParams({ q })}`, undefined, token);
  expect(status).toBe(200);
  return json;
};
const kinds = (json: { matches: { kind: string }[] }) => json.matches.map(({ kind }) => kind);

beforeAll(async () => {
  api = await service();
  owner = postgres(api.ownerUrl, { max: 1, onnotice: () => {} });
  masked = await api.token("calls:read");
  await api.ask("PUT", "/v1/lines/desk", { agent: "a" });
  for (const slug of ["shop-a", "shop-b"]) await api.ask("PUT", `/v1/sources/${slug}`, { preset: "generic" });
  const record = { record_type: "ticket", record_id: "987" };
  eventId = await addEvent("#12345", { external_id: "evt_1", dedupe_key: "evt_1", ...record });
  callId = await addCall(eventId, {
    ...{ order_number: "#12345", order_number_key: "12345", ...record, status: "placed", placed_at: new Date() },
    ...{ conversation_uuid: conversation, mihu_id: "mihu-77" },
  });
  ignoredId = await addEvent("#12399", {
    ...{ source: "shop-b", state: "ignored", reason: "no_rule", record_type: "Deal", record_id: "987" },
    ...{ external_id: "shop-b-1", dedupe_key: JSON.stringify(["shop-b-1", "orders/updated"]) },
  });
  for (let nth = 0; nth < 22; nth++) {
    const event = await addEvent("BULK-7");
    if (nth < 21) await addCall(event, { order_number: "BULK-7", order_number_key: "bulk-7", number: "+14155550124" });
  }
});
afterAll(async () => {
  await owner.end();
  await api.close();
});

describe("one box finds", () => {
  const order = () => ({ kind: "order", label: "#12345", exact: true, link: "/orders?order_number=%2312345" });
  const record = () => ({ kind: "record", label: "ticket 987", count: 1, link: `/calls/${callId}` });
  it.each<[string, () => string, () => object]>([
    ["an order number", () => "12345", order],
    ["an order number in another spelling", () => " №12345 ", order],
    ["the words order and number", () => "Order #12345", order],
    ["a record with its type", () => "ticket 987", record],
    ["a record as type:id, in other letters", () => "TICKET:987", record],
    ["our id of an event", () => eventId.toUpperCase(), () => ({ kind: "event", link: `/events/${eventId}` })],
    [
      "our id of a call",
      () => callId,
      () => ({ kind: "call", label: "shop-a/call-me, placed", link: `/calls/${callId}` }),
    ],
    ["a conversation", () => conversation.toUpperCase(), () => ({ kind: "conversation", link: `/calls/${callId}` })],
    ["Mihu's id", () => "mihu-77", () => ({ kind: "mihu_id", link: `/calls/${callId}` })],
    ["the sender's id, which is the key", () => "evt_1", () => ({ kind: "sender_event", link: `/events/${eventId}` })],
    [
      "the sender's id, which the key begins with",
      () => "shop-b-1",
      () => ({ kind: "sender_event", label: "shop-b-1, shop-b", counted: "events", link: `/events/${ignoredId}` }),
    ],
    [
      "a number as people write it",
      () => "(415) 555-0123",
      () => ({ kind: "number", count: 1, link: `/calls/${callId}` }),
    ],
    ["the URL of a call", () => `https://hookline.example/calls/${callId}?x=1#top`, () => ({ kind: "call" })],
    ["the path of an event", () => `/events/${eventId}`, () => ({ kind: "event" })],
    ["the URL of an order", () => "https://hookline.example/orders?order_number=%2312345", order],
    ["the URL of a list", () => "/calls?record_type=ticket&record_id=987", record],
    ["the URL of a ticket at its sender", () => "https://acme.example/agent/tickets/987/", record],
  ])("%s", async (_, text, match) => {
    const { matches, tried } = await find(text());
    expect(matches).toContainEqual(expect.objectContaining(match()));
    expect(tried).toEqual(expect.arrayContaining(matches.map(({ kind }: { kind: string }) => kind)));
  });

  it("records of every type with an id, each by itself, and events without a call by their newest", async () => {
    const { matches } = await find("987");
    expect(matches).toMatchObject([
      { kind: "record", label: expect.any(String) },
      { kind: "record", label: expect.any(String) },
    ]);
    expect(matches).toContainEqual(
      expect.objectContaining({ label: "Deal 987", count: 1, counted: "events", link: `/events/${ignoredId}` }),
    );
  });

  it("nothing that is not there, and says as which kinds it was looked up", async () => {
    const json = await find("nothing-of-the-kind");
    expect(json).toEqual({
      matches: [],
      tried: ["conversation", "mihu_id", "order", "record", "sender_event"],
      not_tried: ["call", "event", "number"].map((kind) => ({ kind, reason: "not_its_form" })),
    });
  });

  it("no more rows than it counts, and says that there are more", async () => {
    expect((await find("bulk-7")).matches).toMatchObject([{ kind: "order", count: 20, counted: "calls", more: true }]);
    const { matches } = await find("+14155550124");
    expect(matches).toMatchObject([{ kind: "number", count: 20, more: true, link: "/calls?number=%2B14155550124" }]);
  });
});

describe("as one types", () => {
  it("order numbers with the beginning come, in the order of their characters, the exact one first, at most 8", async () => {
    for (const nth of [1, 2, 3, 4, 5, 6, 7, 8, 9]) await addEvent(`#70${nth}`);
    await addEvent("#70");
    const json = await find("70");
    expect(json.matches.map(({ label, exact }: { label: string; exact: boolean }) => [label, exact])).toEqual([
      ["#70", true],
      ...["#701", "#702", "#703", "#704", "#705", "#706", "#707"].map((label) => [label, false]),
    ]);
  });

  it.each(["1234", "#123", "№ 12", "Order 1234"])("%s suggests the order", async (text) => {
    expect(kinds(await find(text))).toContain("order");
  });

  it("a character that is a wildcard in other searches is only itself", async () => {
    await addEvent("50%_off");
    expect((await find("50%_")).matches).toMatchObject([{ label: "50%_off" }]);
    for (const text of ["%", "_", "5%", "%off", "\\", "50_"]) expect((await find(text)).matches).toEqual([]);
  });
});

describe("hostile texts", () => {
  it.each([
    ["SQL", "' or 1=1; --"],
    ["emoji", "👩‍🚒🔥"],
    ["right to left", "\u202e12345"],
    ["a URL with an encoded NUL", "/orders?order_number=%00"],
    ["a URL with broken encoding", "/orders/%E0%A4%A"],
    ["a URL of nothing", "https://"],
    ["the last character of Unicode", "\u{10ffff}"],
    ["blanks alone", "   "],
    ["signs alone", "#"],
    ["JSON", '["evt_1","x"]'],
    ["combining marks", "e\u0301".repeat(100)],
    ["500 characters", "x".repeat(500)],
    ["a path of slashes", "/".repeat(500)],
  ])("%s is looked up as it is", async (_, text) => {
    const { status } = await api.ask("GET", `/v1/find?${new URLSearchParams({ q: text })}`);
    expect(status).toBe(200);
  });

  it("an order of right-to-left letters and emoji is found", async () => {
    await addEvent("هدية-🎁");
    expect((await find("هدية")).matches).toMatchObject([{ kind: "order", label: "هدية-🎁" }]);
  });

  it.each([
    ["NUL", "q=%00"],
    ["10 KB", `q=${"x".repeat(10_240)}`],
    ["nothing", "q="],
    ["no text", ""],
    ["another field", "q=1&limit=2"],
  ])("%s is refused", async (_, query) => {
    const { status, json } = await api.ask("GET", `/v1/find?${query}`);
    expect([status, json.code]).toEqual([422, "invalid"]);
  });

  it("a lone surrogate arrives as the replacement character and finds nothing", async () => {
    const { status, json } = await api.ask("GET", "/v1/find?q=%ED%A0%80");
    expect([status, json.matches ?? json.code]).toEqual([200, []]);
  });
});

describe("without pii:read", () => {
  it("the answer is the same whether a number exists or not, and says that numbers are not looked up", async () => {
    const [known, unknown] = [await find(called, masked), await find("+14155559876", masked)];
    expect(known).toEqual(unknown);
    expect(known).toMatchObject({
      matches: [],
      not_tried: [{ kind: "call" }, { kind: "event" }, { kind: "number", reason: "needs_pii_read" }],
    });
    expect((await find("order 1", masked)).not_tried).toContainEqual({ kind: "number", reason: "needs_pii_read" });
  });

  it("every other kind is found", async () => {
    for (const text of ["12345", eventId, callId, conversation, "mihu-77", "evt_1", "ticket 987"])
      expect((await find(text, masked)).matches.length).toBeGreaterThan(0);
  });

  it("no entry is written; with it, an entry says that calls of a number were found, and not the number", async () => {
    const entries = () => owner`select subject, subject_id, data from entries where action = 'read' order by id desc`;
    const before = (await entries()).length;
    await find(called, masked);
    await find("12345");
    expect(await entries()).toHaveLength(before);
    await find(called);
    const [newest] = await entries();
    expect(newest).toEqual({ subject: "call", subject_id: callId, data: { what: "find", rows: 1 } });
  });
});
