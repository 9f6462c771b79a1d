/** The API on a separate database, without a Worker, for tests of its routes. */
import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { inject } from "vitest";
import { makeKeySets } from "../../../cli/install/keys.ts";
import { allScopes, mintToken, type TokenScope } from "../../../cli/install/mint-token.ts";
import { appUrl } from "../../../cli/install/run-migrations.ts";
import { migratedDatabase } from "../../../dev/stack/cluster.ts";
import { doctor } from "../../../src/crm/doctor/doctor.ts";
import { checkPresetSettings, findPreset, presets } from "../../../src/crm/presets/index.ts";
import { presetGuide } from "../../../src/crm/setup-guide.ts";
import { webhooks } from "../../../src/crm/webhooks.ts";
import { readWord } from "../../../src/flows/readiness-word.ts";
import { createApp } from "../../../src/http/app.ts";
import type { ApiDeps } from "../../../src/http/deps.ts";
import { linksTo } from "../../../src/pages/parts/links.ts";
import { DeadlineExceeded, withinDeadline } from "../../../src/platform/deadline.ts";
import * as identity from "../../../src/platform/hashes.ts";
import { createLog } from "../../../src/platform/log.ts";
import { createSealer } from "../../../src/platform/seal.ts";
import { createSigner } from "../../../src/platform/sign.ts";
import { sessionStore } from "../../../src/store/access/sessions.ts";
import { tokenStore } from "../../../src/store/access/tokens.ts";
import { receiptStore } from "../../../src/store/audit/chain.ts";
import { decisionStore } from "../../../src/store/calls/decisions.ts";
import { erasureStore } from "../../../src/store/calls/erasures.ts";
import { linePauseStore } from "../../../src/store/calls/line-pauses.ts";
import { stopStore } from "../../../src/store/calls/stops.ts";
import { configStore } from "../../../src/store/config/config.ts";
import { lineWebhooks } from "../../../src/store/config/line-webhooks.ts";
import { sealedStore } from "../../../src/store/config/sealed.ts";
import { sourcePauses } from "../../../src/store/config/source-pauses.ts";
import { sourceStore } from "../../../src/store/config/sources.ts";
import { suppressionStore } from "../../../src/store/config/suppressions.ts";
import { rehearsalStore } from "../../../src/store/events/rehearsals.ts";
import { replayStore } from "../../../src/store/events/replays.ts";
import { deliveryStore } from "../../../src/store/hooks/delivery-lookups.ts";
import { hookStore } from "../../../src/store/hooks/hooks.ts";
import { outboxStore } from "../../../src/store/hooks/outbox.ts";
import { lookupStore } from "../../../src/store/lookups/lookups.ts";
import { lacksMigrations } from "../../../src/store/lookups/missing-migrations.ts";
import { noteStore } from "../../../src/store/people/notes.ts";
import { reviewStore } from "../../../src/store/people/review.ts";
import type { Sql } from "../../../src/store/postgres/connection.ts";
import { connect, errorCode } from "../../../src/store/postgres/connection.ts";
import type { EntriesNotice } from "../../../src/store/postgres/notifying-client.ts";
import { storedRejectionStore } from "../../../src/store/rejections/stored-rejections.ts";
import { taskStore } from "../../../src/store/tasks/tasks.ts";
import { undescribed } from "../../described-answer.ts";

export type TestService = {
  sql: Sql;
  ownerUrl: string;
  tokenKeys: { kid: string; k: string }[];
  /** Calls to objects, in order: `refresh acme`, `poke support`. */
  told: string[];
  /** Every line of the log. */
  logged: string[];
  token(...scopes: TokenScope[]): Promise<string>;
  /** A request as an administrator that sees everything, unless `token` says otherwise. */
  ask(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
  close(): Promise<void>;
};

type Answer = { status: number; headers: Headers; json: ReturnType<typeof JSON.parse> };

/**
 * @param deviation what is different from a service that works
 * @param entriesAdded called when the audit log has more entries
 */
export async function service(
  deviation: Partial<ApiDeps> = {},
  entriesAdded: EntriesNotice = () => {},
): Promise<TestService> {
  const cluster = inject("cluster");
  const { ownerUrl } = await migratedDatabase(cluster);
  const sql = connect(appUrl(ownerUrl, cluster.appPassword), { idleSeconds: 20, connectSeconds: 5 }, entriesAdded);
  const keys = makeKeySets();
  const sealer = deviation.sealer ?? createSealer(keys.SEALING_KEYS);
  const told: string[] = [];
  const logged: string[] = [];
  const sink = (line: string) => void logged.push(line);
  const unused = () => Promise.reject(new Error("not a part of this test"));
  const deps: ApiDeps = {
    mode: "local",
    publicUrl: null,
    defaultCountry: "US",
    clock: { now: () => Date.now() },
    identity,
    pause: async (ms) => void told.push(`pause ${ms}`),
    log: createLog({ info: sink, warn: sink, error: sink }),
    inboxes: {
      describe: unused,
      current: unused,
      accept: unused,
      capture: unused,
      reject: unused,
      refresh: async (slug) => {
        told.push(`refresh ${slug}`);
        return null;
      },
      poke: async (slug) => void told.push(`poke inbox ${slug}`),
      spills: async () => [],
    },
    directory: {
      add: async (names) => {
        for (const name of names) told.push(`name ${name}`);
        return { knownInMs: 0 };
      },
      readiness: () => word(),
      async rereadWebhookKeys() {
        told.push("keys");
        return { knownInMs: 0 };
      },
    },
    lines: {
      poke: async (slug) => void told.push(`poke ${slug}`),
      halt: async (slug) => {
        told.push(`halt ${slug}`);
        return { givenBack: 0, inFlight: 0 };
      },
      recheck: async (slug) => {
        told.push(`recheck ${slug}`);
        return "rechecked";
      },
      news: unused,
    },
    webhooks: webhooks(sealer),
    doctor: doctor(sealer),
    agentWebhooks: { list: unused, create: unused, change: unused },
    transcripts: { read: unused },
    reviewOverdueMs: 14_400_000,
    notary: {
      poke: async () => {},
      hasHooks: () => false,
      announceHooks: unused,
      seal: unused,
      state: unused,
      restored: unused,
    },
    dispatcher: { poke: async () => {}, changed: async () => void told.push("hooks") },
    taskRunner: { poke: async () => void told.push("tasks") },
    sendsMail: false,
    sealer,
    signer: createSigner(keys.RECEIPT_KEYS),
    tokenKeys: keys.TOKEN_KEYS,
    sessionKeys: keys.SESSION_KEYS,
    stores: {
      lookups: lookupStore(sql, sealer.kids),
      config: configStore(sql),
      lineWebhooks: lineWebhooks(sql),
      sourcePauses: sourcePauses(sql),
      suppressions: suppressionStore(sql),
      stops: stopStore(sql),
      tokens: tokenStore(sql),
      sessions: sessionStore(sql),
      pauses: linePauseStore(() => sql),
      decisions: decisionStore(sql),
      erasures: erasureStore(sql),
      notes: noteStore(sql),
      review: reviewStore(sql),
      receipts: receiptStore(sql),
      replays: replayStore(sql),
      hooks: hookStore(sql),
      deliveries: deliveryStore(sql),
      tasks: taskStore(sql),
      rejections: storedRejectionStore(sql),
      rehearsals: rehearsalStore(sql),
      sealed: sealedStore(sql),
      outbox: outboxStore(() => sql),
      sources: sourceStore(() => sql),
    },
    presetNames: [...presets.keys()],
    presetGuide,
    records: { open: async () => ({ ok: false, problem: "credential_missing" }) },
    findPreset,
    checkSettings: checkPresetSettings,
    requestCall: unused,
    dryRunCall: unused,
    allowLink: linksTo(["mihu.ai"]),
    isAway: (error) =>
      ["ECONNREFUSED", "CONNECT_TIMEOUT", "CONNECTION_CLOSED", "CONNECTION_ENDED"].includes(errorCode(error) ?? ""),
    holdOpen: () => {},
    lacksMigrations: (error) => lacksMigrations(sql, error),
    close: async () => {},
    ...deviation,
  };
  // As the directory's object reads it, each time anew.
  const { clock, inboxes, stores, isAway } = deps;
  const inTime = <T>(answer: Promise<T>) => withinDeadline(answer, 1_500);
  const word = () =>
    readWord({
      clock,
      lookups: { readiness: () => inTime(stores.lookups.readiness()) },
      inboxes: { spills: () => inTime(inboxes.spills()) },
      inboxesAgain: { spills: () => inTime(inboxes.spills()) },
      isAway: (error) => isAway(error) || error instanceof DeadlineExceeded,
    });
  const app = createApp(() => deps, new Hono());
  const context = { waitUntil: (work: Promise<unknown>) => void work, passThroughOnException: () => {}, props: {} };
  const token = async (...scopes: TokenScope[]) => {
    const made = await mintToken({ ownerUrl, tokenKeys: keys.TOKEN_KEYS, scopes, days: 1, name: randomUUID() });
    return made.token;
  };
  const admin = await token(...allScopes);
  return {
    sql,
    ownerUrl,
    tokenKeys: keys.TOKEN_KEYS,
    told,
    logged,
    token,
    async ask(method, path, body, as = admin) {
      const headers = new Headers();
      if (as !== "") headers.set("authorization", `Bearer ${as}`);
      if (body !== undefined) headers.set("content-type", "application/json");
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const init = { method, headers, ...(body === undefined ? {} : { body: text }) };
      const answer = await app.request(path, init, {}, context);
      const said = await answer.text();
      const wrong = undescribed(method, path, answer, said);
      if (wrong !== null) throw new Error(wrong);
      return { status: answer.status, headers: answer.headers, json: said === "" ? null : JSON.parse(said) };
    },
    close: () => sql.end({ timeout: 5 }),
  };
}
