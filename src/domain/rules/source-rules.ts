/** A source's copy made ready for the plan: its rules and identification compiled once for a version of it. */
import { compileRule, type Rule, type RuleDefinition } from "./rule.ts";

/** Rules that can decide, and those that no longer compile (saved by another version of Hookline). */
export type SourceRules = {
  readonly rules: readonly Rule[];
  readonly broken: readonly { readonly name: string; readonly version: number; readonly reason: string }[];
};

/**
 * @param definitions the source's current rules, in order
 * @param fetchDefault what the source's rules have fetched that say nothing of it
 */
export function compileRules(
  definitions: readonly { name: string; version: number; definition: RuleDefinition }[],
  fetchDefault: readonly string[] | null = null,
): SourceRules {
  const rules: Rule[] = [];
  const broken: { name: string; version: number; reason: string }[] = [];
  for (const { name, version, definition } of definitions) {
    const made = compileRule(name, version, definition, fetchDefault ?? []);
    if (made.ok) rules.push(made.rule);
    else
      broken.push({
        name,
        version,
        reason: made.mistakes.map(({ path, reason }) => `${path.join(".")}: ${reason}`).join("; "),
      });
  }
  return { rules, broken };
}
