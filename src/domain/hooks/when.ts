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

export type CompiledWhen = {
  readonly source: string;
  readonly condition: Condition;
  /** A part of the condition without which it cannot hold. Null: none was recognised. */
  readonly required: Required | null;
};

/** A field of `data` that must have a text: `data.rule == "call-me"`, alone or joined to the rest by `&&`. */
type Required = { readonly field: string; readonly text: string };

/**
 * Whether a body cannot match, because a field has another text than the condition requires. A service may have a
 * thousand hooks, and this costs a hundredth of an evaluation.
 */
export function cannotMatch({ required }: CompiledWhen, { data }: HookBody): boolean {
  if (required === null || !Object.hasOwn(data, required.field)) return false;
  const value = data[required.field];
  return typeof value === "string" && value !== required.text;
}

function requiredBy(node: unknown): Required | null {
  if (!isNode(node) || !Array.isArray(node.args)) return null;
  const [one, other]: readonly unknown[] = node.args;
  if (node.op === "&&") return requiredBy(one) ?? requiredBy(other);
  return node.op === "==" ? (equalityOf(one, other) ?? equalityOf(other, one)) : null;
}

function equalityOf(field: unknown, text: unknown): Required | null {
  if (!isNode(field) || field.op !== "." || !Array.isArray(field.args)) return null;
  if (!isNode(text) || text.op !== "value" || typeof text.args !== "string") return null;
  const [of, name]: readonly unknown[] = field.args;
  const isOfData = isNode(of) && of.op === "id" && of.args === "data";
  return isOfData && typeof name === "string" ? { field: name, text: text.args } : null;
}

/** @returns The condition; or its first mistake, with line and column. */
export function compileWhen(
  source: string,
): { readonly ok: true; readonly when: CompiledWhen } | { readonly ok: false; readonly mistake: TextMistake } {
  const made = compileCondition(withStandIn(source), hookLanguage);
  if (made.ok) {
    const required = requiredBy(hookLanguage.checking().parse(withStandIn(source)).ast);
    return { ok: true, when: { source, condition: made.condition, required } };
  }
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
