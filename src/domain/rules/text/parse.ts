/**
 * Converts Liquid source to the program that render.ts runs, or to the first mistake with its position.
 *
 * liquidjs' tokenizer reads the language, including white space control. This file decides what a text may do, by
 * allow-list: an unknown tag, filter, name or value is a mistake and never silently empty. liquidjs' renderer is not
 * used, because it reads a clock and counts neither iterations nor input.
 */
import { LiquidError, type TagToken, type Token, Tokenizer, TokenKind, TypeGuards } from "liquidjs";
import { expressionOf, isMistaken, type Names, rejectSource, valueIn } from "./expressions.ts";
import type { Branch, Expression, Node, Value } from "./program.ts";

/** Nesting of blocks (`if`, `unless`, `case`, `for`). */
const textNestingMax = 2;

/** Allowed tags, with the tags that continue and close them. */
const textTags: readonly string[] = [
  "if",
  "elsif",
  "else",
  "endif",
  "unless",
  "endunless",
  "case",
  "when",
  "endcase",
  "for",
  "endfor",
  "break",
  "continue",
  "assign",
  "comment",
  "endcomment",
  "#",
];

const braces = ["{{", "}}", "{%", "%}"] as const;
const keptNames = new Set(["event", "data", "record", "forloop", "empty", "blank", "nil", "null", "true", "false"]);

type Reading = { readonly tokens: readonly Token[]; at: number; readonly names: Names };
/** State of the parser: nesting, and whether inside a loop. */
type Place = { readonly depth: number; readonly looping: boolean };

/**
 * @param source The template.
 * @returns Its nodes and the fields that it reads; or offset and reason of the first mistake.
 */
export function parseText(
  source: string,
): { ok: true; nodes: readonly Node[]; paths: readonly string[] } | { ok: false; offset: number; reason: string } {
  try {
    const tokens = new Tokenizer(source).readTopLevelTokens();
    const reading: Reading = { tokens, at: 0, names: { locals: new Map(), paths: new Set() } };
    const { nodes, end } = readNodes(reading, [], { depth: 0, looping: false });
    if (end !== null) rejectSource(end, `unexpected {% ${end.name} %}`);
    return { ok: true, nodes, paths: [...reading.names.paths] };
  } catch (error) {
    if (isMistaken(error)) return { ok: false, offset: error.offset, reason: error.message };
    // A stack overflow is the source's fault. It is the only failure without a position.
    if (error instanceof RangeError) return { ok: false, offset: 0, reason: "the text is nested too deep" };
    if (LiquidError.is(error)) return { ok: false, offset: error.token.begin, reason: plainMessage(error.message) };
    throw error;
  }
}

/** liquidjs appends the position to its messages. Here it is returned as numbers. */
function plainMessage(message: string): string {
  return message.replace(/, line:\d+, col:\d+$/, "");
}

/** Reads nodes up to a tag of `ends`, which it consumes. At the end of the source there is none. */
function readNodes(reading: Reading, ends: readonly string[], place: Place): { nodes: Node[]; end: TagToken | null } {
  const nodes: Node[] = [];
  for (;;) {
    const token = reading.tokens[reading.at];
    if (token === undefined) return { nodes, end: null };
    reading.at += 1;
    if (TypeGuards.isTagToken(token)) {
      if (ends.includes(token.name)) return { nodes, end: token };
      const node = readTag(reading, token, place);
      if (node !== null) nodes.push(node);
    } else if (TypeGuards.isOutputToken(token)) {
      const inner = new Tokenizer(token.input, undefined, undefined, token.contentRange);
      if (token.content === "") rejectSource(token, "{{ }} is empty");
      nodes.push({ kind: "output", value: wholeValue(reading, inner, token) });
    } else if (TypeGuards.isHTMLToken(token)) {
      const text = token.getContent();
      const brace = braces.find((pair) => text.includes(pair));
      if (brace !== undefined)
        rejectSource(token, `${brace} stands alone; would be read out`, text.indexOf(brace) + token.trimLeft);
      if (text !== "") nodes.push({ kind: "literal", text });
    }
  }
}

function readTag(reading: Reading, tag: TagToken, place: Place): Node | null {
  const { depth, looping } = place;
  switch (tag.name) {
    case "if":
    case "unless":
      return readIf(reading, tag, deeper(tag, place));
    case "case":
      return readCase(reading, tag, deeper(tag, place));
    case "for":
      return readFor(reading, tag, { depth: deeper(tag, place).depth, looping: true });
    case "assign":
      return readAssign(reading, tag);
    case "break":
    case "continue":
      if (!looping) rejectSource(tag, `{% ${tag.name} %} stands outside of a loop`);
      wholeTag(tag.tokenizer, tag);
      return { kind: tag.name };
    case "comment":
      return skipComment(reading, tag);
    case "#":
      return null;
    default:
      if (textTags.includes(tag.name)) rejectSource(tag, `unexpected {% ${tag.name} %}${depth === 0 ? "" : " here"}`);
      return rejectSource(tag, `the tag ${tag.name} is not supported in texts`);
  }
}

function deeper(tag: TagToken, place: Place): Place {
  if (place.depth >= textNestingMax) rejectSource(tag, `{% ${tag.name} %} is nested more than ${textNestingMax} deep`);
  return { ...place, depth: place.depth + 1 };
}

function readIf(reading: Reading, tag: TagToken, place: Place): Node {
  const close = `end${tag.name}`;
  const branches: Branch[] = [];
  let head = tag;
  for (;;) {
    const when = wholeValue(reading, head.tokenizer, head);
    const { nodes, end } = readNodes(reading, ["elsif", "else", close], place);
    branches.push({ when, negated: head.name === "unless", body: nodes });
    if (end === null) return notClosed(tag);
    if (end.name === "elsif") {
      head = end;
      continue;
    }
    wholeTag(end.tokenizer, end);
    if (end.name === close) return { kind: "if", branches, otherwise: [] };
    return { kind: "if", branches, otherwise: readLast(reading, tag, close, place) };
  }
}

/** The nodes after `{% else %}`. */
function readLast(reading: Reading, tag: TagToken, close: string, place: Place): readonly Node[] {
  const { nodes, end } = readNodes(reading, [close, "else", "elsif", "when"], place);
  if (end === null) return notClosed(tag);
  if (end.name !== close) rejectSource(end, `{% ${end.name} %} follows {% else %}`);
  wholeTag(end.tokenizer, end);
  return nodes;
}

function readCase(reading: Reading, tag: TagToken, place: Place): Node {
  const subject = wholeValue(reading, tag.tokenizer, tag);
  const before = readNodes(reading, ["when", "else", "endcase"], place);
  const stray = before.nodes.find((node) => node.kind !== "literal" || node.text.trim() !== "");
  if (stray !== undefined) rejectSource(tag, "there is text before the first {% when %}");
  const branches: { values: readonly Expression[]; body: readonly Node[] }[] = [];
  let end = before.end;
  while (end !== null && end.name === "when") {
    const values = readWhen(reading, end);
    const made = readNodes(reading, ["when", "else", "endcase"], place);
    branches.push({ values, body: made.nodes });
    end = made.end;
  }
  if (end === null) return notClosed(tag);
  wholeTag(end.tokenizer, end);
  const otherwise = end.name === "else" ? readLast(reading, tag, "endcase", place) : [];
  return { kind: "case", subject, branches, otherwise };
}

function readWhen(reading: Reading, tag: TagToken): Expression[] {
  const { tokenizer } = tag;
  const values: Expression[] = [];
  for (;;) {
    values.push(expressionOf(reading.names, tokenizer.readValueOrThrow()));
    tokenizer.skipBlank();
    if (tokenizer.end()) return values;
    const comma = tokenizer.peek() === ",";
    if (!comma && tokenizer.readIdentifier().getText() !== "or")
      rejectSource(tag, "separate the values of {% when %} by `,` or `or`");
    if (comma) tokenizer.advance();
  }
}

function readFor(reading: Reading, tag: TagToken, place: Place): Node {
  const { tokenizer } = tag;
  const name = tokenizer.readIdentifier().getText();
  const word = tokenizer.readIdentifier().getText();
  const collection = tokenizer.readValue();
  if (name === "" || word !== "in" || collection === undefined)
    return rejectSource(tag, "write {% for item in data.items %}");
  if (keptNames.has(name)) rejectSource(tag, `${name} cannot name an element`);
  const list = expressionOf(reading.names, collection);
  const path = list.kind === "access" ? list.path : null;
  const { limit, offset, reversed } = readModifiers(reading, tag);

  const outer = reading.names.locals.get(name);
  const outerLoop = reading.names.locals.get("forloop");
  reading.names.locals.set(name, path === null ? null : `${path}[]`).set("forloop", null);
  const { nodes, end } = readNodes(reading, ["else", "endfor"], place);
  restore(reading.names, name, outer);
  restore(reading.names, "forloop", outerLoop);
  if (end === null) return notClosed(tag);
  wholeTag(end.tokenizer, end);
  const otherwise = end.name === "else" ? readLast(reading, tag, "endfor", place) : null;
  return { kind: "for", name, list, path, limit, offset, reversed, body: nodes, otherwise };
}

type Modifiers = { limit: Expression | null; offset: Expression | null; reversed: boolean };

function readModifiers(reading: Reading, tag: TagToken): Modifiers {
  const made: Modifiers = { limit: null, offset: null, reversed: false };
  for (const { name, value } of tag.tokenizer.readHashes(":")) {
    const key = name.getText();
    if (key === "reversed" && value === undefined) made.reversed = true;
    else if ((key === "limit" || key === "offset") && value !== undefined)
      made[key] = expressionOf(reading.names, value);
    else rejectSource(name, `${key} is not supported in {% for %}`);
  }
  wholeTag(tag.tokenizer, tag);
  return made;
}

function restore(names: Names, name: string, before: string | null | undefined): void {
  if (before === undefined) names.locals.delete(name);
  else names.locals.set(name, before);
}

function readAssign(reading: Reading, tag: TagToken): Node {
  const { tokenizer } = tag;
  const name = tokenizer.readIdentifier().getText();
  tokenizer.skipBlank();
  if (name === "" || tokenizer.peek() !== "=") return rejectSource(tag, "write {% assign name = value %}");
  if (keptNames.has(name)) rejectSource(tag, `${name} cannot be assigned`);
  tokenizer.advance();
  const value = wholeValue(reading, tokenizer, tag);
  reading.names.locals.set(name, value.path);
  return { kind: "assign", name, value };
}

function skipComment(reading: Reading, tag: TagToken): null {
  for (;;) {
    const token = reading.tokens[reading.at];
    if (token === undefined) return notClosed(tag);
    reading.at += 1;
    if (token.kind === TokenKind.Tag && TypeGuards.isTagToken(token) && token.name === "endcomment") return null;
  }
}

function wholeValue(reading: Reading, tokenizer: Tokenizer, token: Token): Value {
  const value = valueIn(reading.names, tokenizer.readFilteredValue());
  wholeTag(tokenizer, token);
  return value;
}

function wholeTag(tokenizer: Tokenizer, token: Token): void {
  tokenizer.skipBlank();
  if (!tokenizer.end()) rejectSource(token, `unexpected ${tokenizer.snapshot()}`, tokenizer.p - token.begin);
}

function notClosed(tag: TagToken): never {
  return rejectSource(tag, `{% ${tag.name} %} is not closed`);
}
