/** The composition root: the only file that knows flows and adapters both. */
import { type Config, readConfig } from "./config.ts";
import { findPreset, presets } from "./crm/registry.ts";
import { checkSettings } from "./crm/settings.ts";
import { webhooks } from "./crm/webhooks.ts";
import { apiSource } from "./domain/direct.ts";
import { commitTimeoutMs, statementTimeoutMs } from "./domain/limits.ts";
import { dryRunCall, requestCall } from "./flows/request-call.ts";
import { sweep } from "./flows/sweep.ts";
import { createApp } from "./http/app.ts";
import { deskFor } from "./http/desk.ts";
import { type DoorParts, isForDoor, wayIn } from "./http/in.ts";
import type { RequestParts } from "./http/parts.ts";
import { checkToken } from "./http/token.ts";
import { mihuVoice } from "./mihu/client.ts";
import { outcomeWebhooks } from "./mihu/outcome-webhooks.ts";
import type { InboxParts } from "./objects/inbox.ts";
import type { LineParts } from "./objects/line.ts";
import { inboxStubs, lineStubs, reach } from "./objects/stubs.ts";
import { createPages } from "./pages/app.tsx";
import { linksTo } from "./pages/links.ts";
import type { PageParts } from "./pages/parts.ts";
import { keyedSessions } from "./pages/sessions.ts";
import { realClock } from "./platform/clock.ts";
import { eventId, randomId, sha256Hex } from "./platform/identity.ts";
import { createLog } from "./platform/log.ts";
import { createSealer, type Sealer } from "./platform/seal.ts";
import type { SourceStore } from "./ports/inbox.ts";
import { callStore } from "./store/calls.ts";
import { configStore } from "./store/config.ts";
import { connect, isAway } from "./store/connection.ts";
import { eventStore } from "./store/events.ts";
import { keptClient, withDeadline } from "./store/kept.ts";
import { lineByWebhookKey } from "./store/lines.ts";
import { lookupStore } from "./store/lookups.ts";
import { personStore } from "./store/persons.ts";
import { rejectionStore } from "./store/rejections.ts";
import { sessionStore } from "./store/sessions.ts";
import { sourceStore } from "./store/sources.ts";
import { sweepStore } from "./store/sweep.ts";
import { tokenStore } from "./store/tokens.ts";

const log = createLog();
const identity = { eventId, sha256Hex, randomId };

/** The bindings of wrangler.toml that are no variables. */
type Bindings = { INBOX: DurableObjectNamespace; LINE: DurableObjectNamespace };

/** What an isolate makes once from its environment. */
type Isolate = { config: Config; sealer: Sealer; webhooks: ReturnType<typeof webhooks> };
const isolates = new WeakMap<object, Isolate>();

function isolate(env: object): Isolate {
  const known = isolates.get(env);
  if (known !== undefined) return known;
  const config = readConfig(env);
  const sealer = createSealer(config.sealingKeys);
  const made = { config, sealer, webhooks: webhooks(sealer) };
  isolates.set(env, made);
  return made;
}

/** The parts of an inbox object. */
export function inboxParts(env: unknown): InboxParts {
  const bindings = bindingsOf(env);
  const { config } = isolate(bindings);
  const client = keptClient(config.databaseUrl);
  const bounded = <Store extends object>(store: Store) => withDeadline(client, statementTimeoutMs, store);
  return {
    clock: realClock,
    log,
    events: eventStore(client, commitTimeoutMs),
    sources: withCountry(bounded(sourceStore(client.sql)), config.defaultCountry),
    rejections: bounded(rejectionStore(client.sql)),
    lines: lineStubs(reach(bindings.LINE, config.dbRegion)),
  };
}

/** The parts of a line object. */
export function lineParts(env: unknown): LineParts {
  const { config } = isolate(bindingsOf(env));
  const client = keptClient(config.databaseUrl);
  return {
    clock: realClock,
    log,
    calls: withDeadline(client, statementTimeoutMs, callStore(client.sql)),
    voice: mihuVoice({ baseUrl: config.mihuBaseUrl, token: config.mihuToken, clock: realClock }),
  };
}

/** The parts of the door: the same for every webhook of an isolate. */
function doorParts(bindings: Bindings): DoorParts {
  const { config, sealer, webhooks } = isolate(bindings);
  const lines = lineStubs(reach(bindings.LINE, config.dbRegion));
  const lineOf = async (keyHash: string) => {
    const sql = connect(config.databaseUrl, { idleSeconds: 5, connectSeconds: 5 });
    try {
      return await lineByWebhookKey(sql, keyHash);
    } finally {
      await sql.end({ timeout: 1 });
    }
  };
  return {
    clock: realClock,
    identity,
    log,
    inboxes: inboxStubs(reach(bindings.INBOX, config.dbRegion), realClock.now),
    webhooks,
    outcomes: { identity, lines, webhooks: outcomeWebhooks(lineOf, sealer) },
    isAway,
  };
}

/** The parts of one request. Its client is its own: Workers may not share a socket between requests. */
function requestParts(env: unknown): RequestParts {
  const bindings = bindingsOf(env);
  const { config, sealer, webhooks } = isolate(bindings);
  const sql = connect(config.databaseUrl, { idleSeconds: 5, connectSeconds: 5 });
  const inboxes = inboxStubs(reach(bindings.INBOX, config.dbRegion), realClock.now);
  const lines = lineStubs(reach(bindings.LINE, config.dbRegion));
  const sources = withCountry(
    sourceStore(() => sql),
    config.defaultCountry,
  );
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
    webhooks,
    sealer,
    tokenKeys: config.tokenKeys,
    sessionKeys: config.sessionKeys,
    stores: {
      lookups: lookupStore(sql),
      config: configStore(sql),
      tokens: tokenStore(sql),
      sessions: sessionStore(sql),
      calls: callStore(() => sql),
      persons: personStore(sql),
    },
    presetNames: [...presets.keys()],
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

/** The pages look things up as the API does: the same desk, the same masking. */
function pageParts(c: Parameters<Parameters<typeof createPages>[0]>[0]): PageParts {
  const parts: RequestParts = c.get("parts");
  const { clock, mode, publicUrl, stores, sessionKeys, log } = parts;
  return {
    clock,
    mode,
    publicUrl,
    sessions: keyedSessions(stores.sessions, sessionKeys),
    async verifyToken(token) {
      const checked = await checkToken({ clock, tokens: stores.tokens, tokenKeys: parts.tokenKeys }, token);
      return checked.ok ? { ok: true, ...checked.reader, expiresAt: checked.expiresAt } : { ok: false };
    },
    lookups: (reader) => deskFor(stores.lookups, reader),
    readiness: () => stores.lookups.readiness(),
    allowLink: parts.allowLink,
    isAway,
    report: (error) => log.error("a page failed", { error }),
  };
}

const doors = new WeakMap<object, DoorParts>();

const door = wayIn((env) => {
  const bindings = bindingsOf(env);
  const known = doors.get(bindings);
  if (known !== undefined) return known;
  const made = doorParts(bindings);
  doors.set(bindings, made);
  return made;
});
const app = createApp(requestParts, createPages(pageParts));

/** The Worker's handler of requests. */
export function answer(request: Request, env: object, context: ExecutionContext): Response | Promise<Response> {
  return isForDoor(request) ? door.fetch(request, env, context) : app.fetch(request, env, context);
}

/** Cron's handler. */
export async function runSweep(env: unknown): Promise<void> {
  const bindings = bindingsOf(env);
  const { config } = isolate(bindings);
  const sql = connect(config.databaseUrl, { idleSeconds: 5, connectSeconds: 10 });
  try {
    const swept = await sweep({
      sweep: sweepStore(sql),
      inboxes: inboxStubs(reach(bindings.INBOX, config.dbRegion), realClock.now),
      lines: lineStubs(reach(bindings.LINE, config.dbRegion)),
    });
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
    async copy(slug) {
      const copy = await sources.copy(slug);
      return copy !== null && slug === apiSource ? { ...copy, country: copy.country ?? country } : copy;
    },
  };
}

/** The runtime gives every entry point the bindings that wrangler.toml declares. */
function bindingsOf(env: unknown): Bindings {
  return env as Bindings;
}
