/** A shop in which every page has something to show, with the texts of a test in every value that others can set. */
import postgres from "postgres";
import type { Addressed } from "../../pages/table.ts";
import { type HookReceiver, receiver, subscribed } from "../hooks/receiver.ts";
import { callMe, line, listenForOutcomes, number, type Shop, source, wideLine } from "../shop.ts";

/** Texts by the place where they are used. Those of headers are plain ASCII. */
export type Texts = {
  readonly orders: readonly string[];
  readonly name: string;
  /** Of what readers without `pii:read` may not see. */
  readonly reason: string;
  /** Of names, descriptions and pauses, which every reader sees. */
  readonly open: string;
  readonly header: string;
};

export type SeededShop = Addressed & {
  /** Further addresses of pages in other states. */
  readonly states: readonly string[];
  readonly calls: Readonly<Record<"ended" | "queued" | "held" | "review", string>>;
  readonly order: string;
  readonly close: () => Promise<void>;
};

/** The line that is paused, so that its calls wait. */
export const quietLine = "quiet-line";
/** The source that is paused. */
export const quietSource = "quiet-source";

export async function seedPages(shop: Shop, texts: Texts): Promise<SeededShop> {
  const owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  const told = await receiver();
  try {
    return await seed(shop, texts, owner, told);
  } finally {
    await owner.end({ timeout: 5 });
  }
}

async function seed(shop: Shop, texts: Texts, owner: postgres.Sql, told: HookReceiver): Promise<SeededShop> {
  const ask = async <Body = { id: string }>(method: string, path: string, json?: object): Promise<Body> => {
    const answer = await shop.api(path, { method, ...(json === undefined ? {} : { json }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === "" ? null : JSON.parse(text)) as Body;
  };
  const { name, reason, open, header } = texts;
  const waits = { phone: null, shipping_address: null };
  await listenForOutcomes(shop);
  told.answer((response) => void response.writeHead(500).end(open));
  const query = new URLSearchParams({ text: header });
  const hook = await subscribed(shop, `${told.url}?${query}`, { description: open });
  await ask("PUT", `/v1/lines/${quietLine}`, { ...wideLine, agent: header });
  await ask("POST", `/v1/lines/${quietLine}/pause`, { reason: open });
  await ask("PUT", `/v1/sources/${quietSource}`, { preset: "bearer", secrets: ["d3b07384d113edec49eaa6238ad5ff00c8"] });
  await ask("PUT", `/v1/sources/${quietSource}/rules/nobody`, {
    ...callMe,
    mode: "test",
    test_number: number(990),
    about: header,
    when: "true",
  });
  await ask("POST", `/v1/sources/${quietSource}/pause`, { reason: open });
  await ask("POST", "/v1/suppressions", { number: number(991), reason });
  const { jti } = await ask<{ jti: string }>("POST", "/v1/tokens", {
    name: open.slice(0, 100),
    scopes: ["calls:read"],
    days: 1,
  });

  const customer = { first_name: name, last_name: name };
  const orders = ["plain-1", ...texts.orders];
  for (const [index, order] of orders.entries())
    await shop.send({ name: `#${order}`, phone: number(900 + index), note: order, customer });
  // The last placed call ends; a second event of the first order is a further version of its record.
  const id = header.slice(0, 60);
  await shop.send({ name: "#plain-1", ...waits, note: reason, customer }, { id, type: header });
  await shop.send({ name: "#held-1", phone: number(980), customer: {} });
  await shop.send(
    { name: "#refused-1", phone: number(981) },
    { secret: "shpss_another-secret-than-the-shop-has", type: header },
  );
  const held = await shop.call("held-1", "held");
  const placed = await shop.until(
    () => shop.calls("status=ended&limit=100"),
    (calls) => calls.length >= orders.length,
  );
  const queued = await ask("POST", "/v1/calls", {
    ...{ line: quietLine, number: number(982), about: reason, order_number: "queued-1", greeting: name },
    prompt: { text: reason, overwrite: false },
  });
  shop.simulator.setFaults({ next: ["before_500"] });
  await shop.send({ name: "#review-1", phone: number(983), customer });
  const review = await shop.call("review-1", "unknown");
  await owner`update calls set status = 'review', reason = 'not_found', poll_at = null where id = ${review.id}`;
  const canceled = await ask("POST", "/v1/calls", {
    line: quietLine,
    number: number(984),
    about: reason,
    order_number: "queued-2",
  });
  await ask("POST", `/v1/calls/${canceled.id}/cancel`, { reason });
  await ask("POST", "/v1/orders/notes", { order_number: "plain-1", text: reason });
  const ofNone = { filter: { order_number: "nothing-of-this-name" }, reason, as_task: true };
  const task = await ask("POST", "/v1/calls/cancel", ofNone);
  const [first] = await shop.calls("order_number=plain-1&status=ended");
  const ended = first?.id ?? "";
  await shop.until(
    async () => (await shop.api(`/v1/calls/${ended}/transcript`)).status,
    (status) => status === 200,
  );

  type List = { data: { id: string }[] };
  const delivery = await shop.until(
    async () => (await ask<List>("GET", `/v1/hooks/${hook.id}/deliveries?limit=1`)).data[0],
    (found) => found !== undefined,
  );
  const { secrets } = await ask<{ secrets: { id: string }[] }>("GET", `/v1/sources/${source}`);
  const refused = await shop.until(
    async () => (await ask<List>("GET", `/v1/sources/${source}/rejections`)).data[0],
    (found) => found !== undefined,
  );
  await shop.worker.scheduled();
  type Known = { readonly order_number?: string | null };
  const stored = placed.map((call) => (call as Known).order_number ?? "");
  const orderPath = (order: string) => `order_number=${encodeURIComponent(order)}`;
  return {
    ids: {
      "/calls/": ended,
      "/sources/new/": "hubspot",
      "/sources/": source,
      "/lines/": line,
      "/tasks/": task.id,
      "/hooks/deliveries/": delivery?.id ?? "",
      "/hooks/": hook.id,
      "/people/tokens/": jti,
      "/events/": placed.find(({ id }) => id === ended)?.event_id ?? "",
    },
    addresses: {
      "/find": "/find?q=nothing-of-this-name",
      "/find/suggestions": "/find/suggestions?q=plain-1",
      "/orders": "/orders?order_number=plain-1",
      "/orders/evidence": "/orders/evidence?order_number=plain-1",
      "/orders/notes": "/orders/notes?order_number=plain-1",
      "/orders/call": "/orders/call?order_number=plain-1",
      "/calls/decide": `/calls/decide?source=${source}`,
      "/calls/:id/cancel": `/calls/${queued.id}/cancel`,
      "/calls/:id/release": `/calls/${held.id}/release`,
      "/calls/:id/resolve": `/calls/${review.id}/resolve`,
      "/sources/:slug/rejections/accept": `/sources/${source}/rejections/accept?id=${refused?.id}`,
      "/sources/:slug/secrets/:id/remove": `/sources/${source}/secrets/${secrets[0]?.id}/remove`,
      "/receipts/check": `/receipts/check?call=${ended}`,
      "/sources/:slug/rules/:name": `/sources/${source}/rules/call-me`,
      "/sources/:slug/rules/:name/edit": `/sources/${source}/rules/call-me/edit`,
      "/sources/:slug/rules/:name/mode": `/sources/${source}/rules/call-me/mode`,
    },
    states: [
      ...[held.id, queued.id, review.id, canceled.id].map((id) => `/calls/${id}`),
      ...stored.map((order) => `/orders?${orderPath(order)}`),
      ...placed.map(({ id }) => `/calls/${id}`),
      ...[`/lines/${quietLine}`, `/lines/${quietLine}/resume`, `/lines/${quietLine}/settings`],
      ...[`/sources/${quietSource}`, `/sources/${quietSource}/setup`, `/sources/${quietSource}/rules/nobody`],
      ...["/find?q=plain", "/calls?status=held", "/calls?order_number=nothing-of-this-name"],
      ...["/orders?order_number=nothing-of-this-name", "/sources/new?q=nothing-of-this-name"],
      ...stored.map((order) => `/find?q=${encodeURIComponent(order)}`),
      ...stored.map((order) => `/calls?${orderPath(order)}`),
    ],
    calls: { ended, queued: queued.id, held: held.id, review: review.id },
    order: "plain-1",
    close: told.close,
  };
}
