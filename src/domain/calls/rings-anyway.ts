/**
 * Calls that ring although nothing makes such calls any more, because a person decides so: a release, or a further try.
 *
 * | since the call was made                                     | code                |
 * | ----------------------------------------------------------- | ------------------- |
 * | its source was closed                                       | `anyway_closed`     |
 * | its rule was removed, is off, or is in a mode that rings no | `anyway_rule_off`   |
 * | such calls: `shadow`, or `test` for a live call             |                     |
 * | its rule was turned on again, or the source reopened        | nothing             |
 *
 * A call that was asked for directly has no rule. Nothing is refused here: the person who decides is told before and after.
 */
import { explain, type ReasonCode } from "../reasons.ts";
import { ringsIn } from "../rules/rings-in.ts";
import type { RuleMode } from "../rules/rule.ts";

/** The rule and source of a call as they are now. `ruleMode`: `null` if the rule was removed. */
export type Maker = { readonly ruleMode: RuleMode | null; readonly closed: boolean };

/** A call, with its maker; `null` if it was asked for directly, or is no call that a person lets ring. */
export type MadeCall = {
  readonly source: string;
  readonly rule: string;
  readonly mode: string;
  readonly maker: Maker | null;
};

export type Anyway = { readonly reason: ReasonCode; readonly sentence: string };

/** @returns what a person who lets the call ring has to know of its rule and source; `null` if they make such calls still */
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
