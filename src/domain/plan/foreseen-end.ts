/** The end of an event that no rule wants, known before its plan. Pure. */
import type { PlannableEvent } from "../events/event.ts";
import type { ReasonCode } from "../reasons.ts";
import { type Condition, evaluateCondition, readsRecord } from "../rules/condition/condition.ts";
import type { MappingContext } from "../rules/context.ts";
import type { SourceRules } from "../rules/source-rules.ts";

/**
 * Foresees that an event will be ignored, by its type and the rules' conditions. Its end is then written with it, and it needs no plan.
 * The plan would give the same end. An event that is not a clear case is left to the plan.
 *
 * @param contextOf makes the conditions' context; called only if a condition is evaluated. `null`: the event cannot be read
 * @returns the reason for ignoring it; `null`: it must be planned
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
    // Its records are not fetched yet, so a condition about them cannot be evaluated.
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
