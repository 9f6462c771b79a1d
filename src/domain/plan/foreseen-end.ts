/** The end of an event that no rule matches, known before its plan. Pure. */
import type { PlannableEvent } from "../events/event.ts";
import type { ReasonCode } from "../reasons.ts";
import { type Condition, evaluateCondition, readsRecord } from "../rules/condition/condition.ts";
import type { MappingContext } from "../rules/context.ts";
import type { SourceRules } from "../rules/source-rules.ts";

/**
 * Determines whether an event will be ignored, by its type and the rules' conditions. The reason is then stored with
 * the event, and no plan is needed. A plan would have the same result. Unclear cases are left to the plan.
 *
 * @param contextOf Creates the conditions' context. Called only if a condition is evaluated. Null: the event cannot be
 *   read.
 * @returns The reason for ignoring it; null if it must be planned.
 */
export function foreseenEnd(
  { rules, broken }: SourceRules,
  event: Pick<PlannableEvent, "type" | "record">,
  contextOf: () => MappingContext | null,
): ReasonCode | null {
  if (broken.length > 0) return null;
  let context: MappingContext | null = null;
  const isFalse = (condition: Condition): boolean => {
    context ??= contextOf();
    const answer = context === null ? null : evaluateCondition(condition, context);
    return answer?.ok === true && !answer.value;
  };
  for (const rule of rules) {
    if (rule.mode === "off") continue;
    const asked = rule.on === null || rule.on.includes(event.type);
    // Records are not fetched yet, so conditions about them cannot be evaluated.
    const later = asked && rule.fetch.length > 0;
    if (rule.withdraw !== null && event.record !== null) {
      if (later && readsRecord(rule.withdraw)) return null;
      if (!isFalse(rule.withdraw)) return null;
    }
    if (!asked) continue;
    if (rule.when === null || !(later ? rule.early.some(isFalse) : isFalse(rule.when))) return null;
  }
  return rules.length === 0 ? "no_rules" : "no_rule_matched";
}
