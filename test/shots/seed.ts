/** Data for the screenshots: the states in which a page may be. Each state adds to the one before. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import postgres from "postgres";
import { signedRequest } from "../../dev/send/sign.ts";
import type { Stack } from "../../dev/stack/stack.ts";
import { findPreset } from "../../src/crm/presets/index.ts";
import type { Addressed } from "../pages/table.ts";

export const states = ["empty", "one", "many", "error"] as const;
export type State = (typeof states)[number];

const secret = "shpss_0123456789abcdef0123456789abcdef";
const agent = "32d8fc98-be1e-4d32-a12e-146f397fb1cb2";
const sample = JSON.parse(readFileSync(new URL("../../dev/send/samples/shopify-order.json", import.meta.url), "utf8"));
const everyHour = { days: "mon-sun", from: "00:00", to: "24:00", closed: ["2026-12-25", "2026-12-26", "2027-01-01"] };
const rule = {
  mode: "live",
  on: ["orders/updated"],
  line: "support-en",
  number: ["{{ data.phone }}", "{{ data.shipping_address.phone }}"],
  about: "The customer is {{ data.customer.first_name }}. Their order number is {{ data.name }}.",
  prompt: { text: "You are Michael from support.", overwrite: false },
  greeting: "Hello {{ data.customer.first_name }}, this is Acme about your order.",
};

type Row = { id: string; event_id: string; name: string; jti: string };
type Receiver = { readonly url: string; status: number; close(): void };

/** A stack that goes from state to state. */
export async function seeder(stack: Stack) {
  const receiver = await receive();
  const seeds: Record<State, () => Promise<void>> = {
    empty: async () => {},
    one: () => one(stack, receiver),
    many: () => many(stack, receiver),
    error: () => broken(stack, receiver),
  };
  return {
    async reach(state: State): Promise<Addressed> {
      await seeds[state]();
      await stack.worker.scheduled();
      return await ids(stack);
    },
    close: receiver.close,
  };
}

async function receive(): Promise<Receiver> {
  const receiver = { url: "", status: 200, close: () => {} };
  const server = createServer((request, response) => {
    request.resume().on("end", () => void response.writeHead(receiver.status).end("The receiver's answer."));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  receiver.url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  receiver.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return receiver;
}

async function one(stack: Stack, { url }: Receiver): Promise<void> {
  stack.simulator.setFaults({ call_ms: 200 });
  await ask(stack, "PUT", "/v1/lines/support-en", {
    ...{
      agent,
      calls_per_minute: 600,
      calls_at_once: 40,
      calls_per_day: 5_000,
      countries: ["US", "CA"],
      hours: everyHour,
    },
  });
  await ask(stack, "POST", "/v1/lines/support-en/connect", {});
  const source = { preset: "shopify", secrets: [secret], country: "US", order_number: "{{ data.name }}" };
  const record = { type: "order", id: "{{ data.id }}" };
  await ask(stack, "PUT", "/v1/sources/acme-orders", { ...source, record });
  await ask(stack, "PUT", "/v1/sources/acme-orders/rules/call-me", rule);
  await ask(stack, "POST", "/v1/hooks", {
    target_url: `${url}/zapier/hooks/12345`,
    events: ["call.*"],
    description: "Tells the help desk",
  });
  await send(stack, "#1001", "+14155561001");
  await settled(stack, 1);
}

async function many(stack: Stack, { url }: Receiver): Promise<void> {
  const lines = [
    [
      "night-desk",
      { calls_per_minute: 2, hours: { days: "mon-fri", from: "18:00", to: "24:00" }, countries: ["GB", "IE"] },
    ],
    ["returns-de", { hours: { days: "mon-sat", from: "09:00", to: "20:00" }, countries: ["DE", "AT", "CH"] }],
    [
      "support-fr",
      { hours: { days: "mon,tue,thu,fri", from: "09:30", to: "17:45" }, countries: ["FR", "BE", "CH", "LU"] },
    ],
    ["a-line-with-a-very-long-name-that-somebody-once-found-clear", { calls_per_day: 0 }],
  ] as const;
  for (const [slug, more] of lines) await ask(stack, "PUT", `/v1/lines/${slug}`, { agent, ...more });
  await ask(stack, "POST", "/v1/lines/night-desk/pause", { reason: "The team is at the summer party until Monday." });
  stack.simulator.setFaults({
    call_ms: { min: 100, max: 900 },
    outcomes: { completed: 6, no_answer: 2, busy: 1, voicemail: 1, failed: 1 },
  });
  await ask(stack, "PUT", "/v1/sources/acme-orders/rules/ask-about-a-return-that-took-too-long", {
    ...{ ...rule, mode: "shadow", also: true },
  });
  for (let index = 0; index < 60; index++) await send(stack, `#${2_000 + index}`, `+1415556${2_000 + index}`);
  await send(stack, "#2099", "nobody");
  await ask(stack, "POST", "/v1/suppressions", {
    number: "+14155562050",
    reason: "Asked on the phone not to be called.",
  });
  await ask(stack, "POST", "/v1/suppressions", {
    number: "+442079460018",
    reason: "Legal hold",
    until: "2027-03-01T00:00:00Z",
  });
  for (const [path, events] of [
    ["make/scenario?team=7", ["call.ended", "call.review"]],
    ["n8n/webhook/3f9c-very-long-path-that-somebody-made", ["call.ended"]],
    ["ops", ["line.*", "source.*", "hook.*"]],
  ] as const)
    await ask(stack, "POST", "/v1/hooks", { target_url: `${url}/${path}`, events });
  for (const [name, scopes] of [
    ["Support desk", ["calls:read", "pii:read"]],
    ["Zapier", ["hooks:write", "calls:read"]],
    ["Warehouse screen", ["calls:read"]],
  ] as const)
    await ask(stack, "POST", "/v1/tokens", { name, scopes, days: 60 });
  await settled(stack, 60);
  await waiting(stack);
}

/** A call that waits for its line, one that is held, one of which nobody knows whether it rang, and a task. */
async function waiting(stack: Stack): Promise<void> {
  const about = "The customer asked to be called about the delivery.";
  for (const [order_number, number] of [
    ["#2101", "+442079460019"],
    ["#2104", "+442079460020"],
  ])
    await ask(stack, "POST", "/v1/calls", { line: "night-desk", number, about, order_number });
  await send(stack, "#2102", "+14155562102", secret, { customer: {} });
  await until(
    () => firstCall(stack, "status=held"),
    (held) => held !== undefined,
  );
  stack.simulator.setFaults({ next: ["before_500"] });
  await send(stack, "#2103", "+14155562103");
  await until(
    async () => ((await ask(stack, "GET", "/v1/calls?status=unknown")) as { data: object[] }).data,
    ({ length }) => length > 0,
  );
  await ask(stack, "POST", "/v1/orders/notes", {
    order_number: "#1001",
    text: "The customer prefers to be called at noon.",
  });
  await ask(stack, "POST", "/v1/calls/cancel", {
    ...{ filter: { order_number: "#2104" }, reason: "Resolved by e-mail.", as_task: true },
  });
}

/** A missing agent, a receiver that is gone, refused webhooks, and a token that ends soon. */
async function broken(stack: Stack, receiver: Receiver): Promise<void> {
  stack.simulator.setFaults({ missing_agents: ["gone"] });
  await ask(stack, "PUT", "/v1/lines/agent-gone", { agent: "gone", countries: ["US"] });
  await ask(stack, "POST", "/v1/calls", {
    line: "agent-gone",
    number: "+14155563001",
    about: "A call that cannot be placed.",
  });
  receiver.status = 410;
  for (let index = 0; index < 12; index++) await send(stack, `#${3_000 + index}`, `+1415556${3_100 + index}`, "wrong");
  await ask(stack, "POST", "/v1/sources/acme-orders/pause", { reason: "We check its rules." });
  const sql = postgres(stack.ownerUrl, { max: 1, onnotice: () => {} });
  await sql`update tokens set created_at = now() - interval '60 days', expires_at = now() + interval '3 days' where name = 'Zapier'`;
  await sql.end();
  await send(stack, "#3099", "+14155563099");
  const { data } = (await ask(stack, "GET", "/v1/hooks")) as { data: { id: string }[] };
  for (const { id } of data) await ask(stack, "POST", `/v1/hooks/${id}/test`);
  await until(
    async () => ((await ask(stack, "GET", "/v1/hooks")) as { data: { state: string }[] }).data,
    (hooks) => hooks.some(({ state }) => state === "disabled"),
  );
  await until(
    async () => (await ask(stack, "GET", "/v1/lines/agent-gone")) as { paused: object | null },
    ({ paused }) => paused !== null,
  );
}

async function ask(stack: Stack, method: string, path: string, json?: object): Promise<unknown> {
  const answer = await stack.api(path, { method, ...(json === undefined ? {} : { json }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === "" ? null : JSON.parse(text);
}

async function send(
  stack: Stack,
  name: string,
  phone: string,
  by = secret,
  more: object = { customer: sample.customer },
): Promise<void> {
  const preset = findPreset("shopify");
  if (preset === null) throw new Error("there is no preset shopify");
  const id = randomUUID();
  const body = JSON.stringify({
    ...sample,
    name,
    phone,
    shipping_address: null,
    ...more,
    checkout_token: id,
    updated_at: new Date().toISOString(),
  });
  const { headers } = signedRequest({ preset, settings: {}, secret: by, body, id, type: "orders/updated" });
  await fetch(`${stack.url}/in/acme-orders`, { method: "POST", headers, body });
}

async function settled(stack: Stack, atLeast: number): Promise<void> {
  await until(
    async () => (await ask(stack, "GET", "/v1/balance")) as { calls: Record<string, number> },
    ({ calls }) => (calls.ended ?? 0) >= atLeast * 0.9 && (calls.dialing ?? 0) + (calls.placed ?? 0) === 0,
  );
}

async function firstCall(stack: Stack, filter: string): Promise<Row | undefined> {
  return ((await ask(stack, "GET", `/v1/calls?${filter}&limit=1`)) as { data: Row[] }).data[0];
}

async function until<T>(read: () => Promise<T>, enough: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await read();
    if (enough(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`the seed did not come to be: ${JSON.stringify(answer).slice(0, 300)}`);
    await pause(50);
  }
}

async function ids(stack: Stack): Promise<Addressed> {
  const list = async (path: string) => ((await ask(stack, "GET", path)) as { data: Row[] }).data;
  const [call, queued, held, unknown] = await Promise.all(
    ["outcome=completed", "status=queued", "status=held", "status=unknown"].map((filter) => firstCall(stack, filter)),
  );
  const [hook] = await list("/v1/hooks");
  const [delivery] = hook === undefined ? [] : await list(`/v1/hooks/${hook.id}/deliveries?limit=1`);
  const [task] = await list("/v1/tasks?limit=1");
  const token = (await list("/v1/tokens")).find(({ name }) => name === "Warehouse screen");
  const hasShop = hook !== undefined;
  const shop = hasShop ? ((await ask(stack, "GET", "/v1/sources/acme-orders")) as { secrets: Row[] }) : null;
  const [refused] = hasShop ? await list("/v1/sources/acme-orders/rejections?limit=1") : [];
  const known = (found: Row | undefined, path: (id: string) => string) => (found === undefined ? null : path(found.id));
  const ofShop = (path: string) => (hasShop ? path : null);
  const rule = "/sources/acme-orders/rules/call-me";
  const present = Object.entries({
    ...{ "/calls/": call?.id, "/events/": call?.event_id, "/hooks/deliveries/": delivery?.id, "/hooks/": hook?.id },
    ...{ "/tasks/": task?.id, "/people/tokens/": token?.jti, "/sources/new/": "hubspot" },
    ...(hasShop ? { "/sources/": "acme-orders", "/lines/": "support-en" } : {}),
  }).flatMap(([prefix, id]) => (id === undefined ? [] : [[prefix, id] as const]));
  return {
    ids: Object.fromEntries(present),
    addresses: {
      "/find": "/find?q=1001",
      "/orders": "/orders?order_number=1001",
      "/orders/notes": ofShop("/orders/notes?order_number=1001"),
      "/orders/call": ofShop("/orders/call?order_number=1001"),
      "/calls/decide": ofShop("/calls/decide?source=acme-orders"),
      "/calls/:id/cancel": known(queued, (id) => `/calls/${id}/cancel`),
      "/calls/:id/release": known(held, (id) => `/calls/${id}/release`),
      "/calls/:id/resolve": known(unknown, (id) => `/calls/${id}/resolve`),
      "/sources/:slug/rejections/accept": known(refused, (id) => `/sources/acme-orders/rejections/accept?id=${id}`),
      "/sources/:slug/secrets/:id/remove": known(shop?.secrets[0], (id) => `/sources/acme-orders/secrets/${id}/remove`),
      "/receipts/check": known(call, (id) => `/receipts/check?call=${id}`),
      "/sources/:slug/rules/:name": ofShop(rule),
      "/sources/:slug/rules/:name/edit": ofShop(`${rule}/edit`),
      "/sources/:slug/rules/:name/mode": ofShop(`${rule}/mode`),
    },
  };
}
