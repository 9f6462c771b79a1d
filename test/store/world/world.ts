/** A separate migrated database, reached as the app's role, for every store test. */
import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import { appUrl } from "../../../cli/install/run-migrations.ts";
import { migratedDatabase } from "../../../dev/stack/cluster.ts";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import type { CallDraft } from "../../../src/domain/plan/draft.ts";
import type { EventPlan } from "../../../src/domain/plan/plan.ts";
import { eventId, sha256Hex } from "../../../src/platform/hashes.ts";
import type { Committed, Foresight } from "../../../src/ports/ingest/events.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import type { CallStores } from "./calls.ts";
import { callStores } from "./calls.ts";
import { type EventStores, eventStores } from "./events.ts";

export type World = {
  url: string;
  /** The owner's own connection, for looking at tables and for setting a stage. */
  owner: postgres.Sql;
  events: Events;
  calls: CallStores;
  close(): Promise<void>;
};

/** Nothing is known of any event before it is planned. */
const unforeseen: Foresight = { sourceVersion: 0, ends: new Map() };

/** The events' store; where a test says no more, nothing was foreseen. */
export type Events = Omit<EventStores, "accept"> & {
  accept(source: string, events: NewEvent[], foresight?: Foresight): Promise<Committed>;
};
export function eventsOf(client: KeptClient, timeoutMs: number): Events {
  const store = eventStores(client, timeoutMs);
  return { ...store, accept: (source, events, foresight = unforeseen) => store.accept(source, events, foresight) };
}

/** @param lines slugs of lines to begin with, each with a wide pace */
export async function world(...lines: string[]): Promise<World> {
  const cluster = inject("cluster");
  const { ownerUrl } = await migratedDatabase(cluster);
  const url = appUrl(ownerUrl, cluster.appPassword);
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const client = keptClient(url, () => {});
  await owner`insert into sources (slug, preset, country) values ('shop', 'shopify', 'US')`;
  for (const line of lines) await addLine(owner, line);
  return {
    url,
    owner,
    events: eventsOf(client, 5_000),
    calls: callStores(() => client.sql()),
    async close() {
      client.drop();
      await owner.end();
    },
  };
}

/** Adds a line; what is not said is wide. */
export async function addLine(
  owner: postgres.Sql,
  slug: string,
  pace: { minute?: number; atOnce?: number; day?: number } = {},
): Promise<void> {
  await owner`insert into lines (slug, agent, calls_per_minute, calls_at_once, calls_per_day)
    values (${slug}, 'agent-1', ${pace.minute ?? 1000}, ${pace.atOnce ?? 1000}, ${pace.day ?? 100_000})`;
}

/** A line as it is when it was added. */
export const first = (slug: string) => ({ slug, version: 1 });

/** A good event of the source `shop`. */
export async function newEvent(deviation: Partial<NewEvent> = {}): Promise<NewEvent> {
  const dedupeKey = deviation.dedupeKey ?? randomUUID();
  const body = deviation.body ?? JSON.stringify({ id: dedupeKey });
  return {
    id: await eventId("shop", dedupeKey),
    source: "shop",
    dedupeKey,
    former: null,
    externalId: dedupeKey,
    type: "orders/updated",
    occurredAt: null,
    orderNumber: "#1001",
    orderNumberKey: "1001",
    record: { type: "order", id: "987" },
    body,
    bodyHash: await sha256Hex(body),
    headers: {},
    ...deviation,
  };
}

/** A draft that may be dialled at once. */
export function draft(deviation: Partial<CallDraft> = {}): CallDraft {
  return {
    rule: "call-me",
    ruleVersion: 1,
    mode: "live",
    line: "line-a",
    status: "queued",
    reason: null,
    detail: null,
    number: "+14155550100",
    country: "US",
    about: "The customer waits for order #1001.",
    prompt: null,
    promptOverwrite: false,
    greeting: null,
    zones: ["America/Los_Angeles"],
    dueAt: Date.now() - 1_000,
    closesAt: null,
    expiresAt: Date.now() + 3_600_000,
    once: null,
    burst: { calls: 1_000, window: 0 },
    verdicts: [{ gate: "countries", verdict: "pass", inputs: { country: "US" } }],
    ...deviation,
  };
}

/** The plan of an event with these calls. */
export function planOf(event: { id: string }, ...calls: CallDraft[]): EventPlan {
  const ignored = calls.length === 0;
  return {
    eventId: event.id,
    state: ignored ? "ignored" : "planned",
    reason: ignored ? "no_rule_matched" : null,
    detail: null,
    calls,
    withdraw: [],
  };
}

/** Numbers that differ, all of which may be rung. */
export function numberOf(index: number): string {
  return `+1415556${String(1_000 + index).padStart(4, "0")}`;
}

/** Accepts and plans one event for each draft. @returns the events' ids */
export async function queueCalls(world: World, drafts: readonly CallDraft[]): Promise<string[]> {
  const events = await Promise.all(drafts.map(() => newEvent()));
  await world.events.accept("shop", events);
  await world.events.plan(events.map((event, index) => planOf(event, ...drafts.slice(index, index + 1))));
  return events.map(({ id }) => id);
}
