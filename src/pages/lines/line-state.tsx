import type { LineView } from "../../views/lines/line.ts";

/** Reasons of pauses that a person wanted. Any other pause is a problem. */
const wanted: readonly string[] = ["paused_by_person", "all_paused"];

/** State of a line in one word. */
export function LineState({ line, nowMs }: { line: LineView; nowMs: number }) {
  const [tone, word] = stateOf(line, nowMs);
  return <span class={`status ${tone}`}>{word}</span>;
}

function stateOf({ paused, not_before, calls_today, calls_per_day, warnings }: LineView, nowMs: number) {
  if (paused !== null) return [wanted.includes(paused.reason) ? "still" : "warn", "paused"] as const;
  if (not_before !== null && Date.parse(not_before) > nowMs) return ["warn", "holds off"] as const;
  if (calls_today >= calls_per_day) return ["still", "done for today"] as const;
  return warnings.length > 0 ? (["good", "active, see its notes"] as const) : (["good", "active"] as const);
}
