/** Mihu's webhooks as they are configured, connected and kept, through the API on a real Postgres, with the simulator as Mihu. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../../dev/simulator/index.ts";
import { mihuAgentWebhooks } from "../../../src/mihu/agent-webhooks.ts";
import { sha256Hex } from "../../../src/platform/hashes.ts";
import type { OutcomeReport } from "../../../src/ports/calling/outcome-reports.ts";
import { reportsOf } from "../../../src/store/calls/reports.ts";
import { webhookLines } from "../../../src/store/config/lines.ts";
import { connect, type Sql } from "../../../src/store/postgres/connection.ts";
import { sweepStore } from "../../../src/store/sweep.ts";
import { callStores } from "../world/calls.ts";
import { placedCalls } from "../world/placed.ts";
import { service, type TestService } from "../world/service.ts";
import { type World, world } from "../world/world.ts";

const base = "https://hookline.example";
const agent = "32d8fc98-be1e-4d32-a12e-146f397fb1cb2";
let simulator: Simulator;
let api: TestService;
let local: TestService;
beforeAll(async () => {
  simulator = await startSimulator();
  const agentWebhooks = mihuAgentWebhooks(simulator);
  api = await service({ mode: "production", publicUrl: base, agentWebhooks });
  local = await service({ agentWebhooks });
});
beforeEach(() => simulator.setFaults({ missing_agents: [], token_revoked: false }));
afterAll(async () => {
  await api?.close();
  await local?.close();
  await simulator?.close();
});

type Registered = { uuid: string; url: string; events: string[]; is_active: boolean };
const mihu = async (method = "GET", path = "", body?: object): Promise<Registered[]> => {
  const answer = await fetch(`${simulator.baseUrl}/agents/${agent}/webhooks${path}`, {
    method,
    headers: { authorization: `Bearer ${simulator.token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return ((await answer.json()) as { data: Registered[] }).data;
};

describe("how Mihu signs, as a line says it", () => {
  it("is saved, shown, exported, applied to no change, and in the line's entry", async () => {
    const webhook_settings = {
      header: "X-Hook",
      algorithm: "sha512",
      encoding: "base64",
      prefix: "v1:",
      signed: "{timestamp}.{body}",
      timestamp_header: "X-Time",
    };
    const saved = await api.ask("PUT", "/v1/lines/signed", { agent: "a", webhook_settings });
    expect(saved.json).toMatchObject({ webhook_settings });
    const exported = await api.ask("GET", "/v1/config");
    expect(exported.json.lines.signed).toMatchObject({ webhook_settings });
    const again = await api.ask("PUT", "/v1/config?dry_run=true", exported.json);
    expect(again.json.changes.every(({ kind }: { kind: string }) => kind === "keep")).toBe(true);
    const [entry] = await api.sql`select data from entries where subject = 'line' and subject_id = 'signed'`;
    expect(entry?.data).toMatchObject({ webhook_settings });
    expect((await api.ask("PUT", "/v1/lines/signed", { agent: "a" })).json.webhook_settings).toBeNull();
  });

  it.each<[string, object, string]>([
    ["another algorithm", { algorithm: "md5" }, "webhook_settings.algorithm"],
    ["another encoding", { encoding: "base32" }, "webhook_settings.encoding"],
    ["a header that is none", { header: "x hook" }, "webhook_settings.header"],
    ["signed bytes without the body", { signed: "{timestamp}", timestamp_header: "x" }, "webhook_settings.signed"],
    ["signed bytes with the body twice", { signed: "{body}{body}" }, "webhook_settings.signed"],
    ["signed bytes with something else", { signed: "{id}.{body}" }, "webhook_settings.signed"],
    ["a time from nowhere", { signed: "{timestamp}.{body}" }, "webhook_settings.timestamp_header"],
    ["a header of a time that is not signed", { timestamp_header: "x-time" }, "webhook_settings.timestamp_header"],
    ["an unknown field", { tolerance: 5 }, "webhook_settings.tolerance"],
    ["an endless prefix", { prefix: "x".repeat(51) }, "webhook_settings.prefix"],
  ])("is refused with %s, and says where", async (_what, webhook_settings, path) => {
    const refused = await api.ask("PUT", "/v1/lines/unsigned", { agent: "a", webhook_settings });
    expect(refused.status).toBe(422);
    expect(refused.json.errors.map((error: { path: string[] }) => error.path.join("."))).toContain(path);
    expect((await api.ask("GET", "/v1/lines/unsigned")).status).toBe(404);
  });
});

describe("connecting a line by the API", () => {
  it("makes, leaves, mends and renews the agent's webhook; its key is stored as a hash and its secret sealed", async () => {
    await api.ask("PUT", "/v1/lines/support", { agent });
    expect((await api.ask("POST", "/v1/lines/support/connect", {})).json).toEqual({
      ...{ line: "support", did: "created", confirmed: true },
    });
    const [made] = await mihu();
    expect(made?.url).toMatch(/^https:\/\/hookline\.example\/in\/mihu\/[\w-]{40,}$/);
    const key = (url: string | undefined) => (url ?? "").split("/").at(-1) ?? "";
    expect([...(await webhookLines(api.sql))]).toEqual([
      [sha256Hex(key(made?.url)), { slug: "support", sealedSecret: expect.stringMatching(/^eyJ/), settings: null }],
    ]);
    expect((await api.ask("POST", "/v1/lines/support/connect", {})).json.did).toBe("kept");
    expect(await mihu()).toEqual([made]);
    await mihu("PATCH", `/${made?.uuid}`, { is_active: false, events: ["intent_call"] });
    expect((await api.ask("POST", "/v1/lines/support/connect", {})).json.did).toBe("changed");
    expect(await mihu()).toMatchObject([{ url: made?.url, is_active: true }]);
    expect((await api.ask("POST", "/v1/lines/support/connect", { rotate: true })).json.did).toBe("rotated");
    const [renewed, ...more] = await mihu();
    expect(more).toEqual([]);
    expect(renewed?.url).not.toBe(made?.url);
    expect([...(await webhookLines(api.sql)).keys()]).toEqual([sha256Hex(key(renewed?.url))]);
    const entries =
      await api.sql`select action, data from entries where subject = 'line' and subject_id = 'support' order by id`;
    expect(entries.map(({ action }) => action)).toEqual([
      "created",
      "webhook_proposed",
      "webhook_renewed",
      "webhook_proposed",
      "webhook_renewed",
    ]);
    expect(JSON.stringify(entries)).not.toContain(key(renewed?.url));
    expect(api.logged.join()).not.toContain(key(renewed?.url));
  });

  it("says that the agent has as many webhooks as Mihu allows, and continues once one is gone", async () => {
    for (let n = (await mihu()).length; n < 5; n++)
      await mihu("POST", "", { url: `https://elsewhere.example/${n}`, events: ["intent_call"] });
    await api.ask("PUT", "/v1/lines/late", { agent });
    const refused = await api.ask("POST", "/v1/lines/late/connect", {});
    expect([refused.status, refused.json.code]).toEqual([409, "webhook_limit_reached"]);
    const elsewhere = (await mihu()).find(({ url }) => url.includes("elsewhere"));
    await mihu("DELETE", `/${elsewhere?.uuid}`);
    expect((await api.ask("POST", "/v1/lines/late/connect", {})).json.did).toBe("created");
  });

  it.each<[string, () => void, number, string]>([
    ["an agent that is gone", () => simulator.setFaults({ missing_agents: [agent] }), 502, "agent_missing"],
    ["a token that Mihu refuses", () => simulator.setFaults({ token_revoked: true }), 502, "unauthenticated"],
  ])("says of %s what is wrong", async (_what, fault, status, reason) => {
    fault();
    const refused = await api.ask("POST", "/v1/lines/support/connect", {});
    expect([refused.status, refused.json.reason]).toEqual([status, reason]);
  });

  it("is for administrators, and for lines that are there", async () => {
    expect((await api.ask("POST", "/v1/lines/none/connect", {})).status).toBe(404);
    const reader = await api.token("calls:read", "calls:write");
    expect((await api.ask("POST", "/v1/lines/support/connect", {}, reader)).status).toBe(403);
  });

  it("needs a public https address, except on one machine", async () => {
    for (const publicUrl of [null, "http://hookline.example"]) {
      const bare = await service({ mode: "production", publicUrl, agentWebhooks: mihuAgentWebhooks(simulator) });
      await bare.ask("PUT", "/v1/lines/support", { agent });
      const refused = await bare.ask("POST", "/v1/lines/support/connect", {});
      expect([refused.status, refused.json.code]).toEqual([409, "no_public_url"]);
      await bare.close();
    }
    const own = "7b1f0c52-4a86-4c1e-9d55-2f0a3e6b9c10";
    await local.ask("PUT", "/v1/lines/support", { agent: own });
    expect((await local.ask("POST", "/v1/lines/support/connect", {})).json.did).toBe("created");
  });
});

describe("what Mihu's webhooks said", () => {
  let w: World;
  let app: Sql;
  beforeAll(async () => {
    w = await world("line-a");
    app = connect(w.url, { idleSeconds: 20, connectSeconds: 5 }, () => {});
  });
  afterAll(async () => {
    await app?.end();
    await w?.close();
  });
  const report = (key: string, deviation: Partial<OutcomeReport> = {}): OutcomeReport => ({
    key,
    event: "voice_evaluation",
    conversationUuid: "c-1",
    mihuId: null,
    body: JSON.stringify({ said: `Ağaç 漢字 🙂 ${key}` }),
    receivedAt: 1_767_636_000_123,
    ...deviation,
  });
  const kept = () => w.owner`select key, event, conversation_uuid, mihu_id, body, received_at from reports order by id`;

  it("is kept once, whoever sends it again, and as it came", async () => {
    await w.calls.storeReports("line-a", [report("a"), report("b", { conversationUuid: null }), report("a")]);
    await w.calls.storeReports("line-a", [report("b"), report("c")]);
    const rows = await kept();
    expect(rows.map(({ key }) => key)).toEqual(["a", "b", "c"]);
    expect(rows[0]).toEqual({
      key: "a",
      event: "voice_evaluation",
      conversation_uuid: "c-1",
      mihu_id: null,
      body: '{"said":"Ağaç 漢字 🙂 a"}',
      received_at: new Date(1_767_636_000_123),
    });
  });

  it("for a line that is gone is dropped, and keeps no line from being removed", async () => {
    await w.calls.storeReports("no-line", [report("z")]);
    expect((await kept()).map(({ key }) => key)).not.toContain("z");
    await w.owner`insert into lines (slug, agent, calls_per_minute, calls_at_once, calls_per_day) values ('brief', 'a', 1, 1, 1)`;
    await w.calls.storeReports("brief", [report("z")]);
    await app`delete from lines where slug = 'brief'`;
    expect((await kept()).map(({ key }) => key)).not.toContain("z");
  });

  it("can be read and dropped by the service, and not changed", async () => {
    await expect(app`update reports set body = 'x'`).rejects.toThrow("permission denied");
  });

  it("is shown with its call, unless it names another call of the conversation", async () => {
    const [id = ""] = await placedCalls(w, "line-a", 1);
    await w.calls.storeReports("line-a", [
      report("mine", { conversationUuid: `conversation-${id}`, mihuId: `mihu-${id}` }),
      report("other", { conversationUuid: `conversation-${id}`, mihuId: "mihu-other" }),
      report("nameless", { conversationUuid: `conversation-${id}` }),
    ]);
    const found = await reportsOf(w.owner, { conversationUuid: `conversation-${id}`, mihuId: `mihu-${id}` });
    expect(found.map(({ body }) => JSON.parse(body).said.split(" ").at(-1))).toEqual(["mine", "nameless"]);
    expect(await reportsOf(w.owner, { conversationUuid: null, mihuId: null })).toEqual([]);
  });

  it("is dropped when it is old", async () => {
    await w.calls.storeReports("line-a", [
      report("old", { receivedAt: Date.now() - 91 * 86_400_000 }),
      report("young", { receivedAt: Date.now() - 89 * 86_400_000 }),
    ]);
    await sweepStore(w.owner).expire();
    const keys = (await kept()).map(({ key }) => key);
    expect(keys).toContain("young");
    expect(keys).not.toContain("old");
  });
});

describe("a call with its reports, by the API", () => {
  it("is shown whole to those who may read what was said, and masked to others", async () => {
    await local.ask("PUT", "/v1/lines/line-a", { agent });
    await local.sql`insert into sources (slug, preset) values ('shop', 'generic')`;
    const [event] =
      await local.sql`insert into events (id, source, dedupe_key, type, headers, body, body_hash, state, planned_at)
      values (gen_random_uuid(), 'shop', 'k', 't', '{}', '{}', 'h', 'planned', now()) returning id`;
    const [call] =
      await local.sql`insert into calls (event_id, source, rule, rule_version, mode, line, status, number, about,
        due_at, claimed_at, placed_at, conversation_uuid)
      values (${event?.id}, 'shop', 'r', 1, 'live', 'line-a', 'placed', '+14155550100', 'x', now(), now(), now(), 'c-9') returning id`;
    const said = { event: "voice_evaluation", data: { sentiment: "positive", number: "+14155550100" } };
    await callStores(() => local.sql).storeReports("line-a", [
      {
        key: "k",
        event: said.event,
        conversationUuid: "c-9",
        mihuId: null,
        body: JSON.stringify(said),
        receivedAt: 1_767_636_000_000,
      },
    ]);
    const whole = await local.ask("GET", `/v1/calls/${call?.id}`);
    expect(whole.json.reports).toEqual([
      { event: "voice_evaluation", received_at: "2026-01-05T18:00:00.000Z", body: said },
    ]);
    const masked = await local.ask("GET", `/v1/calls/${call?.id}`, undefined, await local.token("calls:read"));
    expect(masked.json.reports).toEqual([
      { event: "voice_evaluation", received_at: "2026-01-05T18:00:00.000Z", body: "•••" },
    ]);
    expect(JSON.stringify(masked.json)).not.toMatch(/positive|4155550100/);
  });

  it("that a person cancels while it is under way stays, says so, and gets no further try", async () => {
    const [call] = await local.sql`select id from calls where conversation_uuid = 'c-9'`;
    const refused = await local.ask("POST", `/v1/calls/${call?.id}/cancel`, { reason: "they wrote back" });
    expect([refused.status, refused.json.call_status]).toEqual([409, "placed"]);
    const [row] = await local.sql`select status, again_stopped from calls where id = ${call?.id}`;
    expect(row).toEqual({ status: "placed", again_stopped: "canceled" });
  });
});
