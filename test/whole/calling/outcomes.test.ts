/** Outcome webhooks at a running product: forged, doubled, early, late, in a flood, while Postgres or Mihu is down. */
import { createHmac, randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { main } from "../../../cli/main.ts";
import { line, number, openShop, type Shop, wideLine } from "../shop.ts";

let shop: Shop;
let hook: { path: string; secret: string };
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 3_600_000 }, ownCluster: true });
  hook = await ownWebhook();
}, 120_000);
afterEach(() =>
  shop.simulator.setFaults({
    call_ms: 3_600_000,
    answer_latency_ms: 0,
    read_latency_ms: 0,
    outcomes: { completed: 1 },
  }),
);
afterAll(() => shop?.stop());

/** A webhook key and secret of the line that the simulator does not have. Only this test sends with them. */
async function ownWebhook(): Promise<{ path: string; secret: string }> {
  return (await (await shop.api(`/v1/lines/${line}/webhook`, { method: "POST" })).json()) as {
    path: string;
    secret: string;
  };
}
const sign = (body: string | Uint8Array, secret = hook.secret) =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
const tell = async (
  body: string | Uint8Array<ArrayBuffer>,
  {
    path = hook.path,
    headers = { "x-mihu-signature": sign(body) },
  }: { path?: string; headers?: Record<string, string> } = {},
) => {
  const answer = await fetch(shop.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  return { status: answer.status, text: await answer.text() };
};
const reportOf = (conversation_uuid: string, data: object = {}) =>
  JSON.stringify({ event: "conversation_end_report", data: { conversation_uuid, ...data } });
const control = async (path: string, body: object) => {
  const answer = await fetch(shop.simulator.url + path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
  return (await answer.json()) as Record<string, string>;
};
const ringOf = (index: number) =>
  shop.until(
    () => shop.rings(number(index))[0] ?? null,
    (ring) => ring !== null,
  );
/** A call that Mihu has, and that continues. */
async function going(name: string, index: number): Promise<{ id: string; uuid: string; mihuId: string }> {
  await shop.send({ name, phone: number(index) });
  const call = await shop.call(name, "placed");
  const ring = await ringOf(index);
  return { id: call.id, uuid: ring?.conversation_uuid ?? "", mihuId: ring?.id ?? "" };
}
type Story = {
  outcome: string | null;
  outcome_raw: string | null;
  status: string;
  summary: string | null;
  reports: { event: string; body: unknown }[];
  timeline: { action?: string; actor?: string; data?: object }[];
};
const story = async (id: string) => (await (await shop.api(`/v1/calls/${id}`)).json()) as Story;
const actions = async (id: string) => (await story(id)).timeline.map(({ action }) => action);

describe("a webhook that is not Mihu's is refused, and nothing comes of it", () => {
  let call: Awaited<ReturnType<typeof going>>;
  beforeAll(async () => {
    call = await going("#forged", 1);
    await control("/__end", { id: call.mihuId });
  });

  test.each<[string, () => Parameters<typeof tell>[1], number]>([
    ["a wrong key", () => ({ path: "/in/mihu/not-the-key" }), 404],
    ["a key of another form", () => ({ path: `/in/mihu/${"a".repeat(2_000)}` }), 404],
    ["the name of a line", () => ({ path: `/in/mihu/${line}` }), 404],
    ["no signature", () => ({ headers: {} }), 401],
    ["a wrong signature", () => ({ headers: { "x-mihu-signature": `sha256=${"0".repeat(64)}` } }), 401],
    [
      "another secret's signature",
      () => ({ headers: { "x-mihu-signature": sign(reportOf(call.uuid), "other") } }),
      401,
    ],
    ["another body's signature", () => ({ headers: { "x-mihu-signature": sign("{}") } }), 401],
    [
      "a signature of SHA-1",
      () => ({
        headers: { "x-mihu-signature": createHmac("sha1", hook.secret).update(reportOf(call.uuid)).digest("hex") },
      }),
      401,
    ],
  ])("%s", async (_what, more, status) => {
    expect((await tell(reportOf(call.uuid), more())).status).toBe(status);
  });

  test("and every wrong key is answered alike", async () => {
    const answers = await Promise.all(
      ["a", "b".repeat(43), line].map((key) => tell(reportOf(call.uuid), { path: `/in/mihu/${key}` })),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  });

  test("so the call that had ended stays placed and has no report, until the right one comes", async () => {
    expect(await story(call.id)).toMatchObject({ status: "placed", reports: [] });
    expect((await tell(reportOf(call.uuid))).status).toBe(202);
    await shop.call("#forged", "ended");
  });
});

test("what a webhook says is not believed: a call that continues is not ended by it, whatever it says", async () => {
  const call = await going("#lie", 2);
  const said = reportOf(call.uuid, { status: "completed", duration: 99, summary: "They paid.", call_id: call.mihuId });
  expect((await tell(said)).status).toBe(202);
  await shop.until(
    () => story(call.id),
    ({ reports }) => reports.length === 1,
  );
  const other = await going("#other", 3);
  await control("/__end", { id: other.mihuId });
  await tell(reportOf(other.uuid));
  await shop.call("#other", "ended");
  expect(await story(call.id)).toMatchObject({ status: "placed", outcome: null, summary: null });
});

test("a right signature for another call's number settles nothing, and the call's timeline says so once", async () => {
  const call = await going("#mine", 4);
  const strange = await control("/__conversations", { agentId: wideLine.agent, number: number(5) });
  await control("/__end", { id: strange.call_uuid ?? "" });
  // A person named this conversation by mistake.
  const sql = await owner();
  await sql`update calls set conversation_uuid = ${strange.uuid ?? ""}, mihu_id = null where id = ${call.id}`;
  for (let times = 0; times < 3; times++) await tell(reportOf(strange.uuid ?? "", { number: number(4), times }));
  await shop.until(
    () => actions(call.id),
    (found) => found.includes("not_this_call"),
  );
  const { status, timeline } = await story(call.id);
  expect(status).toBe("placed");
  const notes = timeline.filter(({ action }) => action === "not_this_call");
  expect(notes).toEqual([
    expect.objectContaining({ actor: "mihu", data: { conversation_uuid: strange.uuid, mismatch: "number" } }),
  ]);
  await sql.end();
});

test("of a conversation that nobody knows the report is kept, without its credentials, and nothing else comes of it", async () => {
  const uuid = randomUUID();
  const fields = { Authorization: "Bearer hush-hush-hush", api_key: "hush", account_domain: "hush.example" };
  expect((await tell(reportOf(uuid, { note: "Ağaç 漢字 🙂", fields }))).status).toBe(202);
  const sql = await owner();
  const [kept] = await shop.until(
    () => sql<{ body: string }[]>`select body from reports where conversation_uuid = ${uuid}`,
    (rows) => rows.length > 0,
  );
  expect(JSON.parse(kept?.body ?? "")).toEqual({
    event: "conversation_end_report",
    data: { conversation_uuid: uuid, note: "Ağaç 漢字 🙂", fields: {} },
  });
  await sql.end();
});

test("an outcome before the placing was recorded settles the call as soon as it is, well before the first poll", async () => {
  shop.simulator.setFaults({ answer_latency_ms: 2_500, outcomes: { busy: 1 } });
  await shop.send({ name: "#early", phone: number(6) });
  const ring = await ringOf(6);
  await control("/__end", { id: ring?.id ?? "" });
  const toldAt = Date.now();
  expect((await tell(reportOf(ring?.conversation_uuid ?? ""))).status).toBe(202);
  const [before] = await shop.calls("order_number=early");
  expect(before?.status).toBe("dialing");
  const call = await shop.call("#early", "ended");
  expect(call.outcome).toBe("busy");
  expect(Date.now() - toldAt).toBeLessThan(10_000);
  expect((await story(call.id)).timeline.map(({ actor }) => actor)).toContain("mihu");
});

test("doubled and out of order a call ends once, with Mihu's own word, and a late report only adds", async () => {
  const call = await going("#twice", 7);
  await control("/__end", { id: call.mihuId, outcome: "no_answer" });
  const reports = ["voice_evaluation", "conversation_end_report", "conversation_status"].map((event) =>
    JSON.stringify({ event, data: { conversation_uuid: call.uuid, call_id: call.mihuId } }),
  );
  await Promise.all([...reports, ...reports, ...reports].map((body) => tell(body)));
  await shop.call("#twice", "ended");
  for (const body of reports) expect((await tell(body)).status).toBe(202);
  const late = await going("#late", 8);
  await control("/__end", { id: late.mihuId });
  await tell(reportOf(late.uuid));
  await shop.call("#late", "ended");
  const told = await story(call.id);
  expect(told).toMatchObject({ outcome: "no_answer", outcome_raw: "no-answer" });
  expect(told.reports.map(({ event }) => event).sort()).toEqual([
    "conversation_end_report",
    "conversation_status",
    "voice_evaluation",
  ]);
  expect(told.timeline.filter(({ action }) => action === "ended")).toHaveLength(1);
});

test.each<[string, string | Uint8Array<ArrayBuffer>, number]>([
  ["huge", JSON.stringify({ event: "x", data: { conversation_uuid: "c", text: "x".repeat(1_100_000) } }), 413],
  [
    "nearly too long",
    JSON.stringify({ event: "x", data: { conversation_uuid: "c", text: "漢".repeat(300_000) } }),
    202,
  ],
  ["empty", "", 400],
  ["no JSON", "<html>", 400],
  ["endlessly deep", "[".repeat(100_000), 400],
  ["a number", "3", 400],
  ["bytes of no alphabet", new Uint8Array([0xff, 0xfe, 0x00, 0x80]), 400],
  [
    "with bytes of no alphabet",
    new TextEncoder().encode('{"event":"\\u0000x","data":{"conversation_uuid":"\\ud800"}}'),
    202,
  ],
  [
    "a list of reports",
    JSON.stringify([{ data: { conversation_uuid: "a" } }, { data: { conversation_uuid: "b" } }]),
    202,
  ],
])("a body that is %s is answered, and the line continues", async (_what, body, status) => {
  expect((await tell(body)).status).toBe(status);
});

test("the command line connects the line with Mihu, says what it did, and Mihu's own webhooks then settle its calls", async () => {
  const said: string[] = [];
  const connect = async (...args: string[]) => {
    const io = {
      env: { HOOKLINE_URL: shop.url, HOOKLINE_TOKEN: shop.token },
      out: (text: string) => void said.push(text),
      say: (text: string) => void said.push(text),
    };
    return await main(["mihu", "connect", ...args], io);
  };
  expect(await connect()).toBe(0);
  expect(await connect("--line", line)).toBe(0);
  expect(said).toEqual([`line ${line} is connected: a webhook was made at Mihu`, `line ${line} is connected already`]);
  await shop.until(
    () => tell("{}"),
    ({ status }) => status === 404,
    45_000,
  );
  const call = await going("#connected", 9);
  await control("/__end", { id: call.mihuId });
  await shop.call("#connected", "ended");
  expect((await story(call.id)).timeline.find(({ action }) => action === "ended")?.actor).toBe("mihu");
  expect(await connect("--rotate")).toBe(0);
  expect(said.at(-1)).toBe(`line ${line} is connected with a new key and a new secret`);
  const rotated = await going("#rotated", 10);
  await control("/__end", { id: rotated.mihuId });
  await shop.call("#rotated", "ended");
  expect((await story(rotated.id)).timeline.find(({ action }) => action === "ended")?.actor).toBe("mihu");
  expect(await connect("--line", "none")).toBe(1);
  expect(said.at(-1)).toContain("There is no line of this name.");
  expect(said.join()).not.toContain("/in/mihu/");
  // The following tests have their own webhook again.
  hook = await ownWebhook();
  await shop.until(
    () => tell(reportOf(randomUUID())),
    ({ status }) => status === 202,
  );
}, 120_000);

test("after a change of how Mihu signs only that is believed", async () => {
  const put = async (webhook_settings: object | null) => {
    const json = { ...wideLine, webhook_settings };
    expect((await shop.api(`/v1/lines/${line}`, { method: "PUT", json })).ok).toBe(true);
  };
  await put({
    header: "X-Hook",
    signed: "{timestamp}.{body}",
    timestamp_header: "X-Time",
    encoding: "base64",
    prefix: "v1=",
  });
  // A new key is looked up at once. A known key is cached for half a minute.
  hook = await ownWebhook();
  const body = reportOf(randomUUID());
  const digest = createHmac("sha256", hook.secret).update(`1767636000.${body}`).digest("base64");
  const right = { "x-hook": `v1=${digest}`, "x-time": "1767636000" };
  await shop.until(
    () => tell(body, { headers: right }),
    ({ status }) => status === 202,
  );
  expect((await tell(body, { headers: { ...right, "x-time": "1767636001" } })).status).toBe(401);
  expect((await tell(body)).status).toBe(401);
  await put(null);
  hook = await ownWebhook();
  await shop.until(
    () => tell(body),
    ({ status }) => status === 202,
  );
});

test("ten thousand at once are all answered, cost no connection each, and every call is settled", async () => {
  const count = 150;
  await Promise.all(
    Array.from({ length: count }, (_, n) => shop.send({ name: `#flood-${n}`, phone: number(1_000 + n) })),
  );
  const numbers = new Set(Array.from({ length: count }, (_, n) => number(1_000 + n)));
  const rings = await shop.until(
    () => shop.rings().filter((ring) => numbers.has(ring.number)),
    (live) => live.length === count,
    60_000,
  );
  await control("/__end", {});
  const bodies = Array.from({ length: 10_000 }, (_, n) => {
    const ring = n % 10 === 0 ? rings[(n / 10) % count] : undefined;
    return reportOf(ring?.conversation_uuid ?? randomUUID(), { n });
  });
  const statuses = new Map<number, number>();
  const tookMs: number[] = [];
  const sql = await owner();
  let connectionsMax = 0;
  let sending = true;
  const watching = (async () => {
    while (sending) {
      const [row] = await sql<
        { n: number }[]
      >`select count(*)::int as n from pg_stat_activity where usename = 'hookline_app'`;
      connectionsMax = Math.max(connectionsMax, row?.n ?? 0);
    }
  })();
  const began = performance.now();
  // The number of requests in flight is limited by the machine's sockets.
  const queue = bodies.values();
  await Promise.all(
    Array.from({ length: 250 }, async () => {
      for (const body of queue) {
        const at = performance.now();
        const { status } = await tell(body);
        tookMs.push(performance.now() - at);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }),
  );
  sending = false;
  await watching;
  const answeredMs = performance.now() - began;
  const open = async () => {
    const [row] = await sql<
      { n: number }[]
    >`select count(*)::int as n from calls where order_number like '#flood-%' and status <> 'ended'`;
    return row?.n ?? 0;
  };
  await shop.until(open, (left) => left === 0, 60_000);
  const settledMs = performance.now() - began;
  const p99 = tookMs.sort((a, b) => a - b)[Math.floor(tookMs.length * 0.99)] ?? 0;
  console.log(
    `10,000 outcome webhooks: answered in ${Math.round(answeredMs)} ms, p99 ${Math.round(p99)} ms, ${JSON.stringify([...statuses])}, ${connectionsMax} connections, all settled after ${Math.round(settledMs)} ms`,
  );
  expect([...statuses.keys()].every((status) => status === 202 || status === 503)).toBe(true);
  expect(statuses.get(202) ?? 0).toBeGreaterThan(9_000);
  expect(connectionsMax).toBeLessThan(10);
  const kept = async () => {
    const [row] = await sql<{ n: number }[]>`select count(*)::int as n from reports where body like '%"n":%'`;
    return row?.n ?? 0;
  };
  expect(await shop.until(kept, (n) => n === statuses.get(202), 60_000)).toBe(statuses.get(202));
  await sql.end();
}, 240_000);

test("while Mihu hangs webhooks are taken at once, calls are dialled, and settled once it answers", async () => {
  const call = await going("#hangs", 20);
  await control("/__end", { id: call.mihuId });
  shop.simulator.setFaults({ read_latency_ms: 30_000 });
  const at = performance.now();
  expect((await tell(reportOf(call.uuid))).status).toBe(202);
  expect(performance.now() - at).toBeLessThan(2_000);
  await going("#meanwhile", 21);
  expect((await story(call.id)).status).toBe("placed");
  shop.simulator.setFaults({ read_latency_ms: 0 });
  await shop.until(
    () => story(call.id),
    ({ status }) => status === "ended",
    45_000,
  );
}, 90_000);

test("a webhook that was acknowledged outlives a kill, and without Postgres it is acknowledged all the same", async () => {
  const call = await going("#away", 22);
  await control("/__end", { id: call.mihuId });
  const cluster = shop.cluster;
  if (cluster === undefined) throw new Error("this shop has a cluster of its own");
  await cluster.away();
  expect((await tell(reportOf(call.uuid))).status).toBe(202);
  await shop.worker.kill();
  await cluster.back();
  await shop.worker.restart();
  const ended = await shop.until(
    () => story(call.id),
    ({ status }) => status === "ended",
    45_000,
  );
  expect(ended.reports).toHaveLength(1);
  expect(ended.timeline.find(({ action }) => action === "ended")?.actor).toBe("mihu");
}, 120_000);

async function owner() {
  const { default: postgres } = await import("postgres");
  return postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
}

describe("a call that Mihu answers for with an id of the call alone, as older versions do", () => {
  test.each(["initiated_shape", "initiated_bare"])("is settled when its webhook comes (%s)", async (shape) => {
    const index = shape === "initiated_bare" ? 961 : 960;
    await control("/__faults", { next: [shape] });
    const { id, uuid, mihuId } = await going(`#${shape}`, index);
    await control("/__end", { id: mihuId });
    expect((await tell(reportOf(uuid, { call_id: mihuId }))).status).toBe(202);
    const told = await shop.until(
      () => story(id),
      ({ status }) => status === "ended",
    );
    expect(told.outcome).toBe("completed");
    expect(await actions(id)).toContain("conversation_found");
  });
});
