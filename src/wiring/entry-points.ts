/** The composition root: the only file that knows flows and adapters both. */

import { doctor } from "../crm/doctor/doctor.ts";
import { fetchGate } from "../crm/fetching/recent-answers.ts";
import { records } from "../crm/fetching/records.ts";
import { checkSettings } from "../crm/preset/settings.ts";
import { findPreset, presets } from "../crm/presets/index.ts";
import { presetGuide } from "../crm/setup-guide.ts";
import { webhooks } from "../crm/webhooks.ts";
import {
  chainStatementMs,
  commitTimeoutMs,
  firstStatementMs,
  requestStatementMs,
  statementTimeoutMs,
} from "../domain/limits.ts";
import { apiSource } from "../domain/plan/direct-call.ts";
import { type Environment, readEnvironment } from "../environment.ts";
import { dryRunCall, requestCall } from "../flows/planning/request-call.ts";
import { readiness } from "../flows/readiness.ts";
import { type SweepPorts, sweep } from "../flows/sweep.ts";
import { createApp } from "../http/app.ts";
import { checkToken } from "../http/auth/token.ts";
import type { ApiDeps } from "../http/deps.ts";
import { type DoorDeps, isForDoor, wayIn } from "../http/door.ts";
import { mihuAgentWebhooks } from "../mihu/agent-webhooks.ts";
import { mihuVoice } from "../mihu/client.ts";
import { knownLines } from "../mihu/known-lines.ts";
import { outcomeWebhooks } from "../mihu/outcome-webhooks.ts";
import type { InboxDeps } from "../objects/inbox/inbox.ts";
import type { LineDeps } from "../objects/line/line.ts";
import type { NotaryDeps } from "../objects/notary/notary.ts";
import { inboxStubs, lineStubs, notaryStub, reach, spillBookStub } from "../objects/stubs.ts";
import { createPages } from "../pages/app.tsx";
import type { PageDeps } from "../pages/deps.ts";
import { linksTo } from "../pages/links.ts";
import { keyedSessions } from "../pages/signin/sessions.ts";
import { realClock } from "../platform/clock.ts";
import { withinDeadline } from "../platform/deadline.ts";
import { eventId, randomId, sha256Hex } from "../platform/hashes.ts";
import { createLog } from "../platform/log.ts";
import { createSealer, type Sealer } from "../platform/seal.ts";
import { createSigner } from "../platform/sign.ts";
import type { Notary } from "../ports/audit/chain.ts";
import type { SourceStore } from "../ports/ingest/inbox.ts";
import { sessionStore } from "../store/access/sessions.ts";
import { tokenStore } from "../store/access/tokens.ts";
import { chainStore, receiptStore } from "../store/audit/chain.ts";
import { callStore } from "../store/calls/calls.ts";
import { decisionStore } from "../store/calls/decisions.ts";
import { erasureStore } from "../store/calls/erasures.ts";
import { configStore } from "../store/config/config.ts";
import { webhookLines } from "../store/config/lines.ts";
import { sealedStore } from "../store/config/sealed.ts";
import { sourceStore } from "../store/config/sources.ts";
import { eventStore } from "../store/events/events.ts";
import { fieldStore } from "../store/events/fields.ts";
import { rehearsalStore } from "../store/events/rehearsals.ts";
import { replayStore } from "../store/events/replays.ts";
import { lookupStore } from "../store/lookups/lookups.ts";
import { connect, isAway, type Sql } from "../store/postgres/connection.ts";
import { keptClient, withDeadline } from "../store/postgres/kept-client.ts";
import { keptRejectionStore } from "../store/rejections/kept-rejections.ts";
import { rejectionStore } from "../store/rejections/rejections.ts";
import { sweepStore } from "../store/sweep.ts";
import { callLookup } from "../views/calls/call-lookup.ts";
import { sourceLookup } from "../views/sources/source-lookup.ts";

const log = createLog();
/** How long a sweep may take: the next comes after a minute. */
const sweepMs = 55_000;
/** How long the door's question for the lines' keys may take. */
const keysTimeoutMs = 5_000;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const identity = { eventId, sha256Hex, randomId };

/** The bindings of wrangler.toml that are no variables. */
type Bindings = {
  INBOX: DurableObjectNamespace;
  LINE: DurableObjectNamespace;
  NOTARY: DurableObjectNamespace;
};

/** What an isolate makes once from its environment. */
type Isolate = {
  config: Environment;
  sealer: Sealer;
  signer: ReturnType<typeof createSigner>;
  webhooks: ReturnType<typeof webhooks>;
  notary: Notary;
};
const isolates = new WeakMap<object, Isolate>();

function isolate(env: Bindings): Isolate {
  const known = isolates.get(env);
  if (known !== undefined) return known;
  const config = readEnvironment(env);
  const sealer = createSealer(config.sealingKeys);
  const notary = notaryStub(reach(env.NOTARY, config.dbRegion), realClock.now);
  const made = { config, sealer, signer: createSigner(config.receiptKeys), webhooks: webhooks(sealer), notary };
  isolates.set(env, made);
  return made;
}

/** The dependencies of an inbox object. */
export function inboxDeps(env: unknown): InboxDeps {
  const bindings = bindingsOf(env);
  const { config, sealer, notary } = isolate(bindings);
  const client = keptClient(config.databaseUrl);
  const bounded = <Store extends object>(store: Store) => withDeadline(client, statementTimeoutMs, store);
  const events = eventStore(client, commitTimeoutMs);
  return {
    clock: realClock,
    log,
    events: {
      ...events,
      accept: telling(notary, events.accept),
      drain: telling(notary, events.drain),
      plan: telling(notary, events.plan),
      postponeFetches: telling(notary, events.postponeFetches),
      noteFetching: telling(notary, events.noteFetching),
    },
    sources: withCountry(bounded(sourceStore(client.sql)), config.defaultCountry),
    rejections: bounded(rejectionStore(client.sql)),
    lines: lineStubs(reach(bindings.LINE, config.dbRegion)),
    records: records({ sealer, clock: realClock, local: config.mode === "local", gate: fetchGate(realClock, pause) }),
    spills: spillBookStub(reach(bindings.INBOX, config.dbRegion)),
  };
}

/** The dependencies of the notary object. */
export function notaryDeps(env: unknown): NotaryDeps {
  const { config, signer } = isolate(bindingsOf(env));
  const client = keptClient(config.databaseUrl);
  return {
    clock: realClock,
    log,
    identity,
    signer,
    chain: withDeadline(client, chainStatementMs, chainStore(client.sql)),
    close: client.drop,
  };
}

/** A write whose entries the notary is told of; nobody waits for that. */
function telling<Args extends unknown[], Answer>(
  notary: Notary,
  write: (...args: Args) => Promise<Answer>,
): (...args: Args) => Promise<Answer> {
  return async (...args) => {
    const answer = await write(...args);
    void notary.poke();
    return answer;
  };
}

/** The dependencies of a line object. */
export function lineDeps(env: unknown): LineDeps {
  const bindings = bindingsOf(env);
  const { config, notary } = isolate(bindings);
  const client = keptClient(config.databaseUrl);
  const calls = withDeadline(client, statementTimeoutMs, callStore(client.sql));
  return {
    clock: realClock,
    log,
    calls: { ...calls, record: telling(notary, calls.record), settle: telling(notary, calls.settle) },
    voice: mihuVoice({ baseUrl: config.mihuBaseUrl, token: config.mihuToken, clock: realClock }),
  };
}

/** The dependencies of the door: the same for every webhook of an isolate. */
export function doorDeps(env: unknown): DoorDeps {
  const bindings = bindingsOf(env);
  const { config, sealer, webhooks } = isolate(bindings);
  const lines = lineStubs(reach(bindings.LINE, config.dbRegion));
  const readKeys = async () => {
    const client = keptClient(config.databaseUrl);
    try {
      return await client.within(keysTimeoutMs, webhookLines);
    } finally {
      client.drop();
    }
  };
  const lineOf = knownLines({ clock: realClock, read: readKeys, isAway, pause });
  return {
    clock: realClock,
    identity,
    log,
    inboxes: inboxStubs(reach(bindings.INBOX, config.dbRegion), realClock.now),
    webhooks,
    outcomes: { clock: realClock, identity, lines, webhooks: outcomeWebhooks(lineOf, sealer) },
    isAway,
    addressOf: (request) => ownAddress(config, request),
  };
}

/** The dependencies of one request. Its client is its own: Workers may not share a socket between requests. */
export function apiDeps(env: unknown): ApiDeps {
  const bindings = bindingsOf(env);
  const { config, sealer, signer, webhooks, notary } = isolate(bindings);
  const client = keptClient(config.databaseUrl);
  const sql = client.sql();
  const bounded = <Store extends object>(store: Store) => withDeadline(client, requestStatementMs, store);
  /** Who asks is asked first: where Postgres is away, that says so soon. */
  const soon = <Store extends object>(store: Store) => withDeadline(client, firstStatementMs, store);
  const lookups = lookupStore(sql, sealer.kids);
  const inboxes = inboxStubs(reach(bindings.INBOX, config.dbRegion), realClock.now);
  const lines = lineStubs(reach(bindings.LINE, config.dbRegion));
  const sources = withCountry(bounded(sourceStore(() => sql)), config.defaultCountry);
  const direct = { clock: realClock, identity, inboxes, sources };
  return {
    mode: config.mode,
    publicUrl: config.publicUrl,
    defaultCountry: config.defaultCountry,
    clock: realClock,
    identity,
    log,
    inboxes,
    lines,
    notary,
    webhooks,
    doctor: doctor(sealer),
    agentWebhooks: mihuAgentWebhooks({ baseUrl: config.mihuBaseUrl, token: config.mihuToken }),
    sealer,
    signer,
    tokenKeys: config.tokenKeys,
    sessionKeys: config.sessionKeys,
    stores: {
      lookups: { ...bounded(lookups), ...soon({ readiness: lookups.readiness }) },
      config: bounded(configStore(sql)),
      tokens: soon(tokenStore(sql)),
      sessions: soon(sessionStore(sql)),
      calls: bounded(callStore(() => sql)),
      persons: bounded(decisionStore(sql)),
      erasures: bounded(erasureStore(sql)),
      receipts: bounded(receiptStore(sql)),
      replays: bounded(replayStore(sql)),
      rejections: bounded(keptRejectionStore(sql)),
      rehearsals: bounded(rehearsalStore(sql)),
      sealed: bounded(sealedStore(sql)),
      sources,
    },
    records: records({ sealer, clock: realClock, local: config.mode === "local", gate: fetchGate(realClock, pause) }),
    presetNames: [...presets.keys()],
    presetGuide,
    findPreset,
    checkSettings,
    requestCall: (wanted, key) => requestCall(direct, wanted, key),
    dryRunCall: (wanted) => dryRunCall(direct, wanted),
    // Mihu's own hosts, and those that the operator names.
    allowLink: linksTo(["mihu.ai", "mindhunters.ai", new URL(config.mihuBaseUrl).hostname, ...config.linkHosts]),
    isAway,
    close: () => sql.end({ timeout: 1 }),
  };
}

/** The pages look things up as the API does: the same lookup, the same masking. */
function pageDeps(c: Parameters<Parameters<typeof createPages>[0]>[0]): PageDeps {
  const deps: ApiDeps = c.get("deps");
  const { clock, mode, publicUrl, stores, sessionKeys, log } = deps;
  return {
    clock,
    mode,
    publicUrl,
    sessions: keyedSessions(stores.sessions, sessionKeys),
    async verifyToken(token) {
      const checked = await checkToken({ clock, tokens: stores.tokens, tokenKeys: deps.tokenKeys }, token);
      return checked.ok ? { ok: true, ...checked.reader, expiresAt: checked.expiresAt } : { ok: false };
    },
    lookups: (reader) => callLookup(stores.lookups, reader),
    sources: (reader) => sourceLookup(deps, reader, new URL(c.req.url).origin),
    readiness: () => readiness({ lookups: stores.lookups, inboxes: deps.inboxes }),
    spills: () => deps.inboxes.spills(),
    allowLink: deps.allowLink,
    isAway,
    report: (error) => log.error("a page failed", { error }),
  };
}

const doors = new WeakMap<object, DoorDeps>();

const door = wayIn((env) => {
  const bindings = bindingsOf(env);
  const known = doors.get(bindings);
  if (known !== undefined) return known;
  const made = doorDeps(bindings);
  doors.set(bindings, made);
  return made;
});
const app = createApp(apiDeps, createPages(pageDeps));

/** The Worker's handler of requests. */
export function fetchHandler(request: Request, env: object, context: ExecutionContext): Response | Promise<Response> {
  return isForDoor(request) ? door.fetch(request, env, context) : app.fetch(request, env, context);
}

/** The dependencies of one sweep. `sql` is its own, and closed after it. */
export function sweepPorts(env: unknown, sql: Sql): SweepPorts {
  const bindings = bindingsOf(env);
  const { config, notary } = isolate(bindings);
  return {
    sweep: sweepStore(sql),
    fields: fieldStore(sql),
    inboxes: inboxStubs(reach(bindings.INBOX, config.dbRegion), realClock.now),
    lines: lineStubs(reach(bindings.LINE, config.dbRegion)),
    notary,
  };
}

/** Cron's handler. */
export async function runSweep(env: unknown): Promise<void> {
  const { config } = isolate(bindingsOf(env));
  const sql = connect(config.databaseUrl, { idleSeconds: 5, connectSeconds: 10 });
  try {
    const swept = await withinDeadline(sweep(sweepPorts(env, sql)), sweepMs);
    log.info("swept", swept);
  } catch (error) {
    // The next minute's sweep does it all again.
    log.error("sweep failed", { error });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** The built-in source has no country of its own: calls that are asked for directly are at home where the service is. */
function withCountry(sources: SourceStore, country: string): SourceStore {
  return {
    lines: () => sources.lines(),
    capture: (slug, secret) => sources.capture(slug, secret),
    async copy(slug) {
      const copy = await sources.copy(slug);
      return copy !== null && slug === apiSource ? { ...copy, country: copy.country ?? country } : copy;
    },
  };
}

/** Where the service is reached. On one machine a request says it well enough; anywhere else it would be a stranger's word. */
function ownAddress({ publicUrl, mode }: Environment, request: Request): string | null {
  return (
    publicUrl ??
    (mode === "local" ? request.url.slice(0, request.url.indexOf("/", request.url.indexOf("//") + 2)) : null)
  );
}

/** The runtime gives every entry point the bindings that wrangler.toml declares. */
function bindingsOf(env: unknown): Bindings {
  return env as Bindings;
}
