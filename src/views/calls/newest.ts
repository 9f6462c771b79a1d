import { maskNumber, maskText } from "../../domain/people/mask.ts";
import type { DecidedCall } from "../../domain/plan/decision.ts";
import { explain } from "../../domain/reasons.ts";
import { differencesOf, type Newest } from "../../flows/people/render-newest.ts";
import { anywayView } from "./anyway.ts";

/** A held call beside the same call by today's rule: the differences, and the reason if it would not ring. */
export function newestView(call: DecidedCall, newest: Newest, seesAll: boolean) {
  const { about, prompt, promptOverwrite, greeting } = call.shown;
  const shown = {
    ...{ rule_version: call.ruleVersion, mode: call.mode, line: call.line, number: call.number },
    ...{ about, prompt, prompt_overwrite: promptOverwrite, greeting },
  };
  const masked = (field: string, value: unknown): unknown => {
    if (seesAll || typeof value !== "string") return value;
    if (field === "number") return maskNumber(value);
    return ["about", "prompt", "greeting"].includes(field) ? maskText(value) : value;
  };
  const reason = newest.ok ? null : newest.reason;
  const differences = newest.draft === null ? [] : differencesOf(shown, newest.draft);
  return {
    call_id: call.id,
    source: call.source,
    rule: call.rule,
    rule_version: call.ruleVersion,
    newest_version: newest.version,
    would: newest.ok ? "ring" : "stay held",
    reason,
    reason_text: reason === null ? null : explain(reason),
    // Warnings that a release of this call shows as well.
    warnings: anywayView(call),
    differences: differences.map(({ field, from, to }) => ({
      field,
      from: masked(field, from),
      to: masked(field, to),
    })),
  };
}
