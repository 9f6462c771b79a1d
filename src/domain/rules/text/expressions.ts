/**
 * Converts liquidjs' value tokens to expressions of a text, and checks each name and filter against the allow-lists.
 */
import { type Expression as LiquidExpression, type Token, TypeGuards } from "liquidjs";
import { unknownDirective } from "./date.ts";
import { type Filter, filters, isFilter } from "./filters.ts";
import type { Access, Expression, FilterCall, Operator, Root, Value } from "./program.ts";

/** State of the parser: names defined by `assign` and `for` with their fields, and all fields seen. */
export type Names = { readonly locals: Map<string, string | null>; readonly paths: Set<string> };

/** Ends parsing with the first mistake. It is thrown inside the parser; parse.ts returns it as a value. */
export function rejectSource(token: Token, reason: string, within = 0): never {
  throw Object.assign(new Error(reason), { offset: token.begin + within });
}

/** @returns Whether {@link rejectSource} threw the error. */
export function isMistaken(error: unknown): error is Error & { readonly offset: number } {
  return error instanceof Error && "offset" in error && typeof error.offset === "number";
}

type FilteredValue = Token & { readonly initial: LiquidExpression; readonly filters: readonly FilterToken[] };
type FilterToken = Token & { readonly name: string; readonly args: readonly (Token | readonly unknown[])[] };

/** An expression with its filters. */
export function valueIn(names: Names, token: FilteredValue): Value {
  const initial = treeOf(names, token, token.initial.postfix);
  const calls = token.filters.map((filter) => filterOf(names, filter));
  if (initial.kind === "literal" && calls[0]?.name === "date" && (initial.value === "now" || initial.value === "today"))
    rejectSource(token, "a text cannot read the current time; use event.occurred_at");
  const args = calls.flatMap((call) => call.args);
  // A filter's arguments read fields too: `"Dear " | append: data.name`.
  return { initial, filters: calls, path: [initial, ...args].map(firstFieldOf).find((path) => path !== null) ?? null };
}

/** One value: a literal or a field. */
export function expressionOf(names: Names, token: Token): Expression {
  if (TypeGuards.isQuotedToken(token)) {
    if (/[{}]/.test(token.content) && /\{\{|\}\}|\{%|%\}/.test(token.content))
      rejectSource(token, "a quoted text has template braces, which would be spoken");
    return { kind: "literal", value: token.content };
  }
  if (TypeGuards.isNumberToken(token)) return { kind: "literal", value: token.content };
  if (TypeGuards.isLiteralToken(token)) return literalOf(token.literal);
  if (TypeGuards.isPropertyAccessToken(token)) return accessOf(names, token);
  if (TypeGuards.isRangeToken(token)) return rejectSource(token, "ranges are not supported in texts");
  return rejectSource(token, "this value is not supported in texts");
}

function literalOf(literal: string): Expression {
  if (literal === "empty" || literal === "blank") return { kind: "emptiness", blank: literal === "blank" };
  return { kind: "literal", value: literal === "true" ? true : literal === "false" ? false : null };
}

/** Converts postfix notation to a tree. */
function treeOf(names: Names, whole: Token, postfix: readonly Token[]): Expression {
  const stack: Expression[] = [];
  const take = (token: Token): Expression => stack.pop() ?? rejectSource(token, "a value is missing here");
  for (const token of postfix) {
    if (!TypeGuards.isOperatorToken(token)) stack.push(expressionOf(names, token));
    else if (token.operator === "not") stack.push({ kind: "not", operand: take(token) });
    else {
      const right = take(token);
      stack.push({ kind: "operation", operator: token.operator satisfies Operator, left: take(token), right });
    }
  }
  const [made, ...rest] = stack;
  if (made === undefined) return rejectSource(whole, "a value is missing here");
  if (rest.length > 0) return rejectSource(whole, "an operator is missing between two values");
  return made;
}

function accessOf(
  names: Names,
  token: Token & { readonly variable?: unknown; readonly props: readonly Token[] },
): Access {
  const [first, ...rest] = token.props;
  if (token.variable !== undefined || first === undefined || !TypeGuards.isWordToken(first))
    return rejectSource(token, "a value begins with event, data, record or a name of the text");
  const name = first.getText();
  const keys = rest.map((key) => accessKey(names, key));
  const suffix = keys.map(keyText).join("");
  if (isRoot(name)) {
    const path = name + suffix;
    names.paths.add(path);
    return { kind: "access", root: { field: name }, keys, path };
  }
  const behind = names.locals.get(name);
  if (behind === undefined) return rejectSource(token, `unknown name ${name}; a text may read event, data and record`);
  const path = behind === null ? null : behind + suffix;
  if (path !== null) names.paths.add(path);
  return { kind: "access", root: { local: name }, keys, path };
}

function isRoot(name: string): name is Root {
  return name === "event" || name === "data" || name === "record";
}

function accessKey(names: Names, token: Token): string | number | Access {
  if (TypeGuards.isWordToken(token)) {
    const text = token.getText();
    return text === "" ? rejectSource(token, "a field's name is missing") : text;
  }
  if (TypeGuards.isQuotedToken(token) || TypeGuards.isNumberToken(token)) return token.content;
  if (TypeGuards.isPropertyAccessToken(token)) return accessOf(names, token);
  return rejectSource(token, "a field's name is a text, a number or another field");
}

function keyText(key: string | number | Access): string {
  if (typeof key === "number") return `[${key}]`;
  // A key from another field is not named, because its value would reveal a customer's text.
  if (typeof key !== "string") return "[*]";
  return /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function filterOf(names: Names, token: FilterToken): FilterCall {
  const { name } = token;
  if (!isFilter(name)) return rejectSource(token, `the filter ${name} is not supported in texts`);
  const { least, most }: Filter = filters[name];
  const args = token.args.map((arg) =>
    isToken(arg) ? expressionOf(names, arg) : rejectSource(token, `${name} takes no named arguments`),
  );
  if (args.length < least || args.length > most)
    rejectSource(
      token,
      `${name} takes ${least === most ? most : `${least} to ${most}`} argument${most === 1 ? "" : "s"}`,
    );
  if (name === "date") checkFormat(token, args[0]);
  return { name, args };
}

function checkFormat(token: FilterToken, format: Expression | undefined): void {
  const written = format?.kind === "literal" && typeof format.value === "string" ? format.value : null;
  const unknown = written === null ? null : unknownDirective(written);
  if (written === null) rejectSource(token, 'date needs its format written out: date: "%B %-d"');
  if (unknown !== null) rejectSource(token, `date does not know ${unknown}`);
}

function isToken(arg: Token | readonly unknown[]): arg is Token {
  return !Array.isArray(arg);
}

/** The first field that an expression reads. */
function firstFieldOf(expression: Expression): string | null {
  switch (expression.kind) {
    case "access":
      return expression.path;
    case "operation":
      return firstFieldOf(expression.left) ?? firstFieldOf(expression.right);
    case "not":
      return firstFieldOf(expression.operand);
    default:
      return null;
  }
}
