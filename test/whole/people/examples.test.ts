/**
 * The examples of the API's description: requests to a running Hookline, with its answers. Each answer must have every field that its example
 * in `dev/openapi/examples.json` shows. `RECORD_EXAMPLES=1 npx vitest run --project whole test/whole/people/examples.test.ts` writes that
 * file anew; `npm run docs` then writes the documents.
 */
import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Example, examplesFile, examplesOf } from "../../../dev/openapi/examples.ts";
import { operations } from "../../../src/http/api/operations/operations.ts";
import { callMe, line, listenForOutcomes, number, openShop, type Shop, secret, source } from "../shop.ts";
import { masking } from "./masking.ts";

/** Operations without an example, each with its reason. */
const without: Readonly<Record<string, string>> = {
  exportCalls: "a file, whose rows are those of listCalls",
  getEvidence: "a zip",
  exportEvents: "a file, whose rows are those of listEvents",
  exportSuppressions: "a file, whose rows are those of listSuppressions",
  exportDeliveries: "a file, whose rows are those of listDeliveries",
  redeliver: "only a delivery that is over is sent once more",
  cancelTask: "only a running task is canceled, for a moment",
  listenToCall: "a call that goes on, for a moment",
  exportReadings: "a file, whose rows are those of listReadings",
  acceptRestored: "only a restored database has a chain to accept",
};

// biome-ignore lint/suspicious/noThenProperty: `then` is a field of the API, and its value is a text.
const notRung = { rang: false, then: "close" };

let shop: Shop;
let owner: postgres.Sql;
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 300 }, rule: { burst: { calls: 1_000, in: "10m" } } });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner?.end();
  await shop?.stop();
});

const order = (name: string, phone: string, more: object = {}) => ({
  ...{ name, id: Number(name.slice(1)), phone, shipping_address: { phone }, tags: "call-me", total_price: "139.32" },
  ...{ customer: { first_name: "Ada" }, line_items: [], ...more },
});

test("answers of a running Hookline", async () => {
  const found: Record<string, Example[]> = {};
  const idOf = Object.fromEntries(Object.entries(operations).map(([name, { id }]) => [id, name]));

  /** Sends a request of an operation, and records it with its answer. @param names values of the path */
  async function ask(
    id: string,
    names: readonly string[] = [],
    { query = "", body, headers = {} }: { query?: string; body?: object; headers?: Record<string, string> } = {},
  ): Promise<Record<string, unknown>> {
    const [method = "", pattern = ""] = (idOf[id] ?? "").split(" ");
    let nth = 0;
    const path = `/v1${pattern.replace(/:\w+/g, () => encodeURIComponent(names[nth++] ?? ""))}${query}`;
    const init = { method, headers, redirect: "manual" as const, ...(body === undefined ? {} : { json: body }) };
    const answer = await shop.api(path, init);
    const text = await answer.text();
    expect([id, answer.status, answer.status < 400 ? "" : text]).toEqual([id, expect.any(Number), ""]);
    const said = answer.headers.get("content-type")?.startsWith("application/json") ? JSON.parse(text) : text || null;
    const asked = body === undefined ? {} : { body: body as Example["body"] };
    found[id] = [...(found[id] ?? []), { path, ...asked, status: answer.status, answer: said } as Example];
    return typeof said === "object" && said !== null ? said : {};
  }
  const callNow = async (id: unknown) => (await (await shop.api(`/v1/calls/${id}`)).json()) as { status: string };
  const until = (id: unknown, status: string) =>
    shop.until(
      () => callNow(id),
      (call) => call.status === status,
    );

  await ask("getSelf");
  const made = await ask("mintToken", [], { body: { name: "support", scopes: ["calls:read"], days: 90 } });
  const own = { headers: { authorization: `Bearer ${made.token}` } };
  await ask("renewToken", [], own);
  await ask("listTokens");
  await ask("revokeToken", [String(made.jti)]);

  // A call that a rule made, from its event to its outcome.
  await listenForOutcomes(shop);
  const { eventId } = await shop.send(order("#1001", number(1)));
  const first = await shop.call("#1001", "ended");
  await ask("getCall", [first.id]);
  await ask("listCalls", [], { query: "?order_number=1001" });
  await ask("addNote", [], { body: { order_number: "1001", text: "A refund of 20 is agreed." } });
  await ask("getOrder", [], { query: "?order_number=1001" });
  await ask("getTranscript", [first.id]);
  await ask("getEventChanges", [eventId]);
  await ask("find", [], { query: "?q=1001" });
  await ask("getStatistics", [], { query: "?from=2026-11-20&to=2026-11-22&by=day" });
  await ask("getEvent", [eventId]);
  await ask("listEvents", [], { query: `?source=${source}` });
  await ask("getRecording", [first.id]);
  // A receipt is given once the call's entries are in the chain.
  await shop.until(
    async () => (await shop.api(`/v1/calls/${first.id}/receipt`)).status,
    (status) => status === 200,
  );
  await ask("getReceipt", [first.id]);
  // Calls of a paused line wait, so the answers do not depend on the speed of the run.
  await shop.api(`/v1/lines/${line}/pause`, { method: "POST", json: { reason: "a pause of the test" } });
  await ask("callAgain", [first.id], { body: { reason: "asked to be called once more" } });

  // Direct calls.
  const direct = { line, number: number(2), about: "Ask how the delivery went.", order_number: "#2002" };
  const due_at = new Date(Date.now() + 864e5).toISOString();
  const placed = await ask("placeCall", [], {
    body: { ...direct, due_at },
    headers: { "idempotency-key": "ask-2002" },
  });
  await ask("placeCall", [], { body: { ...direct, dry_run: true } });
  await ask("cancelCall", [String(placed.id)], { body: { reason: "solved by mail" } });

  // Calls that lack a text, and calls of which it is unknown whether they rang.
  for (const [name, phone] of [
    ["#1002", number(4)] as const,
    ["#1003", number(5)] as const,
    ["#1004", number(6)] as const,
  ])
    await shop.send(order(name, phone, { customer: {} }));
  const held = await shop.call("#1002", "held");
  for (const name of ["#1003", "#1004"]) await shop.call(name, "held");
  await ask("listReview", [], { query: "?status=held" });
  await ask("assignCall", [held.id], { body: { owner: "me" } });
  const greeting = "Hello {{ data.customer.first_name | default: 'there' }}, this is Acme about your order.";
  const about =
    "The customer is {{ data.customer.first_name | default: 'unknown' }}. Their order number is {{ data.name }}.";
  await ask("saveRule", [source, "call-me"], { body: { ...callMe, about, greeting } });
  const shown = await ask("releaseCall", [held.id], { body: { render: "newest", dry_run: true } });
  const newest = { render: "newest", rule_version: shown.newest_version, reason: "the rule has a default now" };
  await ask("releaseCall", [held.id], { body: newest });
  await shop.api(`/v1/lines/${line}/resume`, { method: "POST" });
  await until(held.id, "ended");
  const ofSource = { source, status: "held" };
  await ask("releaseCalls", [], { body: { filter: ofSource, render: "newest", dry_run: true, reason: "checked" } });
  await ask("cancelCalls", [], { body: { filter: { ...ofSource, order_number: "1003" }, reason: "a bulk edit" } });
  for (const name of ["#1005", "#1006"]) {
    shop.simulator.setFaults({ next: ["before_500"] });
    await shop.send(order(name, number(Number(name.slice(1)))));
    const lost = await shop.call(name, "unknown");
    await owner`update calls set status = 'review', reason = 'not_found', poll_at = null where id = ${lost.id}`;
    if (name === "#1005") await ask("resolveCall", [lost.id], { body: { ...notRung, reason: "not called" } });
  }
  const all = { filter: { status: "review" }, reason: "nobody was called", dry_run: true };
  await ask("resolveCalls", [], { body: { ...all, ...notRung } });
  const task = await ask("cancelCalls", [], { body: { filter: ofSource, reason: "a bulk edit", as_task: true } });
  await shop.until(
    async () => (await (await shop.api(`/v1/tasks/${task.id}`)).json()) as { state: string },
    ({ state }) => state === "done",
  );
  await ask("getTask", [String(task.id)]);

  // Events.
  await shop.send(order("#1007", number(7), { tags: "" }));
  await ask("replayEvents", [], { body: { filter: { source, state: "ignored" }, dry_run: true } });

  // Numbers and persons.
  await ask("suppress", [], { body: { number: number(8), reason: "asked not to be called" } });
  await ask("listSuppressions");
  await ask("releaseNumber", [number(8)]);
  await ask("erase", [], { body: { number: number(2), reason: "asked for it" } });

  // Lines.
  const german = { agent: "7c1f9a52-3b6e-4f0d-9a51-2f7f8d1c4e60", calls_per_minute: 5, countries: ["DE"] };
  const hours = { days: "Mon-Fri", from: "09:00", to: "18:00" };
  await ask("saveLine", ["support-de"], { body: { ...german, hours } });
  await ask("getLine", ["support-de"]);
  await ask("listLines");
  await ask("pauseLine", ["support-de"], { body: { reason: "maintenance" } });
  await ask("resumeLine", ["support-de"]);
  await ask("pauseLines", [], { body: { reason: "wrong texts" } });
  await ask("resumeLines");
  await ask("renewLineWebhook", ["support-de"]);
  await ask("connectLine", [line]);
  await ask("removeLine", ["support-de"]);

  // A source with its rules.
  const shopify = { preset: "shopify", secrets: ["shpss_89abcdef0123456789abcdef01234567"], country: "DE" };
  await ask("saveSource", ["acme-de"], { body: { ...shopify, order_number: "{{ data.name }}" } });
  await ask("getSource", ["acme-de"]);
  await ask("listSources");
  await ask("getRule", [source, "call-me"]);
  await ask("listRules", [source]);
  await ask("addSecret", ["acme-de"], {
    body: { value: "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", retire_others_in: "24h" },
  });
  const { secrets } = (await (await shop.api("/v1/sources/acme-de")).json()) as { secrets: { id: string }[] };
  await ask("removeSecret", ["acme-de", secrets[0]?.id ?? ""]);
  await ask("pauseSource", ["acme-de"], { body: { reason: "wrong order numbers" } });
  await ask("resumeSource", ["acme-de"]);
  await ask("fetchNow", ["acme-de"]);
  await ask("closeSource", ["acme-de"]);
  await shop.api(`/v1/sources/${source}/rules/second`, { method: "PUT", json: { ...callMe, mode: "shadow" } });
  await ask("listRuleVersions", [source, "second"]);
  await ask("removeRule", [source, "second"]);

  // Rules tried out, and webhooks explained.
  const payload = {
    name: "#1001",
    phone: number(1),
    tags: "call-me",
    total_price: "139.32",
    customer: { first_name: "Ada" },
  };
  await ask("previewEvent", [source], { body: { body: payload, type: "orders/updated" } });
  await ask("rehearseRules", [source], { body: { last: 100 } });
  await shop.send(order("#1008", number(9)), { secret: "another-secret-than-the-shop's" });
  await shop.until(
    async () =>
      ((await (await shop.api(`/v1/sources/${source}/rejections`)).json()) as { data: unknown[] }).data.length,
    (rejections) => rejections === 1,
  );
  await ask("listRejections", [source]);
  await ask("acceptRejections", [source], { body: { all: true, dry_run: true } });
  await ask("verifyWebhook", [source], {
    body: { url: `/in/${source}`, headers: { "content-type": "application/json" }, body: "{}" },
  });

  // A hook of a receiver that is not there: its deliveries wait.
  const target_url = "https://hooks.example.com/hookline";
  const hook = await ask("saveHook", [], { body: { target_url, events: ["call.*"], description: "to the helpdesk" } });
  const hookId = String(hook.id);
  await ask("getHook", [hookId]);
  await ask("listHooks");
  await ask("changeHook", [hookId], { body: { events: ["call.ended", "call.review"] } });
  await ask("rotateHookSecret", [hookId]);
  await ask("pauseHook", [hookId], { body: { reason: "the helpdesk is being moved" } });
  const sent = await ask("testHook", [hookId]);
  await ask("listDeliveries", [hookId]);
  await ask("getDelivery", [String(sent.id)]);
  await ask("resumeHook", [hookId]);
  await ask("redeliverSince", [hookId], { body: { since: new Date(Date.now() - 36e5).toISOString() } });
  await ask("listTasks");
  await ask("removeHookByUrl", [], { query: `?target_url=${encodeURIComponent(target_url)}` });
  await ask("removeHook", [hookId]);
  await ask("readFeed", [], { query: "?events=call.*&limit=10" });

  // The service.
  await ask("getConfig");
  const wanted = { lines: { [line]: { agent: german.agent, calls_per_minute: 20 } } };
  await ask("applyConfig", [], { query: "?dry_run=true", body: wanted });
  await ask("listPresets");
  await ask("getPreset", ["slack"]);
  await ask("reseal");
  await pause(0);
  await ask("listHeads");
  await ask("getBalance");
  await ask("listReadings", [], { query: "?limit=10" });

  expect(Object.keys(idOf).filter((id) => found[id] === undefined)).toEqual(Object.keys(without));
  const mask = masking({
    [shop.url]: "https://hookline.example.com",
    [shop.simulator.baseUrl]: "https://acme.mihu.ai/api/v1",
    [shop.simulator.url]: "https://acme.mihu.ai",
    [secret]: "shpss_…",
  });
  const today = mask(found) as Record<string, Example[]>;
  if (process.env.RECORD_EXAMPLES === "1") writeFileSync(examplesFile, `${JSON.stringify(today, null, 1)}\n`);
  for (const [id, answers] of Object.entries(today)) {
    const recorded = examplesOf(id);
    expect([id, answers.map(({ status }) => status)]).toEqual([id, recorded.map(({ status }) => status)]);
    for (const [nth, { answer }] of recorded.entries())
      expect([id, lacking(answer, answers[nth]?.answer)]).toEqual([id, []]);
  }
}, 120_000);

/** Fields that an example shows and that an answer does not have. A value of an example may be null or of another length. */
function lacking(example: unknown, answer: unknown, path = "$"): string[] {
  if (Array.isArray(example) && Array.isArray(answer))
    return example.length > 0 && answer.length > 0 ? lacking(example[0], answer[0], `${path}[]`) : [];
  if (typeof example !== "object" || example === null || typeof answer !== "object" || answer === null) return [];
  const has = new Map(Object.entries(answer));
  return Object.entries(example).flatMap(([name, value]) =>
    has.has(name) ? lacking(value, has.get(name), `${path}.${name}`) : [`${path}.${name}`],
  );
}
