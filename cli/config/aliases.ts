// Anchors and aliases of hookline.yaml: what they would expand to is counted before anything is expanded.
import { CST, type Document, isAlias, isMap, isPair, isScalar, isSeq, Lexer } from "yaml";

/** Size of a file whose aliases are all written out, in characters of its values and one for each value. The API takes 256 KiB. */
const expandedSizeMax = 1_000_000;

/** Nesting of a file. A rule's deepest field is some ten levels down. */
const nestingMax = 100;

/** Characters of a file. */
export const textCharactersMax = expandedSizeMax;

/** Mistakes that are named. */
const mistakesMax = 20;

export const tooDeep = `is nested more than ${nestingMax} levels deep`;

/** A mistake at an offset of the text. */
type Found = { readonly offset: number; readonly reason: string };

/**
 * Mistakes of a parsed file that would make its value endless, huge or too deep:
 *
 * - an alias within its own anchor (a value that contains itself),
 * - an alias without an anchor before it,
 * - an alias from which on the written-out file is too large; aliases of aliases double with each line ("billion laughs"),
 * - nesting beyond {@link nestingMax}.
 *
 * Each node is visited once: an alias adds the size that was counted at its anchor.
 *
 * @see https://yaml.org/spec/1.2.2/#71-alias-nodes
 */
export function expansionMistakes(document: Document): Found[] {
  const found: Found[] = [];
  /** The newest anchor of each name. A later one of the same name replaces it for the aliases behind it. */
  const anchors = new Map<string, { size: number | "open" }>();
  let size = 0;
  let isTooLarge = false;

  const visitAlias = (name: string, offset: number) => {
    const anchor = anchors.get(name);
    if (anchor === undefined) found.push({ offset, reason: `the alias *${name} has no anchor &${name} before it` });
    else if (anchor.size === "open")
      found.push({
        offset,
        reason: `the alias *${name} is within its own anchor &${name}: the value would contain itself`,
      });
    else {
      size += anchor.size;
      if (size <= expandedSizeMax || isTooLarge) return;
      isTooLarge = true;
      found.push({
        offset,
        reason: `the aliases up to *${name} make the file too large: more than ${expandedSizeMax} characters`,
      });
    }
  };
  const visit = (node: unknown, depth: number): void => {
    if (isPair(node)) {
      visit(node.key, depth);
      visit(node.value, depth);
      return;
    }
    if (isAlias(node)) {
      visitAlias(node.source, node.range?.[0] ?? 0);
      return;
    }
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return;
    const before = size;
    const anchor: { size: number | "open" } = { size: "open" };
    if (node.anchor !== undefined) anchors.set(node.anchor, anchor);
    size += 1 + (isScalar(node) ? String(node.value).length : 0);
    if (depth > nestingMax) found.push({ offset: node.range?.[0] ?? 0, reason: tooDeep });
    else if (!isScalar(node)) for (const item of node.items) visit(item, depth + 1);
    anchor.size = size - before;
  };
  visit(document.contents, 0);
  return found.slice(0, mistakesMax);
}

/**
 * The place from which on a text is nested too deeply. The parser recurses, and ends the process on some tens of thousands of levels, so
 * this is asked first. Levels by indentation alone are as many as {@link textCharactersMax} allows, which the parser bears.
 *
 * @returns an offset; `null` if the text may be parsed
 */
export function tooDeepAt(text: string): number | null {
  let [offset, flow, compact] = [0, 0, 0];
  let isText = false;
  for (const token of new Lexer().lex(text)) {
    if (token === CST.SCALAR || token === CST.DOCUMENT || token === CST.FLOW_END) {
      isText = token === CST.SCALAR;
      continue;
    }
    if (!isText) {
      if (token === "[" || token === "{") flow += 1;
      else if (token === "]" || token === "}") flow -= 1;
      else if (token === "-" || token === "?") compact += 1;
      else if (token.includes("\n")) compact = 0;
      if (flow > nestingMax || compact > nestingMax) return offset;
    }
    isText = false;
    offset += token.length;
  }
  return null;
}
