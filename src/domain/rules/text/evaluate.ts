/** Evaluates the expressions of a text over one rendering. */
import { chargeStep, endRender, type Meter } from "./meter.ts";
import type { Access, Expression, FilterCall, Operation } from "./program.ts";
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

export function argumentsOf(rendering: Rendering, filter: FilterCall, taking: Taking): unknown[] {
  return filter.args.map((arg) => {
    const made = evaluate(rendering, arg);
    if (arg.kind === "access" && taking === "prose" && isBlank(made))
      endRender(rendering.meter, "placeholder", `an argument of ${filter.name} is missing or empty`, arg.path);
    return made;
  });
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
      return !isTruthy(evaluate(rendering, expression.operand));
    default:
      return operate(rendering, expression);
  }
}

function operate(rendering: Rendering, { operator, left, right }: Operation): boolean {
  const { meter } = rendering;
  chargeStep(meter);
  const value = evaluate(rendering, left);
  switch (operator) {
    case "and":
      return isTruthy(value) && isTruthy(evaluate(rendering, right));
    case "or":
      return isTruthy(value) || isTruthy(evaluate(rendering, right));
    case "==":
      return left.kind === "emptiness"
        ? equals(rendering, evaluate(rendering, right), left)
        : equals(rendering, value, right);
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

/** The equal half of `<=` and `>=`: nothing is not comparable, not even with nothing. */
function isEqualInOrder(meter: Meter, left: unknown, right: unknown): boolean {
  if (isNothing(left) || isNothing(right)) return false;
  return isEqual(meter, left, right) || numericValue(left) === numericValue(right);
}

export function equals(rendering: Rendering, value: unknown, other: Expression): boolean {
  chargeStep(rendering.meter);
  if (other.kind === "emptiness") return isEmptiness(rendering.meter, value, other.blank);
  return isEqual(rendering.meter, value, evaluate(rendering, other));
}

function readAccess(rendering: Rendering, { root, keys, path }: Access): unknown {
  chargeStep(rendering.meter);
  if (path !== null) rendering.read.add(path);
  let found: unknown = "field" in root ? rendering.context[root.field] : rendering.locals.get(root.local);
  for (const key of keys) {
    if (isNothing(found)) return undefined;
    const name = typeof key === "object" ? readAccess(rendering, key) : key;
    found = typeof name === "string" || typeof name === "number" ? fieldOf(rendering.meter, found, name) : undefined;
  }
  return found;
}
