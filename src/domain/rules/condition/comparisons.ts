/**
 * Comparisons that can never be true as written, reported to the author of a condition. Pure; not used for events.
 *
 * - A number literal with more digits than a double holds. A CRM's id of seventeen digits is stored as text, because a
 *   JSON number would lose its last digits. Such a literal is rejected when the rule is saved.
 * - A field that holds a text compared with a number, or the reverse. Forms send only texts. The type of a field is
 *   known only with an event, so a preview reports this.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import type { MappingContext } from "../context.ts";
import { valuesAt } from "../field-paths.ts";
import { mistakeAt, type TextMistake } from "../mistake.ts";
import type { Condition } from "./condition.ts";
import { checkingEnvironment } from "./environment.ts";
import { firstFieldRead } from "./field-read.ts";
import { isNode } from "./nodes.ts";
import { isField } from "./parts.ts";

const comparing: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">=", "in"]);

/** Decimal digits that every double holds exactly (IEEE 754, binary64). */
const heldDigits = 16;

/** A field and the value that it is compared with. */
type Comparison = { readonly path: string; readonly literal: "text" | "number" };

/** @returns A mistake for each number in a condition that is too long for a double. */
export function longNumbers(source: string): TextMistake[] {
  const mistakes: TextMistake[] = [];
  const negated = new Set<ASTNode>();
  visit(checkingEnvironment().parse(source).ast, (node) => {
    if (node.op === "-_") {
      if (negated.has(node)) negated.delete(node.args);
      else negated.add(node.args);
      return;
    }
    const written = node.op === "value" ? source.slice(node.start, node.end) : "";
    const digits = digitsOfLong(written);
    if (digits === null) return;
    const text = negated.has(node) ? `-${digits}` : digits;
    const reason = `has more digits than a number can hold, but an id may be a text: write "${text}"`;
    mistakes.push(mistakeAt(source, node.start, `${written} ${reason}`));
  });
  return mistakes;
}

/**
 * @returns The decimal digits of an integer literal that a double does not hold: `12345678901234567`, the same with
 *   `u`, as `1.2345678901234567e16` or as `0x2bdc545d6b4b87`. Null for any other literal. `1e20` has one significant
 *   digit and is fine.
 */
function digitsOfLong(written: string): string | null {
  const [, hex] = /^(0x[\da-f]+)u?$/i.exec(written) ?? [];
  if (hex !== undefined) return BigInt(hex) > Number.MAX_SAFE_INTEGER ? BigInt(hex).toString() : null;
  const [, whole = "", fraction = "", exponent = "0"] = /^(\d+)(?:\.(\d*))?(?:e\+?(\d{1,3}))?u?$/i.exec(written) ?? [];
  const tail = fraction.replace(/0+$/, "");
  const zeros = Number(exponent) - tail.length;
  if (whole === "" || zeros < 0) return null;
  const significant = `${whole}${tail}`.replace(/^0+/, "");
  const digits = significant + "0".repeat(zeros);
  const isHeld = Number.isSafeInteger(Number(digits)) || (exponent !== "0" && significant.length < heldDigits);
  return isHeld || digits === "" ? null : digits;
}

/** A field that a rule compares with a literal of another type. */
export type MixedComparison = {
  readonly note: "text_compared" | "number_compared";
  readonly field: string;
  readonly path: string;
};

/** @param conditions A rule's conditions, by field. */
export function mixedComparisons(
  conditions: Readonly<Record<string, Pick<Condition, "source"> | null>>,
  context: MappingContext,
): MixedComparison[] {
  const found = new Map<string, MixedComparison>();
  for (const [field, condition] of Object.entries(conditions)) {
    if (condition === null) continue;
    visit(checkingEnvironment().parse(condition.source).ast, (node) => {
      const comparison = comparisonOf(node);
      if (comparison === null) return;
      const { path, literal } = comparison;
      const other = literal === "number" ? "string" : "number";
      if (!valuesAt(context, path).some((value) => typeof value === other)) return;
      found.set(`${field} ${path}`, { note: literal === "number" ? "text_compared" : "number_compared", field, path });
    });
  }
  return [...found.values()];
}

function comparisonOf(node: ASTNode): Comparison | null {
  if (!comparing.has(node.op) || !Array.isArray(node.args)) return null;
  const [left, right] = [...node.args].filter((arg): arg is ASTNode => isNode(arg));
  if (left === undefined || right === undefined) return null;
  for (const [field, literal] of [
    [left, right],
    [right, left],
  ] as const) {
    const path = isField(field, new Map()) ? firstFieldRead(field, new Map()) : null;
    const kind = literalKind(literal);
    if (path !== null && kind !== null) return { path, literal: kind };
  }
  return null;
}

function literalKind(node: ASTNode): Comparison["literal"] | null {
  if (node.op === "list") {
    const kinds = new Set(node.args.map(literalKind));
    return kinds.size === 1 ? ([...kinds][0] ?? null) : null;
  }
  if (node.op === "-_") return literalKind(node.args) === "number" ? "number" : null;
  if (node.op !== "value") return null;
  if (typeof node.args === "string") return "text";
  // The library represents `5u` as an object with a bigint.
  const value: unknown = node.args?.valueOf();
  return typeof value === "number" || typeof value === "bigint" ? "number" : null;
}

function visit(node: ASTNode, look: (node: ASTNode) => void): void {
  look(node);
  const inner = (args: unknown): void => {
    if (Array.isArray(args)) for (const arg of args) inner(arg);
    else if (isNode(args)) visit(args, look);
  };
  inner(node.args);
}
