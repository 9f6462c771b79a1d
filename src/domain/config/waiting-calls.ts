/** The waiting calls that a change of the configuration stops: a rule that rings nobody any more rings none of them either. */
import { ringsIn } from "../rules/rings-in.ts";
import type { ConfigWrite } from "./stored.ts";

/** The choices for waiting calls of rules that ring nobody any more. */
export const waitingChoices = ["cancel", "keep"] as const;
export type WaitingChoice = (typeof waitingChoices)[number];

type StopCalls = Extract<ConfigWrite, { do: "stop_calls" }>;

/**
 * The writes that stop waiting calls: of rules that are removed or saved as `off`, `shadow` or `test`, and of sources that are closed. What
 * a rule was before does not count: an earlier change may have kept its calls.
 *
 * @param writes the other writes of the change
 * @param waiting whether those calls are canceled, or only counted
 */
export function callStops(writes: readonly ConfigWrite[], waiting: WaitingChoice): readonly StopCalls[] {
  const closed = new Set(writes.flatMap((write) => (write.do === "disconnect_source" ? [write.source] : [])));
  const stops: StopCalls[] = [...closed].map((source) => {
    return { do: "stop_calls", source, rule: null, modes: null, reason: "source_closed", waiting };
  });
  for (const write of writes) {
    if ((write.do !== "save_rule" && write.do !== "remove_rule") || closed.has(write.source)) continue;
    const { source, name } = write;
    const rings: readonly string[] = write.do === "save_rule" ? ringsIn[write.definition.mode ?? "shadow"] : [];
    const modes = ringsIn.live.filter((mode) => !rings.includes(mode));
    if (modes.length > 0) stops.push({ do: "stop_calls", source, rule: name, modes, reason: "rule_off", waiting });
  }
  return stops;
}
