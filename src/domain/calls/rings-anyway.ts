/**
 * Warnings about calls that ring because a person releases or repeats them, although their rule or source would no
 * longer make them.
 *
 * | since the call was made                                     | code                |
 * | ----------------------------------------------------------- | ------------------- |
 * | its source was closed                                       | `anyway_closed`     |
 * | its rule was removed, is off, or is in a mode that rings no | `anyway_rule_off`   |
 * | such calls: `shadow`, or `test` for a live call             |                     |
 * | its rule was turned on again, or the source reopened        | none                |
 *
 * A direct call has no rule. These are warnings only: the person sees them before and after the decision.
 */
import { explain, type ReasonCode } from "../reasons.ts";
import { ringsIn } from "../rules/rings-in.ts";
import type { RuleMode } from "../rules/rule.ts";

/** Present rule and source of a call. `ruleMode`: null if the rule was removed. */
export type Maker = { readonly ruleMode: RuleMode | null; readonly closed: boolean };

/** A call and its maker; null for a direct call, and for a call that no person can release. */
export type MadeCall = {
  readonly source: string;
  readonly rule: string;
  readonly mode: string;
  readonly maker: Maker | null;
};

export type Anyway = { readonly reason: ReasonCode; readonly sentence: string };

/** @returns The warning for a person who releases the call; null if its rule and source would still make it. */
export function ringsAnyway({ source, rule, mode, maker }: MadeCall): Anyway | null {
  if (maker === null) return null;
  const say = (reason: ReasonCode, fact: string) => ({ reason, sentence: `${fact} ${explain(reason)}` });
  if (maker.closed) return say("anyway_closed", `The source "${source}" is closed.`);
  const { ruleMode } = maker;
  if (ruleMode === null) return say("anyway_rule_off", `The rule "${rule}" was removed.`);
  const rings: readonly string[] = ringsIn[ruleMode];
  if (rings.includes(mode)) return null;
  return say("anyway_rule_off", `The rule "${rule}" is ${ruleMode === "off" ? "off" : `in ${ruleMode} mode`}.`);
}
