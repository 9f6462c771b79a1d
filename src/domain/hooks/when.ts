/**
 * `when` of a hook: CEL over the body as this hook receives it, so that it reveals nothing that is masked. It reads
 * `type`, `timestamp` and `data`.
 *
 * An error counts as no match, and the delivery list shows it. The cost of an evaluation is counted, as for rules
 * (../rules/condition).
 */
import {
  type Condition,
  compileCondition,
  conditionCharactersMax,
  evaluateOver,
} from "../rules/condition/condition.ts";
import { hookLanguage, typeStandIn } from "../rules/condition/environment.ts";
import { isNode } from "../rules/condition/nodes.ts";
import { harmlessCopy, type WorkAccount } from "../rules/context.ts";
import type { TextMistake } from "../rules/mistake.ts";
import type { HookBody } from "./body.ts";

type CompiledWhen = { readonly source: string; readonly condition: Condition };

/** @returns The condition; or its first mistake, with line and column. */
export function compileWhen(
  source: string,
): { readonly ok: true; readonly when: CompiledWhen } | { readonly ok: false; readonly mistake: TextMistake } {
  const made = compileCondition(withStandIn(source), hookLanguage);
  if (made.ok) return { ok: true, when: { source, condition: made.condition } };
  return { ok: false, mistake: { ...made.mistake, reason: asWritten(made.mistake.reason) } };
}

/** `error`: why the condition could not be decided, in words that name types and paths and never a value. */
type WhenAnswer = { readonly matches: boolean; readonly error: string | null };

/** @param account Work shared by the hooks of one run. */
export function evaluateWhen({ condition }: CompiledWhen, body: HookBody, account?: WorkAccount): WhenAnswer {
  const { type, timestamp, data } = body;
  const variables = { [typeStandIn]: type, timestamp, data: harmlessCopy(data) };
  const answer = evaluateOver(condition, variables, account);
  return answer.ok ? { matches: answer.value, error: null } : { matches: false, error: asWritten(answer.detail) };
}

/** The library has a `type` of its own, so the variable gets another name of the same length: positions stay right. */
function withStandIn(source: string): string {
  if (source.length > conditionCharactersMax) return source;
  const starts: number[] = [];
  try {
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) for (const one of value) visit(one);
      else if (isNode(value)) {
        if (value.op === "id" && value.args === "type" && source.startsWith("type", value.start))
          starts.push(value.start);
        visit(value.args);
      }
    };
    visit(hookLanguage.checking().parse(source).ast);
  } catch {
    // The compiler reports the mistake.
    return source;
  }
  return starts
    .sort((one, other) => other - one)
    .reduce((text, at) => text.slice(0, at) + typeStandIn + text.slice(at + typeStandIn.length), source);
}

function asWritten(reason: string): string {
  return reason.replaceAll(typeStandIn, "type");
}
