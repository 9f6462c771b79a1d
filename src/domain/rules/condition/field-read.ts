/** The field that a part of a condition reads, for the path in an error. Pure. */
import type { ASTNode } from "@marcbachmann/cel-js";
import { meterNames } from "./meter.ts";

/** Root names of fields in a condition. */
export const roots: ReadonlySet<string> = new Set(["event", "data", "record"]);

const meters: ReadonlySet<string> = new Set(meterNames);

/**
 * @param loopPaths Paths of the elements of each (renamed) loop variable.
 * @param names Renamed loop variables, by their original names.
 * @returns The first field that a node reads: `data.shipping.phone`, `data.items[0].sku`, or `data.items[].sku` for any
 *   element; null for none.
 */
export function firstFieldRead(
  node: ASTNode,
  loopPaths: ReadonlyMap<string, string>,
  names: ReadonlyMap<string, string> = new Map(),
): string | null {
  switch (node.op) {
    case "id": {
      if (roots.has(node.args)) return node.args;
      return loopPaths.get(names.get(node.args) ?? node.args) ?? null;
    }
    case ".": {
      const left = firstFieldRead(node.args[0], loopPaths, names);
      return left === null ? null : `${left}.${node.args[1]}`;
    }
    case "[]": {
      const [left, key] = node.args;
      if (isMeter(left)) return firstFieldRead(key, loopPaths, names);
      const before = firstFieldRead(left, loopPaths, names);
      return before === null ? null : before + keyText(key);
    }
    case "call":
      return firstPath(node.args[1], loopPaths, names);
    case "rcall":
      return firstPath([node.args[1], ...node.args[2]], loopPaths, names);
    case "list":
      return firstPath(node.args, loopPaths, names);
    case "map":
      return firstPath(node.args.flat(), loopPaths, names);
    case "value":
      return null;
    case "!_":
    case "-_":
      return firstFieldRead(node.args, loopPaths, names);
    default:
      return firstPath(
        node.args.flatMap((arg) => (typeof arg === "string" ? [] : [arg])),
        loopPaths,
        names,
      );
  }
}

/** Whether a node is a wrapper of the meter, such as `weigh__` or `turn__[2.0]`. */
function isMeter(node: ASTNode): boolean {
  if (node.op === "[]") return isMeter(node.args[0]);
  return node.op === "id" && meters.has(node.args);
}

function firstPath(
  nodes: readonly ASTNode[],
  loopPaths: ReadonlyMap<string, string>,
  names: ReadonlyMap<string, string>,
): string | null {
  for (const node of nodes) {
    const path = firstFieldRead(node, loopPaths, names);
    if (path !== null) return path;
  }
  return null;
}

function keyText(key: ASTNode): string {
  if (key.op === "value" && typeof key.args === "bigint") return `[${key.args}]`;
  if (key.op !== "value" || typeof key.args !== "string") return "[*]";
  return /^[A-Za-z_]\w*$/.test(key.args) ? `.${key.args}` : `[${JSON.stringify(key.args)}]`;
}
