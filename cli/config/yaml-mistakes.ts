// Mistakes in hookline.yaml that no schema detects: a value that JSON cannot represent, or that is endless, huge or too
// deep. The size of aliases is counted before anything is expanded, and levels are counted before anything is parsed.
import { CST, type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, Lexer, type YAMLMap } from "yaml";

/**
 * Size of a file with all aliases written out: the characters of its values, plus one for each value. The API accepts
 * 256 KiB.
 */
const expandedSizeMax = 1_000_000;

/** Deepest nesting of a file. A rule's deepest field is about ten levels down. */
const nestingMax = 100;

/** Highest number of characters of a file. */
export const textCharactersMax = expandedSizeMax;

/** Highest number of mistakes to report. */
export const mistakesMax = 20;

export const tooDeep = `is nested more than ${nestingMax} levels deep`;

/** A mistake at an offset of the text. */
type Found = { readonly offset: number; readonly reason: string };

/**
 * Mistakes of a parsed file that make its value endless, huge or different from the written one:
 *
 * - a repeated key, a key that is not a scalar, and the key `__proto__`, which JSON readers drop,
 * - a number that is not finite, which JSON writes as null,
 * - an alias within its own anchor (a value that contains itself),
 * - an alias without an anchor before it,
 * - an alias that makes the written-out file too large; aliases of aliases double with each line ("billion laughs"),
 * - nesting beyond {@link nestingMax}.
 *
 * Each node is visited once: an alias adds the size that was counted at its anchor.
 *
 * @see https://yaml.org/spec/1.2.2/#71-alias-nodes
 */
export function valueMistakes(document: Document): Found[] {
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
  const visitKeys = (map: YAMLMap) => {
    const seen = new Set<string>();
    for (const { key } of map.items) {
      const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
      if (!isScalar(key)) {
        found.push({ offset, reason: "a key must be a text, and no list, map or alias" });
        continue;
      }
      const name = key.value === null ? "" : String(key.value);
      if (name === "__proto__") found.push({ offset, reason: 'the key "__proto__" is not possible' });
      if (seen.has(name)) found.push({ offset, reason: `the key "${name}" is there twice, and keys must be unique` });
      seen.add(name);
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
    if (isMap(node)) visitKeys(node);
    if (isScalar(node) && typeof node.value === "number" && !Number.isFinite(node.value))
      found.push({ offset: node.range?.[0] ?? 0, reason: "a number must be finite" });
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
 * Finds the place at which a text becomes too deeply nested, by brackets, dashes or indentation. The parser recurses
 * and crashes the process after a few thousand levels, so this check runs first. A node that begins at a higher column
 * than the surrounding one is one level deeper.
 *
 * @returns An offset; null if the text may be parsed.
 */
export function tooDeepAt(text: string): number | null {
  let [offset, lineStart, flow] = [0, 0, 0];
  let [isText, isBegin] = [false, true];
  /** Columns at which the open nodes outside of brackets begin. */
  const columns: number[] = [];
  for (const token of new Lexer().lex(text)) {
    if (token === CST.SCALAR || token === CST.DOCUMENT || token === CST.FLOW_END) {
      isText = token === CST.SCALAR;
      continue;
    }
    const isBlank = !isText && /^[\s#\uFEFF]/.test(token);
    if (flow === 0 && isBegin && !isBlank) {
      const column = offset - lineStart;
      while ((columns.at(-1) ?? -1) >= column) columns.pop();
      columns.push(column);
    }
    if (!isText && (token === "[" || token === "{")) flow += 1;
    else if (!isText && (token === "]" || token === "}")) flow -= 1;
    if (flow + columns.length > nestingMax) return offset;
    // Another node begins after an indicator, and on a new line.
    if (!isBlank) isBegin = !isText && (token === "-" || token === "?" || token === ":");
    const lineEnd = token.lastIndexOf("\n");
    if (lineEnd !== -1) [lineStart, isBegin] = [offset + lineEnd + 1, true];
    isText = false;
    offset += token.length;
  }
  return null;
}
