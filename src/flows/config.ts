/**
 * Configuration: the difference between what is wanted and what is stored, as changes for people and writes for the store.
 *
 * Pure. It runs within the store's transaction, so what it compares with cannot change before it is written.
 */
import type { Mistake, RuleDefinition } from "../domain/rule.ts";
import type {
  ConfigWrite,
  LineSettings,
  SourceSettings,
  StoredConfig,
  StoredRule,
  StoredSecret,
} from "../ports/config.ts";
import type { Path } from "./config-check.ts";
import { differences, type FieldChange, lineFields, ruleFields, sourceFields } from "./config-fields.ts";

/** One thing that an apply would do, or did. */
export type Change = {
  readonly kind: "create" | "change" | "remove" | "keep";
  readonly what: "line" | "source" | "rule" | "secret";
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

/** Compares a document with what is stored. What the document does not name is left alone. */
export function planConfig(stored: StoredConfig, wanted: WantedConfig): ConfigPlan {
  const plan = emptyPlan();
  const lines = new Set([...stored.lines.map(({ slug }) => slug), ...wanted.lineNames]);
  for (const line of wanted.lines) planLine(plan, stored, line);
  for (const source of wanted.sources) {
    if (source.source !== null) planSource(plan, stored, source.source);
    planSecrets(plan, stored, source);
    planRules(plan, stored, source, lines);
  }
  return plan.mistakes.length > 0 ? { ...plan, writes: [] } : plan;
}

/** Saves one rule of a source: a new one at the end, or where `position` says. `null`: there is no such source. */
export function planRule(
  stored: StoredConfig,
  slug: string,
  rule: WantedRule,
  position: number | null,
): ConfigPlan | null {
  const source = stored.sources.find((one) => one.slug === slug);
  if (source === undefined) return null;
  const plan = emptyPlan();
  const lines = new Set(stored.lines.map((line) => line.slug));
  const last = Math.max(-1, ...source.rules.map((one) => one.position));
  const known = source.rules.find(({ name }) => name === rule.name);
  saveRule(plan, slug, known, rule, position ?? known?.position ?? last + 1, lines);
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
  if (source.disconnectedAt === null) {
    plan.changes.push({ kind: "remove", what: "source", name: slug });
    plan.writes.push({ do: "disconnect_source", source: slug });
  }
  return plan;
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
        plan.changes.push({
          kind: "change",
          what: "secret",
          name: secretName(slug, found),
          fields: [{ field: "env", from: found.env, to: env }],
        });
        plan.writes.push({ do: "name_secret", source: slug, id: found.id, env });
      } else if (!kept.has(found.id)) keep(plan, "secret", secretName(slug, found));
      kept.add(found.id);
    } else if (secret.kind === "value") {
      if (added.has(secret.fingerprint)) continue;
      added.add(secret.fingerprint);
      plan.changes.push({ kind: "create", what: "secret", name: `${slug}/${secret.env ?? "(unnamed)"}` });
      plan.writes.push({
        do: "add_secret",
        source: slug,
        env: secret.env,
        sealed: secret.sealed,
        kid: secret.kid,
        fingerprint: secret.fingerprint,
      });
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

function planRules(plan: ConfigPlan, stored: StoredConfig, wanted: WantedSource, lines: ReadonlySet<string>): void {
  if (wanted.rules === null) return;
  const { slug } = wanted;
  const known = stored.sources.find((one) => one.slug === slug)?.rules ?? [];
  for (const [index, rule] of wanted.rules.entries()) {
    const before = known.find(({ name }) => name === rule.name);
    saveRule(plan, slug, before, rule, index, lines);
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
): void {
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
