/**
 * Rewrites a checked condition into one that counts its own cost, and rejects what conditions may not do.
 *
 * `data.items.exists(i, i.sku == "A")` becomes `loop__[data.items].exists(i__1, turn__[2.0][deep__[i__1.sku] == "A"])`.
 *
 * Refused: every construct that vocabulary.ts does not list. This file is the only one that handles constructs by name,
 * so a newer library cannot add `matches` (a JavaScript regular expression, which backtracks) unnoticed. Pure.
 *
 * A part that fails costs more than one that succeeds, and `||`, `&&` and macros continue after it. Each part that can
 * fail is therefore charged before it runs: those outside macros with the evaluation, those in a macro's body with each
 * turn (`turn__`). Values are charged by their size when they are read and when they are created.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { firstFieldRead } from "./field-read.ts";
import type { MeterName } from "./meter.ts";
import { conditionFunctions, conditionMacros, conditionMethods, conditionOperators } from "./vocabulary.ts";

/** Nesting of macros. */
const conditionMacroNestingMax = 2;

const typeNames = new Set(["bool", "double", "int", "list", "map", "null_type", "string"]);
/** Functions and methods with an implementation of our own (environment.ts). */
const ownFunctions = new Set(["double", "timestamp", "size", "contains", "indexOf", "lastIndexOf"]);
const operators: ReadonlySet<string> = new Set(conditionOperators);
const searching = new Set(["contains", "indexOf", "lastIndexOf", "split"]);
/**
 * Functions, methods and macros that create a text or a list. All others return their argument, a number, a time or a
 * bool.
 */
const making = new Set(["string", "substring", "lowerAscii", "upperAscii", "trim", "map", "filter"]);

/**
 * Characters of a text literal per unit of weight, charged each time its part runs, because a function may read all of
 * it.
 */
const literalShift = 6;

/** A construct that is refused; `start` is its offset. */
type ConditionMistake = { readonly start: number; readonly reason: string };

type MeteredSource = {
  readonly source: string;
  /** Renamed loop variables with the paths of their elements: `data.items[]`. */
  readonly loopPaths: ReadonlyMap<string, string>;
  /** Parts that can fail, outside the bodies of macros. */
  readonly parts: number;
};

/** Names that a condition may read. `named`: the same in words, for a message. */
export type Readable = { readonly roots: ReadonlySet<string>; readonly named: string };

type Writing = {
  readonly text: string;
  readonly readable: Readable;
  readonly loopPaths: Map<string, string>;
  /** Parts that can fail, in the body that is being written. */
  parts: number;
  refusal: ConditionMistake | null;
};
type LoopScope = { readonly names: ReadonlyMap<string, string>; readonly nesting: number; readonly deep: boolean };

/**
 * @param text The condition as written.
 * @param ast Its tree, as the checking environment parsed it.
 * @param readable Names that it may read.
 * @returns The source to run, or the first construct that is refused.
 */
export function meteredSource(
  text: string,
  ast: ASTNode,
  readable: Readable,
): { ok: true; made: MeteredSource } | { ok: false; refusal: ConditionMistake } {
  const writing: Writing = { text, readable, loopPaths: new Map(), parts: 0, refusal: null };
  const source = writeNode(writing, ast, { names: new Map(), nesting: 0, deep: false });
  if (writing.refusal !== null) return { ok: false, refusal: writing.refusal };
  return { ok: true, made: { source, loopPaths: writing.loopPaths, parts: writing.parts } };
}

function refuseNode(writing: Writing, node: ASTNode, reason: string): string {
  writing.refusal ??= { start: node.start, reason };
  return "null";
}

function metered(name: MeterName, inner: string): string {
  return `${name}[${inner}]`;
}

function writeNode(writing: Writing, node: ASTNode, scope: LoopScope): string {
  if (operators.has(node.op)) return writeOperator(writing, node, scope);
  switch (node.op) {
    case "value":
      if (node.args instanceof Uint8Array) return refuseNode(writing, node, "bytes are not supported in conditions");
      if (typeof node.args === "string") writing.parts += node.args.length >> literalShift;
      return writing.text.slice(node.start, node.end);
    case "id":
      if (typeNames.has(node.args) && !scope.names.has(node.args)) return node.args;
      return touched(writing, node, scope);
    case "call":
      return writeCall(writing, node, node.args, scope);
    case "rcall":
      return writeMethod(writing, node, node.args, scope);
    default:
      return refuseNode(writing, node, `${node.op} is not supported in conditions`);
  }
}

function writeOperator(writing: Writing, node: ASTNode, scope: LoopScope): string {
  // A chain of operands is charged for each of its operators.
  if (node.op !== "." && node.op !== "[]" && node.op !== "||" && node.op !== "&&") writing.parts += 1;
  switch (node.op) {
    case ".":
    case "[]":
      return touched(writing, node, scope);
    case "list":
      return written(`[${node.args.map((item) => writeNode(writing, item, scope)).join(", ")}]`, scope);
    case "map":
      return written(
        `{${node.args.map(([key, item]) => `${writeNode(writing, key, scope)}: ${writeNode(writing, item, scope)}`).join(", ")}}`,
        scope,
      );
    case "?:": {
      const [when, yes, no] = node.args;
      return `(${writeNode(writing, when, scope)} ? ${writeNode(writing, yes, scope)} : ${writeNode(writing, no, scope)})`;
    }
    case "||":
    case "&&": {
      const row = operands(node, node.op);
      writing.parts += row.length - 1;
      return `(${row.map((operand) => writeNode(writing, operand, scope)).join(` ${node.op} `)})`;
    }
    case "!_":
      return `(!${writeNode(writing, node.args, scope)})`;
    case "-_":
      return `(-${writeNode(writing, node.args, scope)})`;
    case "==":
    case "!=":
    case "in":
      return binary(writing, node.args, node.op, { ...scope, deep: true });
    case "+":
      return produced(binary(writing, node.args, node.op, scope), scope);
    case "-":
    case "*":
    case "/":
    case "%":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return binary(writing, node.args, node.op, scope);
    default:
      return refuseNode(writing, node, `${node.op} is not supported in conditions`);
  }
}

/** A value that the condition creates. A comparison reads all of it. */
function produced(inner: string, scope: LoopScope): string {
  return metered(scope.deep ? "deep__" : "made__", inner);
}

/** A list or map literal. Its length is limited, because a macro creates it once per element. */
function written(inner: string, scope: LoopScope): string {
  return scope.nesting === 0 ? inner : produced(inner, scope);
}

function binary(writing: Writing, sides: readonly [ASTNode, ASTNode], operator: string, scope: LoopScope): string {
  return `(${writeNode(writing, sides[0], scope)} ${operator} ${writeNode(writing, sides[1], scope)})`;
}

/** `a && b && c` is written as one flat chain, so that a long one does not nest. */
export function operands(node: ASTNode, operator: "&&" | "||"): ASTNode[] {
  const row: ASTNode[] = [];
  let rest = node;
  while (rest.op === operator) {
    row.unshift(rest.args[1]);
    rest = rest.args[0];
  }
  return [rest, ...row];
}

/** A field, an element or a name: the points where a stranger's data enters. */
function touched(writing: Writing, node: ASTNode, scope: LoopScope): string {
  return metered(scope.deep ? "deep__" : "weigh__", chain(writing, node, scope));
}

function chain(writing: Writing, node: ASTNode, scope: LoopScope): string {
  if (node.op === "." || node.op === "[]") writing.parts += 1;
  if (node.op === ".") return `${chain(writing, node.args[0], scope)}.${node.args[1]}`;
  if (node.op === "[]")
    return `${chain(writing, node.args[0], scope)}[${writeNode(writing, node.args[1], { ...scope, deep: true })}]`;
  if (node.op !== "id") return writeNode(writing, node, scope);
  const renamed = scope.names.get(node.args);
  if (renamed !== undefined) return renamed;
  const { roots, named } = writing.readable;
  if (roots.has(node.args)) return node.args;
  return refuseNode(writing, node, `unknown name ${node.args}; a condition may read ${named}`);
}

function writeCall(writing: Writing, node: ASTNode, [name, args]: [string, ASTNode[]], scope: LoopScope): string {
  if (!conditionFunctions.includes(name)) return refuseNode(writing, node, `${name}() is not supported in conditions`);
  writing.parts += 1;
  // has() takes a path and reads no value, so only the steps to it are charged.
  if (name === "has") return `has(${args.map((arg) => chain(writing, arg, scope)).join(", ")})`;
  const given = args.map((arg) => writeNode(writing, arg, scope));
  if (name === "parseJson") return produced(metered("parse__", given.join(", ")), scope);
  if (name === "duration") return `duration(${given.map((arg) => metered("duration__", arg)).join(", ")})`;
  const called = `${name}${ownFunctions.has(name) ? "__" : ""}(${given.join(", ")})`;
  return making.has(name) ? produced(called, scope) : called;
}

function writeMethod(
  writing: Writing,
  node: ASTNode,
  [name, receiver, args]: [string, ASTNode, ASTNode[]],
  scope: LoopScope,
): string {
  if (conditionMacros.includes(name)) return writeMacro(writing, node, [name, receiver, args], scope);
  if (!conditionMethods.includes(name)) return refuseNode(writing, node, `.${name}() is not supported in conditions`);
  writing.parts += 1;
  if (name.startsWith("get") && args.length > 0) return refuseNode(writing, node, `.${name}() takes no time zone here`);
  const given = args.map((arg, index) => {
    const made = writeNode(writing, arg, scope);
    return index === 0 && searching.has(name) ? metered("needle__", made) : made;
  });
  const on = writeNode(writing, receiver, scope);
  if (name === "split") return `${on}.split__(${[...given, "pieces__"].join(", ")})`;
  const called = `${on}.${name}${ownFunctions.has(name) ? "__" : ""}(${given.join(", ")})`;
  return making.has(name) ? produced(called, scope) : called;
}

function writeMacro(
  writing: Writing,
  node: ASTNode,
  [name, receiver, args]: [string, ASTNode, ASTNode[]],
  scope: LoopScope,
): string {
  const [variable, ...bodies] = args;
  if (variable?.op !== "id") return refuseNode(writing, node, `.${name}() needs a name for its element first`);
  const nesting = scope.nesting + 1;
  if (nesting > conditionMacroNestingMax)
    return refuseNode(writing, node, `.${name}() is nested more than ${conditionMacroNestingMax} deep`);
  const { roots } = writing.readable;
  if (roots.has(variable.args)) return refuseNode(writing, variable, `${variable.args} cannot name an element`);
  const renamed = `${variable.args}__${writing.loopPaths.size + 1}`;
  writing.loopPaths.set(renamed, `${firstFieldRead(receiver, writing.loopPaths, scope.names, roots) ?? ""}[]`);
  // Comparing a macro's result reads whole elements that the macro itself may not have read.
  const list =
    scope.deep || receiver.op !== "." ? writeNode(writing, receiver, scope) : chain(writing, receiver, scope);
  const inner = { names: new Map(scope.names).set(variable.args, renamed), nesting, deep: scope.deep };
  const outside = writing.parts + 1;
  writing.parts = 0;
  const [first = "null", ...others] = bodies.map((body) => writeNode(writing, body, inner));
  const turn = `turn__[${writing.parts}.0][${first}]`;
  writing.parts = outside;
  const visiting = `${metered("loop__", list)}.${name}(${[renamed, turn, ...others].join(", ")})`;
  return making.has(name) ? produced(visiting, scope) : visiting;
}
