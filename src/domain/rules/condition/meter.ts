/**
 * The cost of one evaluation. It is counted and not timed, because a Worker's clock stands still while it computes.
 *
 * CEL always terminates, but `all` inside `all` over a stranger's payload is unbounded work, and so is comparing large
 * values.
 *
 * Rule: work is charged before it is done.
 * - Each value that a condition reads, or that a function or operator creates, is charged by its size. So is each
 *   element that a macro visits.
 * - Each piece of a `split` is charged before it is created.
 * - Each part that can fail is charged before it runs, whether it fails or not (metering.ts), because the sender
 *   decides which fields are missing.
 *
 * A unit of weight is meant to cost a microsecond, and never more than ten. `npm run bench -- --work` measures it for
 * each function at its worst known input, and test/domain/rules/work.test.ts checks that each is charged by the size of
 * its input.
 */

import { isObject } from "../../json.ts";
import { needleCharactersMax } from "../../limits.ts";
import { parsedJson, valuesWritten } from "../parsed-json.ts";
import { splitBy } from "../search.ts";

/** Elements of one list or map that a macro may visit. */
const conditionListMax = 1_000;

/** Elements that all macros of one evaluation may visit in total. */
const conditionIterationsMax = 5_000;

/**
 * Weight of one evaluation: one per value, plus one per key, per 8 elements and per 256 characters. An element of a
 * list that the evaluation creates weighs one, because it is allocated.
 */
const conditionWeightMax = 100_000;

/** Characters of `duration(…)`. The library parses it with a regular expression that backtracks. */
const conditionDurationCharactersMax = 40;

/** Cost of one evaluation so far. It is the only mutable state here and belongs to that evaluation. */
type ConditionBudget = {
  weight: number;
  readonly weightMax: number;
  /** Whether a shared budget had less left than one evaluation may use. */
  readonly isRest: boolean;
  iterations: number;
  exceeded: boolean;
};

/** One shared error: it contains nothing of the value, and a stack trace per element would itself be costly. */
const tooMuchWork = new Error("too much work");

/**
 * @param left Weight that the caller has left for this evaluation and others.
 * @param weight Weight of the parts that the evaluation runs once.
 * @returns A budget with that weight already charged. It may be exceeded at once.
 */
export function freshBudget(left: number, weight: number): ConditionBudget {
  const weightMax = Math.min(left, conditionWeightMax);
  return { weight, weightMax, isRest: left < conditionWeightMax, iterations: 0, exceeded: weight > weightMax };
}

/**
 * Names of the maps through which a metered condition reaches its meter. `weigh__[data.note]` charges the note and
 * returns it.
 *
 * They are maps because reading a key is the only operation of the library that does not inspect its argument first.
 * Inspection would be work that nobody charged.
 */
export const meterNames = [
  "weigh__",
  "deep__",
  "made__",
  "loop__",
  "turn__",
  "needle__",
  "pieces__",
  "duration__",
  "parse__",
] as const;
export type MeterName = (typeof meterNames)[number];

/** The meter's maps for one evaluation. */
export function meterOf(budget: ConditionBudget): Record<MeterName, ReadonlyMap<unknown, unknown>> {
  return {
    weigh__: asMap((value) => weigh(budget, value)),
    deep__: asMap((value) => weighDeep(budget, value)),
    made__: asMap((value) => weighMade(budget, value)),
    loop__: asMap((value) => weighLoop(budget, value)),
    turn__: asMap((parts) => chargeTurn(budget, parts)),
    needle__: asMap((value) => shorter(budget, value, needleCharactersMax)),
    pieces__: asMap((count) => chargePieces(budget, count)),
    parse__: asMap((value) => parse(budget, value)),
    duration__: asMap((value) => chargeDuration(budget, value)),
  };
}

function asMap(get: (value: unknown) => unknown): ReadonlyMap<unknown, unknown> {
  return Object.assign(new Map<unknown, unknown>(), { get });
}

function charge(budget: ConditionBudget, weight: number): void {
  budget.weight += weight;
  if (budget.weight > budget.weightMax) refuseWork(budget);
}

/** Whether the budget ended because other evaluations had used it up. */
export function othersUsedIt({ weight, weightMax, isRest }: ConditionBudget): boolean {
  return isRest && weight > weightMax;
}

function refuseWork(budget: ConditionBudget): never {
  // Macros swallow errors until their list ends, so the refusal is recorded as well.
  budget.exceeded = true;
  throw tooMuchWork;
}

/** Charges a value and its first elements, which the library inspects to find its type. */
function weigh(budget: ConditionBudget, value: unknown): unknown {
  if (budget.exceeded) refuseWork(budget);
  let looked = value;
  for (;;) {
    if (typeof looked === "string") charge(budget, 1 + (looked.length >> 8));
    else if (Array.isArray(looked)) charge(budget, 1 + (looked.length >> 3));
    else if (!isObject(looked)) charge(budget, 1);
    else {
      const keys = Object.keys(looked);
      charge(budget, 1 + keys.length);
      looked = keys[0] === undefined ? undefined : looked[keys[0]];
      continue;
    }
    if (!Array.isArray(looked)) return value;
    looked = looked[0];
  }
}

/** Charges a new value. */
function weighMade(budget: ConditionBudget, value: unknown): unknown {
  if (Array.isArray(value)) charge(budget, value.length);
  return weigh(budget, value);
}

/** Charges the pieces of a text before they are created. */
function chargePieces(budget: ConditionBudget, count: unknown): unknown {
  if (budget.exceeded) refuseWork(budget);
  charge(budget, typeof count === "number" ? count : 1);
  return count;
}

/** Returns its key: `turn__[3.0][body]` is the value of the body. */
const asItIs = asMap((value) => value);

/** Charges the parts of a macro's body before they run for one element. */
function chargeTurn(budget: ConditionBudget, parts: unknown): unknown {
  if (budget.exceeded) refuseWork(budget);
  charge(budget, typeof parts === "number" ? parts : 1);
  return asItIs;
}

/** The library tries each split of a row of digits. */
function chargeDuration(budget: ConditionBudget, value: unknown): unknown {
  shorter(budget, value, conditionDurationCharactersMax);
  if (typeof value === "string") charge(budget, value.length);
  return value;
}

/** Charges everything inside a value, because comparing it reads all of it. */
function weighDeep(budget: ConditionBudget, value: unknown): unknown {
  if (budget.exceeded) refuseWork(budget);
  charge(budget, 1);
  if (typeof value === "string") charge(budget, value.length >> 8);
  else if (Array.isArray(value)) for (const item of value) weighDeep(budget, item);
  else if (isObject(value)) for (const item of Object.values(value)) weighDeep(budget, item);
  return value;
}

/** Charges the elements that a macro is about to visit. */
function weighLoop(budget: ConditionBudget, value: unknown): unknown {
  if (budget.exceeded) refuseWork(budget);
  const visited = Array.isArray(value) ? value.length : isObject(value) ? Object.keys(value).length : 0;
  budget.iterations += visited;
  charge(budget, visited);
  if (visited > conditionListMax || budget.iterations > conditionIterationsMax) refuseWork(budget);
  return value;
}

/**
 * `parseJson(…)`: JSON inside a text. A value that is no text is returned unchanged. Invalid JSON is a failure of the
 * condition.
 */
function parse(budget: ConditionBudget, value: unknown): unknown {
  if (budget.exceeded) refuseWork(budget);
  if (typeof value !== "string") return value;
  // Each text of a megabyte is parsed once.
  charge(budget, parsingWeight + (value.length >> 5));
  charge(budget, valuesWritten(value) >> 1);
  return parsedJson(value);
}

/** Base weight of parsing a text, because a parse error has a cost too. */
const parsingWeight = 4;

/**
 * `split` at run time.
 *
 * @param limit Maximum number of pieces, the last of which is the rest; null for no limit.
 * @param pieces Charges each piece before it is created.
 */
export function splitCounted(
  text: string,
  separator: string,
  limit: bigint | null,
  pieces: ReadonlyMap<unknown, unknown>,
): string[] {
  if (limit === 0n) return [];
  const max = limit === null || limit < 0n ? Number.POSITIVE_INFINITY : Number(limit);
  return splitBy(text, separator, () => pieces.get(1), max);
}

function shorter(budget: ConditionBudget, value: unknown, charactersMax: number): unknown {
  if (budget.exceeded || (typeof value === "string" && value.length > charactersMax)) refuseWork(budget);
  return value;
}
