/**
 * Configuration changes through the API: seal secrets, plan and write in one transaction, then refresh the objects'
 * copies.
 */
import type { Context } from "hono";
import type { ConfigPlan, Fetchables, WantedSecret, WantedSource } from "../../domain/config/change-plan.ts";
import type { Presets, SecretDocument, SourceDocument } from "../../domain/config/check.ts";
import { type SecretOrigin, weakSecret } from "../../domain/config/secret-strength.ts";
import { secretText } from "../../domain/config/secret-text.ts";
import type { ConfigWrite, StoredConfig } from "../../domain/config/stored.ts";
import { callStops, type WaitingChoice } from "../../domain/config/waiting-calls.ts";
import { fetchableNames } from "../../domain/fetch/fetch.ts";
import type { Mistake } from "../../domain/rules/rule.ts";
import { noClaims } from "../../flows/calling/stop.ts";
import { stopCalls } from "../../flows/calling/stop-calls.ts";
import { allConfirmed, type Confirmation } from "../../flows/config/confirmation.ts";
import { refreshInboxes } from "../../flows/config/refresh-inboxes.ts";
import type { CallsConcerned } from "../../ports/config/config.ts";
import type { HookRow, HookWrite } from "../../ports/hooks/hooks.ts";
import { type WaitingCalls, waitingCallsView } from "../../views/calls/stopped.ts";
import { confirmationView } from "../../views/confirmation.ts";
import { actorOf } from "../../views/reader.ts";
import type { ApiDeps, AppEnv } from "../deps.ts";
import { type ProblemCode, ProblemError } from "../problem.ts";
import { announceKeys, announceSources, openedSources } from "./announce.ts";
import { stoppedAnswer } from "./stopped.ts";

/** Result of a change: its parts, what it left alone, the configuration after it, and the affected calls. */
type Changed = Pick<ConfigPlan, "changes" | "warnings" | "left"> & {
  readonly hooks: readonly HookRow[];
  readonly stored: StoredConfig;
  /** Fields of the response: the affected calls, and whether every Worker and inbox uses the change. */
  readonly told: { readonly confirmed: boolean; readonly stopped?: unknown };
};

/**
 * Changes the configuration.
 *
 * @param plan Returns the writes for the stored configuration; null if the subject of the change does not exist.
 * @param code Problem code for a plan with mistakes.
 * @param waiting Treatment of queued calls whose rule no longer calls anybody.
 * @throws ProblemError with every mistake, or `not_found`, before anything was written.
 */
export async function changeConfig(
  c: Context<AppEnv>,
  code: ProblemCode,
  plan: (stored: StoredConfig) => (ConfigPlan & { readonly hooks?: readonly HookWrite[] }) | null,
  waiting: WaitingChoice = "cancel",
): Promise<Changed> {
  const { stores } = c.var.deps;
  const {
    answer: planned,
    calls,
    hooks,
    refused,
  } = await stores.config.change(actorOf(c.var.reader), (stored) => {
    const made = plan(stored);
    if (made === null) throw new ProblemError("not_found");
    if (made.mistakes.length > 0) throw mistaken(code, made.mistakes);
    const writes = [...made.writes, ...callStops(made, waiting)];
    return {
      writes,
      hooks: made.hooks,
      answer: { ...made, before: stored, opened: openedSources(stored, made.writes) },
    };
  });
  if (refused !== null) throw new ProblemError(refused);
  if (hooks.length > 0) await c.var.deps.dispatcher.changed();
  // Calls are stopped first, because a line may be about to dial one that it has claimed.
  const stopped = await endCalls(c, planned.writes, calls);
  const stored = await stores.config.read();
  const confirmation = allConfirmed(
    await Promise.all([
      announceSources(c.var.deps, planned.opened),
      // The key of a removed line must be revoked in every Worker.
      ...(planned.writes.some((write) => write.do === "remove_line") ? [announceKeys(c.var.deps)] : []),
      refreshCopies(c, planned.writes, planned.before, stored),
    ]),
  );
  logUntold(c, confirmation);
  const told = { ...stopped, ...confirmationView(confirmation) };
  return { changes: planned.changes, warnings: planned.warnings, left: planned.left, hooks, stored, told };
}

/**
 * Ends the calls that a change stops, and makes changed lines check their gates again.
 *
 * @returns Fields of the response.
 */
async function endCalls(
  c: Context<AppEnv>,
  writes: readonly ConfigWrite[],
  concerned: readonly CallsConcerned[],
): Promise<{ waiting_calls?: unknown; stopped?: unknown }> {
  const { clock, lines, stores } = c.var.deps;
  const changed = writes.flatMap((write) => (write.do === "save_line" && !write.created ? [write.line.slug] : []));
  const stops = concerned.flatMap(({ ends }) => (ends.kind === "stopped" ? [ends.stop] : []));
  const { each, claims } = await stopCalls({ clock, lines, stops: stores.stops }, stops, changed);
  const done = new Map(stops.map(({ id }, nth) => [id, each[nth]]));
  const calls = concerned.map(({ source, rule, ends }): WaitingCalls => {
    const none = { source, rule, canceled: 0, kept: 0, remaining: 0 };
    return ends.kind === "kept" ? { ...none, kept: ends.waiting } : { ...none, ...done.get(ends.stop.id) };
  });
  const waiting = waitingCallsView(calls);
  return {
    ...(waiting.length === 0 ? {} : { waiting_calls: waiting }),
    ...(waiting.length === 0 && claims === null ? {} : { stopped: stoppedAnswer(c, claims ?? noClaims) }),
  };
}

/** @returns A problem that lists all mistakes. Its `detail` is the first one. */
export function mistaken(code: ProblemCode, errors: readonly Mistake[]): ProblemError {
  const [first] = errors;
  const where = first === undefined ? "" : `${first.path.join(".") || "the document"}${place(first)}: ${first.reason}`;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new ProblemError(code, { detail: `${where}${more}`, errors });
}

function place({ line, column }: Mistake): string {
  return line === undefined ? "" : ` (line ${line}, column ${column ?? 1})`;
}

/** Refreshes the objects' copies. A failure does not fail the change, because Postgres enforces it in any case. */
async function refreshCopies(
  c: Context<AppEnv>,
  writes: readonly ConfigWrite[],
  before: StoredConfig,
  stored: StoredConfig,
): Promise<Confirmation> {
  const { lines, log } = c.var.deps;
  const saved = writes.flatMap((write) => (write.do === "save_line" ? [write] : []));
  const changedLines = new Set(saved.map(({ line }) => line.slug));
  // Changed lines were already woken when they checked their gates.
  const newLines = saved.flatMap(({ created, line }) => (created ? [line.slug] : []));
  const sources = new Set(
    writes.flatMap((write) => {
      if (write.do === "save_source") return [write.source.slug];
      // Stopping calls does not change their source.
      return write.do !== "stop_calls" && "source" in write ? [write.source] : [];
    }),
  );
  for (const { slug, rules } of stored.sources)
    if (rules.some(({ definition }) => changedLines.has(definition.line))) sources.add(slug);
  const [confirmation, ...poked] = await Promise.all([
    refreshInboxes(c.var.deps, new Map([...sources].map((slug) => [slug, shardsOf(slug, before, stored)]))),
    ...newLines.map((slug) =>
      lines.poke(slug).then(
        () => [],
        (error: unknown) => [error],
      ),
    ),
  ]);
  for (const error of poked.flat()) log.warn("an object was not told of a change", { error });
  return confirmation;
}

/** Logs the objects that could not be refreshed, with the reason. */
export function logUntold(c: Context<AppEnv>, confirmation: Confirmation): void {
  if (confirmation.confirmed) return;
  const { untold } = confirmation;
  for (const error of confirmation.errors) c.var.deps.log.warn("an object was not told of a change", { untold, error });
}

/** The larger number of inboxes that a source had before and has after a change. */
function shardsOf(slug: string, ...configs: readonly StoredConfig[]): number {
  const shards = configs.flatMap(({ sources }) => sources.find((one) => one.slug === slug)?.shards ?? []);
  return Math.max(1, ...shards);
}

/**
 * Seals a source's secrets, and checks them against its preset. A secret that is already stored is only referred to.
 */
export async function sealSecrets(
  deps: Pick<ApiDeps, "sealer" | "presetGuide">,
  source: Pick<SourceDocument, "preset" | "settings" | "secrets"> & { readonly slug: string },
): Promise<WantedSecret[] | null> {
  if (source.secrets === undefined) return null;
  return await sealAll(deps, source.secrets, deps.presetGuide.secretOrigin(source));
}

async function sealAll(
  deps: Pick<ApiDeps, "sealer">,
  secrets: readonly SecretDocument[],
  origin: SecretOrigin | null,
): Promise<WantedSecret[]> {
  return await Promise.all(
    secrets.map(async (secret): Promise<WantedSecret> => {
      if (typeof secret !== "string" && "id" in secret) return { kind: "id", id: secret.id };
      const env = typeof secret === "string" ? null : secret.env;
      const value = typeof secret === "string" ? secret : secret.value;
      if (value === undefined) return { kind: "env", env: env ?? "" };
      return { ...(await sealSecret(deps, env, value)), weak: weakSecret(value, origin) };
    }),
  );
}

/** The sealed credential of a sender's API. `{}` if the request has no credential: the stored credential stays. */
export async function sealCredential(
  deps: Pick<ApiDeps, "sealer">,
  api: SourceDocument["api"],
): Promise<Pick<WantedSource, "credential">> {
  if (api === null) return { credential: null };
  const given = api?.credential;
  if (given === undefined) return {};
  if (given === null) return { credential: null };
  const [credential = null] = await sealAll(deps, [given], null);
  return { credential };
}

/** Record names that each source can fetch, from its preset and its own `api`. */
export function fetchablesOf({ findPreset }: Pick<ApiDeps, "findPreset">): Fetchables {
  return ({ preset, api }) => fetchableNames(findPreset(preset)?.api, api);
}

/**
 * Seals one secret, trimmed and unchecked.
 *
 * @param env Name of the environment variable that it came from.
 */
export async function sealSecret(
  { sealer }: Pick<ApiDeps, "sealer">,
  env: string | null,
  value: string,
): Promise<WantedSecret & { readonly kind: "value" }> {
  const text = secretText(value);
  const [sealed, fingerprint] = await Promise.all([sealer.seal(text), sealer.fingerprint(text)]);
  return { kind: "value", env, sealed, kid: sealer.kid, fingerprint, weak: null };
}

/** Presets as the configuration check needs them. */
export function presetsOf({ mode, presetNames, findPreset, checkSettings }: ApiDeps): Presets {
  return { names: presetNames, isLocal: mode === "local", find: findPreset, check: checkSettings };
}

/** Whether Postgres refused to delete a row because of a foreign key. */
export function isStillReferredTo(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "23503";
}
