import { createServer, type Server } from "node:http";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventId } from "../../../src/platform/hashes.ts";
import { keptClient } from "../../../src/store/postgres/kept-client.ts";
import { runHookline } from "../../command-line.ts";
import { service, type TestService } from "../world/service.ts";
import { addLine, draft, eventsOf, newEvent, numberOf, planOf } from "../world/world.ts";

let api: TestService;
let owner: postgres.Sql;
let server: Server;
let url: string;
beforeAll(async () => {
  api = await service();
  owner = postgres(api.ownerUrl, { max: 1, onnotice: () => {} });
  await owner`insert into sources (slug, preset, country) values ('shop', 'shopify', 'US')`;
  await addLine(owner, "line-a");
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const part of request) chunks.push(part);
    const bearer = (request.headers.authorization ?? "").replace("Bearer ", "");
    const answer = await api.ask(request.method ?? "GET", request.url ?? "/", Buffer.concat(chunks).toString(), bearer);
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(JSON.stringify(answer.json));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});
afterAll(async () => {
  await new Promise((done) => server?.close(done));
  await owner?.end();
  await api?.close();
});

/** A queued call of an event of its own. */
async function called(number: string) {
  const client = keptClient(api.ownerUrl, () => {});
  const events = eventsOf(client, 5_000);
  const event = await newEvent();
  await events.accept("shop", [event]);
  await events.plan([planOf(event, draft({ number }))]);
  client.drop();
  const [call] = await owner`select id from calls where event_id = ${event.id}`;
  return { event, id: String(call?.id) };
}
const erase = (body: unknown, token?: string) => api.ask("POST", "/v1/erasures", body, token);

describe("POST /v1/erasures", () => {
  it("erases a number however it is written, and shows the call as erased from then on", async () => {
    const { id, event } = await called("+14155560501");
    const answer = await erase({ number: "(415) 556-0501", reason: "asked by letter" });
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        erased: { calls: 1, events: 1, canceled_calls: 1 },
        waiting: { calls: 0, named: [], unplanned_events: [] },
        told: [],
        more: false,
        not_searched: expect.stringContaining("Erase such events by source and event."),
      },
    ]);
    const { json: call } = await api.ask("GET", `/v1/calls/${id}`);
    expect(call).toMatchObject({
      status: "canceled",
      reason: "erased",
      number: null,
      about: null,
      order_number: "#1001",
    });
    expect(call.erased_at).toMatch(/^\d{4}-/);
    expect(call.event).toMatchObject({ external_id: null, erased_at: expect.any(String) });
    const { json: found } = await api.ask("GET", `/v1/events/${event.id}`);
    expect(found).toMatchObject({ body: "{}", headers: {}, order_number: "#1001" });
    expect((await api.ask("GET", "/v1/orders?order_number=1001")).json.calls).toMatchObject([{ id, number: null }]);
    expect((await api.ask("GET", "/v1/calls?number=%2B14155560501")).json.data).toEqual([]);
  });

  it("erases an event by our id and by its sender's, in its source only", async () => {
    for (const name of ["id", "externalId"] as const) {
      const { event, id } = await called(numberOf(510));
      const wrong = await erase({ source: "api", event: event[name], reason: "x" });
      expect([wrong.status, wrong.json.code]).toEqual([404, "not_found"]);
      const { json } = await erase({ source: "shop", event: event[name], reason: "x" });
      expect(json).toMatchObject({ erased: { calls: 1, events: 1, canceled_calls: 1 }, not_searched: null });
      expect((await api.ask("GET", `/v1/calls/${id}`)).json.erased_at).not.toBeNull();
    }
    expect(eventId("shop", "x")).not.toBe(eventId("api", "x"));
  });

  it.each([
    ["source", { source: "shops", event: "order-1" }, "There is no source of this name."],
    ["event", { source: "shop", event: "nobody-sent-this" }, "The source has no event of this id."],
    ["event by our id", { source: "shop", event: eventId("shop", "nor-this") }, "The source has no event of this id."],
  ])("answers 404 for an unknown %s", async (_, what, detail) => {
    const answer = await erase({ ...what, reason: "x" });
    expect([answer.status, answer.json.code, answer.json.detail]).toEqual([404, "not_found", detail]);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  });

  it("answers for an event that was erased before that nothing more was erased", async () => {
    const { event } = await called("+14155560511");
    await erase({ source: "shop", event: event.id, reason: "x" });
    const again = await erase({ source: "shop", event: event.id, reason: "x" });
    expect([again.status, again.json.erased]).toEqual([200, { calls: 0, events: 0, canceled_calls: 0 }]);
  });

  it("says of a number that events without a call to it are not searched, and leaves them as they are", async () => {
    const number = "+14155560512";
    const client = keptClient(api.ownerUrl, () => {});
    const events = eventsOf(client, 5_000);
    const event = await newEvent({ body: JSON.stringify({ phone: number }) });
    await events.accept("shop", [event]);
    await events.plan([planOf(event)]);
    client.drop();
    const answer = await erase({ number, reason: "x" });
    expect([answer.status, answer.json.erased]).toEqual([200, { calls: 0, events: 0, canceled_calls: 0 }]);
    expect(answer.json.not_searched).toMatch(/^The bodies of events that made no call to this number/);
    expect(await owner`select body from events where id = ${event.id}`).toEqual([{ body: event.body }]);
    const byId = await erase({ source: "shop", event: event.id, reason: "x" });
    expect(byId.json.erased).toEqual({ calls: 0, events: 1, canceled_calls: 0 });
  });

  it("lets a call that it erased be asked for again with the reason that it was erased", async () => {
    const { id } = await called("+14155560513");
    await erase({ number: "+14155560513", reason: "x" });
    const again = await api.ask("POST", `/v1/calls/${id}/again`, { reason: "x" });
    expect([again.status, again.json.code, again.json.reason]).toEqual([409, "call_stopped", "erased"]);
    expect(JSON.stringify(again.json)).toContain("was erased");
  });

  it("names what is under way", async () => {
    const { id } = await called("+14155560502");
    await owner`update calls set status = 'dialing', lease_until = now() + interval '1 hour', claim_seq = 1 where id = ${id}`;
    const { json } = await erase({ number: "+14155560502", reason: "x" });
    expect(json).toMatchObject({
      erased: { calls: 0 },
      waiting: { calls: 1, named: [{ id, status: "dialing" }] },
      more: false,
    });
  });

  it("writes no number into an entry, also where the reason names one", async () => {
    const { id } = await called("+14155560503");
    await erase({ number: "+14155560503", reason: "The customer of +1 (415) 556-0503 wrote." });
    const rows = await owner`select data::text as data from entries where subject_id = ${id} and action = 'erased'`;
    expect(rows[0]?.data).toContain("The customer of [number] wrote.");
  });

  it.each([
    ["no reason", { number: "+14155560504" }],
    ["neither number nor event", { reason: "x" }],
    ["both", { number: "+14155560504", source: "shop", event: "1", reason: "x" }],
    ["an event without its source", { event: "1", reason: "x" }],
    ["no number", { number: "nobody", reason: "x" }],
    ["an empty reason", { number: "+14155560504", reason: "" }],
  ])("refuses %s", async (_, body) => {
    const answer = await erase(body);
    expect([answer.status, answer.json.code]).toEqual([422, "invalid"]);
  });

  it("answers a token without pii:read alike for numbers that were called, that are unknown and that are none", async () => {
    const { id, event } = await called("+14155560520");
    const blind = await api.token("admin", "calls:read", "calls:write");
    const numbers = ["+14155560520", "(415) 556-0520", "+14155560521", "+14155560522", "nobody", "+49 112"];
    const answers = await Promise.all(numbers.map((number) => erase({ number, reason: "x" }, blind)));
    for (const answer of answers) {
      expect([answer.status, answer.json.code, answer.json.detail]).toEqual([
        403,
        "forbidden",
        "This needs a token with the scope pii:read.",
      ]);
      expect(answer.json).toEqual(answers[0]?.json);
    }
    expect(await owner`select status from calls where id = ${id}`).toEqual([{ status: "queued" }]);
    // An event is named by its id, which tells nothing of a number.
    expect((await erase({ source: "shop", event: event.id, reason: "x" }, blind)).json.erased.calls).toBe(1);
  });

  it.each(["calls:read", "calls:write", "pii:read"] as const)(
    "does not let a token with %s only erase",
    async (scope) => {
      expect((await erase({ number: "+14155560504", reason: "x" }, await api.token(scope))).status).toBe(403);
    },
  );
});

describe("hookline erase", () => {
  async function run(...args: string[]) {
    const env = { HOOKLINE_URL: url, HOOKLINE_TOKEN: await api.token("admin", "pii:read") };
    const { code, text } = await runHookline(["erase", ...args], env);
    return { code, said: text };
  }

  it("erases, and says what", async () => {
    await called("+14155560505");
    const { code, said } = await run("--number", "+14155560505", "--reason", "asked");
    expect([code, said.split("\n")]).toEqual([
      0,
      [
        "erased 1 call (1 canceled for it) and 1 event",
        expect.stringMatching(/^not searched: The bodies of events that made no call to this number/),
      ],
    ]);
  });

  it("says of a number without calls that there is nothing to erase", async () => {
    const { code, said } = await run("--number", "+14155560514", "--reason", "asked");
    expect([code, said]).toEqual([0, expect.stringContaining("no call to this number exists")]);
  });

  it.each([
    ["source", ["--source", "shops", "--event", "1"], "There is no source of this name."],
    ["event", ["--source", "shop", "--event", "nobody-sent-this"], "The source has no event of this id."],
  ])("ends with 1 for an unknown %s, and says so", async (_, args, sentence) => {
    const { code, said } = await run(...args, "--reason", "asked");
    expect([code, said]).toEqual([1, expect.stringContaining(sentence)]);
    expect(said).not.toContain("erased");
  });

  it("says of an event that it was erased before", async () => {
    const { event } = await called("+14155560515");
    const args = ["--source", "shop", "--event", event.id, "--reason", "asked"];
    expect((await run(...args)).said).not.toContain("before");
    expect(await run(...args)).toMatchObject({ code: 0, said: expect.stringContaining("it was erased before") });
  });

  it("says what is not erased yet, and ends with 1", async () => {
    const { id } = await called("+14155560506");
    await owner`update calls set status = 'unknown', reason = 'timed_out' where id = ${id}`;
    const { code, said } = await run("--number", "+14155560506", "--reason", "asked");
    expect([code, said]).toEqual([1, expect.stringContaining(`not yet: call ${id} is unknown`)]);
  });

  it.each([[], ["--number", "+14155560505"], ["--reason", "x"], ["--source", "shop", "--reason", "x"]])(
    "is used wrongly with %j",
    async (...args) => {
      expect((await run(...args)).code).toBe(2);
    },
  );
});

describe("a suppression in the entries", () => {
  const entries = async () =>
    await owner`select subject_id, action, reason from entries where subject = 'suppression' order by id`;

  it("is named by a hash under its own salt, which goes with it, and by no number", async () => {
    const number = "+14155560507";
    await api.ask("POST", "/v1/suppressions", { number, reason: "She asked, +14155560507." });
    const [row] = await owner`select mark, salt from suppressions where number = ${number}`;
    await api.ask("POST", "/v1/suppressions", { number, reason: "again" });
    expect(await owner`select mark, salt from suppressions where number = ${number}`).toEqual([row]);
    expect((await api.ask("DELETE", `/v1/suppressions/${encodeURIComponent(number)}`)).status).toBe(204);
    const told = await entries();
    expect(told.map(({ subject_id }) => subject_id)).toEqual([row?.mark, row?.mark, row?.mark]);
    expect(JSON.stringify(told)).not.toContain("4155560507");
    await api.ask("POST", "/v1/suppressions", { number, reason: "later" });
    expect((await entries()).at(-1)?.subject_id).not.toBe(row?.mark);
  });

  it("that an earlier version made is given a name when it is saved or removed", async () => {
    await owner`insert into suppressions (number, reason, created_by) values ('+14155560508', 'x', 'x'), ('+14155560509', 'x', 'x')`;
    await api.ask("POST", "/v1/suppressions", { number: "+14155560508", reason: "again" });
    await api.ask("DELETE", "/v1/suppressions/%2B14155560509");
    const [row] = await owner`select mark from suppressions where number = '+14155560508'`;
    expect((await entries()).slice(-2).map(({ subject_id }) => subject_id)).toEqual([
      row?.mark,
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
  });
});
