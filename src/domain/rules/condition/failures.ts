/**
 * Failures of a condition's parts, made cheap. A field that is missing is a failure in CEL, payloads lack fields in each of a thousand
 * elements, and `||`, `&&` and macros go on behind it. The library makes an error of each: with a stack, and with an excerpt of the source up
 * to its place. Nobody reads either, and together they are 95 % of its cost.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { isNode } from "./nodes.ts";

/** A node as the library runs it: a macro runs its expansion. Its types do not say so. */
type ExpandedNode = ASTNode & { readonly meta?: { readonly alternate?: unknown; readonly macro?: unknown } };

/**
 * Takes the places in the source from all nodes of a tree that runs, those of its macros included: an error of a node without a place has no
 * excerpt. The path of the field that failed is read from the node itself.
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

/** Runs something without collecting a stack for each error. Nothing else runs meanwhile, and the limit is set back. */
export function withoutStacks<Value>(run: () => Value): Value {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
