// The product as the bench runs it: raw workerd, a database of its own, the Mihu simulator, configured through the API.
import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { makeKeySets } from "../../cli/install/keys.ts";
import { allScopes, mintToken } from "../../cli/install/mint-token.ts";
import { appUrl } from "../../cli/install/run-migrations.ts";
import { DEMO_AGENT_IDS } from "../../dev/simulator/engine/agents.ts";
import { type Simulator, startSimulator } from "../../dev/simulator/index.ts";
import type { Bundle } from "../../dev/stack/bundle.ts";
import { type ClusterInfo, migratedDatabase } from "../../dev/stack/cluster.ts";
import { localVars } from "../../dev/stack/stack.ts";
import { startWorkerd, type Workerd } from "../../dev/stack/workerd.ts";
import { portOf } from "../load/load.ts";
import { batchTenant, batchUrl } from "../load/requests.ts";

/** A running product. `secret` signs for every source of it. */
export type Hookline = {
  port: number;
  secret: string;
  worker: Workerd;
  /** Starts one more Worker of the same kind, which may reach the database by another URL. */
  serve: (databaseUrl?: string) => Promise<Workerd>;
  simulator: Simulator;
  databaseUrl: string;
  ownerUrl: string;
  /** A connection to the database as its owner, which bypasses the product. */
  owner: postgres.Sql;
  /** Events of a mean commit, by source: the events of a commit have one time. */
  eventsPerCommit: (slugs: readonly string[]) => Promise<Record<string, number>>;
  /** Makes or changes a source, with its rule if it has one. */
  source: (slug: string, rule: SourceRule) => Promise<void>;
  /** Creates a line that dials every due call, or one that dials almost none. */
  line: (slug: string, pace: "wide" | "narrow") => Promise<void>;
  /** A request of the API, and the JSON of its answer. */
  ask: (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;
  stop: () => Promise<void>;
};

/** Memory that Cloudflare gives to an isolate. */
export const isolateMb = 128;

/** The only rule of a source: none, one that matches nothing, or one that makes a call on a line. */
type SourceRule = { kind: "none" | "batches" } | { kind: "matches_none" } | { kind: "calls"; line: string };

/** `through`: puts something between Worker and Postgres. `vars`: further variables of the Worker. `heapMb`: limit of its heap. `callMs`: length of a call. */
type Otherwise = {
  readonly heapMb?: number;
  readonly callMs?: number;
  readonly through?: (databaseUrl: string) => string;
  readonly vars?: Readonly<Record<string, string>>;
};

/** Starts it on a new database of the cluster. */
export async function startHookline(
  cluster: ClusterInfo,
  bundle: Bundle,
  { through = (url) => url, vars = {}, heapMb, callMs = 600_000 }: Otherwise = {},
): Promise<Hookline> {
  const { ownerUrl } = await migratedDatabase(cluster);
  const databaseUrl = appUrl(ownerUrl, cluster.appPassword);
  const simulator = await startSimulator({ port: 0, callMs });
  const keys = makeKeySets();
  const serve = (url = through(databaseUrl)) =>
    startWorkerd({
      bundle,
      databaseUrl: url,
      vars: { ...localVars(keys, simulator), ...vars },
      ...(heapMb === undefined ? {} : { heapMb }),
    });
  const worker = await serve();
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  const { token } = await mintToken({
    ownerUrl,
    tokenKeys: keys.TOKEN_KEYS,
    scopes: allScopes,
    days: 1,
    name: "bench",
  });
  const secret = randomBytes(32).toString("hex");
  const askHere = (method: string, path: string, body?: unknown) => ask({ url: worker.url, token }, method, path, body);
  const put = (path: string, body: unknown) => askHere("PUT", path, body);
  return {
    port: portOf(worker.url),
    secret,
    worker,
    serve,
    simulator,
    databaseUrl,
    ownerUrl,
    owner,
    async eventsPerCommit(slugs) {
      const rows = await owner<{ source: string; mean: number }[]>`
        select source, count(*)::float8 / count(distinct received_at) as mean from events where source in ${owner([...slugs])}
        group by source`;
      return Object.fromEntries(rows.map(({ source, mean }) => [source, mean]));
    },
    async source(slug, rule) {
      await put(`/v1/sources/${slug}`, sourceBody(secret, rule));
      if (rule.kind === "matches_none" || rule.kind === "calls") {
        await put(`/v1/sources/${slug}/rules/bench`, ruleBody(rule));
      }
    },
    async line(slug, pace) {
      const counts = { calls_per_minute: pace === "wide" ? 600 : 1, calls_at_once: pace === "wide" ? 500 : 1 };
      await put(`/v1/lines/${slug}`, { agent: DEMO_AGENT_IDS[0], ...counts, calls_per_day: 1_000_000 });
      // Wider than the API allows: what is measured is the way, not the pace that holds it back.
      if (pace === "wide") {
        await owner`update lines set calls_per_minute = 1000000, calls_at_once = 1000000 where slug = ${slug}`;
      }
    },
    ask: askHere,
    async stop() {
      await worker.stop();
      await owner.end({ timeout: 5 });
      await simulator.close();
    },
  };
}

function sourceBody(secret: string, rule: SourceRule) {
  if (rule.kind === "batches")
    return { preset: "hubspot", tenant: batchTenant, secrets: [secret], settings: { url: batchUrl } };
  return {
    preset: "shopify",
    secrets: [secret],
    country: "US",
    order_number: "{{ data.name }}",
    record: { type: "order", id: "{{ data.id }}" },
  };
}

function ruleBody(rule: { kind: "matches_none" } | { kind: "calls"; line: string }) {
  return {
    mode: "live",
    on: ["orders/updated"],
    when: `"${rule.kind === "calls" ? "call-me" : "call-nobody"}" in data.tags.split(", ")`,
    line: rule.kind === "calls" ? rule.line : "bench",
    number: ["{{ data.phone }}", "{{ data.shipping_address.phone }}"],
    about:
      "The customer is {{ data.customer.first_name }} {{ data.customer.last_name }}. Their order number is {{ data.name }}.",
    prompt: { text: "Find out what happened and how the customer wants it solved.", overwrite: false },
    greeting: "Hello {{ data.customer.first_name }}, this is about your order {{ data.name }}.",
    burst: { calls: 1_000_000, in: "10m" },
  };
}

async function ask(
  { url, token }: { url: string; token: string },
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const answer = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${text.slice(0, 500)}`);
  return text === "" ? {} : JSON.parse(text);
}
