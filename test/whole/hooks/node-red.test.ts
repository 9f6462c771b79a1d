import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { root } from "../../../cli/local/paths.ts";
import { startTogether } from "../../../dev/stack/stack.ts";
import { line, listenForOutcomes, openShop, put, type Shop } from "../shop.ts";
import { installLimitMs, installNodeRed, type NodeRed, startNodeRed } from "./node-red.ts";

const flow = "hookline";
const sourceSecret = randomBytes(24).toString("hex");

/** An event of a call, as the flow stores it. */
type Received = {
  id: string;
  type: string;
  timestamp: string;
  data: { sequence: number; final: boolean; status: string; outcome: string | null; order_number: string };
};

/** Both, running; or why Node-RED could not be installed. */
let both: { shop: Shop; nodeRed: NodeRed } | { unreachable: string };
let stop = async () => {};

beforeAll(async () => {
  const installed = await installNodeRed();
  if ("unreachable" in installed) {
    both = installed;
    console.error(skipped(installed.unreachable));
    return;
  }
  both = await startTogether(async (undo, stopAll) => {
    stop = stopAll;
    const shop = await openShop({ mihu: { call_ms: 300, outcomes: { completed: 1 } } });
    undo(shop.stop);
    await listenForOutcomes(shop);
    await openBearerSource(shop);
    const token = await shop.tokenFor(["hooks:write"]);
    const nodeRed = await startNodeRed(installed.program, join(root, "examples", "node-red", "flow.json"), (url) => ({
      HOOKLINE_URL: shop.url,
      HOOKLINE_TOKEN: token,
      HOOKLINE_SOURCE: "zapier",
      HOOKLINE_SOURCE_SECRET: sourceSecret,
      NODE_RED_URL: url,
    }));
    undo(nodeRed.stop);
    return { shop, nodeRed };
  });
}, installLimitMs + 60_000);
afterAll(() => stop());

beforeEach((context) => {
  if ("unreachable" in both) context.skip(skipped(both.unreachable));
});

const skipped = (why: string) => `Node-RED is not installed, because npm's registry cannot be reached: ${why}`;

/** The source of `examples/bearer.yaml`, with its rule live on a line that calls at any time. */
async function openBearerSource(shop: Shop): Promise<void> {
  const { zapier } = parse(readFileSync(join(root, "examples", "bearer.yaml"), "utf8")).sources;
  const { rules, ...head } = zapier;
  const [{ name, ...rule }] = rules;
  await put(shop, "/v1/sources/zapier", { ...head, secrets: [sourceSecret] });
  await put(shop, `/v1/sources/zapier/rules/${name}`, { ...rule, mode: "live", line });
}

function running(): { shop: Shop; nodeRed: NodeRed } {
  if ("unreachable" in both) throw new Error(both.unreachable);
  return both;
}

/** The secret that the flow stored. */
async function subscribed(): Promise<string> {
  const { shop, nodeRed } = running();
  const secret = await shop.until(
    () => nodeRed.context(flow, "secret"),
    (found) => typeof found === "string",
    30_000,
  );
  return String(secret);
}

async function received(): Promise<Received[]> {
  return ((await running().nodeRed.context(flow, "received")) ?? []) as Received[];
}

async function list<Item>(path: string): Promise<Item[]> {
  const answer = await running().shop.api(path);
  return JSON.parse(await answer.text()).data;
}

const hooks = () => list<{ id: string; target_url: string; events: string[]; state: string }>("/v1/hooks");

/** Hookline's records of its deliveries to the flow. */
async function deliveries() {
  const [hook] = await hooks();
  return await list<{ id: string; type: string; state: string; tries: number }>(`/v1/hooks/${hook?.id}/deliveries`);
}

describe("the example flow for Node-RED", () => {
  test("subscribes its own URL when Node-RED starts, and again by its button, as one hook", async () => {
    const { shop, nodeRed } = running();
    const first = await subscribed();
    expect(await nodeRed.press("subscribe")).toBe(200);
    await shop.until(subscribed, (secret) => secret !== first);
    expect(await hooks()).toMatchObject([
      { target_url: `${nodeRed.url}/hookline`, events: ["call.*"], state: "active" },
    ]);
  });

  test("sends an event to a source, and is told each step of its call once and in order, signed", async () => {
    const { shop, nodeRed } = running();
    await subscribed();
    expect(await nodeRed.press("send")).toBe(200);
    const events = await shop.until(received, (all) => all.some(({ data }) => data.final), 30_000);
    expect(events.map(({ type, data }) => [data.sequence, type, data.status, data.final])).toEqual([
      [1, "call.queued", "queued", false],
      [2, "call.placed", "placed", false],
      [3, "call.ended", "ended", true],
    ]);
    const done = await shop.until(deliveries, (all) => all.every(({ state }) => state === "delivered"));
    // Deliveries that were made at the same moment are listed in any order.
    expect(new Map(done.map(({ id, tries }) => [`msg_${id.replaceAll("-", "")}`, tries]))).toEqual(
      new Map(events.map(({ id }) => [id, 1])),
    );
    const [orderNumber, ...others] = new Set(events.map(({ data }) => data.order_number));
    expect(others).toEqual([]);
    const [call] = await shop.calls(`order_number=${orderNumber}`);
    expect(call).toMatchObject({ source: "zapier", status: "ended", outcome: events.at(-1)?.data.outcome });
    expect(shop.rings("+14155550100")).toHaveLength(1);
  });

  test("answers 503 while it has no secret, so that Hookline tries again", async () => {
    const { nodeRed } = running();
    const before = await subscribed();
    await nodeRed.forget(flow, "secret");
    const answer = await fetch(`${nodeRed.url}/hookline`, { method: "POST", body: "{}" });
    expect(answer.status).toBe(503);
    await nodeRed.press("subscribe");
    expect(await subscribed()).not.toBe(before);
  });

  describe("receives by POST /hookline", () => {
    const body = JSON.stringify({ type: "call.ended", timestamp: "2026-11-02T15:04:05Z", data: { name: "Zoë" } });

    type Signed = { id: string; at: Date; body: string; signature: string };

    /** A delivery that the flow accepts, signed by the library of Standard Webhooks. */
    async function good(): Promise<Signed> {
      const [id, at] = [`msg_${randomBytes(8).toString("hex")}`, new Date()];
      return { id, at, body, signature: new Webhook(await subscribed()).sign(id, at, body) };
    }

    async function deliver({ id, at, body, signature }: Signed): Promise<number> {
      const answer = await fetch(`${running().nodeRed.url}/hookline`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "webhook-id": id,
          "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
          "webhook-signature": signature,
        },
        body,
        signal: AbortSignal.timeout(5_000),
      });
      return answer.status;
    }

    const ids = async () => (await received()).map(({ id }) => id);

    test("what the library of Standard Webhooks signs, and lists a repeated id once", async () => {
      const delivery = await good();
      expect([await deliver(delivery), await deliver(delivery)]).toEqual([204, 204]);
      expect((await ids()).filter((id) => id === delivery.id)).toHaveLength(1);
    });

    test("one signature of several", async () => {
      const delivery = await good();
      expect(await deliver({ ...delivery, signature: `v1,AAAA v1a,BBBB ${delivery.signature}` })).toBe(204);
    });

    const old = new Date(Date.now() - 6 * 60_000);
    test.each<[string, (delivery: Signed) => Partial<Signed> | Promise<Partial<Signed>>]>([
      ["another body", () => ({ body: body.replace("ended", "queued") })],
      ["the same JSON in other bytes", () => ({ body: JSON.stringify(JSON.parse(body), null, 1) })],
      ["an empty body", () => ({ body: "" })],
      ["another id", () => ({ id: "msg_other" })],
      ["another time", ({ at }) => ({ at: new Date(at.getTime() + 1_000) })],
      [
        "a time six minutes ago",
        async ({ id }) => ({ at: old, signature: new Webhook(await subscribed()).sign(id, old, body) }),
      ],
      [
        "another secret",
        ({ id, at }) => ({ signature: new Webhook(randomBytes(24).toString("base64")).sign(id, at, body) }),
      ],
      ["no signature", () => ({ signature: "" })],
      ["another version", ({ signature }) => ({ signature: signature.replace("v1,", "v2,") })],
    ])("and refuses %s with 401", async (_what, changed) => {
      const delivery = await good();
      const bad = { ...delivery, ...(await changed(delivery)) };
      expect(await deliver(bad)).toBe(401);
      expect(await ids()).not.toContain(bad.id);
      expect(await deliver(delivery)).toBe(204);
    });
  });
});
