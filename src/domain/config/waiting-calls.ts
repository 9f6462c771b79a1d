/** What a change of the configuration means for calls that wait: a rule that rings nobody any more rings none of them either. */
import type { RuleDefinition } from "../rules/rule.ts";
import type { ConfigWrite, StoredConfig } from "./stored.ts";

/** What happens to waiting calls of rules that ring nobody any more. */
export const waitingChoices = ["cancel", "keep"] as const;
export type WaitingChoice = (typeof waitingChoices)[number];

type StopCalls = Extract<ConfigWrite, { do: "stop_calls" }>;

/** Modes in which a rule queues calls, and the modes whose waiting calls it rings no more once it is saved in another mode. */
const modesOf = (definition: RuleDefinition | undefined): readonly string[] => {
  switch (definition?.mode) {
    case "live":
      return ["live", "test"];
    case "test":
      return ["test"];
    default:
      return [];
  }
};

/**
 * The writes that stop waiting calls: of rules that are set to `off`, removed, or set from `live` to `shadow` or `test`, and of sources
 * that are closed.
 *
 * @param writes the other writes of the change
 * @param waiting whether those calls are canceled, or only counted
 */
export function callStops(
  stored: StoredConfig,
  writes: readonly ConfigWrite[],
  waiting: WaitingChoice,
): readonly StopCalls[] {
  const closed = new Set(writes.flatMap((write) => (write.do === "disconnect_source" ? [write.source] : [])));
  const stops: StopCalls[] = [...closed].map((source) => {
    return { do: "stop_calls", source, rule: null, modes: null, reason: "source_closed", waiting };
  });
  for (const write of writes) {
    if ((write.do !== "save_rule" && write.do !== "remove_rule") || closed.has(write.source)) continue;
    const { source, name } = write;
    const known = stored.sources.find(({ slug }) => slug === source)?.rules.find((rule) => rule.name === name);
    const rings = modesOf(write.do === "save_rule" ? write.definition : undefined);
    const modes = modesOf(known?.definition).filter((mode) => !rings.includes(mode));
    if (modes.length > 0) stops.push({ do: "stop_calls", source, rule: name, modes, reason: "rule_off", waiting });
  }
  return stops;
}
