/** A change of the configuration by the API: seal, plan and write in one transaction, then tell whom it concerns. */
import type { Context } from "hono";
import type { Change, ConfigPlan, Fetchables, WantedSecret, WantedSource } from "../../domain/config/changes.ts";
import type { Presets, SecretDocument, SourceDocument } from "../../domain/config/check.ts";
import type { ConfigWrite, StoredConfig } from "../../domain/config/stored.ts";
import { fetchableNames } from "../../domain/fetch/fetch.ts";
import type { Mistake } from "../../domain/rules/rule.ts";
import { actorOf } from "../../views/reader.ts";
import type { ApiDeps, AppEnv } from "../deps.ts";
import { ProblemBody, type ProblemCode } from "../problem.ts";

/** What a change led to: what was different, and all of the configuration afterwards. */
type Changed = { readonly changes: Change[]; readonly stored: StoredConfig };

/**
 * Changes the configuration.
 *
 * @param plan says what is to be written, from what is stored; `null`: what it is about does not exist
 * @param code the problem that its mistakes are
 * @throws Refusal with every mistake, or `not_found`; then nothing was written
 */
export async function change(
  c: Context<AppEnv>,
  code: ProblemCode,
  plan: (stored: StoredConfig) => ConfigPlan | null,
): Promise<Changed> {
  const { stores } = c.var.deps;
  const planned = await stores.config.change(actorOf(c.var.reader), (stored) => {
    const made = plan(stored);
    if (made === null) throw new ProblemBody("not_found");
    if (made.mistakes.length > 0) throw mistaken(code, made.mistakes);
    return { writes: made.writes, answer: made };
  });
  const stored = await stores.config.read();
  await tell(c, planned.writes, stored);
  return { changes: planned.changes, stored };
}

/** A refusal that lists mistakes; its sentence is the first of them. */
export function mistaken(code: ProblemCode, errors: readonly Mistake[]): ProblemBody {
  const [first] = errors;
  const where = first === undefined ? "" : `${first.path.join(".") || "the document"}${place(first)}: ${first.reason}`;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new ProblemBody(code, { detail: `${where}${more}`, errors });
}

function place({ line, column }: Mistake): string {
  return line === undefined ? "" : ` (line ${line}, column ${column ?? 1})`;
}

/** Whoever keeps a copy hears of it. What fails here heals by itself within half a minute, so it does not fail the change. */
async function tell(c: Context<AppEnv>, writes: readonly ConfigWrite[], stored: StoredConfig): Promise<void> {
  const { inboxes, lines, log } = c.var.deps;
  const changedLines = new Set(writes.flatMap((write) => (write.do === "save_line" ? [write.line.slug] : [])));
  const sources = new Set(
    writes.flatMap((write) =>
      write.do === "save_source" ? [write.source.slug] : "source" in write ? [write.source] : [],
    ),
  );
  for (const { slug, rules } of stored.sources)
    if (rules.some(({ definition }) => changedLines.has(definition.line))) sources.add(slug);
  const told = await Promise.allSettled([
    ...[...sources].map((slug) => inboxes.refresh(slug)),
    ...[...changedLines].map((slug) => lines.poke(slug)),
  ]);
  for (const one of told)
    if (one.status === "rejected") log.warn("an object was not told of a change", { error: one.reason });
}

/** Seals the values of secrets; what is stored already is only named. */
export async function sealSecrets(
  deps: Pick<ApiDeps, "sealer">,
  secrets: readonly SecretDocument[] | undefined,
): Promise<WantedSecret[] | null> {
  if (secrets === undefined) return null;
  return await Promise.all(
    secrets.map(async (secret): Promise<WantedSecret> => {
      if (typeof secret !== "string" && "id" in secret) return { kind: "id", id: secret.id };
      const env = typeof secret === "string" ? null : secret.env;
      const value = typeof secret === "string" ? secret : secret.value;
      if (value === undefined) return { kind: "env", env: env ?? "" };
      return await sealSecret(deps, env, value);
    }),
  );
}

/** A sender's API's credential, sealed; `{}` where none is said: what there is stays. */
export async function sealCredential(
  deps: Pick<ApiDeps, "sealer">,
  api: SourceDocument["api"],
): Promise<Pick<WantedSource, "credential">> {
  if (api === null) return { credential: null };
  const given = api?.credential;
  if (given === undefined) return {};
  if (given === null) return { credential: null };
  const [credential = null] = (await sealSecrets(deps, [given])) ?? [];
  return { credential };
}

/** What each source can have fetched, by its preset and by its own word. */
export function fetchablesOf({ findPreset }: Pick<ApiDeps, "findPreset">): Fetchables {
  return ({ preset, api }) => fetchableNames(findPreset(preset)?.api, api);
}

/** One secret, sealed. @param env the name that it was applied from */
export async function sealSecret(
  { sealer }: Pick<ApiDeps, "sealer">,
  env: string | null,
  value: string,
): Promise<WantedSecret & { readonly kind: "value" }> {
  const [sealed, fingerprint] = await Promise.all([sealer.seal(value), sealer.fingerprint(value)]);
  return { kind: "value", env, sealed, kid: sealer.kid, fingerprint };
}

/** Whether a secret is a published one that a source of this preset must not have here. */
export function isPublicSecret(deps: ApiDeps, preset: string, value: string): boolean {
  const { publicSecrets, find } = presetsOf(deps);
  return !publicSecrets && (find(preset)?.publicSecrets.includes(value) ?? false);
}

/** The presets, as configuration is checked against them. */
export function presetsOf({ mode, presetNames, findPreset, checkSettings }: ApiDeps): Presets {
  return { names: presetNames, publicSecrets: mode === "local", find: findPreset, check: checkSettings };
}

/** Postgres' word for a row that others still refer to. */
export function isStillReferredTo(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "23503";
}
