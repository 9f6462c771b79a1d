/** The end of an event that no rule wants, known before its plan. Pure. */
import type { PlannableEvent } from "../events/event.ts";
import type { ReasonCode } from "../reasons.ts";
import { type Condition, evaluateCondition, readsRecord } from "../rules/condition/condition.ts";
import type { MappingContext } from "../rules/context.ts";
import type { SourceRules } from "../rules/source-rules.ts";

/**
 * Whether an event will be ignored, as far as its type and the rules' conditions tell: its end can then be written with it, and it
 * needs no plan. The plan comes to the same; whatever is not plain is left to it.
 *
 * @param contextOf what conditions read; asked for once one has to be evaluated. `null`: it cannot be read
 * @returns the reason it will be ignored for; `null` when it has to be planned
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
    // What will be fetched is not there yet: without it a condition says nothing.
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
