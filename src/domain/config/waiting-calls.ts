/**
 * Queued calls that a configuration change stops: a rule that no longer rings anybody must not ring through its queued
 * calls.
 *
 * The wanted rule decides, whether it changes or not. A rule that is saved unchanged also stops calls that an earlier
 * change kept.
 */

import { ringsIn } from "../rules/rings-in.ts";
import type { RuleDefinition } from "../rules/rule.ts";
import type { ConfigPlan } from "./change-plan.ts";
import type { ConfigWrite } from "./stored.ts";

/** Choices for queued calls of rules that no longer ring anybody. */
export const waitingChoices = ["cancel", "keep"] as const;
export type WaitingChoice = (typeof waitingChoices)[number];

type StopCalls = Extract<ConfigWrite, { do: "stop_calls" }>;

/**
 * Plans the writes that stop queued calls: for rules that are removed or saved as `off`, `shadow` or `test`, and for
 * closed sources. The former version of a rule does not matter, because an earlier change may have kept its calls.
 *
 * @param plan The other writes of the change, and the rules that it leaves unchanged.
 * @param waiting Whether the calls are canceled, or only counted.
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

/**
 * @param definition Null for a removed rule.
 * @returns Modes of calls that the rule no longer rings.
 */
function stoppedModes(definition: RuleDefinition | null): readonly string[] {
  const rings: readonly string[] = definition === null ? [] : ringsIn[definition.mode ?? "shadow"];
  return ringsIn.live.filter((mode) => !rings.includes(mode));
}
