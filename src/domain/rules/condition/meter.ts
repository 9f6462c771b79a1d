/**
 * The cost of one evaluation, counted and never timed: clocks stand still while a Worker computes.
 *
 * CEL always ends, but `all` within `all` over what a stranger sends is work without bound, and so is comparing large values. The rule:
 * each value that a condition touches, each value that one of its functions or operators makes, and each element that a macro visits is
 * charged by its size. Each piece of a `split` is charged before it is made. Each part that can fail is charged before it runs, whether it
 * succeeds or not (metering.ts), because the sender decides which fields are missing. No clock, no I/O.
 *
 * A unit of weight is meant to be worth a microsecond of work, and never more than ten: `npm run bench -- --work` measures it for each
 * function at its worst known input, and test/domain/rules/work.test.ts holds that each is charged by the size of it.
 */

import { isObject } from "../../json.ts";
import { needleCharactersMax } from "../../limits.ts";
import { parsedJson, valuesWritten } from "../parsed-json.ts";
import { splitBy } from "../search.ts";

/** Elements of one list or map that a macro may visit. */
const conditionListMax = 1_000;

/** Elements that all macros of one evaluation may visit together. */
const conditionIterationsMax = 5_000;

/**
 * Weight of all that one evaluation touches or makes: one per value, and one per key, 8 elements or 256 characters of it. An element of a
 * list that the evaluation makes weighs one: it has to be allocated.
 */
const conditionWeightMax = 100_000;

/** Characters of `duration(…)`, which the library reads by a regular expression that backtracks. */
const conditionDurationCharactersMax = 40;

/** The cost of one evaluation so far. It is the only mutable state here, and belongs to that evaluation alone. */
type ConditionBudget = {
  weight: number;
  readonly weightMax: number;
  /** Whether the budget that it shares with others had less left than one evaluation may take. */
  readonly isRest: boolean;
  iterations: number;
  exceeded: boolean;
};

/** Shared: it says nothing of the value, and a stack trace for each element of a list would be the attack itself. */
const tooMuchWork = new Error("too much work");

/**
 * @param left weight that the caller has left for this evaluation and others
 * @param weight of the parts that the evaluation runs once
 * @returns a budget from which only that was taken. It may be exceeded already.
 */
export function freshBudget(left: number, weight: number): ConditionBudget {
  const weightMax = Math.min(left, conditionWeightMax);
  return { weight, weightMax, isRest: left < conditionWeightMax, iterations: 0, exceeded: weight > weightMax };
}

/**
 * The names by which a metered condition reaches its meter, each a map: `weigh__[data.note]` charges the note and gives it back.
 * Reading a map's key is the one call of the library that does not look into its argument first, which would be work uncharged.
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

/** Whether the budget ended because other evaluations had used it. */
export function othersUsedIt({ weight, weightMax, isRest }: ConditionBudget): boolean {
  return isRest && weight > weightMax;
}

function refuseWork(budget: ConditionBudget): never {
  // Macros swallow errors until their list ends, so the refusal is recorded as well.
  budget.exceeded = true;
  throw tooMuchWork;
}

/** Charges a value, and down its first elements, which is how the library looks for its type. */
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

/** Charges a value that was just made. */
function weighMade(budget: ConditionBudget, value: unknown): unknown {
  if (Array.isArray(value)) charge(budget, value.length);
  return weigh(budget, value);
}

/** Charges the pieces of a text that are about to be made. */
function chargePieces(budget: ConditionBudget, count: unknown): unknown {
  if (budget.exceeded) refuseWork(budget);
  charge(budget, typeof count === "number" ? count : 1);
  return count;
}

/** Gives back what it is asked for: `turn__[3.0][body]` is the body's value. */
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

/** Charges all that a value holds, as comparing it costs. */
function weighDeep(budget: ConditionBudget, value: unknown): unknown {
  if (budget.exceeded) refuseWork(budget);
  charge(budget, 1);
  if (typeof value === "string") charge(budget, value.length >> 8);
  else if (Array.isArray(value)) for (const item of value) weighDeep(budget, item);
  else if (isObject(value)) for (const item of Object.values(value)) weighDeep(budget, item);
  return value;
}

/** Charges what a macro is about to visit. */
function weighLoop(budget: ConditionBudget, value: unknown): unknown {
  if (budget.exceeded) refuseWork(budget);
  const visited = Array.isArray(value) ? value.length : isObject(value) ? Object.keys(value).length : 0;
  budget.iterations += visited;
  charge(budget, visited);
  if (visited > conditionListMax || budget.iterations > conditionIterationsMax) refuseWork(budget);
  return value;
}

/** `parseJson(…)`: JSON within a text. What is no text was read already. A text that is no JSON is a failure of the condition. */
function parse(budget: ConditionBudget, value: unknown): unknown {
  if (budget.exceeded) refuseWork(budget);
  if (typeof value !== "string") return value;
  // A text of one megabyte is read once.
  charge(budget, parsingWeight + (value.length >> 5));
  charge(budget, valuesWritten(value) >> 1);
  return parsedJson(value);
}

/** Weight of parsing a text at all: a failure of the parser is an error, too. */
const parsingWeight = 4;

/**
 * `split` of a condition that runs.
 *
 * @param limit of pieces, the last of which is the rest; `null`: none
 * @param pieces charges each before it is made
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
