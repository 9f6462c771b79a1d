/**
 * Conditions: CEL over one event (`when`, `withdraw`).
 *
 * {@link compileCondition} checks and prepares a condition once. {@link evaluateCondition} decides one event: true,
 * false, or an error with the field's path. A missing field is an error, because it says nothing about the sender's
 * intention.
 *
 * Pure: no clock, no I/O, no randomness. The cost of an evaluation is counted (meter.ts). Numbers of a payload are
 * doubles (environment.ts). Errors name types and paths, never values.
 */
import { EvaluationError, ParseError, TypeError as TypingError } from "@marcbachmann/cel-js";
import type { MappingContext, WorkAccount } from "../context.ts";
import { mistakeAt, type TextMistake } from "../mistake.ts";
import { type ConditionLanguage, eventLanguage } from "./environment.ts";
import { forgetPlaces, withoutStacks } from "./failures.ts";
import { firstFieldRead } from "./field-read.ts";
import { freshBudget, meterOf, othersUsedIt } from "./meter.ts";
import { meteredSource } from "./metering.ts";

/** Characters of one condition. */
export const conditionCharactersMax = 4_096;

export type Condition = {
  readonly source: string;
  /** The library's prepared expression. It has loop state only while it runs. */
  readonly run: (variables: Record<string, unknown>) => unknown;
  readonly loopPaths: ReadonlyMap<string, string>;
  /** Parts that can fail and run once: the minimum weight of an evaluation. */
  readonly parts: number;
  /** The field, if the condition is just one. */
  readonly path: string | null;
  /** Names that it may read. */
  readonly roots: ReadonlySet<string>;
};

/**
 * Checks and prepares a condition.
 *
 * @param source CEL that returns a bool.
 * @param language The names that it may read, a rule's by default.
 * @returns The condition, or the first mistake with its position in the source.
 */
export function compileCondition(
  source: string,
  language: ConditionLanguage = eventLanguage,
): { ok: true; condition: Condition } | { ok: false; mistake: TextMistake } {
  const refuse = (offset: number, reason: string) => ({
    ok: false as const,
    mistake: mistakeAt(source, offset, reason),
  });
  if (source.length > conditionCharactersMax)
    return refuse(conditionCharactersMax, `a condition has at most ${conditionCharactersMax} characters`);
  if (source.trim() === "") return refuse(0, "the condition is empty");
  try {
    const parsed = language.checking().parse(source);
    const metered = meteredSource(source, parsed.ast, language);
    if (!metered.ok) return refuse(metered.refusal.start, metered.refusal.reason);
    const checked = parsed.check();
    if (!checked.valid) return refuse(checked.error?.range?.start ?? 0, summaryOf(checked.error));
    if (checked.type !== "bool" && checked.type !== "dyn")
      return refuse(0, `a condition must give true or false, but this gives ${checked.type ?? "something else"}`);
    const run = language.running().parse(metered.made.source);
    // The library resolves types on the first run. This does it before the first event.
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
        path: parsed.ast.op === "." ? firstFieldRead(parsed.ast, new Map(), new Map(), language.roots) : null,
        roots: language.roots,
      },
    };
  } catch (error) {
    if (error instanceof ParseError || error instanceof TypingError)
      return refuse(error.range?.start ?? 0, summaryOf(error));
    // A stack overflow is the source's fault. It is the only failure of the parser without a position.
    if (error instanceof RangeError) return refuse(0, "the condition is nested too deep");
    throw error;
  }
}

function summaryOf(error: { readonly summary: string } | undefined): string {
  const summary = error?.summary ?? "the condition cannot be read";
  return summary.charAt(0).toLowerCase() + summary.slice(1);
}

/** Whether a condition may read fetched records. A condition that only contains the word in a string counts too. */
export function readsRecord({ source }: Pick<Condition, "source">): boolean {
  return /\brecord\b/.test(source);
}

/** The answer of a condition, or the reason for none. */
type ConditionAnswer = { ok: true; value: boolean } | { ok: false; path: string | null; detail: string };

/** Decides one event. */
export function evaluateCondition(condition: Condition, context: MappingContext): ConditionAnswer {
  const { event, data, record, account } = context;
  return evaluateOver(condition, { event, data, record }, account);
}

/**
 * Decides by the values of the condition's names.
 *
 * @param variables Objects without prototype (context.ts).
 * @param account Work budget shared with other evaluations.
 * @returns The answer; or the reason for none, with the path of the field if there is one (`data.shipping.phone`). The
 *   detail names types and paths, never the payload's values.
 */
export function evaluateOver(
  condition: Condition,
  variables: Readonly<Record<string, unknown>>,
  account?: WorkAccount,
): ConditionAnswer {
  const budget = freshBudget(account?.left ?? Number.POSITIVE_INFINITY, condition.parts);
  let value: unknown;
  try {
    if (budget.exceeded) return othersUsedIt(budget) ? tooMuchTogether : tooMuchWork;
    value = withoutStacks(() => condition.run({ ...variables, ...meterOf(budget) }));
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

/** Base cost of an evaluation, charged to the context's account in addition to the work done. */
const evaluationWeight = 10;

const tooMuchWork = { ok: false, path: null, detail: "the condition is too much work for this payload" } as const;

/** Other rules or events had used up the shared budget. This condition itself may be cheap. */
const tooMuchTogether = {
  ok: false,
  path: null,
  detail: "this condition and those before it are too much work for one event",
} as const;

/** Error summaries that contain only types and names. All others may quote a customer's text. */
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
  // The library throws its own errors for everything that CEL defines. Other exceptions are caused by the payload too,
  // for example a text of 2^29 characters.
  if (!(error instanceof EvaluationError))
    return { ok: false, path: null, detail: "the condition cannot be evaluated" };
  const path =
    error.node === undefined ? null : firstFieldRead(error.node, condition.loopPaths, new Map(), condition.roots);
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

/** Forms and many CRMs send numbers as texts. */
function adviceFor({ code, summary }: EvaluationError): string {
  const mixes = code === "no_such_overload" && /string/.test(summary) && /\b(?:int|double)\b/.test(summary);
  return mixes ? "; write number(…) around the text" : "";
}

function resultKind(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : `a ${typeof value === "bigint" ? "number" : typeof value}`;
}
