/**
 * The waiting calls that a change of the configuration stops: a rule that rings nobody any more rings none of them either. The rule is what
 * is wanted, and not that something changes: a rule that is saved as it is stored stops the calls that an earlier change kept.
 */

import { ringsIn } from "../rules/rings-in.ts";
import type { RuleDefinition } from "../rules/rule.ts";
import type { ConfigPlan } from "./change-plan.ts";
import type { ConfigWrite } from "./stored.ts";

/** The choices for waiting calls of rules that ring nobody any more. */
export const waitingChoices = ["cancel", "keep"] as const;
export type WaitingChoice = (typeof waitingChoices)[number];

type StopCalls = Extract<ConfigWrite, { do: "stop_calls" }>;

/**
 * The writes that stop waiting calls: of rules that are removed or saved as `off`, `shadow` or `test`, and of sources that are closed. What
 * a rule was before does not count: an earlier change may have kept its calls.
 *
 * @param plan the other writes of the change, and the rules that it leaves as they are
 * @param waiting whether those calls are canceled, or only counted
 */
export function callStops(
  { writes, savedAgain, listedInFull }: Pick<ConfigPlan, "writes" | "savedAgain" | "listedInFull">,
  waiting: WaitingChoice,
): readonly StopCalls[] {
  const closed = new Set(writes.flatMap((write) => (write.do === "disconnect_source" ? [write.source] : [])));
  const stops: StopCalls[] = [...closed].map((source) => {
    return { do: "stop_calls", source, rule: null, modes: null, reason: "source_closed", waiting };
  });
  for (const write of writes) {
    if ((write.do !== "save_rule" && write.do !== "remove_rule") || closed.has(write.source)) continue;
    const { source, name } = write;
    const modes = stoppedModes(write.do === "save_rule" ? write.definition : null);
    if (modes.length > 0) stops.push({ do: "stop_calls", source, rule: name, modes, reason: "rule_off", waiting });
  }
  for (const { source, name, definition } of savedAgain) {
    const modes = stoppedModes(definition);
    if (modes.length > 0)
      stops.push({ do: "stop_calls", source, rule: name, modes, reason: "rule_off", waiting, since: "saved" });
  }
  for (const source of listedInFull)
    stops.push({ do: "stop_calls", source, rule: null, modes: null, reason: "rule_off", waiting, since: "removed" });
  return stops;
}

/** Modes of calls that a rule rings no more. @param definition `null`: the rule is removed */
function stoppedModes(definition: RuleDefinition | null): readonly string[] {
  const rings: readonly string[] = definition === null ? [] : ringsIn[definition.mode ?? "shadow"];
  return ringsIn.live.filter((mode) => !rings.includes(mode));
}
