/** Times out of range, by every way in, on the running product: what the API is asked is refused, a payload's is left out, and lines go on. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callMe, line, number, openShop, put, type Shop, wideLine } from "../shop.ts";

const secret = "times-0123456789abcdef0123456789";
let shop: Shop;
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 100 } });
  const bearer = { preset: "bearer", secrets: [secret], country: "US" };
  await put(shop, "/v1/sources/zap", bearer);
  const { on: _, when: __, about: ___, greeting: ____, ...rule } = callMe;
  await put(shop, "/v1/sources/zap/rules/any", { ...rule, number: "{{ data.phone }}", about: "x", greeting: "Hello." });
});
afterAll(() => shop?.stop());

/** Typing mistakes, programs' words for "never", and what no calendar has. */
const noTimes = [
  "9999-12-31T23:59:59Z",
  "2100-01-02T00:00:00Z",
  "0000-01-01T00:00:00Z",
  "0001-01-01T00:00:00Z",
  "1969-12-31T23:59:59Z",
  "-000001-01-01T00:00:00Z",
  "-271821-04-20T00:00:00Z",
  "+275760-09-13T00:00:00Z",
  "+275760-09-13T00:00:00.001Z",
  "2027-02-29T12:00:00Z",
  "2026-11-31T12:00:00Z",
  "2026-13-01T12:00:00Z",
  "2026-12-01T12:00:00+99:99",
  "2026-12-01T12:00:00-99:99",
  "2026-12-01T25:00:00Z",
  "infinity",
  "+infinity",
  "-infinity",
  "Infinity",
  "NaN",
  "null",
  "１２３４-０１-０１T００:００:００Z",
];
const noNumbers = [1e308, -1, 253402300799, 8_640_000_000_000_001, -62_135_596_800_000];

type Answer = { status: number; body: Record<string, unknown> };
async function ask(method: string, path: string, json?: object): Promise<Answer> {
  const answer = await shop.api(path, json === undefined ? { method } : { method, json });
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}
const call = { line, number: number(1), about: "x" };

describe.each([...noTimes, ...noNumbers])("the time %s", (at) => {
  test.each<[string, string, object]>([
    ["due_at", "/v1/calls", { ...call, due_at: at }],
    ["until", "/v1/suppressions", { number: number(2), reason: "x", until: at }],
    ["from", "/v1/calls/cancel", { filter: { from: at }, reason: "x" }],
    ["from", "/v1/events/replay", { filter: { source: "zap", from: at } }],
  ])("is no %s of POST %s", async (field, path, body) => {
    const { status, body: said } = await ask("POST", path, body);
    expect([status, said.code]).toEqual([422, "invalid"]);
    expect(JSON.stringify(said.errors)).toContain(`"${field}"`);
  });

  test("is no bound and no cursor of a list, and no closed day of a line", async () => {
    const written = encodeURIComponent(String(at));
    for (const name of ["from", "to"])
      expect((await ask("GET", `/v1/calls?${name}=${written}`)).body.code).toBe("invalid");
    const cursor = Buffer.from(`${at} 6f2d0a3e-0000-4000-8000-000000000000`).toString("base64url");
    for (const path of ["/v1/calls", "/v1/events"])
      expect((await ask("GET", `${path}?cursor=${cursor}`)).body.code).toMatch(/^(?:cursor_)?invalid$/);
    const hours = { days: "mon-sun", from: "00:00", to: "24:00", closed: [String(at).slice(0, 10)] };
    const saved = await ask("PUT", "/v1/lines/other", { ...wideLine, hours });
    // A day that exists in a year that does, of a time that does not.
    if (!/^2026-1[12]-01/.test(String(at))) expect([saved.status, saved.body.code]).toEqual([422, "invalid"]);
  });
});

test.each(["9999-12-25", "0001-01-01", "1969-12-25", "2100-01-02"])("a line is not closed on %s", async (day) => {
  const hours = { days: "mon-sun", from: "00:00", to: "24:00", closed: ["2027-01-01", day] };
  const { status, body } = await ask("PUT", "/v1/lines/other", { ...wideLine, hours });
  expect([status, body.errors]).toEqual([
    422,
    [{ path: ["hours", "closed", 1], reason: "must be a date from 1970-01-01 to 2100-01-01" }],
  ]);
});

test("an event whose own time is none is planned and rings, and says that it has none", async () => {
  const times = [...noTimes.slice(0, -1), ...noNumbers];
  const ids: string[] = [];
  for (const [index, occurred_at] of times.entries()) {
    const answer = await shop.raw("/in/zap", {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify({ id: `e${index}`, type: "deal.won", occurred_at, phone: number(100 + index) }),
    });
    expect([occurred_at, answer.status]).toEqual([occurred_at, 202]);
    ids.push(JSON.parse(await answer.text()).events[0].id);
  }
  for (const index of times.keys())
    await shop.until(
      () => shop.rings(number(100 + index)),
      (rings) => rings.length === 1,
    );
  for (const id of ids) {
    const { body } = await ask("GET", `/v1/events/${id}`);
    const told = [{ note: "time_ignored", sentence: expect.stringContaining("from 2000 to 2100") }];
    expect(body).toMatchObject({ state: "planned", occurred_at: null, notes: told });
  }
  const { body } = await ask("GET", "/v1/events?source=zap");
  expect((body.data as { notes: unknown[] }[]).every(({ notes }) => notes.length === 1)).toBe(true);
}, 60_000);

test("an event with a good time, or with none, has no note; a preview says what the event would", async () => {
  const preview = async (payload: object) => {
    const { body } = await ask("POST", "/v1/sources/zap/preview", { body: JSON.stringify(payload) });
    return (body.events as { event: { notes: { note: string }[] } }[])[0]?.event.notes.map(({ note }) => note);
  };
  const payload = { id: "p", type: "deal.won", phone: number(1) };
  expect(await preview({ ...payload, occurred_at: "9999-12-31T23:59:59Z" })).toEqual(["time_ignored"]);
  expect(await preview({ ...payload, occurred_at: "2026-11-28T12:00:00Z" })).toEqual([]);
  expect(await preview({ ...payload, occurred_at: 1_795_867_200 })).toEqual([]);
  for (const none of [null, "", " "]) expect(await preview({ ...payload, occurred_at: none })).toEqual([]);
  expect(await preview(payload)).toEqual([]);
  const { body } = await ask("GET", "/v1/events?source=zap&limit=1");
  const [newest] = body.data as { id: string }[];
  const seen = await ask("POST", "/v1/sources/zap/preview", { event_id: newest?.id });
  expect(seen.body).toMatchObject({ events: [{ event: { notes: [{ note: "time_ignored" }] } }] });
});

test("after all of them the line is not paused, and a call that is due now rings", async () => {
  expect((await ask("GET", `/v1/lines/${line}`)).body).toMatchObject({ paused: null });
  expect((await ask("POST", "/v1/calls", { ...call, number: number(3) })).status).toBe(202);
  await shop.until(
    () => shop.rings(number(3)),
    (rings) => rings.length === 1,
  );
});
