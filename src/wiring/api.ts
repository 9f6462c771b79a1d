import { doctor } from "../crm/doctor/doctor.ts";
import { fetchGate } from "../crm/fetching/recent-answers.ts";
import { records } from "../crm/fetching/records.ts";
import { checkPresetSettings, findPreset, presets } from "../crm/presets/index.ts";
import { presetGuide } from "../crm/setup-guide.ts";
import { dryRunCall, requestCall } from "../flows/planning/request-call.ts";
import { createApp } from "../http/app.ts";
import type { ApiDeps } from "../http/deps.ts";
import { mihuAgentWebhooks } from "../mihu/agent-webhooks.ts";
import { directoryStub, inboxStubs, lineStubs, reach } from "../objects/stubs.ts";
import { linksTo } from "../pages/links.ts";
import { pause, realClock } from "../platform/clock.ts";
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
import { lookupStore } from "../store/lookups/lookups.ts";
import { isAway } from "../store/postgres/connection.ts";
import { keptClient, withDeadline } from "../store/postgres/kept-client.ts";
import { storedRejectionStore } from "../store/rejections/stored-rejections.ts";
import { bindingsOf, identity, isolate, log, withCountry } from "./isolate.ts";
import { pages } from "./pages.ts";

/** Deadlines of a request's first statement, which shows whether Postgres is down, and of any other. Hyperdrive allows 60 s. */
const firstStatementMs = 5_000;
const requestStatementMs = 55_000;

/** The API, health and the pages. */
export const app = createApp(apiDeps, pages);

/**
 * The dependencies of one request. Its client is its own: Workers may not share a socket between requests.
 *
 * @param context of the request: a poke of the notary may outlive the answer
 */
export function apiDeps(env: unknown, context: Pick<ExecutionContext, "waitUntil">): ApiDeps {
  const bindings = bindingsOf(env);
  const { environment, sealer, signer, webhooks, notary } = isolate(bindings);
  const client = keptClient(environment.databaseUrl, () => context.waitUntil(notary.poke()));
  const sql = client.sql();
  const bounded = <Store extends object>(store: Store) => withDeadline(client, requestStatementMs, store);
  /** Who asks is asked first: where Postgres is away, that says so soon. */
  const soon = <Store extends object>(store: Store) => withDeadline(client, firstStatementMs, store);
  const lookups = lookupStore(sql, sealer.kids);
  const inboxes = inboxStubs(reach(bindings.INBOX, environment.dbRegion), realClock.now);
  const lines = lineStubs(reach(bindings.LINE, environment.dbRegion));
  const sources = withCountry(bounded(sourceStore(() => sql)), environment.defaultCountry);
  const direct = { clock: realClock, identity, inboxes, sources };
  return {
    mode: environment.mode,
    publicUrl: environment.publicUrl,
    defaultCountry: environment.defaultCountry,
    clock: realClock,
    identity,
    pause,
    log,
    inboxes,
    directory: directoryStub(reach(bindings.DIRECTORY, environment.dbRegion)),
    lines,
    notary,
    webhooks,
    doctor: doctor(sealer),
    agentWebhooks: mihuAgentWebhooks({ baseUrl: environment.mihuBaseUrl, token: environment.mihuToken }),
    sealer,
    signer,
    tokenKeys: environment.tokenKeys,
    sessionKeys: environment.sessionKeys,
    stores: {
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
      receipts: bounded(receiptStore(sql)),
      replays: bounded(replayStore(sql)),
      rejections: bounded(storedRejectionStore(sql)),
      rehearsals: bounded(rehearsalStore(sql)),
      sealed: bounded(sealedStore(sql)),
      sources,
    },
    records: records({
      sealer,
      clock: realClock,
      local: environment.mode === "local",
      gate: fetchGate(realClock, pause),
    }),
    presetNames: [...presets.keys()],
    presetGuide,
    findPreset,
    checkSettings: checkPresetSettings,
    requestCall: (wanted, key) => requestCall(direct, wanted, key),
    dryRunCall: (wanted) => dryRunCall(direct, wanted),
    // Mihu's own hosts, and those that the operator names.
    allowLink: linksTo([
      "mihu.ai",
      "mindhunters.ai",
      new URL(environment.mihuBaseUrl).hostname,
      ...environment.linkHosts,
    ]),
    isAway,
    close: () => sql.end({ timeout: 1 }),
  };
}
