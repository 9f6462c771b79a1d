/** The lines, sources and rules of a run, set up through the API as an operator does. */
import { randomBytes } from "node:crypto";
import { type LinePlan, linesOf, type RunOptions } from "./size.ts";
import { type SourceSlug, sourceSlugs, wantedType } from "./story.ts";
import { askApi, type ChaosWorld } from "./world.ts";

/** The secrets that senders sign with. */
export type Keyring = {
  /** Secrets that senders sign with; the newest last. */
  allOf(source: SourceSlug): readonly string[];
  /** Since when a webhook with this secret is to be taken, in epoch milliseconds; `null`: no answer promises it now. */
  goodSince(source: SourceSlug, secret: string): number | null;
  /** @param from when the answer has to be true, in epoch milliseconds; `null`: it promised nothing */
  add(source: SourceSlug, secret: string, from: number | null): void;
  /** Nobody signs with it any more. */
  remove(source: SourceSlug, secret: string): void;
  /** The source is about to be closed. */
  close(source: SourceSlug): void;
  /** The source is open again. @param from as of `add` */
  open(source: SourceSlug, from: number | null): void;
};

const presetOf: Readonly<Record<SourceSlug, string>> = {
  shop: "shopify",
  desk: "generic",
  zap: "bearer",
  bulk: "generic",
};
/** Settings that a sender has to know as well. */
export const settingsOf: Readonly<Record<SourceSlug, Readonly<Record<string, string>>>> = {
  shop: {},
  desk: {},
  zap: {},
  bulk: { batch: "." },
};
const callsPerDay = 1_000_000;

/** Sets all of it up, with outcome webhooks to both instances. Gives the secrets that the senders sign with. */
export async function setUp(
  world: ChaosWorld,
  asked: RunOptions,
  lines: readonly LinePlan[] = linesOf(asked),
): Promise<Keyring> {
  for (const line of lines) {
    await putLine(world, line);
    await hearOutcomes(world, line);
  }
  const ask: Ask = (path, json) => askApi(world, "PUT", path, json);
  const secrets = keyring();
  for (const slug of sourceSlugs) {
    secrets.add(slug, randomBytes(24).toString("base64url"), Date.now());
    await putSource(ask, slug, secrets.allOf(slug), rulesOf(lines));
  }
  return secrets;
}

type Ask = (path: string, json: object) => Promise<unknown>;

/** Makes a source with all of its rules, or opens it again. */
export async function putSource(
  ask: Ask,
  slug: SourceSlug,
  secrets: readonly string[],
  rules: readonly (readonly [string, object])[],
): Promise<unknown> {
  const source = {
    preset: presetOf[slug],
    secrets,
    country: "US",
    settings: settingsOf[slug],
    order_number: "{{ data.name }}",
    record: { type: "order", id: "{{ data.record }}" },
    shards: slug === "desk" ? 2 : 1,
    rules: rules.map(([name, rule]) => ({ name, ...rule })),
  };
  return await ask("/v1/config", { sources: { [slug]: source } });
}

/** Makes or changes a line. */
export async function putLine(world: ChaosWorld, line: LinePlan): Promise<void> {
  await askApi(world, "PUT", `/v1/lines/${line.slug}`, {
    agent: line.agent,
    calls_per_minute: line.callsPerMinute,
    calls_at_once: line.callsAtOnce,
    calls_per_day: callsPerDay,
    countries: ["US"],
  });
}

async function hearOutcomes(world: ChaosWorld, line: LinePlan): Promise<void> {
  const made = await askApi(world, "POST", `/v1/lines/${line.slug}/webhook`);
  const { path, secret } = made as { path: string; secret: string };
  for (const { worker } of [world.first, world.second]) {
    const answer = await fetch(`${world.simulator.baseUrl}/agents/${line.agent}/webhooks`, {
      method: "POST",
      headers: { authorization: `Bearer ${world.simulator.token}`, "content-type": "application/json" },
      body: JSON.stringify({
        url: worker.url + path,
        events: ["conversation_status", "conversation_end_report", "voice_evaluation"],
        secret_key: secret,
        is_active: true,
      }),
    });
    if (!answer.ok) throw new Error(`the simulator refused the webhook with ${answer.status}`);
  }
}

export function rulesOf(lines: readonly LinePlan[]): (readonly [string, object])[] {
  const burst = { calls: 1_000_000, in: "10m" };
  const rule = (when: string, line: string, more: object = {}) => ({
    mode: "live",
    on: [wantedType],
    when,
    line,
    number: "{{ data.phone }}",
    about: "This call is about {{ data.token }}, order {{ data.name }}.",
    prompt: { text: "Find out how the customer wants it solved.", overwrite: false },
    greeting: "Hello, this is about your order.",
    burst,
    ...more,
  });
  const kind = (name: string) => `data.kind == "${name}"`;
  const plain = ["live", "same_number", "withdrawn", "no_number"].map(kind).join(" || ");
  return [
    ...lines.map(({ slug }) => {
      const withdraw = { withdraw: "data.withdrawn" };
      return [`on-${slug}`, rule(`data.line == "${slug}" && (${plain})`, slug, withdraw)] as const;
    }),
    ["again", rule(kind("again"), "wide", { try_again: { on: ["no_answer", "busy"], after: ["2s", "3s"] } })],
    ["once", rule(kind("once"), "wide", { once_per: { key: "{{ data.key }}", in: "30d" } })],
    ["shadow", rule(kind("shadow"), "wide", { mode: "shadow" })],
    ["placeholder", rule(kind("placeholder"), "wide", { greeting: "Hello {{ data.first_name }}." })],
    ["burst", rule(kind("burst"), "wide", { burst: { calls: 1, in: "30d" } })],
  ];
}

function keyring(): Keyring {
  const secrets = new Map<SourceSlug, ReadonlyMap<string, number>>(sourceSlugs.map((slug) => [slug, new Map()]));
  const openFrom = new Map<SourceSlug, number>();
  const never = Number.POSITIVE_INFINITY;
  const of = (source: SourceSlug) => secrets.get(source) ?? new Map<string, number>();
  return {
    allOf: (source) => [...of(source).keys()],
    goodSince(source, secret) {
      const since = Math.max(of(source).get(secret) ?? never, openFrom.get(source) ?? 0);
      return since <= Date.now() ? since : null;
    },
    add: (source, secret, from) => void secrets.set(source, new Map([...of(source), [secret, from ?? never]])),
    remove: (source, secret) => void secrets.set(source, new Map([...of(source)].filter(([one]) => one !== secret))),
    close: (source) => void openFrom.set(source, never),
    open: (source, from) => void openFrom.set(source, from ?? never),
  };
}
