/**
 * Configuration: the difference between what is wanted and what is stored, as changes for people and writes for the store.
 *
 * Pure. It runs within the store's transaction, so what it compares with cannot change before it is written.
 */

import { secretsPerSourceMax } from "../limits.ts";
import type { Mistake, RuleDefinition } from "../rules/rule.ts";
import { type Path, unknownFetches } from "./check.ts";
import { differences, type FieldChange, lineFields, ruleFields, sourceFields } from "./compare.ts";
import type {
  ConfigWrite,
  LineSettings,
  SourceSettings,
  StoredConfig,
  StoredCredential,
  StoredRule,
  StoredSecret,
} from "./stored.ts";

/** One thing that an apply would do, or did. */
export type Change = {
  readonly kind: "create" | "change" | "remove" | "keep";
  readonly what: "line" | "source" | "rule" | "secret" | "credential";
  readonly name: string;
  readonly fields?: readonly FieldChange[];
};

/** A secret that is wanted: sealed already, or one that is stored. */
export type WantedSecret =
  | {
      readonly kind: "value";
      readonly env: string | null;
      readonly sealed: string;
      readonly kid: string;
      readonly fingerprint: string;
    }
  | { readonly kind: "env"; readonly env: string }
  | { readonly kind: "id"; readonly id: string };

/** `path`: where it stands in its document. */
export type WantedRule = { readonly name: string; readonly definition: RuleDefinition; readonly path: Path };

/** A source that is wanted. Secrets and rules that are `null` stay as they are; a list is exactly what is to be there. */
export type WantedSource = {
  readonly slug: string;
  /** `null`: it has mistakes; its other parts are looked at all the same, and nothing will be written. */
  readonly source: SourceSettings | null;
  readonly secrets: readonly WantedSecret[] | null;
  /** Of the sender's API, and the only address that it is for. Absent: whatever there is for this address; `null`: none. */
  readonly credential?: WantedSecret | null;
  readonly baseUrl?: string | null;
  readonly rules: readonly WantedRule[] | null;
  /** Where it stands in its document. */
  readonly path: Path;
};

/** `lineNames`: every line that the document names, those with mistakes too. */
export type WantedConfig = {
  readonly lines: readonly LineSettings[];
  readonly lineNames: readonly string[];
  readonly sources: readonly WantedSource[];
};

/** What is to be done. With mistakes nothing is written. */
export type ConfigPlan = { readonly changes: Change[]; readonly writes: ConfigWrite[]; readonly mistakes: Mistake[] };

/** The names of what a source can have fetched. */
export type Fetchables = (source: SourceSettings) => readonly string[];

/**
 * Compares a document with what is stored. What the document does not name is left alone.
 *
 * @param fetchables absent where no source is wanted
 */
export function planConfig(stored: StoredConfig, wanted: WantedConfig, fetchables: Fetchables = () => []): ConfigPlan {
  const plan = emptyPlan();
  const lines = new Set([...stored.lines.map(({ slug }) => slug), ...wanted.lineNames]);
  for (const line of wanted.lines) planLine(plan, stored, line);
  for (const source of wanted.sources) {
    if (source.source !== null) planSource(plan, stored, source.source);
    planSecrets(plan, stored, source);
    planCredential(plan, stored, source);
    const known = stored.sources.find(({ slug }) => slug === source.slug);
    const settings = source.source ?? known;
    const names = settings === undefined ? null : fetchables(settings);
    planRules(plan, stored, source, lines, names);
    if (source.rules === null && names !== null)
      plan.mistakes.push(...lostFetches(known?.rules ?? [], names, source.path));
  }
  return plan.mistakes.length > 0 ? { ...plan, writes: [] } : plan;
}

/** Saves one rule of a source: a new one at the end, or where `position` says. `null`: there is no such source. */
export function planRule(
  stored: StoredConfig,
  slug: string,
  rule: WantedRule,
  position: number | null,
  fetchables: Fetchables,
): ConfigPlan | null {
  const source = stored.sources.find((one) => one.slug === slug);
  if (source === undefined) return null;
  const plan = emptyPlan();
  const lines = new Set(stored.lines.map((line) => line.slug));
  const last = Math.max(-1, ...source.rules.map((one) => one.position));
  const known = source.rules.find(({ name }) => name === rule.name);
  saveRule(plan, slug, known, rule, position ?? known?.position ?? last + 1, lines, fetchables(source));
  return plan.mistakes.length > 0 ? { ...plan, writes: [] } : plan;
}

/** Removes one rule; its versions are kept, since calls name them. `null`: there is none. */
export function planRuleRemoval(stored: StoredConfig, slug: string, name: string): ConfigPlan | null {
  const source = stored.sources.find((one) => one.slug === slug);
  const rule = source?.rules.find((one) => one.name === name);
  if (rule === undefined) return null;
  const plan = emptyPlan();
  removeRule(plan, rule);
  return plan;
}

/**
 * Disconnects a source: its door is closed, and it has neither secret nor rule. It stays, as do its events and calls, which name it.
 * `null`: there is none.
 */
export function planSourceRemoval(stored: StoredConfig, slug: string): ConfigPlan | null {
  const source = stored.sources.find((one) => one.slug === slug);
  if (source === undefined) return null;
  const plan = emptyPlan();
  for (const rule of source.rules) removeRule(plan, rule);
  for (const secret of source.secrets) retire(plan, slug, secret);
  if (source.credential !== null) removeCredential(plan, slug, source.credential, "not_wanted");
  if (source.disconnectedAt === null) {
    plan.changes.push({ kind: "remove", what: "source", name: slug });
    plan.writes.push({ do: "disconnect_source", source: slug });
  }
  return plan;
}

/**
 * Adds one secret to a source, and gives the others an end.
 *
 * @param endsAtMs when the others end, where they have no sooner end; `null`: they stay
 * @returns `null`: there is no such source
 */
export function planSecretAdded(
  stored: StoredConfig,
  slug: string,
  secret: WantedSecret & { readonly kind: "value" },
  endsAtMs: number | null,
): ConfigPlan | null {
  const source = stored.sources.find((one) => one.slug === slug);
  if (source === undefined) return null;
  const plan = emptyPlan();
  const known = source.secrets.find(({ fingerprint }) => fingerprint === secret.fingerprint);
  if (known === undefined) addSecret(plan, slug, secret);
  else {
    // It is wanted again, whatever end it had.
    if (known.expiresAt !== null) endSecret(plan, slug, known, null);
    else keep(plan, "secret", secretName(slug, known));
    if (secret.env !== null && secret.env !== known.env) nameSecret(plan, slug, known, secret.env);
  }
  for (const other of source.secrets) {
    if (endsAtMs === null || other.id === known?.id || (other.expiresAt !== null && other.expiresAt <= endsAtMs))
      continue;
    endSecret(plan, slug, other, endsAtMs);
  }
  if (known === undefined && source.secrets.length >= secretsPerSourceMax)
    plan.mistakes.push({
      path: ["value"],
      reason: `a source may have ${secretsPerSourceMax} secrets; remove one first`,
    });
  return plan;
}

/**
 * Removes one secret of a source at once.
 *
 * @returns `null`: there is none; `"last"`: without it nothing would verify any more, and that was not asked for
 */
export function planSecretRemoval(
  stored: StoredConfig,
  slug: string,
  id: string,
  { nowMs, force }: { readonly nowMs: number; readonly force: boolean },
): ConfigPlan | "last" | null {
  const source = stored.sources.find((one) => one.slug === slug);
  const secret = source?.secrets.find((one) => one.id === id);
  if (source === undefined || secret === undefined) return null;
  const others = source.secrets.filter((one) => one.id !== id && verifies(one, nowMs));
  if (others.length === 0 && !force) return "last";
  const plan = emptyPlan();
  retire(plan, slug, secret);
  return plan;
}

/** Whether a secret is not over yet. */
export function verifies({ expiresAt }: Pick<StoredSecret, "expiresAt">, nowMs: number): boolean {
  return expiresAt === null || expiresAt > nowMs;
}

/** Rules that would lose their line, as `source/rule`. */
export function rulesOnLine(stored: StoredConfig, line: string): string[] {
  return stored.sources.flatMap(({ slug, rules }) =>
    rules.filter(({ definition }) => definition.line === line).map(({ name }) => `${slug}/${name}`),
  );
}

function emptyPlan(): ConfigPlan {
  return { changes: [], writes: [], mistakes: [] };
}

function planLine(plan: ConfigPlan, stored: StoredConfig, line: LineSettings): void {
  const known = stored.lines.find(({ slug }) => slug === line.slug);
  const fields = differences(known === undefined ? {} : lineFields(known), lineFields(line));
  if (known !== undefined && fields.length === 0) {
    keep(plan, "line", line.slug);
    return;
  }
  const created = known === undefined;
  plan.changes.push({ kind: created ? "create" : "change", what: "line", name: line.slug, fields });
  plan.writes.push({
    do: "save_line",
    line,
    created,
    hoursChanged: !created && fields.some(({ field }) => field === "hours"),
  });
}

function planSource(plan: ConfigPlan, stored: StoredConfig, source: SourceSettings): void {
  const known = stored.sources.find(({ slug }) => slug === source.slug);
  const reopened = known !== undefined && known.disconnectedAt !== null;
  const fields = [
    ...differences(known === undefined ? {} : sourceFields(known), sourceFields(source)),
    ...(reopened ? [{ field: "disconnected", from: true, to: false }] : []),
  ];
  if (known !== undefined && fields.length === 0) {
    keep(plan, "source", source.slug);
    return;
  }
  const created = known === undefined;
  plan.changes.push({ kind: created ? "create" : "change", what: "source", name: source.slug, fields });
  plan.writes.push({ do: "save_source", source, created });
}

function planSecrets(plan: ConfigPlan, stored: StoredConfig, wanted: WantedSource): void {
  if (wanted.secrets === null) return;
  const { slug } = wanted;
  const known = stored.sources.find((one) => one.slug === slug)?.secrets ?? [];
  const kept = new Set<string>();
  const added = new Set<string>();
  for (const [index, secret] of wanted.secrets.entries()) {
    const found = findSecret(known, kept, secret);
    if (found !== undefined) {
      const env = secret.kind === "value" ? secret.env : null;
      if (env !== null && env !== found.env) {
        nameSecret(plan, slug, found, env);
      } else if (!kept.has(found.id)) keep(plan, "secret", secretName(slug, found));
      kept.add(found.id);
    } else if (secret.kind === "value") {
      if (added.has(secret.fingerprint)) continue;
      added.add(secret.fingerprint);
      addSecret(plan, slug, secret);
    } else {
      const reason =
        secret.kind === "env"
          ? `has no value, and no secret of the name ${secret.env} is stored`
          : "there is no active secret of this id";
      plan.mistakes.push({ path: [...wanted.path, "secrets", index], reason });
    }
  }
  for (const secret of known) if (!kept.has(secret.id)) retire(plan, slug, secret);
}

function addSecret(plan: ConfigPlan, source: string, secret: WantedSecret & { readonly kind: "value" }): void {
  const { env, sealed, kid, fingerprint } = secret;
  plan.changes.push({ kind: "create", what: "secret", name: `${source}/${env ?? "(unnamed)"}` });
  plan.writes.push({ do: "add_secret", source, env, sealed, kid, fingerprint });
}

function nameSecret(plan: ConfigPlan, source: string, secret: StoredSecret, env: string): void {
  const fields = [{ field: "env", from: secret.env, to: env }];
  plan.changes.push({ kind: "change", what: "secret", name: secretName(source, secret), fields });
  plan.writes.push({ do: "name_secret", source, id: secret.id, env });
}

function endSecret(plan: ConfigPlan, source: string, secret: StoredSecret, at: number | null): void {
  const fields = [{ field: "expires_at", from: secret.expiresAt, to: at }];
  plan.changes.push({ kind: "change", what: "secret", name: secretName(source, secret), fields });
  plan.writes.push({ do: "end_secret", source, id: secret.id, at });
}

/** A credential goes with the address that it was given for: another one never sees it. */
function planCredential(plan: ConfigPlan, stored: StoredConfig, wanted: WantedSource): void {
  if (wanted.source === null) return;
  const { slug, credential, baseUrl = null } = wanted;
  const known = stored.sources.find((one) => one.slug === slug)?.credential ?? null;
  const path = [...wanted.path, "api", "credential"];
  if (credential === undefined || credential === null) {
    if (known === null) return;
    if (credential === undefined && known.baseUrl === baseUrl) keep(plan, "credential", credentialName(slug, known));
    else removeCredential(plan, slug, known, credential === null ? "not_wanted" : "base_url_changed", baseUrl);
    return;
  }
  if (credential.kind !== "value") {
    const found =
      known !== null && (credential.kind === "id" ? known.id === credential.id : known.env === credential.env);
    if (found && known.baseUrl === baseUrl) keep(plan, "credential", credentialName(slug, known));
    else if (found)
      plan.mistakes.push({ path, reason: `was given for ${known.baseUrl}, and that changes: give its value anew` });
    else
      plan.mistakes.push({
        path,
        reason:
          credential.kind === "id"
            ? "there is no credential of this id"
            : `has no value, and no credential of the name ${credential.env} is stored`,
      });
    return;
  }
  const { env, sealed, kid, fingerprint } = credential;
  if (known?.fingerprint === fingerprint && known.baseUrl === baseUrl) {
    if (env === null || env === known.env) keep(plan, "credential", credentialName(slug, known));
    else {
      const fields = [{ field: "env", from: known.env, to: env }];
      plan.changes.push({ kind: "change", what: "credential", name: credentialName(slug, known), fields });
      plan.writes.push({ do: "name_credential", source: slug, env });
    }
    return;
  }
  // Where it is not known the source has mistakes of its own.
  if (baseUrl === null) return;
  const name = `${slug}/${env ?? "(unnamed)"}`;
  const fields = [{ field: "base_url", from: known?.baseUrl ?? null, to: baseUrl }];
  plan.changes.push({ kind: known === null ? "create" : "change", what: "credential", name, fields });
  plan.writes.push({ do: "set_credential", source: slug, env, sealed, kid, fingerprint, baseUrl });
}

function removeCredential(
  plan: ConfigPlan,
  source: string,
  known: StoredCredential,
  reason: "not_wanted" | "base_url_changed",
  to: string | null = null,
): void {
  const fields = reason === "not_wanted" ? [] : [{ field: "base_url", from: known.baseUrl, to }];
  plan.changes.push({ kind: "remove", what: "credential", name: credentialName(source, known), fields });
  plan.writes.push({ do: "remove_credential", source, reason });
}

function credentialName(source: string, { env, id }: StoredCredential): string {
  return `${source}/${env ?? id}`;
}

/** Rules that stay, and would have nothing to fetch any more. */
function lostFetches(rules: readonly StoredRule[], names: readonly string[], path: Path): Mistake[] {
  return rules.flatMap(({ name, definition: { fetch = [] } }) =>
    fetch
      .filter((one) => !names.includes(one))
      .map((one) => ({
        path: [...path, "preset"],
        reason: `the rule ${name} has "${one}" fetched, and there would be nothing of this name`,
      })),
  );
}

function findSecret(
  known: readonly StoredSecret[],
  kept: ReadonlySet<string>,
  secret: WantedSecret,
): StoredSecret | undefined {
  switch (secret.kind) {
    case "value":
      return known.find(({ fingerprint }) => fingerprint === secret.fingerprint);
    case "id":
      return known.find(({ id }) => id === secret.id);
    case "env":
      // Newest first, and each once: while a secret is being rotated two may have one name.
      return known.findLast(({ id, env }) => env === secret.env && !kept.has(id));
  }
}

function planRules(
  plan: ConfigPlan,
  stored: StoredConfig,
  wanted: WantedSource,
  lines: ReadonlySet<string>,
  fetchable: readonly string[] | null,
): void {
  if (wanted.rules === null) return;
  const { slug } = wanted;
  const known = stored.sources.find((one) => one.slug === slug)?.rules ?? [];
  for (const [index, rule] of wanted.rules.entries()) {
    const before = known.find(({ name }) => name === rule.name);
    saveRule(plan, slug, before, rule, index, lines, fetchable);
  }
  const names = new Set(wanted.rules.map(({ name }) => name));
  for (const rule of known) if (!names.has(rule.name)) removeRule(plan, rule);
}

function saveRule(
  plan: ConfigPlan,
  source: string,
  known: StoredRule | undefined,
  { name, definition, path }: WantedRule,
  position: number,
  lines: ReadonlySet<string>,
  fetchable: readonly string[] | null,
): void {
  const unknown = fetchable === null ? [] : unknownFetches(definition.fetch ?? [], fetchable, path);
  plan.mistakes.push(...unknown);
  if (!lines.has(definition.line)) {
    plan.mistakes.push({ path: [...path, "line"], reason: `there is no line "${definition.line}"` });
    return;
  }
  const fields = differences(known === undefined ? {} : ruleFields(known.definition), ruleFields(definition));
  const moved = known !== undefined && known.position !== position;
  const full = `${source}/${name}`;
  if (known !== undefined && fields.length === 0 && !moved) {
    keep(plan, "rule", full);
    return;
  }
  const place = moved ? [{ field: "position", from: known.position, to: position }] : [];
  plan.changes.push({
    kind: known === undefined ? "create" : "change",
    what: "rule",
    name: full,
    fields: [...fields, ...place],
  });
  if (known !== undefined && fields.length === 0) plan.writes.push({ do: "move_rule", source, name, position });
  else plan.writes.push({ do: "save_rule", source, name, position, definition });
}

function removeRule(plan: ConfigPlan, { source, name }: StoredRule): void {
  plan.changes.push({ kind: "remove", what: "rule", name: `${source}/${name}` });
  plan.writes.push({ do: "remove_rule", source, name });
}

function retire(plan: ConfigPlan, source: string, secret: StoredSecret): void {
  plan.changes.push({ kind: "remove", what: "secret", name: secretName(source, secret) });
  plan.writes.push({ do: "retire_secret", source, id: secret.id });
}

function keep(plan: ConfigPlan, what: Change["what"], name: string): void {
  plan.changes.push({ kind: "keep", what, name });
}

function secretName(source: string, { env, id }: StoredSecret): string {
  return `${source}/${env ?? id}`;
}
