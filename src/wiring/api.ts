import { doctor } from "../crm/doctor/doctor.ts";
import { fetchGate } from "../crm/fetching/recent-answers.ts";
import { records } from "../crm/fetching/records.ts";
import { checkPresetSettings, findPreset, presets } from "../crm/presets/index.ts";
import { presetGuide } from "../crm/setup-guide.ts";
import { dryRunCall, requestCall } from "../flows/planning/request-call.ts";
import { keptWord } from "../flows/readiness-word.ts";
import { createApp } from "../http/app.ts";
import type { ApiDeps } from "../http/deps.ts";
import { mihuAgentWebhooks } from "../mihu/agent-webhooks.ts";
import { mihuTranscripts } from "../mihu/transcripts.ts";
import { directoryStub, inboxStubs, keyListStub, lineStubs, reach } from "../objects/stubs.ts";
import { linksTo } from "../pages/parts/links.ts";
import { pause, realClock } from "../platform/clock.ts";
import type { Records } from "../ports/planning/records.ts";
import { sessionStore } from "../store/access/sessions.ts";
import { tokenStore } from "../store/access/tokens.ts";
import { receiptStore } from "../store/audit/chain.ts";
import { decisionStore } from "../store/calls/decisions.ts";
import { erasureStore } from "../store/calls/erasures.ts";
import { linePauseStore } from "../store/calls/line-pauses.ts";
import { stopStore } from "../store/calls/stops.ts";
import { configStore } from "../store/config/config.ts";
import { lineWebhooks } from "../store/config/line-webhooks.ts";
import { sealedStore } from "../store/config/sealed.ts";
import { sourcePauses } from "../store/config/source-pauses.ts";
import { sourceStore } from "../store/config/sources.ts";
import { suppressionStore } from "../store/config/suppressions.ts";
import { rehearsalStore } from "../store/events/rehearsals.ts";
import { replayStore } from "../store/events/replays.ts";
import { deliveryStore } from "../store/hooks/delivery-lookups.ts";
import { hookStore } from "../store/hooks/hooks.ts";
import { outboxStore } from "../store/hooks/outbox.ts";
import { lookupStore } from "../store/lookups/lookups.ts";
import { lacksMigrations as lacked } from "../store/lookups/missing-migrations.ts";
import { noteStore } from "../store/people/notes.ts";
import { reviewStore } from "../store/people/review.ts";
import { isAway } from "../store/postgres/connection.ts";
import { keptClient, withDeadline } from "../store/postgres/kept-client.ts";
import { storedRejectionStore } from "../store/rejections/stored-rejections.ts";
import { taskStore } from "../store/tasks/tasks.ts";
import { type Bindings, bindingsOf, identity, isolate, log, withCountry } from "./isolate.ts";
import { pages } from "./pages.ts";

/**
 * Deadlines of a request's first statement, which shows whether Postgres is down, and of all others. Hyperdrive allows
 * 60 s.
 */
const firstStatementMs = 5_000;
const requestStatementMs = 55_000;

/** The API, health and the pages. */
export const app = createApp(apiDeps, pages);

/** The part of {@link ApiDeps} that all requests of an isolate share. */
type SharedDeps = Omit<
  ApiDeps,
  "stores" | "records" | "requestCall" | "dryRunCall" | "holdOpen" | "lacksMigrations" | "close"
>;
const known = new WeakMap<object, SharedDeps>();

/**
 * Dependencies of one request. Each request has its own client: Workers may not share a socket between requests.
 *
 * Stores, client and records are created on first use, because most unauthorised requests need none.
 *
 * @param context Context of the request. A poke of the notary may outlast the answer.
 */
export function apiDeps(env: unknown, context: Pick<ExecutionContext, "waitUntil">): ApiDeps {
  const bindings = bindingsOf(env);
  const shared = known.get(bindings) ?? sharedDeps(bindings);
  known.set(bindings, shared);
  let opened: ReturnType<typeof openStores> | null = null;
  const open = () => {
    opened ??= openStores(bindings, context);
    return opened;
  };
  const direct = () => ({
    clock: shared.clock,
    identity: shared.identity,
    inboxes: shared.inboxes,
    sources: open().stores.sources,
    rehearsals: open().stores.rehearsals,
  });
  let made: Records | null = null;
  const held: Promise<void>[] = [];
  return {
    ...shared,
    get stores() {
      return open().stores;
    },
    get records() {
      made ??= requestRecords(bindings);
      return made;
    },
    requestCall: (wanted, key) => requestCall(direct(), wanted, key),
    dryRunCall: (wanted) => dryRunCall(direct(), wanted),
    holdOpen: (until) => void held.push(until),
    async close() {
      await Promise.allSettled(held);
      await opened?.close();
    },
    lacksMigrations: (error) => open().lacksMigrations(error),
  };
}

function openStores(bindings: Bindings, context: Pick<ExecutionContext, "waitUntil">) {
  const { environment, sealer, announceEntries } = isolate(bindings);
  const client = keptClient(environment.databaseUrl, (when) => context.waitUntil(announceEntries(when)));
  const sql = client.sql();
  const bounded = <Store extends object>(store: Store) => withDeadline(client, requestStatementMs, store);
  /** Authentication is a request's first statement, so its shorter deadline reports early that Postgres is down. */
  const soon = <Store extends object>(store: Store) => withDeadline(client, firstStatementMs, store);
  const lookups = lookupStore(sql, sealer.kids, environment.reviewOverdueMs);
  const stores: ApiDeps["stores"] = {
    lookups: { ...bounded(lookups), ...soon({ readiness: lookups.readiness }) },
    config: bounded(configStore(sql)),
    lineWebhooks: bounded(lineWebhooks(sql)),
    sourcePauses: bounded(sourcePauses(sql)),
    suppressions: bounded(suppressionStore(sql)),
    stops: bounded(stopStore(sql)),
    tokens: soon(tokenStore(sql)),
    sessions: soon(sessionStore(sql)),
    pauses: bounded(linePauseStore(() => sql)),
    decisions: bounded(decisionStore(sql)),
    erasures: bounded(erasureStore(sql)),
    notes: bounded(noteStore(sql)),
    review: bounded(reviewStore(sql)),
    receipts: bounded(receiptStore(sql)),
    replays: bounded(replayStore(sql)),
    hooks: bounded(hookStore(sql)),
    deliveries: bounded(deliveryStore(sql)),
    tasks: bounded(taskStore(sql)),
    rejections: bounded(storedRejectionStore(sql)),
    rehearsals: bounded(rehearsalStore(sql)),
    sealed: bounded(sealedStore(sql)),
    outbox: bounded(outboxStore(() => sql)),
    sources: withCountry(bounded(sourceStore(() => sql)), environment.defaultCountry),
  };
  const { lacksMigrations } = soon({ lacksMigrations: (error: unknown) => lacked(sql, error) });
  return { stores, lacksMigrations, close: () => sql.end({ timeout: 1 }) };
}

/** Senders' APIs for one request. GETs that wait for each other belong to it. */
function requestRecords(bindings: Bindings): Records {
  const { environment, sealer } = isolate(bindings);
  return records({
    sealer,
    clock: realClock,
    local: environment.mode === "local",
    gate: fetchGate(realClock, pause),
  });
}

function sharedDeps(bindings: Bindings): SharedDeps {
  const { environment, sealer, signer, webhooks, notary, dispatcher, taskRunner } = isolate(bindings);
  const toDirectory = reach(bindings.DIRECTORY, environment.dbRegion);
  const directory = directoryStub(toDirectory);
  return {
    mode: environment.mode,
    publicUrl: environment.publicUrl,
    defaultCountry: environment.defaultCountry,
    clock: realClock,
    identity,
    pause,
    log,
    inboxes: inboxStubs(reach(bindings.INBOX, environment.dbRegion), realClock.now),
    directory: {
      ...directory,
      readiness: keptWord(realClock, directory.readiness),
      rereadWebhookKeys: keyListStub(toDirectory, async () => new Map()).rereadWebhookKeys,
    },
    lines: lineStubs(reach(bindings.LINE, environment.dbRegion)),
    notary,
    dispatcher,
    taskRunner,
    webhooks,
    doctor: doctor(sealer),
    transcripts: mihuTranscripts({ baseUrl: environment.mihuBaseUrl, token: environment.mihuToken, clock: realClock }),
    reviewOverdueMs: environment.reviewOverdueMs,
    agentWebhooks: mihuAgentWebhooks({ baseUrl: environment.mihuBaseUrl, token: environment.mihuToken }),
    sealer,
    signer,
    tokenKeys: environment.tokenKeys,
    sessionKeys: environment.sessionKeys,
    sendsMail: environment.mail !== null,
    presetNames: [...presets.keys()],
    presetGuide,
    findPreset,
    checkSettings: checkPresetSettings,
    // Mihu's own hosts, and hosts from the configuration.
    allowLink: linksTo([
      "mihu.ai",
      "mindhunters.ai",
      new URL(environment.mihuBaseUrl).hostname,
      ...environment.linkHosts,
    ]),
    isAway,
  };
}
