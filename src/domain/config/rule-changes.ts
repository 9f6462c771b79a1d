/** Changes of a source's rules. */
import type { Mistake } from "../rules/rule.ts";
import {
  type ConfigPlan,
  emptyPlan,
  type Fetchables,
  noteUnchanged,
  type WantedRule,
  type WantedSource,
} from "./change-plan.ts";
import { type Path, unknownFetches } from "./check.ts";
import { differences, ruleFields } from "./compare.ts";
import type { StoredConfig, StoredRule } from "./stored.ts";

/**
 * Saves one rule of a source. A new one goes last, or to `position`.
 *
 * @returns Null if there is no such source.
 */
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
  saveRule(plan, {
    source: slug,
    known,
    wanted: rule,
    position: position ?? known?.position ?? last + 1,
    lines,
    fetchable: fetchables(source),
  });
  return plan.mistakes.length > 0 ? { ...plan, writes: [] } : plan;
}

/**
 * Removes one rule. Its versions stay stored, because calls refer to them.
 *
 * @returns Null if there is no such rule.
 */
export function planRuleRemoval(stored: StoredConfig, slug: string, name: string): ConfigPlan | null {
  const source = stored.sources.find((one) => one.slug === slug);
  const rule = source?.rules.find((one) => one.name === name);
  if (rule === undefined) return null;
  const plan = emptyPlan();
  removeRule(plan, rule);
  return plan;
}

/** Rules that would lose their line, as `source/rule`. */
export function rulesOnLine(stored: StoredConfig, line: string): string[] {
  return stored.sources.flatMap(({ slug, rules }) =>
    rules.filter(({ definition }) => definition.line === line).map(({ name }) => `${slug}/${name}`),
  );
}

/** Mistakes of remaining rules that would lose a record that they fetch. */
export function lostFetches(rules: readonly StoredRule[], names: readonly string[], path: Path): Mistake[] {
  return rules.flatMap(({ name, definition: { fetch = [] } }) =>
    fetch
      .filter((one) => !names.includes(one))
      .map((one) => ({
        path: [...path, "preset"],
        reason: `the rule ${name} fetches "${one}", which would no longer exist: change the rule first`,
      })),
  );
}

export function planRules(
  plan: ConfigPlan,
  stored: StoredConfig,
  wanted: WantedSource,
  lines: ReadonlySet<string>,
  fetchable: readonly string[] | null,
): void {
  if (wanted.rules === null) return;
  const { slug } = wanted;
  plan.listedInFull.push(slug);
  const known = stored.sources.find((one) => one.slug === slug)?.rules ?? [];
  for (const [index, rule] of wanted.rules.entries()) {
    const before = known.find(({ name }) => name === rule.name);
    saveRule(plan, { source: slug, known: before, wanted: rule, position: index, lines, fetchable });
  }
  const names = new Set(wanted.rules.map(({ name }) => name));
  for (const rule of known) if (!names.has(rule.name)) removeRule(plan, rule);
}

/** A wanted rule in its source. `fetchable`: names that it may fetch; null if they are not checked. */
type RuleSave = {
  readonly source: string;
  readonly known: StoredRule | undefined;
  readonly wanted: WantedRule;
  readonly position: number;
  readonly lines: ReadonlySet<string>;
  readonly fetchable: readonly string[] | null;
};

function saveRule(plan: ConfigPlan, { source, known, wanted, position, lines, fetchable }: RuleSave): void {
  const { name, definition, path } = wanted;
  const unknown = fetchable === null ? [] : unknownFetches(definition.fetch ?? [], fetchable, path);
  plan.mistakes.push(...unknown);
  if (!lines.has(definition.line)) {
    plan.mistakes.push({
      path: [...path, "line"],
      reason: `there is no line "${definition.line}": add it to lines, or correct the name`,
    });
    return;
  }
  const fields = differences(known === undefined ? {} : ruleFields(known.definition), ruleFields(definition));
  const moved = known !== undefined && known.position !== position;
  const full = `${source}/${name}`;
  if (known !== undefined && fields.length === 0) plan.savedAgain.push({ source, name, definition });
  if (known !== undefined && fields.length === 0 && !moved) {
    noteUnchanged(plan, "rule", full);
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

export function removeRule(plan: ConfigPlan, { source, name }: StoredRule): void {
  plan.changes.push({ kind: "remove", what: "rule", name: `${source}/${name}` });
  plan.writes.push({ do: "remove_rule", source, name });
}
