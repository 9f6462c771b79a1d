import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { service, type TestService } from "../world/service.ts";

let api: TestService;
let owner: postgres.Sql;
let masked: string;

const hidden = {
  number: "+14155550123",
  about: "Her name is Adalovelace and she is angry",
  prompt: "Promptsecretword",
  greeting: "Hello Greetingword",
  summary: "Summaryword",
  listen: "https://listen.example/abc",
};

async function addEvent(source: string, order: string | null, reason: string | null = null): Promise<string> {
  const id = randomUUID();
  await owner`insert into events (id, source, dedupe_key, type, order_number, order_number_key, record_type, record_id, headers, body,
      body_hash, state, reason, planned_at)
    values (${id}, ${source}, ${id}, 'orders/updated', ${order}, ${order?.replace("#", "").toLowerCase() ?? null}, 'order', '987',
      '{"x-a":"b"}', ${JSON.stringify({ phone: hidden.number })}, 'h', ${reason === null ? "planned" : "ignored"}, ${reason}, now())`;
  return id;
}

async function addCall(
  eventId: string,
  source: string,
  order: string,
  deviation: Record<string, unknown> = {},
): Promise<string> {
  const row = {
    event_id: eventId,
    source,
    rule: "call-me",
    rule_version: 1,
    mode: "live",
    line: "support-en",
    status: "queued",
    order_number: order,
    order_number_key: order.replace("#", "").toLowerCase(),
    record_type: "order",
    record_id: "987",
    number: hidden.number,
    about: hidden.about,
    prompt: hidden.prompt,
    greeting: hidden.greeting,
    summary: hidden.summary,
    listen_url: hidden.listen,
    record_url: hidden.listen,
    recording_url: hidden.listen,
    due_at: new Date(),
    ...deviation,
  };
  const [made] = await owner`insert into calls ${owner(row)} returning id`;
  return made?.id;
}

beforeAll(async () => {
  api = await service();
  owner = postgres(api.ownerUrl, { max: 1, onnotice: () => {} });
  masked = await api.token("calls:read");
  await api.ask("PUT", "/v1/lines/support-en", { agent: "a" });
  for (const slug of ["shop-a", "shop-b"]) await api.ask("PUT", `/v1/sources/${slug}`, { preset: "generic" });
});
afterAll(async () => {
  await owner.end();
  await api.close();
});

describe("calls", () => {
  it("finds a call by every filter, and nothing by another value", async () => {
    const event = await addEvent("shop-a", "#12345");
    const id = await addCall(event, "shop-a", "#12345", {
      status: "placed",
      placed_at: new Date(),
      conversation_uuid: "conv-1",
      created_at: new Date("2026-01-02T00:00:00Z"),
    });
    await addCall(await addEvent("shop-b", "#999"), "shop-b", "#999", {
      rule: "other",
      number: "+14155550199",
      record_id: "1",
      conversation_uuid: "conv-2",
      created_at: new Date("2026-03-02T00:00:00Z"),
    });
    for (const filter of [
      "order_number=12345",
      "order_number=%20%2312345",
      "record_type=order&record_id=987",
      "number=%2B1%20415%20555%200123",
      "number=4155550123",
      "conversation=conv-1",
      "status=placed",
      "source=shop-a",
      "rule=call-me",
      "from=2026-01-01&to=2026-01-03",
      "line=support-en&status=placed",
    ]) {
      const found = await api.ask("GET", `/v1/calls?${filter}`);
      expect([filter, found.json.data?.map((call: { id: string }) => call.id)]).toEqual([filter, [id]]);
    }
    expect((await api.ask("GET", "/v1/calls?order_number=54321")).json).toEqual({
      data: [],
      next_cursor: null,
      searched_to: null,
    });
  });

  it.each([
    "limit=0",
    "limit=201",
    "limit=x",
    "status=loud",
    "from=yesterday",
    "unknown=1",
    "order_number=",
    "source=UPPER",
    "cursor=abc",
    "cursor=%25",
    `cursor=${btoa("2026-01-01T00:00:00.000000Z '; drop table calls")}`,
  ])("refuses the query %s", async (query) => {
    expect((await api.ask("GET", `/v1/calls?${query}`)).status).toBe(422);
  });

  it("turns pages without showing a row twice or passing one over, also within one microsecond", async () => {
    const at = "2026-05-01T00:00:00.123456Z";
    const event = await addEvent("shop-a", "#pages");
    for (let index = 0; index < 7; index++) await addCall(event, "shop-a", "#pages", { rule: `r${index}` });
    await owner`update calls set created_at = ${at}::text::timestamptz where order_number_key = 'pages' and rule in ('r0', 'r1', 'r2', 'r3')`;
    await owner`update calls set created_at = ${at}::text::timestamptz + interval '1 microsecond' where order_number_key = 'pages' and rule = 'r4'`;
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await api.ask("GET", `/v1/calls?order_number=pages&limit=2${cursor}`);
      seen.push(...page.json.data.map((call: { rule: string }) => call.rule));
      cursor = page.json.next_cursor === null ? "" : `&cursor=${page.json.next_cursor}`;
    } while (cursor !== "");
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
    expect(seen.indexOf("r4")).toBe(2);
  });

  it("has the shape that others build on", async () => {
    const found = await api.ask("GET", "/v1/calls?conversation=conv-1");
    expect(found.json.data[0]).toMatchObject({
      try: 1,
      again_of: null,
      again_reason: null,
      status: "placed",
      outcome: null,
      reason: null,
      source: "shop-a",
      rule: "call-me",
      rule_version: 1,
      line: "support-en",
      order_number: "#12345",
      record: { type: "order", id: "987" },
      number: hidden.number,
      about: hidden.about,
      conversation_uuid: "conv-1",
      created_at: "2026-01-02T00:00:00.000Z",
      ended_at: null,
      duration_s: null,
    });
  });

  it("shows one call with its timeline, event and conversation", async () => {
    const [{ id }] = (await api.ask("GET", "/v1/calls?conversation=conv-1")).json.data;
    await owner`insert into verdicts (call_id, gate, verdict, inputs) values (${id}, 'hours', 'pass', '{"zones":["UTC"],"secret_note":"+14155550123"}')`;
    await owner`insert into entries (subject, subject_id, action, actor, reason, data) values ('call', ${id}, 'placed', 'line:support-en', null, '{"mihu_id":"m","detail":{"said":"+14155550123"}}')`;
    const one = await api.ask("GET", `/v1/calls/${id}`);
    expect(one.json).toMatchObject({
      id,
      event: { source: "shop-a", order_number: "#12345" },
      conversation: { uuid: "conv-1", calls: [id] },
    });
    expect(one.json.timeline.map(({ kind }: { kind: string }) => kind)).toContain("verdict");
    const blind = await api.ask("GET", `/v1/calls/${id}`, undefined, masked);
    expect(blind.json.timeline.length).toBeGreaterThan(1);
    for (const value of Object.values(hidden)) expect(JSON.stringify(blind.json)).not.toContain(value);
    for (const wrong of [randomUUID(), "abc", "%00"])
      expect((await api.ask("GET", `/v1/calls/${wrong}`)).status).toBe(404);
  });
});

describe("what a queued call waits for", () => {
  const waitsNow = async (order: string) => {
    const [found] = (await api.ask("GET", `/v1/calls?order_number=${order}`)).json.data;
    return found;
  };
  const line = async (changes: Record<string, unknown>) => {
    await owner`update lines set ${owner({ paused_at: null, pause_reason: null, pause_detail: null, not_before: null, day: null, day_calls: 0, ...changes })} where slug = 'support-en'`;
  };
  const today = new Date().toISOString().slice(0, 10);
  const later = new Date(Date.now() + 3_600_000);

  it.each<[string, Record<string, unknown>, Record<string, unknown>, Record<string, unknown> | null, string | null]>([
    [
      "a person paused its line",
      { paused_at: new Date(), pause_reason: "paused_by_person", pause_detail: "lunch" },
      {},
      { reason: "paused_by_person", reason_text: "A person paused the line.", detail: "lunch", until: null },
      "paused_by_person",
    ],
    [
      "a person paused all lines",
      { paused_at: new Date(), pause_reason: "all_paused", pause_detail: "fire drill" },
      {},
      { reason: "all_paused", detail: "fire drill" },
      "all_paused",
    ],
    [
      "Mihu's answer to another call paused its line",
      { paused_at: new Date(), pause_reason: "payment_required", pause_detail: "402" },
      {},
      { reason: "payment_required", reason_text: expect.stringContaining("Mihu wants a payment") },
      "payment_required",
    ],
    [
      "its own try met the pause",
      { paused_at: new Date(), pause_reason: "unauthenticated", pause_detail: "401" },
      { reason: "line_paused" },
      { reason: "unauthenticated" },
      "line_paused",
    ],
    [
      "Mihu asked to slow down",
      { not_before: later },
      {},
      { reason: "rate_limited", until: later.toISOString() },
      null,
    ],
    ["its time has not come", {}, { due_at: later }, { reason: "not_due", until: later.toISOString() }, null],
    [
      "its time comes after the line may dial again",
      { not_before: new Date(Date.now() + 60_000) },
      { due_at: later },
      { reason: "not_due", until: later.toISOString() },
      null,
    ],
    ["the line has had its day", { day: today, day_calls: 1_000_000 }, {}, { reason: "calls_per_day" }, null],
    ["the line had its day yesterday", { day: "2026-01-01", day_calls: 1_000_000 }, {}, { reason: "in_turn" }, null],
    ["nothing keeps it", {}, {}, { reason: "in_turn", detail: null, since: null, until: null }, null],
    ["it was placed", {}, { status: "placed", placed_at: new Date(), conversation_uuid: "w" }, null, null],
    [
      "a person canceled it on a paused line",
      { paused_at: new Date(), pause_reason: "paused_by_person" },
      { status: "canceled", reason: "canceled" },
      null,
      "canceled",
    ],
  ])("%s", async (name, paused, deviation, waits, reason) => {
    const order = `waits-${name.length}-${Object.keys(deviation).length}`;
    await addCall(await addEvent("shop-a", order), "shop-a", order, { number: "+14155550777", ...deviation });
    await line(paused);
    const found = await waitsNow(order);
    if (waits === null) expect(found.waits).toBeNull();
    else expect(found.waits).toMatchObject(waits);
    expect([found.reason, found.reason_text === null]).toEqual([reason, reason === null]);
    await line({});
  });

  it("is found by the reason that it shows, and told on the order's page and in its answer", async () => {
    await addCall(await addEvent("shop-b", "paused-1"), "shop-b", "paused-1");
    await line({ paused_at: new Date(), pause_reason: "paused_by_person", pause_detail: "lunch" });
    const by = async (filter: Record<string, string>) => {
      const wanted = { filter: { order_number: "paused-1", ...filter }, reason: "x", dry_run: true };
      return (await api.ask("POST", "/v1/calls/cancel", wanted)).json.matching;
    };
    expect(await by({ reason: "paused_by_person" })).toBe(1);
    expect(await by({ reason: "all_paused" })).toBe(0);
    expect(await by({ reason: "canceled" })).toBe(0);
    expect(await by({ reason: "paused_by_person", status: "held" })).toBe(0);
    const { answer } = (await api.ask("GET", "/v1/orders?order_number=paused-1")).json;
    expect(answer).toBe("No call was placed about paused-1 yet: one waits to be placed (a person paused the line).");
    await line({});
    expect(await by({ reason: "paused_by_person" })).toBe(0);
  });

  it("an event whose source a person paused says so, until it continues", async () => {
    const id = await addEvent("shop-b", "halted-1");
    await owner`update events set state = 'unplanned', planned_at = null where id = ${id}`;
    const waits = async () => (await api.ask("GET", `/v1/events/${id}`)).json.waits;
    expect(await waits()).toBeNull();
    await api.ask("POST", "/v1/sources/shop-b/pause", { reason: "stock-taking" });
    expect(await waits()).toMatchObject({ reason: "source_paused", detail: "stock-taking", until: null });
    const { answer } = (await api.ask("GET", "/v1/orders?order_number=halted-1")).json;
    expect(answer).toContain("it is not decided yet (a person paused this source");
    await api.ask("POST", "/v1/sources/shop-b/resume");
    expect(await waits()).toBeNull();
    await owner`update events set state = 'ignored', reason = 'no_rules', planned_at = now() where id = ${id}`;
  });
});

describe("what is masked without pii:read", () => {
  it.each(["/v1/calls", "/v1/calls?conversation=conv-1", "/v1/orders?order_number=12345", "/v1/events"])(
    "%s",
    async (path) => {
      const blind = await api.ask("GET", path, undefined, masked);
      expect(blind.status).toBe(200);
      for (const value of Object.values(hidden)) expect(JSON.stringify(blind.json)).not.toContain(value);
      expect(JSON.stringify((await api.ask("GET", path)).json).length).toBeGreaterThan(0);
    },
  );

  it("an event's body and headers", async () => {
    const [{ id }] = (await api.ask("GET", "/v1/events?order_number=12345")).json.data;
    const blind = await api.ask("GET", `/v1/events/${id}`, undefined, masked);
    expect(blind.json.body).toBe("•••");
    expect(blind.json.headers).toEqual({});
    for (const value of Object.values(hidden)) expect(JSON.stringify(blind.json)).not.toContain(value);
    expect((await api.ask("GET", `/v1/events/${id}`)).json.body).toContain(hidden.number);
  });

  it("search by number is not possible", async () => {
    expect((await api.ask("GET", "/v1/calls?number=%2B14155550123", undefined, masked)).json).toMatchObject({
      status: 403,
      code: "forbidden",
    });
  });

  it("and who reads it with pii:read is noted, without a number", async () => {
    const [{ id }] = (await api.ask("GET", "/v1/calls?conversation=conv-1")).json.data;
    const count = async () =>
      Number(
        (await api.sql`select count(*)::int as n from entries where action = 'read' and subject_id = ${id}`)[0]?.n,
      );
    const before = await count();
    await api.ask("GET", `/v1/calls/${id}`, undefined, masked);
    expect(await count()).toBe(before);
    await api.ask("GET", `/v1/calls/${id}`);
    expect(await count()).toBe(before + 1);
    const all = await api.sql`select data::text as data from entries where action = 'read'`;
    expect(JSON.stringify(all)).not.toContain("4155550123");
  });
});

describe("recordings", () => {
  const recordingOf = async (deviation: Record<string, unknown>) =>
    await addCall(await addEvent("shop-a", "#rec"), "shop-a", "#rec", deviation);
  const listened = async (id: string) =>
    await api.sql`select actor, data from entries where action = 'recording_read' and subject_id = ${id}`;

  it("lead to Mihu with an entry each time, and tell nobody where one comes from", async () => {
    const id = await recordingOf({ recording_url: "https://acme.mihu.ai/r/1" });
    const listener = await api.token("pii:read");
    for (const times of [1, 2]) {
      const answer = await api.ask("GET", `/v1/calls/${id}/recording`, undefined, listener);
      expect([answer.status, answer.headers.get("location")]).toEqual([302, "https://acme.mihu.ai/r/1"]);
      expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(await listened(id)).toHaveLength(times);
    }
    const { jti } = (await api.ask("GET", "/v1/me", undefined, listener)).json;
    expect(await listened(id)).toMatchObject([{ actor: `token:${jti}` }, { actor: `token:${jti}` }]);
  });

  it.each([
    ["none", { recording_url: null, record_url: null }, "no_recording"],
    ["one elsewhere", { recording_url: "https://evil.example/r", record_url: null }, "link_not_allowed"],
    ["one without TLS", { recording_url: "http://acme.mihu.ai/r", record_url: null }, "link_not_allowed"],
    ["a script", { recording_url: "javascript:alert(1)", record_url: "javascript:alert(2)" }, "link_not_allowed"],
  ])("are 404 where a call has %s, and nothing is noted", async (_, deviation, code) => {
    const id = await recordingOf(deviation);
    const answer = await api.ask("GET", `/v1/calls/${id}/recording`);
    expect([answer.status, answer.json.code, answer.headers.get("location")]).toEqual([404, code, null]);
    expect(await listened(id)).toEqual([]);
  });

  it("are for pii:read alone, of calls that are there", async () => {
    const id = await recordingOf({ recording_url: "https://acme.mihu.ai/r/2" });
    const answer = await api.ask("GET", `/v1/calls/${id}/recording`, undefined, masked);
    expect([answer.status, answer.json.code]).toEqual([403, "forbidden"]);
    expect(await listened(id)).toEqual([]);
    for (const wrong of [randomUUID(), "abc"])
      expect((await api.ask("GET", `/v1/calls/${wrong}/recording`)).json.code).toBe("not_found");
  });
});

describe("orders", () => {
  it("answers in one sentence, for each source by itself", async () => {
    const [a, b] = [await addEvent("shop-a", "#1001"), await addEvent("shop-b", "#1001")];
    await addCall(a, "shop-a", "#1001", {
      status: "ended",
      outcome: "completed",
      placed_at: new Date(),
      ended_at: new Date(),
      conversation_uuid: "c1",
    });
    await addCall(b, "shop-b", "#1001", {
      status: "ended",
      outcome: "no_answer",
      placed_at: new Date(),
      ended_at: new Date(),
      conversation_uuid: "c2",
      number: "+14155550150",
    });
    await addCall(b, "shop-b", "#1001", { rule: "second", status: "skipped", reason: "shadow", number: null });
    const order = await api.ask("GET", "/v1/orders?order_number=%231001");
    expect(order.json.answer).toMatch(
      /^Yes, twice: .+ UTC.*, no answer.*; .+, completed.* Not called .+: the rule is in shadow mode: .+ Two sources know an order of this number\.$/,
    );
    expect(
      order.json.sources.map(({ source, calls, events }: Record<string, unknown[]>) => [
        source,
        calls?.length,
        events?.length,
      ]),
    ).toEqual([
      ["shop-a", 1, 1],
      ["shop-b", 2, 1],
    ]);
  });

  it("says so when nothing is known, and why no call was made", async () => {
    expect((await api.ask("GET", "/v1/orders?order_number=nope")).json.answer).toBe(
      "Nothing is known about nope: no event and no call names it.",
    );
    await addEvent("shop-a", "#2002", "no_rule_matched");
    expect((await api.ask("GET", "/v1/orders?order_number=2002")).json.answer).toContain(
      "No call was placed about 2002: one event came",
    );
    expect((await api.ask("GET", "/v1/orders")).status).toBe(422);
  });
});

describe("the books", () => {
  it("balance, and name what does not", async () => {
    // The stage of the tests above was set by hand, without entries.
    await owner`insert into entries (subject, subject_id, action, actor) select 'call', id::text, status, 'test' from calls`;
    const { json } = await api.ask("GET", "/v1/balance");
    expect(json.events.accepted).toBe(json.events.unplanned + json.events.ignored + json.events.planned);
    expect(json.balanced).toBe(true);
    const lost = await addEvent("shop-a", null);
    expect((await api.ask("GET", "/v1/balance")).json).toMatchObject({
      balanced: false,
      gaps: [
        {
          code: "event_without_call",
          sentence: expect.stringContaining("A planned event has no call"),
          count: 1,
          rows: [lost],
        },
      ],
    });
  });
});

describe("suppressions", () => {
  it("cancel what waits for the number, with an entry each that does not hold it", async () => {
    const number = "+14155550177";
    const event = await addEvent("shop-a", "#supp");
    const queued = await addCall(event, "shop-a", "#supp", { number });
    const held = await addCall(event, "shop-a", "#supp", { number, rule: "h", status: "held", reason: "burst" });
    const made = await api.ask("POST", "/v1/suppressions", { number: "(415) 555-0177", reason: "asked us to stop" });
    expect([made.status, made.json.number, made.json.canceled_calls]).toEqual([201, number, 2]);
    for (const id of [queued, held]) {
      const call = await api.ask("GET", `/v1/calls/${id}`);
      expect(call.json).toMatchObject({ status: "canceled", reason: "suppressed" });
      expect(call.json.timeline.at(-1)).toMatchObject({ kind: "entry", action: "canceled" });
    }
    const listed = await api.ask("GET", "/v1/suppressions", undefined, masked);
    expect(JSON.stringify(listed.json)).not.toContain("0177");
    const entries =
      await api.sql`select subject_id, data::text as data, reason from entries where subject = 'suppression'`;
    expect(JSON.stringify(entries)).not.toContain("4155550177");
    expect((await api.ask("DELETE", `/v1/suppressions/${encodeURIComponent(number)}`)).status).toBe(204);
    expect((await api.ask("DELETE", `/v1/suppressions/${encodeURIComponent(number)}`)).status).toBe(404);
  });

  it.each(["911", "hello", "+1 876 555"])("refuses %s, which is no number to ring", async (number) => {
    expect((await api.ask("POST", "/v1/suppressions", { number, reason: "x" })).status).toBe(422);
  });
});
