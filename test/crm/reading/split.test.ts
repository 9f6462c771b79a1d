import { describe, expect, test } from "vitest";
import type { EventReading, Scheme } from "../../../src/crm/preset/preset.ts";
import { readEvents } from "../../../src/crm/reading/events.ts";
import type { IncomingEvent } from "../../../src/domain/events/webhook.ts";
import type { JsonValue } from "../../../src/domain/json.ts";
import { makeRequest, nowMs } from "../requests.ts";
import { reading } from "./scene.ts";

const splitCharactersMax = 8_388_608;
async function read(
  wanted: Partial<EventReading>,
  body: JsonValue | string,
  scheme: Partial<Scheme> = {},
  atMs = nowMs,
) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const headers: Record<string, string> = text.startsWith("<") ? { "content-type": "text/xml" } : {};
  const request = makeRequest(text, headers);
  return await readEvents({ preset: reading(wanted, scheme), settings: {}, request, nowMs: atMs });
}

async function events(...asked: Parameters<typeof read>): Promise<readonly IncomingEvent[]> {
  const result = await read(...asked);
  if (!result.ok) throw new Error(result.reason);
  return result.events;
}

describe("a batch of mere ids", () => {
  const ids: Partial<EventReading> = {
    split: "ids",
    elementAs: "id",
    id: [{ joined: [{ envelope: "at" }, { path: "id" }], by: "/" }],
    type: [{ envelope: "event" }],
  };

  test("becomes an event for each, with the envelope around it", async () => {
    const found = await events(ids, { at: 7, event: "update", ids: [1, "2"], extra: { a: 1 } });
    expect(found.map(({ data }) => data)).toEqual([
      { at: 7, event: "update", extra: { a: 1 }, id: 1 },
      { at: 7, event: "update", extra: { a: 1 }, id: "2" },
    ]);
    expect(found).toMatchObject([
      { externalId: "7/1", type: "update", body: '{"at":7,"event":"update","extra":{"a":1},"id":1}' },
      { externalId: "7/2", type: "update" },
    ]);
  });

  test("keeps what is no id as an unreadable event of its own, and the rest are good", async () => {
    const found = await events(ids, { at: 7, ids: [1, null, {}, [2], true, "", 3] });
    expect(found.map(({ unreadable }) => unreadable ?? "good")).toEqual([
      "good",
      ...Array(5).fill("not_an_object"),
      "good",
    ]);
    expect(found.map(({ body }) => body).slice(1, 6)).toEqual(["null", "[{}]", "[2]", "true", '""']);
  });

  test("may stand deeper, and only the array is taken out of its surroundings", async () => {
    const deep = { ...ids, split: "event.ids", id: [{ path: "id" }] };
    const found = await events(deep, { event: { ids: [5], kind: "x" }, more: 1 });
    expect(found.map(({ data }) => data)).toEqual([{ event: { kind: "x" }, more: 1, id: 5 }]);
  });

  test("without an array is no batch", async () => {
    expect(await read(ids, { at: 7 })).toMatchObject({ ok: false, reason: "batch_missing" });
    expect(await read(ids, { at: 7, ids: 5 })).toMatchObject({ ok: false, reason: "batch_missing" });
    expect(await read(ids, { at: 7, ids: [] })).toMatchObject({ ok: true, events: [] });
  });

  test("cannot make a megabyte a thousand times as large", async () => {
    const large = { at: 7, text: "x".repeat(900_000), ids: Array.from({ length: 1_000 }, (_, id) => id) };
    expect(await read(ids, large)).toMatchObject({ ok: false, reason: "split_too_large" });
    const few = { ...large, ids: large.ids.slice(0, Math.floor(splitCharactersMax / 900_100)) };
    expect(await read(ids, few)).toMatchObject({ ok: true });
  });
});

describe("what the elements of a batch share", () => {
  const shared: Partial<EventReading> = { split: "events", shared: ["account", "hook.name", "missing"] };

  test("is in each of them under its own name, and the element's own field wins", async () => {
    const found = await events(shared, {
      account: { id: 1 },
      hook: { name: "h", secret: 1 },
      events: [{ id: 1 }, { id: 2, account: "own" }, 7],
    });
    expect(found.map(({ data }) => data)).toEqual([
      { account: { id: 1 }, name: "h", id: 1 },
      { account: "own", name: "h", id: 2 },
      7,
    ]);
  });

  test("is part of the event's text, so that a plan made again later finds it too", async () => {
    const [event] = await events(shared, { account: 1, events: [{ id: 1 }] });
    expect(JSON.parse(event?.body ?? "")).toEqual(event?.data);
  });
});

describe("a batch in XML", () => {
  const soap: Partial<EventReading> = {
    split: "Envelope.Body.notifications.Notification",
    shared: ["Envelope.Body.notifications.OrganizationId"],
    id: [{ path: "Id" }],
    type: [{ path: "sObject.@type" }],
  };
  const notification = (id: string) =>
    `<Notification><Id>${id}</Id><sObject xsi:type="sf:Case"><sf:Id>c${id}</sf:Id></sObject></Notification>`;
  const message = (...inner: string[]) =>
    `<soapenv:Envelope><soapenv:Body>${inner
      .map((one) => `<notifications xmlns="urn:o"><OrganizationId>00D</OrganizationId>${one}</notifications>`)
      .join("")}</soapenv:Body></soapenv:Envelope>`;

  test.each<[string, string, string[]]>([
    ["one", message(notification("1")), ["1"]],
    ["several", message(notification("1") + notification("2")), ["1", "2"]],
    ["several in several parents", message(notification("1"), notification("2") + notification("3")), ["1", "2", "3"]],
  ])("of %s element is as many events", async (_what, body, ids) => {
    const found = await events(soap, body);
    expect(found.map(({ externalId }) => externalId)).toEqual(ids);
    expect(found.map(({ data }) => data)).toEqual(
      ids.map((Id) => ({ Id, OrganizationId: "00D", sObject: { "@type": "sf:Case", Id: `c${Id}` } })),
    );
    expect(found.map(({ type }) => type)).toEqual(ids.map(() => "sf:Case"));
    expect(found.map(({ body: text }) => JSON.parse(text))).toEqual(found.map(({ data }) => data));
  });

  test("keeps an element that is mere text, empty or null as an unreadable event", async () => {
    const odd = '<Notification/><Notification>x</Notification><Notification xsi:nil="true"/>';
    const found = await events(soap, message(notification("1") + odd));
    expect(found.map(({ unreadable }) => unreadable ?? "good")).toEqual(["good", ...Array(3).fill("not_an_object")]);
    expect(found.slice(1).map(({ data }) => data)).toEqual(["", "x", null]);
  });

  test("without an element is no batch", async () => {
    expect(await read(soap, message(""))).toMatchObject({ ok: false, reason: "batch_missing" });
    expect(await read(soap, "<Envelope/>")).toMatchObject({ ok: false, reason: "batch_missing" });
  });

  test("of one event without a batch is kept as the JSON that it was read as", async () => {
    const [event] = await events({ id: [{ path: "order.id" }] }, "<order><id>5</id><id>6</id></order>");
    expect(event).toMatchObject({ externalId: "5", body: '{"order":{"id":["5","6"]}}' });
  });
});

describe("the same bytes without an id", () => {
  const hour = 3_600_000;
  const start = Math.floor(nowMs / hour) * hour;
  const key = async (atMs: number, body: JsonValue = { a: 1 }, sameBodyMs: number | undefined = hour) =>
    (await events(sameBodyMs === undefined ? {} : { sameBodyMs }, body, {}, atMs)).map(({ dedupeKey }) => dedupeKey)[0];

  test("are one event within the window, and another one after it", async () => {
    expect(await key(start)).toBe(await key(start + hour - 1));
    expect(await key(start)).not.toBe(await key(start + hour));
    expect(await key(start)).not.toBe(await key(start, { a: 2 }));
  });

  test("are one event for ever where the sender has no window", async () => {
    const forever = async (atMs: number) => (await events({}, { a: 1 }, {}, atMs))[0]?.dedupeKey;
    expect(await forever(start)).toBe(await forever(start + 1_000 * hour));
  });

  test("with an id are one event whatever the time", async () => {
    expect(await key(start, { id: 5 })).toBe("5");
    expect(await key(start + 9 * hour, { id: 5 })).toBe("5");
  });
});
