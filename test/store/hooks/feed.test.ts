import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { service, type TestService } from "../world/service.ts";

const number = "+14155550123";

let api: TestService;
let owner: postgres.Sql;
let masked: string;
let seeing: string;
let callId: string;

beforeAll(async () => {
  api = await service({ publicUrl: "https://hookline.acme.com" });
  owner = postgres(api.ownerUrl, { max: 1, onnotice: () => {} });
  masked = await api.token("calls:read");
  seeing = await api.token("calls:read", "pii:read");
  await owner`insert into sources (slug, preset) values ('shop', 'generic')`;
  const [event] =
    await owner`insert into events (id, source, dedupe_key, type, headers, body, body_hash, state, planned_at)
    values (gen_random_uuid(), 'shop', 'k', 't', '{}', '{}', 'h', 'planned', now()) returning id`;
  const [call] =
    await owner`insert into calls (event_id, source, rule, rule_version, mode, status, reason, number, about)
    values (${event?.id}, 'shop', 'call-me', 1, 'live', 'canceled', 'canceled', ${number}, 'Ada waits') returning id`;
  callId = call?.id;
});
afterAll(async () => {
  await owner.end();
  await api.close();
});

beforeEach(async () => {
  await owner`truncate entries`;
  await write("call", callId, "held", "burst");
  await write("line", "support", "paused", "payment_required");
  await write("call", callId, "released");
  await write("call", callId, "canceled", "canceled");
});

const write = (subject: string, id: string, action: string, reason: string | null = null) =>
  owner`insert into entries (subject, subject_id, action, actor, reason) values (${subject}, ${id}, ${action}, 'test', ${reason})`;

type Page = { data: { id: string; type: string; data: Record<string, unknown> }[]; next: string };

const get = (query: string, token?: string) => api.ask("GET", `/v1/feed?${query}`, undefined, token);

/** A page, once it has as many events: short transactions of other tests' databases may hold them up. */
async function pageOf(query: string, token: string | undefined, count: number): Promise<Page> {
  const giveUp = Date.now() + 20_000;
  for (;;) {
    const { status, json } = await get(query, token);
    expect(status).toBe(200);
    const page = json as unknown as Page;
    if (page.data.length >= count || Date.now() > giveUp) return page;
  }
}
const types = ({ data }: Page) => data.map(({ type }) => type);

describe("the feed", () => {
  it("begins with the newest events, and goes on after each page without gap or repetition", async () => {
    const all = ["call.held", "line.paused", "call.queued", "call.canceled"];
    expect(types(await pageOf("", undefined, 4))).toEqual(all);
    const newest = await pageOf("limit=2", undefined, 2);
    expect(types(newest)).toEqual(all.slice(2));
    expect((await pageOf(`after=${newest.next}`, undefined, 0)).data).toEqual([]);
    await write("line", "support", "resumed");
    await write("source", "shop", "silent");
    const one = await pageOf(`after=${newest.next}&limit=1`, undefined, 1);
    const two = await pageOf(`after=${one.next}&limit=1`, undefined, 1);
    expect([types(one), types(two)]).toEqual([["line.resumed"], ["source.silent"]]);
    expect(new Set([...newest.data, ...one.data, ...two.data].map(({ id }) => id)).size).toBe(4);
  });

  it("has the body that a hook receives, masked by the reader's scopes", async () => {
    const { data } = await pageOf("events=call.canceled", masked, 1);
    expect(data[0]).toMatchObject({
      id: expect.stringMatching(/^evt_\d+$/),
      type: "call.canceled",
      data: { id: callId, sequence: 3, final: true, reason: "canceled", number: "+1•••••23", about: "•••" },
    });
    expect(data[0]?.data.url).toBe(`https://hookline.acme.com/calls/${callId}`);
    const open = await pageOf("events=call.canceled", seeing, 1);
    expect(open.data[0]?.data).toMatchObject({ number, about: "Ada waits" });
  });

  it("notes an unmasked reading, and no other", async () => {
    const read = () => owner`select subject, subject_id, data from entries where action = 'read'`;
    await pageOf("", masked, 3);
    const { next } = await pageOf("events=line.*", undefined, 1);
    expect(await read()).toEqual([]);
    await pageOf("", seeing, 3);
    expect([...(await read())].at(-1)).toEqual({
      subject: "call",
      subject_id: callId,
      data: { what: "feed", rows: 3 },
    });
    const before = (await read()).length;
    await pageOf(`after=${next}&events=call.review`, seeing, 0);
    expect(await read()).toHaveLength(before);
  });

  it("leaves out what a reader may not see, and refuses it by name", async () => {
    expect(types(await pageOf("", masked, 3))).toEqual(["call.held", "call.queued", "call.canceled"]);
    expect(types(await pageOf("events=*", masked, 3))).toEqual(["call.held", "call.queued", "call.canceled"]);
    for (const events of ["line.paused", "line.*", "call.*,hook.disabled", "source.silent,*"])
      expect(await get(`events=${events}`, masked)).toMatchObject({ status: 403, json: { code: "forbidden" } });
    const admin = await api.token("admin");
    expect(types(await pageOf("", admin, 1))).toEqual(["line.paused"]);
    expect((await get("events=call.*", admin)).status).toBe(403);
    expect((await get("", await api.token("pii:read"))).status).toBe(403);
    expect((await get("", "no token")).status).toBe(401);
  });

  it.each([
    ["events=call.end", 'did you mean \\"call.ended\\"'],
    ["events=", "must not be empty"],
    ["events=call.*,", "unknown event"],
    [`events=${"call.*,".repeat(200)}call.*`, "at most"],
    ["limit=0", "at least 1"],
    ["limit=201", "at most 200"],
    ["cursor=1", "unknown field"],
    ["after=x", "cursor"],
    ["after=", "cursor"],
    [`after=${btoa("1")}`, "cursor"],
    [`after=${btoa("1 2 3")}`, "cursor"],
    [`after=${btoa(`${"9".repeat(30)} 1`)}`, "cursor"],
    [`after=${btoa("-1 1")}`, "cursor"],
  ])("refuses %s", async (query, said) => {
    const { status, json } = await get(query);
    expect(status).toBe(422);
    expect(JSON.stringify(json)).toContain(said);
  });

  it("goes on with the first entry of this database after a cursor of another one", async () => {
    await pageOf("", undefined, 4);
    const { next } = await pageOf(`after=${btoa("900000000000000000 1").replace(/=+$/, "")}`, undefined, 4);
    await write("call", callId, "held");
    expect(types(await pageOf(`after=${next}`, undefined, 1))).toEqual(["call.held"]);
  });
});
