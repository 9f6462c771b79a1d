/** The field that a part of a condition reads, for the path in an error. Pure. */
import type { ASTNode } from "@marcbachmann/cel-js";
import { meterNames } from "./meter.ts";

/** Root names of fields in a rule's condition. */
export const roots: ReadonlySet<string> = new Set(["event", "data", "record"]);

const meters: ReadonlySet<string> = new Set(meterNames);

/**
 * @param loopPaths Paths of the elements of each (renamed) loop variable.
 * @param names Renamed loop variables, by their original names.
 * @param rooted Root names of the condition's language.
 * @returns The first field that a node reads: `data.shipping.phone`, `data.items[0].sku`, or `data.items[].sku` for any
 *   element; null for none.
 */
export function firstFieldRead(
  node: ASTNode,
  loopPaths: ReadonlyMap<string, string>,
  names: ReadonlyMap<string, string> = new Map(),
  rooted: ReadonlySet<string> = roots,
): string | null {
  const firstOf = (nodes: readonly ASTNode[]): string | null => {
    for (const one of nodes) {
      const path = read(one);
      if (path !== null) return path;
    }
    return null;
  };
  const read = (node: ASTNode): string | null => {
    switch (node.op) {
      case "id": {
        if (rooted.has(node.args)) return node.args;
        return loopPaths.get(names.get(node.args) ?? node.args) ?? null;
      }
      case ".": {
        const left = read(node.args[0]);
        return left === null ? null : `${left}.${node.args[1]}`;
      }
      case "[]": {
        const [left, key] = node.args;
        if (isMeter(left)) return read(key);
        const before = read(left);
        return before === null ? null : before + keyText(key);
      }
      case "call":
        return firstOf(node.args[1]);
      case "rcall":
        return firstOf([node.args[1], ...node.args[2]]);
      case "list":
        return firstOf(node.args);
      case "map":
        return firstOf(node.args.flat());
      case "value":
        return null;
      case "!_":
      case "-_":
        return read(node.args);
      default:
        return firstOf(node.args.flatMap((arg) => (typeof arg === "string" ? [] : [arg])));
    }
  };
  return read(node);
}

/** Whether a node is a wrapper of the meter, such as `weigh__` or `turn__[2.0]`. */
function isMeter(node: ASTNode): boolean {
  if (node.op === "[]") return isMeter(node.args[0]);
  return node.op === "id" && meters.has(node.args);
}

function keyText(key: ASTNode): string {
  if (key.op === "value" && typeof key.args === "bigint") return `[${key.args}]`;
  if (key.op !== "value" || typeof key.args !== "string") return "[*]";
  return /^[A-Za-z_]\w*$/.test(key.args) ? `.${key.args}` : `[${JSON.stringify(key.args)}]`;
}
