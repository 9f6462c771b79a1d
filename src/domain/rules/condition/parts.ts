/** Explains a condition to people: the fields that it reads, and the part that is false. Pure; not used for events. */
import { type ASTNode, serialize } from "@marcbachmann/cel-js";
import type { MappingContext } from "../context.ts";
import { type Condition, compileCondition, evaluateCondition } from "./condition.ts";
import { checkingEnvironment } from "./environment.ts";
import { firstFieldRead, roots } from "./field-read.ts";
import { operands } from "./metering.ts";
import { isNode } from "./nodes.ts";
import { conditionMacros } from "./vocabulary.ts";

/** One of several conditions that must all be true, with the fields that it reads. */
type ConditionPart = { readonly condition: Condition; readonly paths: readonly string[] };

/** Result of a condition. `part`: the first part that is not true; `paths`: the fields read up to it. */
export type ConditionVerdict = {
  readonly result: "true" | "false" | "failed";
  readonly part: string | null;
  /** Set for a failure. */
  readonly path: string | null;
  readonly detail: string | null;
  readonly paths: readonly string[];
};

/** @returns Fields that a condition may read, in source order: `data.total`, `data.items[].sku`. */
export function conditionPaths({ source }: Pick<Condition, "source">): string[] {
  const paths = new Set<string>();
  collectPaths(checkingEnvironment().parse(source).ast, new Map(), paths);
  return [...paths];
}

/** @returns A condition's parts: the operands of its outermost `&&`, or the whole condition. */
export function partsOf(condition: Condition): ConditionPart[] {
  const parts: ConditionPart[] = [];
  for (const node of operands(checkingEnvironment().parse(condition.source).ast, "&&")) {
    const made = compileCondition(serialize(node));
    if (!made.ok) return [{ condition, paths: conditionPaths(condition) }];
    const paths = new Set<string>();
    collectPaths(node, new Map(), paths);
    parts.push({ condition: made.condition, paths: [...paths] });
  }
  return parts;
}

/** Decides as the plan does, and names the deciding part. */
export function explainCondition(condition: Condition, context: MappingContext): ConditionVerdict {
  const whole = evaluateCondition(condition, context);
  const failure = whole.ok ? { path: null, detail: null } : { path: whole.path, detail: whole.detail };
  const result = whole.ok ? (whole.value ? "true" : "false") : "failed";
  const read: string[] = [];
  for (const { condition: part, paths } of partsOf(condition)) {
    read.push(...paths);
    if (result === "true") continue;
    const answer = evaluateCondition(part, context);
    // If another part is false, a failing part does not decide.
    if (result === "failed" ? !answer.ok : answer.ok && !answer.value)
      return { result, part: part.source, ...failure, paths: [...new Set(read)] };
  }
  return { result, part: result === "true" ? null : condition.source, ...failure, paths: [...new Set(read)] };
}

/** @param loops Paths of the elements of each loop variable. */
function collectPaths(node: ASTNode, loops: ReadonlyMap<string, string>, paths: Set<string>): void {
  if (isField(node, loops)) {
    const path = firstFieldRead(node, loops);
    if (path !== null) paths.add(path);
    for (const key of bracketKeys(node)) collectPaths(key, loops, paths);
    return;
  }
  if (node.op === "rcall" && conditionMacros.includes(node.args[0])) {
    const [, receiver, [variable, ...bodies]] = node.args;
    collectPaths(receiver, loops, paths);
    const inner = new Map(loops);
    if (variable?.op === "id") inner.set(variable.args, `${firstFieldRead(receiver, loops) ?? ""}[]`);
    for (const body of bodies) collectPaths(body, inner, paths);
    return;
  }
  for (const child of children(node.args)) collectPaths(child, loops, paths);
}

/** Whether a node is a field, or the name of a loop variable. */
export function isField(node: ASTNode, loops: ReadonlyMap<string, string>): boolean {
  if (node.op === "id") return roots.has(node.args) || loops.has(node.args);
  return (node.op === "." || node.op === "[]") && isField(node.args[0], loops);
}

/** The bracketed keys on the way to a field. */
function bracketKeys(node: ASTNode): ASTNode[] {
  if (node.op === "[]") return [...bracketKeys(node.args[0]), node.args[1]];
  return node.op === "." ? bracketKeys(node.args[0]) : [];
}

function children(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(children);
  return isNode(args) ? [args] : [];
}
