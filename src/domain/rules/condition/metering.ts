/**
 * Rewrites a checked condition into one that counts its own cost, and refuses what conditions may not do.
 *
 * `data.items.exists(i, i.sku == "A")` becomes, `loop__[data.items].exists(i__1, turn__[2.0][deep__[i__1.sku] == "A"])`. It is the one
 * place that knows every construct by name: what is not listed in vocabulary.ts is refused, so a newer library cannot add `matches`
 * (a regular expression of JavaScript's, which backtracks) behind our back. Pure.
 *
 * A part that fails costs more than one that succeeds, and `||`, `&&` and macros go on behind it. Each part that can fail is therefore charged
 * by its place, before it runs: those outside of macros with the evaluation, those of a macro's body with each turn (`turn__`). Values are
 * charged by their size where they come in and where they are made.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { firstFieldRead, roots } from "./field-read.ts";
import type { MeterName } from "./meter.ts";
import { conditionFunctions, conditionMacros, conditionMethods, conditionOperators } from "./vocabulary.ts";

/** Macros that may stand within one another. */
const conditionMacroNestingMax = 2;

const typeNames = new Set(["bool", "double", "int", "list", "map", "null_type", "string"]);
/** Functions and methods that run by code of our own, see environment.ts. */
const ownFunctions = new Set(["double", "timestamp", "size", "contains", "indexOf", "lastIndexOf"]);
const operators: ReadonlySet<string> = new Set(conditionOperators);
const searching = new Set(["contains", "indexOf", "lastIndexOf", "split"]);
/** Functions, methods and macros that make a text or a list. All others give back their argument, or a number, a time or a truth. */
const making = new Set(["string", "substring", "lowerAscii", "upperAscii", "trim", "map", "filter"]);

/** A text that a condition writes down weighs one per 64 characters, for each time that its part runs: a function may go through all of it. */
const literalShift = 6;

/** Something that a condition may not say; `start` is its offset. */
type ConditionMistake = { readonly start: number; readonly reason: string };

type MeteredSource = {
  readonly source: string;
  /** Each loop variable, as it was renamed, with the path of its elements: `data.items[]`. */
  readonly loopPaths: ReadonlyMap<string, string>;
  /** Parts that can fail, outside of all macros' bodies. */
  readonly parts: number;
};

type Writing = {
  readonly text: string;
  readonly loopPaths: Map<string, string>;
  /** Parts that can fail, in the body that is being written. */
  parts: number;
  refusal: ConditionMistake | null;
};
type LoopScope = { readonly names: ReadonlyMap<string, string>; readonly nesting: number; readonly deep: boolean };

/**
 * @param text the condition as it was written
 * @param ast its tree, as the checking environment parsed it
 * @returns the source to run, or the first thing that is refused
 */
export function meteredSource(
  text: string,
  ast: ASTNode,
): { ok: true; made: MeteredSource } | { ok: false; refusal: ConditionMistake } {
  const writing: Writing = { text, loopPaths: new Map(), parts: 0, refusal: null };
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
  // A row of operands counts each of its operators.
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

/** A value that the condition makes. What compares it looks at all of it. */
function produced(inner: string, scope: LoopScope): string {
  return metered(scope.deep ? "deep__" : "made__", inner);
}

/** A list or map that the condition writes down: its length is limited, and a macro makes it once for each element. */
function written(inner: string, scope: LoopScope): string {
  return scope.nesting === 0 ? inner : produced(inner, scope);
}

function binary(writing: Writing, sides: readonly [ASTNode, ASTNode], operator: string, scope: LoopScope): string {
  return `(${writeNode(writing, sides[0], scope)} ${operator} ${writeNode(writing, sides[1], scope)})`;
}

/** `a && b && c` as one row, so that a long one does not nest. */
export function operands(node: ASTNode, operator: "&&" | "||"): ASTNode[] {
  const row: ASTNode[] = [];
  let rest = node;
  while (rest.op === operator) {
    row.unshift(rest.args[1]);
    rest = rest.args[0];
  }
  return [rest, ...row];
}

/** A field, an element or a name: the places where what a stranger sent comes in. */
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
  if (roots.has(node.args)) return node.args;
  return refuseNode(writing, node, `unknown name ${node.args}; a condition may read event, data and record`);
}

function writeCall(writing: Writing, node: ASTNode, [name, args]: [string, ASTNode[]], scope: LoopScope): string {
  if (!conditionFunctions.includes(name)) return refuseNode(writing, node, `${name}() is not supported in conditions`);
  writing.parts += 1;
  // has() takes a path, not a value: nothing is touched but the way to it.
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
  if (roots.has(variable.args)) return refuseNode(writing, variable, `${variable.args} cannot name an element`);
  const renamed = `${variable.args}__${writing.loopPaths.size + 1}`;
  writing.loopPaths.set(renamed, `${firstFieldRead(receiver, writing.loopPaths, scope.names) ?? ""}[]`);
  // Comparing what a macro gives compares whole elements, which it may not have looked at itself.
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
