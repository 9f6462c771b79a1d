/**
 * Conditions: CEL over one event (`when`, `withdraw`).
 *
 * {@link compileCondition} checks and prepares one, for the caller to store. {@link evaluateCondition} decides one event: true, false, or
 * an error with the path of the field, because a field that is missing says nothing about what the sender meant. Pure: no clock,
 * no I/O, no randomness; the cost of an evaluation is counted (meter.ts).
 *
 * A payload's numbers are doubles, see environment.ts. Errors name types and paths, never values.
 */
import { EvaluationError, ParseError, TypeError as TypingError } from "@marcbachmann/cel-js";
import type { MappingContext } from "../context.ts";
import { mistakeAt, type TextMistake } from "../mistake.ts";
import { checkingEnvironment, runningEnvironment } from "./environment.ts";
import { forgetPlaces, withoutStacks } from "./failures.ts";
import { firstFieldRead } from "./field-read.ts";
import { freshBudget, meterOf, othersUsedIt } from "./meter.ts";
import { meteredSource } from "./metering.ts";

/** Characters of one condition. */
const conditionCharactersMax = 4_096;

export type Condition = {
  readonly source: string;
  /** The library's prepared expression. It has loop state only while it runs. */
  readonly run: (variables: Record<string, unknown>) => unknown;
  readonly loopPaths: ReadonlyMap<string, string>;
  /** Parts that can fail and run once: the weight of an evaluation before it has touched anything. */
  readonly parts: number;
  /** The field, where the condition is nothing but one. */
  readonly path: string | null;
};

/**
 * Checks and prepares a condition.
 *
 * @param source CEL that gives a bool
 * @returns the condition, or the first mistake with its place in the source
 */
export function compileCondition(
  source: string,
): { ok: true; condition: Condition } | { ok: false; mistake: TextMistake } {
  const refuse = (offset: number, reason: string) => ({
    ok: false as const,
    mistake: mistakeAt(source, offset, reason),
  });
  if (source.length > conditionCharactersMax)
    return refuse(conditionCharactersMax, `a condition has at most ${conditionCharactersMax} characters`);
  if (source.trim() === "") return refuse(0, "the condition is empty");
  try {
    const parsed = checkingEnvironment().parse(source);
    const metered = meteredSource(source, parsed.ast);
    if (!metered.ok) return refuse(metered.refusal.start, metered.refusal.reason);
    const checked = parsed.check();
    if (!checked.valid) return refuse(checked.error?.range?.start ?? 0, summaryOf(checked.error));
    if (checked.type !== "bool" && checked.type !== "dyn")
      return refuse(0, `a condition gives true or false, and this gives ${checked.type ?? "something else"}`);
    const run = runningEnvironment().parse(metered.made.source);
    // Types are settled now: the first event must not pay for it.
    const settled = run.check();
    if (!settled.valid) return refuse(0, summaryOf(settled.error));
    forgetPlaces(run.ast);
    return {
      ok: true,
      condition: {
        source,
        run,
        loopPaths: metered.made.loopPaths,
        parts: metered.made.parts,
        path: parsed.ast.op === "." ? firstFieldRead(parsed.ast, new Map()) : null,
      },
    };
  } catch (error) {
    if (error instanceof ParseError || error instanceof TypingError)
      return refuse(error.range?.start ?? 0, summaryOf(error));
    // A stack that overflows is the source's fault, and the one failure of the parser without a place.
    if (error instanceof RangeError) return refuse(0, "the condition is nested too deep");
    throw error;
  }
}

function summaryOf(error: { readonly summary: string } | undefined): string {
  const summary = error?.summary ?? "the condition cannot be read";
  return summary.charAt(0).toLowerCase() + summary.slice(1);
}

/** Whether a condition may read what was fetched. One that only quotes the word counts as one that does. */
export function readsRecord({ source }: Pick<Condition, "source">): boolean {
  return /\brecord\b/.test(source);
}

/**
 * Decides one event.
 *
 * @returns the answer; or why there is none, with the path of the field that stands in the way (`data.shipping.phone`), where one
 * does. The detail names types and paths, never the payload's values.
 */
export function evaluateCondition(
  condition: Condition,
  context: MappingContext,
): { ok: true; value: boolean } | { ok: false; path: string | null; detail: string } {
  const { event, data, record, account } = context;
  const budget = freshBudget(account?.left ?? Number.POSITIVE_INFINITY, condition.parts);
  let value: unknown;
  try {
    if (budget.exceeded) return othersUsedIt(budget) ? tooMuchTogether : tooMuchWork;
    value = withoutStacks(() => condition.run({ event, data, record, ...meterOf(budget) }));
  } catch (error) {
    if (budget.exceeded) return othersUsedIt(budget) ? tooMuchTogether : tooMuchWork;
    return failureOf(error, condition);
  } finally {
    if (account !== undefined) account.left -= evaluationWeight + budget.weight;
  }
  if (budget.exceeded) return othersUsedIt(budget) ? tooMuchTogether : tooMuchWork;
  if (typeof value === "boolean") return { ok: true, value };
  return {
    ok: false,
    path: condition.path,
    detail: `the condition gave ${resultKind(value)} instead of true or false`,
  };
}

/** Charged to the account of a context for each evaluation, beside what it touches. */
const evaluationWeight = 10;

const tooMuchWork = { ok: false, path: null, detail: "the condition is too much work for this payload" } as const;

/** The rest of a budget over several rules or events was too small for this condition, which may be a light one. */
const tooMuchTogether = {
  ok: false,
  path: null,
  detail: "this condition and those before it are too much work together",
} as const;

/** Summaries that hold types and names only. All others may quote what a customer wrote. */
const tellsNoValue = new Set([
  "no_such_overload",
  "no_matching_overload",
  "invalid_logical_operand",
  "invalid_condition_type",
  "invalid_comprehension_range",
  "division_by_zero",
  "modulo_by_zero",
  "not_a_number",
  "two_readings",
  "no_decimal_sign",
  "not_a_time",
]);

function failureOf(error: unknown, condition: Condition): { ok: false; path: string | null; detail: string } {
  // The library throws its own errors for all that CEL defines; anything else (a text of 2^29 characters) is the payload's doing too.
  if (!(error instanceof EvaluationError))
    return { ok: false, path: null, detail: "the condition cannot be evaluated" };
  const path = error.node === undefined ? null : firstFieldRead(error.node, condition.loopPaths);
  if (error.code === "no_such_key" || error.code === "index_out_of_bounds")
    return { ok: false, path, detail: path === null ? "a field is missing" : `${path} is missing` };
  const what = tellsNoValue.has(error.code)
    ? summaryOf(error)
        .replaceAll(/dyn<(\w+)>/g, "$1")
        .replace(/(split__\(.*), map(?:<dyn, dyn>)?\)/, "$1)")
        .replaceAll("__(", "(") + adviceFor(error)
    : error.code.replaceAll("_", " ");
  return { ok: false, path, detail: path === null ? what : `${path}: ${what}` };
}

/** A form, and many a CRM, writes numbers as texts. */
function adviceFor({ code, summary }: EvaluationError): string {
  const mixes = code === "no_such_overload" && /string/.test(summary) && /\b(?:int|double)\b/.test(summary);
  return mixes ? "; write number(…) around the text" : "";
}

function resultKind(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : `a ${typeof value === "bigint" ? "number" : typeof value}`;
}
