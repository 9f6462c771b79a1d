/** Nodes of the library's syntax tree. */
import type { ASTNode } from "@marcbachmann/cel-js";

/** Each object of the library with an `op` is a node. */
export function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value;
}
