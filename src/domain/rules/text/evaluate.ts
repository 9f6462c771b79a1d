/** Evaluates expressions and filters during a rendering. */
import { type FilterName, filters } from "./filters.ts";
import { decodeEntities, decodingCost } from "./html.ts";
import { chargeCharacters, chargeStep, endRender, type Meter } from "./meter.ts";
import { nothingCost, standsForNothing } from "./nothing.ts";
import type { Access, Expression, FilterCall, Operation, Value } from "./program.ts";
import { holdsName } from "./quoting/names.ts";
import type { Rendering, Taking } from "./rendering.ts";
import {
  contains,
  fieldOf,
  isBlank,
  isEmptiness,
  isEqual,
  isLess,
  isNothing,
  isTruthy,
  numericValue,
} from "./values.ts";

/** @param decode Whether HTML entities in fields are decoded. Entities in a filter's input are decoded already. */
function argumentsOf(rendering: Rendering, filter: FilterCall, taking: Taking, decode: boolean): unknown[] {
  return filter.args.map((arg) => {
    const made = takeValue(rendering, arg, taking);
    if (arg.kind === "access" && taking === "prose" && isBlank(made))
      endRender(rendering.meter, "placeholder", `an argument of ${filter.name} is missing or empty`, arg.path);
    return decode && isSent(rendering, arg) ? decoded(rendering, made) : made;
  });
}

/** Evaluates an expression. A value that stands for nothing counts as missing, unless the raw value is requested. */
function takeValue(rendering: Rendering, expression: Expression, taking: Taking): unknown {
  const made = evaluate(rendering, expression);
  return taking !== "raw" && isSent(rendering, expression) ? withoutNothing(rendering, made, pathOf(expression)) : made;
}

/** @returns The value; undefined if it stands for nothing. */
function withoutNothing(rendering: Rendering, value: unknown, path: string | null): unknown {
  if (typeof value !== "string") return value;
  chargeCharacters(rendering.meter, nothingCost(value));
  return standsForNothing(value, rendering.use, path) ? undefined : value;
}

function pathOf(expression: Expression): string | null {
  return expression.kind === "access" ? expression.path : null;
}

/**
 * Whether an expression gives a value as the sender sent it. True for a field, or a local that a loop or `assign` set
 * to a field unchanged. False for a text that `assign` built.
 */
export function isSent(rendering: Rendering, expression: Expression): boolean {
  if (expression.kind !== "access") return false;
  const { root, keys } = expression;
  return "field" in root || keys.length > 0 || rendering.locals.get(root.local)?.made !== true;
}

/**
 * Whether an expression's value contains no words of a stranger: the author wrote it, or it is a number or a bool. The
 * name of a local variable decides nothing, because it may hold the author's words on one path and the customer's on
 * another.
 */
export function isOwn(rendering: Rendering, expression: Expression, value: unknown): boolean {
  if (typeof value === "number" || typeof value === "boolean") return true;
  if (expression.kind !== "access") return true;
  const { root } = expression;
  return !("field" in root) && rendering.locals.get(root.local)?.own === true;
}

/** Whether an expression's field holds names, by its own name or by that of the field behind a local variable. */
export function isNamed({ locals }: Rendering, expression: Expression): boolean {
  if (expression.kind !== "access") return true;
  const { root, keys, path } = expression;
  return "field" in root || keys.length > 0 ? holdsName(path) : locals.get(root.local)?.named === true;
}

/** @returns The value with its HTML entities decoded, if it is a text. */
function decoded(rendering: Rendering, value: unknown): unknown {
  if (typeof value !== "string") return value;
  chargeCharacters(rendering.meter, decodingCost(value));
  return decodeEntities(value);
}

export function evaluate(rendering: Rendering, expression: Expression): unknown {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "emptiness":
      return "";
    case "access":
      return readAccess(rendering, expression);
    case "not":
      chargeStep(rendering.meter);
      return !isTrue(rendering, expression.operand);
    default:
      return operate(rendering, expression);
  }
}

function operate(rendering: Rendering, { operator, left, right }: Operation): boolean {
  const { meter } = rendering;
  chargeStep(meter);
  if (operator === "and") return isTrue(rendering, left) && isTrue(rendering, right);
  if (operator === "or") return isTrue(rendering, left) || isTrue(rendering, right);
  const value = evaluate(rendering, left);
  switch (operator) {
    case "==":
      return left.kind === "emptiness"
        ? equals(rendering, evaluate(rendering, right), left, pathOf(right))
        : equals(rendering, value, right, pathOf(left));
    case "!=":
      return !operate(rendering, { kind: "operation", operator: "==", left, right });
    case "contains":
      return contains(meter, value, evaluate(rendering, right));
    case "<":
      return isLess(meter, value, evaluate(rendering, right));
    case ">":
      return isLess(meter, evaluate(rendering, right), value);
    case "<=": {
      const other = evaluate(rendering, right);
      return isLess(meter, value, other) || isEqualInOrder(meter, value, other);
    }
    default: {
      const other = evaluate(rendering, right);
      return isLess(meter, other, value) || isEqualInOrder(meter, value, other);
    }
  }
}

function isTrue(rendering: Rendering, expression: Expression): boolean {
  return isTruthy(takeValue(rendering, expression, "lenient"));
}

/** The equality in `<=` and `>=`. A missing value is not comparable, not even with another one. */
function isEqualInOrder(meter: Meter, left: unknown, right: unknown): boolean {
  if (isNothing(left) || isNothing(right)) return false;
  return isEqual(meter, left, right) || numericValue(left) === numericValue(right);
}

/** @param path Path of the value's field. */
export function equals(rendering: Rendering, value: unknown, other: Expression, path: string | null): boolean {
  chargeStep(rendering.meter);
  if (other.kind === "emptiness")
    return (
      isEmptiness(rendering.meter, value, other.blank) ||
      (other.blank && withoutNothing(rendering, value, path) === undefined)
    );
  return isEqual(rendering.meter, value, evaluate(rendering, other));
}

function readAccess(rendering: Rendering, { root, keys, path }: Access): unknown {
  chargeStep(rendering.meter);
  if (path !== null) rendering.read.add(path);
  let found: unknown = "field" in root ? rendering.context[root.field] : rendering.locals.get(root.local)?.value;
  for (const key of keys) {
    if (isNothing(found)) return undefined;
    const name = typeof key === "object" ? readAccess(rendering, key) : key;
    found = typeof name === "string" || typeof name === "number" ? fieldOf(rendering.meter, found, name) : undefined;
  }
  return found;
}

/** Filters that only take a part of a value, so the result may stand for nothing too. */
const selecting: ReadonlySet<FilterName> = new Set([
  "strip_html",
  "strip",
  "lstrip",
  "rstrip",
  "squish",
  "first",
  "last",
  "join",
]);

/**
 * Filters that accept undecoded HTML entities. Before all others they are decoded, so that `&eacute;` is not cut or
 * capitalized as text.
 */
const takingEntities: ReadonlySet<FilterName> = new Set([
  "default",
  "parse_json",
  "strip_html",
  "strip",
  "lstrip",
  "rstrip",
  "squish",
  "strip_newlines",
  "replace",
  "replace_first",
  "remove",
  "remove_first",
]);

type Made = {
  readonly value: unknown;
  /** A literal `default` is among the filters. */
  readonly fallback: boolean;
  /** The field had a value, and it stands for nothing. */
  readonly nothing: boolean;
  /** The value, or each text in it, still has its HTML entities. */
  readonly asSent: boolean;
  /** Whether the value contains no words of a stranger. */
  readonly own: boolean;
  /** Whether all words of strangers in the value come from name fields. */
  readonly named: boolean;
};

/**
 * Runs an expression through its filters. In prose and numbers, HTML entities are decoded once: before the first filter
 * that reads letters, or at the end.
 */
export function runValue(rendering: Rendering, value: Value, taking: Taking): Made {
  const { meter } = rendering;
  meter.path = value.path;
  const sent = evaluate(rendering, value.initial);
  let made = taking !== "raw" && isSent(rendering, value.initial) ? withoutNothing(rendering, sent, value.path) : sent;
  let nothing = made === undefined && sent !== undefined;
  let fallback = false;
  let own = isOwn(rendering, value.initial, sent);
  let named = own || isNamed(rendering, value.initial);
  const decodes = taking === "prose" || (taking === "lenient" && rendering.use === "number");
  let encoded = decodes && isSent(rendering, value.initial);
  const stripped = value.filters.findLastIndex(({ name }) => name === "strip_html");
  for (const [index, filter] of value.filters.entries()) {
    chargeStep(meter);
    if (filter.name === "default") {
      const [other] = filter.args;
      if (other !== undefined && (isBlank(made) || made === false || (Array.isArray(made) && made.length === 0))) {
        made = takeValue(rendering, other, taking);
        own = isOwn(rendering, other, made);
        named = own || isNamed(rendering, other);
        encoded = decodes && isSent(rendering, other);
        rendering.notes?.push({ note: "default_used", path: value.path });
      }
      if (other?.kind === "literal") fallback = true;
      continue;
    }
    if (isBlank(made) && !fallback && taking === "prose") endRender(meter, "placeholder", missingDetail(nothing));
    // A missing value stays missing after any filter. (`size` of a missing value is 0.)
    if (isNothing(made) && filter.name !== "size") continue;
    // Entities distinguish text from tags, so they stay until the last `strip_html`.
    if (encoded && typeof made === "string" && index > stripped && !takingEntities.has(filter.name)) {
      made = decoded(rendering, made);
      encoded = false;
    }
    const args = argumentsOf(rendering, filter, taking, decodes && !encoded);
    made = filters[filter.name].apply(meter, made, args);
    own = isOwnResult(rendering, filter, own, args, made);
    named &&= filter.args.every((arg, at) => isOwn(rendering, arg, args[at]) || isNamed(rendering, arg));
    if (selecting.has(filter.name) && !fallback && isSent(rendering, value.initial)) {
      const left = taking === "raw" ? made : withoutNothing(rendering, made, value.path);
      nothing ||= left === undefined && made !== undefined;
      made = left;
    }
  }
  const asSent = encoded && typeof made !== "string";
  return { value: encoded ? decoded(rendering, made) : made, fallback, nothing, asSent, own, named };
}

/**
 * Whether a filter's result contains no words of a stranger. A formatted date consists of Hookline's words and the
 * author's format.
 */
function isOwnResult(
  rendering: Rendering,
  { name, args: expressions }: FilterCall,
  wasOwn: boolean,
  args: readonly unknown[],
  made: unknown,
): boolean {
  if (typeof made === "number" || typeof made === "boolean" || name === "date") return true;
  return wasOwn && expressions.every((expression, at) => isOwn(rendering, expression, args[at]));
}

/** The detail for a missing value. */
export function missingDetail(nothing: boolean): string {
  return nothing
    ? "the value is a placeholder, such as N/A, null or an unfilled {{field}}"
    : "the value is missing or empty";
}
