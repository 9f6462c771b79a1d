import { describe, expect, it } from "vitest";
import { type ConnectPorts, connectLine } from "../../../src/flows/config/connect-mihu.ts";
import type { AgentWebhook, WantedWebhook, WebhookRefusal } from "../../../src/ports/calling/agent-webhooks.ts";

const wantedEvents = ["conversation_status", "conversation_end_report", "voice_evaluation"] as const;
const base = "https://hookline.example";
const urlOf = (key: string) => `${base}/in/mihu/${key}`;

/** Mihu's agent with its webhooks, and the line's keys as they are stored; hashes are written `#key`. */
function stage(given: { key?: string; others?: Record<string, string>; registered?: Partial<AgentWebhook>[] } = {}) {
  const world = {
    current: given.key === undefined ? null : `#${given.key}`,
    next: null as string | null,
    registered: (given.registered ?? []).map(
      (one, index): AgentWebhook => ({
        uuid: `w-${index}`,
        url: urlOf("key-0"),
        events: [...wantedEvents],
        active: true,
        ...one,
      }),
    ),
    asked: [] as string[],
    /** What Mihu answers to a change: it is done, it is refused, or it is done and the answer lost. */
    answer: { ok: true } as { ok: true } | WebhookRefusal,
    doneAllTheSame: false,
    made: 0,
  };
  const put = (verb: string, uuid: string, wanted: WantedWebhook) => {
    world.asked.push(verb);
    if (!world.answer.ok && !world.doneAllTheSame) return Promise.resolve(world.answer);
    const webhook = { uuid, url: wanted.url, events: wanted.events, active: true };
    world.registered = [...world.registered.filter((one) => one.uuid !== uuid), webhook];
    return Promise.resolve(world.answer);
  };
  const ports: ConnectPorts = {
    hash: (key) => `#${key}`,
    async make() {
      const key = `key-${++world.made}`;
      return { key, keyHash: `#${key}`, secret: `secret-${world.made}`, sealedSecret: `sealed-${world.made}` };
    },
    agents: {
      async list() {
        world.asked.push("list");
        return { ok: true, webhooks: world.registered };
      },
      create: (_agent, wanted) => put("create", `w-${world.registered.length}`, wanted),
      change: (_agent, uuid, wanted) => put(wanted.secret === undefined ? "change" : "renew", uuid, wanted),
    },
    store: {
      agentOf: async (line) => (line === "support" ? "agent-1" : null),
      async webhookOwners() {
        const owners = new Map(Object.entries(given.others ?? {}).map(([key, line]) => [`#${key}`, line]));
        for (const hash of [world.current, world.next]) if (hash !== null) owners.set(hash, "support");
        return owners;
      },
      async proposeWebhook(_line, { keyHash }) {
        world.next = keyHash;
      },
      async settleWebhook(_line, keyHash) {
        if (world.next === keyHash) [world.current, world.next] = [keyHash, null];
        return world.current === keyHash;
      },
    },
  };
  const connect = (rotate = false, line = "support") => connectLine(ports, { line, base, rotate, actor: "token:ann" });
  return { world, ports, connect };
}

describe("connecting a line", () => {
  it("makes the agent's webhook where there is none, and the next time leaves it", async () => {
    const { world, connect } = stage();
    expect(await connect()).toEqual({ ok: true, did: "created" });
    expect(world.registered).toEqual([{ uuid: "w-0", url: urlOf("key-1"), events: wantedEvents, active: true }]);
    expect([world.current, world.next]).toEqual(["#key-1", null]);
    expect(await connect()).toEqual({ ok: true, did: "kept" });
    expect(world.asked).toEqual(["list", "create", "list"]);
  });

  it.each<[string, Partial<AgentWebhook>, readonly string[]]>([
    [
      "other events",
      { events: ["intent_call", "conversation_status"] },
      ["intent_call", "conversation_status", "conversation_end_report", "voice_evaluation"],
    ],
    ["is not active", { active: false }, wantedEvents],
  ])("puts right a webhook that has %s, and keeps its key", async (_what, deviation, events) => {
    const { world, connect } = stage({ key: "key-0", registered: [deviation] });
    expect(await connect()).toEqual({ ok: true, did: "changed" });
    expect(world.registered).toEqual([{ uuid: "w-0", url: urlOf("key-0"), events, active: true }]);
    expect([world.current, world.made]).toEqual(["#key-0", 0]);
  });

  it("gives a new key to a webhook of ours whose key is no line's any more, and makes no second one", async () => {
    const { world, connect } = stage({ key: "other", registered: [{ url: urlOf("forgotten") }] });
    expect(await connect()).toEqual({ ok: true, did: "changed" });
    expect(world.registered).toMatchObject([{ uuid: "w-0", url: urlOf("key-1") }]);
    expect(world.current).toBe("#key-1");
  });

  it("touches neither another service's webhook nor another line's", async () => {
    const registered = [{ url: "https://elsewhere.example/in/mihu/key-0" }, { url: urlOf("sales-key") }];
    const { world, connect } = stage({ others: { "sales-key": "sales" }, registered });
    expect(await connect()).toEqual({ ok: true, did: "created" });
    expect(world.registered.slice(0, 2)).toMatchObject(registered);
    expect(world.registered).toHaveLength(3);
  });

  it("makes a new key when it is asked to, and the old one holds until Mihu has taken it", async () => {
    const { world, ports, connect } = stage({ key: "key-0", registered: [{}] });
    const held: (string | null)[][] = [];
    const { change } = ports.agents;
    ports.agents.change = (...asked) => {
      held.push([world.current, world.next]);
      return change(...asked);
    };
    expect(await connect(true)).toEqual({ ok: true, did: "rotated" });
    expect(held).toEqual([["#key-0", "#key-1"]]);
    expect([world.current, world.next]).toEqual(["#key-1", null]);
    expect(world.registered).toMatchObject([{ uuid: "w-0", url: urlOf("key-1") }]);
  });

  it.each(["limit_reached", "refused", "unauthenticated", "unknown"] as const)(
    "says that Mihu did not do it (%s), and the old key holds",
    async (reason) => {
      const { world, connect } = stage({ key: "key-0", registered: [{}] });
      world.answer = { ok: false, reason, detail: "no" };
      expect(await connect(true)).toEqual({ ok: false, reason, detail: "no" });
      expect(world.current).toBe("#key-0");
    },
  );

  it("finds the next time that Mihu had done what its lost answer hid", async () => {
    const { world, connect } = stage();
    world.answer = { ok: false, reason: "unknown", detail: "no answer" };
    world.doneAllTheSame = true;
    expect(await connect()).toMatchObject({ ok: false, reason: "unknown" });
    expect([world.current, world.next]).toEqual([null, "#key-1"]);
    world.answer = { ok: true };
    expect(await connect()).toEqual({ ok: true, did: "kept" });
    expect([world.current, world.next, world.registered.length]).toEqual(["#key-1", null, 1]);
  });

  it("by two at once says to one of them that it came second", async () => {
    const { world, ports, connect } = stage();
    const { create } = ports.agents;
    ports.agents.create = async (...asked) => {
      const done = await create(...asked);
      world.next = "#another's";
      return done;
    };
    expect(await connect()).toMatchObject({ ok: false, reason: "raced" });
  });

  it("of a line that is not there, or that Mihu cannot be asked about, changes nothing", async () => {
    const { world, ports, connect } = stage();
    expect(await connect(false, "none")).toMatchObject({ ok: false, reason: "no_line" });
    ports.agents.list = async () => ({ ok: false, reason: "agent_missing", detail: "" });
    expect(await connect()).toMatchObject({ ok: false, reason: "agent_missing" });
    expect([world.made, world.next]).toEqual([0, null]);
  });
});
