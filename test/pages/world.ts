/** A small shop's calls and events in memory, behind the API's own look-ups; and ways to ask the pages as a browser does. */

import type { Hono } from "hono";
import { presetGuide } from "../../src/crm/setup-guide.ts";
import type { StoredSource } from "../../src/domain/config/stored.ts";
import { normaliseOrderNumber } from "../../src/domain/events/order-number.ts";
import type { ApiDeps } from "../../src/http/deps.ts";
import { innerApi } from "../../src/http/inner-api.ts";
import { createPages } from "../../src/pages/app.tsx";
import type { PageDeps } from "../../src/pages/deps.ts";
import type { PageEnv } from "../../src/pages/page.ts";
import { linksTo } from "../../src/pages/parts/links.ts";
import { keyedSessions } from "../../src/pages/signin/sessions.ts";
import type { SessionStore } from "../../src/ports/config/access.ts";
import type { VerifyingSecret } from "../../src/ports/config/sealed.ts";
import type { Rejection } from "../../src/ports/ingest/rejections.ts";
import type { SpillCount } from "../../src/ports/ingest/spill.ts";
import type { CallRow, VerdictRow } from "../../src/ports/lookups/calls.ts";
import type { EntryDraft, EntryRow } from "../../src/ports/lookups/entries.ts";
import type { EventRow } from "../../src/ports/lookups/events.ts";
import type { LookupStore } from "../../src/ports/lookups/lookups.ts";
import type { Readiness } from "../../src/ports/lookups/readiness.ts";
import type { SourceTraffic } from "../../src/ports/lookups/sources.ts";
import type { Cursor } from "../../src/ports/page.ts";
import { callLookup } from "../../src/views/calls/call-lookup.ts";
import type { Reader } from "../../src/views/reader.ts";
import { type SourceLookupDeps, sourceLookup } from "../../src/views/sources/source-lookup.ts";

export const pagesNowMs = Date.UTC(2026, 10, 23, 15, 33, 7);
export const origin = "http://localhost";
export const minuteMs = 60_000;

/** The tokens of this world, by what is pasted. */
export const readers: Readonly<Record<string, Reader>> = {
  "token-of-ada": {
    jti: "8a1f0c52-0000-4000-8000-000000000001",
    name: "Ada, support",
    scopes: ["calls:read", "pii:read"],
  },
  "token-of-bob": { jti: "8a1f0c52-0000-4000-8000-000000000002", name: "Bob", scopes: ["calls:read"] },
  "token-of-eve": {
    jti: "8a1f0c52-0000-4000-8000-000000000004",
    name: "Eve, integrations",
    scopes: ["calls:read", "admin"],
  },
  "token-of-mia": {
    jti: "8a1f0c52-0000-4000-8000-000000000005",
    name: "Mia, lead",
    scopes: ["calls:read", "calls:write", "pii:read", "admin"],
  },
  "token-of-zap": { jti: "8a1f0c52-0000-4000-8000-000000000003", name: "a Zap", scopes: ["calls:write"] },
};

export type PagesWorld = {
  calls: CallRow[];
  events: EventRow[];
  entries: EntryRow[];
  verdicts: VerdictRow[];
  readiness: Readiness;
  spills: SpillCount[];
  revoked: Set<string>;
  sessions: Map<string, { jti: string; expiresAt: number; ended: boolean }>;
  /** Error thrown by every query to Postgres, if set. */
  away: Error | null;
  now: number;
  mode: PageDeps["mode"];
  publicUrl: string | null;
  reported: unknown[];
  /** Noted readings of masked data. */
  noted: EntryDraft[];
  sources: StoredSource[];
  /** Their secrets, each `sealed` and its text. */
  secrets: VerifyingSecret[];
  heard: SourceTraffic[];
  rejections: Rejection[];
  /** Calls that wait for a person; an error if they cannot be counted. */
  toReview: number | Error;
};

export function emptyWorld(): PagesWorld {
  return {
    calls: [],
    events: [],
    entries: [],
    verdicts: [],
    readiness: { missingMigrations: [], pausedLines: [], problems: [] },
    spills: [],
    revoked: new Set(),
    sessions: new Map(),
    away: null,
    now: pagesNowMs,
    mode: "production",
    publicUrl: null,
    reported: [],
    noted: [],
    sources: [],
    secrets: [],
    heard: [],
    rejections: [],
    toReview: 0,
  };
}

/** The pages of a world. */
export function pagesOf(world: PagesWorld): Hono<PageEnv> {
  return createPages(() => depsOf(world));
}

function depsOf(world: PagesWorld): PageDeps {
  const present = <T>(value: () => T): Promise<T> =>
    world.away === null ? Promise.resolve().then(value) : Promise.reject(world.away);
  const lookups = lookupsOf(world, present);
  const sessions: SessionStore = {
    begin: ({ hash, jti, expiresAt }) => present(() => void world.sessions.set(hash, { jti, expiresAt, ended: false })),
    find: (hash) =>
      present(() => {
        const found = world.sessions.get(hash);
        if (found === undefined || found.ended || found.expiresAt <= world.now || world.revoked.has(found.jti))
          return null;
        const reader = Object.values(readers).find(({ jti }) => jti === found.jti);
        return reader === undefined ? null : { ...reader, scopes: [...reader.scopes], expiresAt: found.expiresAt };
      }),
    end: (hash) =>
      present(() => {
        const found = world.sessions.get(hash);
        if (found !== undefined) found.ended = true;
      }),
  };
  return {
    clock: { now: () => world.now },
    mode: world.mode,
    publicUrl: world.publicUrl,
    publicKeys: { keys: [] },
    tagKey: new Uint8Array(32),
    sessions: keyedSessions(() => sessions, [{ kid: "s1", k: "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE" }]),
    verifyToken: (token) =>
      present(() => {
        const reader = readers[token];
        if (reader === undefined || world.revoked.has(reader.jti)) return { ok: false as const };
        return { ok: true as const, ...reader, expiresAt: world.now + 30 * 86_400_000 };
      }),
    // Notes of readings are kept at once here; the tests of the whole prove that an unchanged page leaves none.
    readings: { write: async () => {} },
    // The API's own routes. These pages only read; decisions are tested on the real whole (test/whole/pages).
    api: (reader, request) => innerApi(request, { deps: apiDepsOf(world, lookups), reader }),
    download: (reader, request) => innerApi(request, { deps: apiDepsOf(world, lookups), reader }),
    lookups: (reader) => callLookup(lookups, reader),
    sources: (reader) => sourceLookup(sourceDeps(world, lookups, present), reader, origin),
    reviewCount: (max) =>
      world.toReview instanceof Error ? Promise.reject(world.toReview) : Promise.resolve(Math.min(world.toReview, max)),
    readiness: () => present(() => ({ ...world.readiness, spills: world.spills })),
    spills: async () => world.spills,
    allowLink: linksTo(["mihu.ai"]),
    isAway: (error) => error === world.away && !["bug", "migrations"].includes(world.away?.message ?? ""),
    lacksMigrations: async (error) => error === world.away && world.away?.message === "migrations",
    report: (error) => void world.reported.push(error),
  };
}

/** The dependencies of the API's reading routes. */
function apiDepsOf(world: PagesWorld, lookups: LookupStore): ApiDeps {
  const deps: Partial<ApiDeps> = {
    clock: { now: () => world.now },
    defaultCountry: "US",
    stores: { lookups } as ApiDeps["stores"],
    isAway: (error) => error === world.away && world.away?.message !== "bug",
    log: { debug() {}, info() {}, warn() {}, error: (_, fields) => void world.reported.push(fields?.error) },
  };
  return deps as ApiDeps;
}

function sourceDeps(
  world: PagesWorld,
  lookups: LookupStore,
  present: <T>(value: () => T) => Promise<T>,
): SourceLookupDeps {
  return {
    publicUrl: world.publicUrl,
    mode: world.mode,
    clock: { now: () => world.now },
    presetGuide,
    sealer: { kids: ["k1"], open: async (text) => ({ ok: true, text: text.replace("sealed ", "") }) },
    stores: {
      lookups,
      config: { read: () => present(() => ({ lines: [], sources: world.sources })) },
      sealed: { secrets: async (slug) => world.secrets.filter(({ source }) => slug === null || slug === source) },
    },
  };
}

function lookupsOf(world: PagesWorld, present: <T>(value: () => T) => Promise<T>): LookupStore {
  const newest = <T extends { id: string }>(rows: T[], at: (row: T) => number, limit: number, after: Cursor | null) => {
    const sorted = rows.toSorted((a, b) => at(b) - at(a));
    const start = after === null ? 0 : sorted.findIndex(({ id }) => id === after.id) + 1;
    const page = sorted.slice(start, start + limit);
    const last = page.at(-1);
    const next =
      last !== undefined && start + limit < sorted.length
        ? { at: new Date(at(last)).toISOString().replace("Z", "000Z"), id: last.id }
        : null;
    return { rows: page, next, searchedTo: null };
  };
  const of = <T extends { orderNumber: string | null }>(rows: T[], key: string | undefined) =>
    key === undefined
      ? rows
      : rows.filter(({ orderNumber }) => orderNumber !== null && normaliseOrderNumber(orderNumber) === key);
  return {
    calls: (filter, limit, after) =>
      present(() => newest(of(world.calls, filter.orderNumberKey), ({ createdAt }) => createdAt, limit, after)),
    events: (filter, limit, after) =>
      present(() => newest(of(world.events, filter.orderNumberKey), ({ receivedAt }) => receivedAt, limit, after)),
    find: () => present(() => []),
    statistics: () =>
      present(() => ({ counts: [], refused: [], refusedFrom: 0, completeFrom: null, completeTo: null })),
    linePaces: () => present(() => []),
    call: (id) => present(() => world.calls.find((call) => call.id === id) ?? null),
    event: (id) =>
      present(() => {
        const event = world.events.find((one) => one.id === id);
        return event === undefined ? null : { ...event, body: "{}", headers: {}, fetched: null };
      }),
    eventBefore: () => present(() => null),
    readings: () => present(() => ({ rows: [], next: null })),
    callsOfEvent: (id) => present(() => world.calls.filter(({ eventId }) => eventId === id)),
    timeline: (callId, eventId) =>
      present(() => ({
        entries: world.entries.filter(({ subjectId }) => subjectId === callId || subjectId === eventId),
        verdicts: world.verdicts,
      })),
    conversation: (uuid) =>
      present(() => world.calls.filter((call) => call.conversationUuid === uuid).map(({ id }) => id)),
    reports: () => present(() => []),
    orderSteps: (_, { calls, events }) =>
      present(() => ({
        entries: world.entries.filter(({ subjectId }) => [...calls, ...events].includes(subjectId)),
        verdicts: world.verdicts.flatMap((verdict) => calls.slice(0, 1).map((call) => ({ ...verdict, call }))),
        told: [],
        notes: [],
        pauses: [],
        more: false,
      })),
    told: () => present(() => []),
    tokenNames: (jtis) =>
      present(
        () =>
          new Map(
            Object.values(readers).flatMap(({ jti, name }) => (jtis.includes(jti) ? [[jti, name] as const] : [])),
          ),
      ),
    rejections: () => present(() => world.rejections),
    driftedFields: () => present(() => []),
    traffic: (source) => present(() => world.heard.filter((one) => source === null || one.source === source)),
    balance: () =>
      present(() => ({
        events: { accepted: 0, unplanned: 0, ignored: 0, planned: 0 },
        calls: {},
        waiting: { fetch: 0, source: 0 },
        gaps: [],
      })),
    readiness: () => present(() => world.readiness),
    noteRead: (entry) => present(() => void world.noted.push(entry)),
  };
}

let serial = 0;
/** A UUID that no other row has. */
function freshId(): string {
  serial += 1;
  return `00000000-0000-4000-8000-${String(serial).padStart(12, "0")}`;
}

/** A call that was placed and completed. @param more replaces these values */
export function callRow(more: Partial<CallRow> = {}): CallRow {
  return {
    id: freshId(),
    try: 1,
    againOf: null,
    againReason: null,
    status: "ended",
    outcome: "completed",
    outcomeRaw: "completed",
    reason: null,
    detail: null,
    source: "acme-orders",
    rule: "call-me",
    ruleVersion: 3,
    eventId: freshId(),
    mode: "live",
    line: "support-en",
    orderNumber: "#12345",
    recordType: "order",
    recordId: "987",
    number: "+14155550100",
    about: "The customer is Jo Lee. Their order number is #12345.\nThey wrote: the box was empty.",
    prompt: "You are Michael from support. Find out how the customer wants it solved.",
    promptOverwrite: false,
    greeting: "Hello Jo, this is Acme about your order.",
    zones: ["America/New_York"],
    conversationUuid: "b4b5f3fa-37a7-4a83-9a2c-0d4d3c7a1e55",
    contactUuid: "3f0f6c3e-5a3e-4a8e-8f43-6b1f5e0a7d11",
    mihuId: "call_01J9",
    listenUrl: "https://acme.mihu.ai/listen/b4b5f3fa",
    recordUrl: null,
    recordingUrl: "https://acme.mihu.ai/recordings/b4b5f3fa",
    createdAt: pagesNowMs - 5 * minuteMs,
    dueAt: pagesNowMs - 5 * minuteMs,
    closesAt: null,
    expiresAt: pagesNowMs + 235 * minuteMs,
    claimedAt: pagesNowMs - 5 * minuteMs + 40,
    placedAt: pagesNowMs - 5 * minuteMs + 700,
    endedAt: pagesNowMs - 2 * minuteMs,
    erasedAt: null,
    durationS: 133,
    summary: "The customer wants a new box and no refund. Michael promised that it ships today.",
    pollAt: null,
    waits: null,
    maker: null,
    ...more,
  };
}

/** A call that never came as far as Mihu. */
export function unplacedCall(more: Partial<CallRow> = {}): CallRow {
  return callRow({
    outcome: null,
    outcomeRaw: null,
    conversationUuid: null,
    contactUuid: null,
    mihuId: null,
    listenUrl: null,
    recordingUrl: null,
    claimedAt: null,
    placedAt: null,
    endedAt: null,
    durationS: null,
    summary: null,
    ...more,
  });
}

/** An event that matched no rule. @param more replaces these values */
export function eventRow(more: Partial<EventRow> = {}): EventRow {
  return {
    id: freshId(),
    source: "acme-orders",
    externalId: "evt-1",
    type: "orders/updated",
    occurredAt: pagesNowMs - 6 * minuteMs,
    receivedAt: pagesNowMs - 6 * minuteMs,
    plannedAt: pagesNowMs - 6 * minuteMs,
    orderNumber: "#12345",
    recordType: "order",
    recordId: "987",
    state: "ignored",
    reason: "no_rule_matched",
    detail: null,
    conflictOf: null,
    conflicts: 0,
    conflictAt: null,
    erasedAt: null,
    fetchTries: 0,
    notes: null,
    fetchAt: null,
    waits: null,
    callCounts: { made: 0, skipped: 0 },
    ...more,
  };
}

/** An active source. @param more replaces these values */
export function sourceRow(more: Partial<StoredSource> = {}): StoredSource {
  return {
    ...{ slug: "acme-orders", preset: "shopify", tenant: null, country: "US", zone: null, settings: {}, shards: 1 },
    ...{ orderNumber: "{{ data.name }}", recordType: null, recordId: null, version: 4, fetch: null, api: null },
    ...{ silentAfter: null, silentAfterAt: null, rejectingSince: null, silentSince: null },
    ...{ fetchProblem: null, fetchProblemAt: null, fetchFailures: 0, fetchAnswer: null, credential: null },
    ...{ credential: null, fetchProblem: null, fetchProblemAt: null, fetchFailures: 0, fetchAnswer: null },
    ...{ disconnectedAt: null, pausedAt: null, pauseDetail: null, createdAt: pagesNowMs, updatedAt: pagesNowMs },
    secrets: [
      {
        ...{ id: "00000000-0000-4000-8000-00000000a001", env: "SHOPIFY_SECRET", fingerprint: "f", kid: "k1" },
        ...{ createdAt: pagesNowMs - 90 * 86_400_000, expiresAt: null, captured: false, rotated: false },
      },
    ],
    rules: [],
    ...more,
  };
}

export function entryRow(subjectId: string, action: string, more: Partial<EntryRow> = {}): EntryRow {
  serial += 1;
  return {
    id: serial,
    at: pagesNowMs - 4 * minuteMs,
    subject: "call",
    subjectId,
    action,
    actor: "plan",
    reason: null,
    data: {},
    ...more,
  };
}

/** Posts a form as a browser does from a page of Hookline. @param more replaces these headers */
export function post(
  app: Hono<PageEnv>,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string | null> = {},
): Promise<Response> {
  const sent = new Headers({
    origin,
    "sec-fetch-site": "same-origin",
    "content-type": "application/x-www-form-urlencoded",
  });
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) sent.delete(name);
    else sent.set(name, value);
  }
  return Promise.resolve(
    app.request(path, { method: "POST", headers: sent, body: new URLSearchParams(fields).toString() }),
  );
}

/** Signs in. @returns the `Cookie` header that the browser sends from then on */
export async function signIn(app: Hono<PageEnv>, token = "token-of-ada"): Promise<string> {
  const response = await post(app, "/signin", { token });
  return cookieOf(response);
}

/** @returns the session cookie that a response sets, as a `Cookie` header */
export function cookieOf(response: Response): string {
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

/** Gets a page as the holder of a token. */
export async function readPage(
  world: PagesWorld,
  path: string,
  token = "token-of-ada",
): Promise<{ status: number; html: string }> {
  const app = pagesOf(world);
  const response = await app.request(path, { headers: { cookie: await signIn(app, token) } });
  return { status: response.status, html: await response.text() };
}
