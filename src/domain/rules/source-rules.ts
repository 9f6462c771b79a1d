/** A source's rules and identification, compiled once per version of the source. */
import { compileRule, type Rule, type RuleDefinition } from "./rule.ts";

/** Rules that work, and rules that no longer compile because another version of Hookline saved them. */
export type SourceRules = {
  readonly rules: readonly Rule[];
  readonly broken: readonly { readonly name: string; readonly version: number; readonly reason: string }[];
};

/**
 * @param definitions The source's current rules, in order.
 * @param fetchDefault Default `fetch` list for rules that do not set their own.
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
