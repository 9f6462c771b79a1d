/**
 * Makes failures inside conditions cheap.
 *
 * In CEL a missing field is a failure. Payloads lack fields in each of a thousand elements, and `||`, `&&` and macros
 * continue after a failure. The library creates an error for each one, with a stack and with an excerpt of the source.
 * Both are unused, and together they are 95 % of its cost.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { isNode } from "./nodes.ts";

/** A node as the library runs it: a macro runs its expansion. The library's types lack this. */
type ExpandedNode = ASTNode & { readonly meta?: { readonly alternate?: unknown; readonly macro?: unknown } };

/**
 * Removes source positions from all nodes of an executed tree, including its macros. Errors of a node without a
 * position have no excerpt. The path of the failed field is derived from the node itself.
 */
export function forgetPlaces(tree: ASTNode): void {
  const seen = new Set<object>();
  const waiting: unknown[] = [tree];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (isNode(next)) {
      const { args, meta }: ExpandedNode = next;
      Object.assign(next, { pos: undefined, start: undefined });
      waiting.push(args, meta?.alternate, meta?.macro);
    } else if (Array.isArray(next) || Object.getPrototypeOf(next) === Object.prototype) {
      waiting.push(...Object.values(next));
    }
  }
}

/**
 * Runs a function without collecting stacks for errors. It is synchronous, so no other code is affected, and the limit
 * is restored.
 */
export function withoutStacks<Value>(run: () => Value): Value {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
