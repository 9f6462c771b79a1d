/**
 * Texts for people in source files, as the compiler parses them: a comment, an import or a statement of SQL is none.
 *
 * A text is a string of two words or more, or any words between the tags of a page. Code that builds SQL from plain
 * strings would be listed too.
 */
import { posix, relative } from "node:path";
import {
  isBinaryExpression,
  isCaseClause,
  isImportDeclaration,
  isJsxAttribute,
  isJsxText,
  isNoSubstitutionTemplateLiteral,
  isPropertyAssignment,
  isStringLiteral,
  isTaggedTemplateExpression,
  isTemplateExpression,
  isTypeNode,
  type Node,
  type SourceFile,
  SyntaxKind,
} from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";
import { root } from "../../cli/local/paths.ts";

/** A text with its place. A value that the code puts in stands as `{name}`. */
export type Wording = { readonly line: number; readonly name: string | null; readonly text: string };

/**
 * @param wanted Whether a file, by its path from the root, is read
 * @returns the texts of each file that has some, in the order of paths
 */
export function textsOf(wanted: (path: string) => boolean): ReadonlyMap<string, readonly Wording[]> {
  const compiler = new API({ cwd: root });
  try {
    const config = posix.join(root, "tsconfig.json");
    const program = compiler.updateSnapshot({ openProjects: [config] }).getProject(config)?.program;
    if (program === undefined) throw new Error("The compiler does not open tsconfig.json.");
    const found = new Map<string, readonly Wording[]>();
    // JSON files are not read, because their texts come from other files.
    const names = program.getSourceFileNames().filter((file) => !file.endsWith(".json"));
    const paths = names.map((file) => relative(root, file));
    for (const path of paths.filter(wanted).sort()) {
      const file = program.getSourceFile(posix.join(root, path));
      if (file === undefined) throw new Error(`The compiler does not parse ${path}.`);
      const texts = textsIn(file);
      if (texts.length > 0) found.set(path, texts);
    }
    return found;
  } finally {
    compiler.close();
  }
}

function textsIn(file: SourceFile): readonly Wording[] {
  const found: Wording[] = [];
  const add = (node: Node, text: string): void => {
    const line = file.text.slice(0, node.getStart(file)).split("\n").length;
    found.push({ line, name: nameOf(node), text: text.replace(/\s+/g, " ").trim() });
  };
  const visit = (node: Node): void => {
    if (isImportDeclaration(node) || isTaggedTemplateExpression(node) || isTypeNode(node)) return;
    if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) {
      if (isSentence(node.text)) add(node, node.text);
      return;
    }
    if (isJsxText(node)) {
      if (/[A-Za-z]{2}/.test(node.text)) add(node, node.text);
      return;
    }
    if (isTemplateExpression(node)) {
      const spans = [...node.templateSpans];
      const words = [node.head.text, ...spans.map(({ literal }) => literal.text)].join(" ");
      if (isSentence(words)) {
        const shown = spans.map(({ expression, literal }) => `{${shortly(expression, file)}}${literal.text}`).join("");
        add(node, node.head.text + shown);
      }
      for (const { expression } of spans) visit(expression);
      return;
    }
    if (isBinaryExpression(node) && isJoined(node)) {
      const parts = partsOf(node);
      const text = parts.map((part) => (isStringLiteral(part) ? part.text : `{${shortly(part, file)}}`)).join("");
      if (isSentence(text)) add(node, text);
      for (const part of parts) if (!isStringLiteral(part)) visit(part);
      return;
    }
    node.forEachChild(visit);
  };
  visit(file);
  return found;
}

/** Whether a text has two words or more. A signature of CEL's functions has none for people. */
function isSentence(text: string): boolean {
  const isSignature = /^(?:\S+ (?:==|%) \S+|\S+\(.*\)): \S+$/.test(text);
  return !isSignature && /[A-Za-z]{2,}[^A-Za-z]*\s\S*.*[A-Za-z]{2,}/.test(text) && /[a-z]{3}/.test(text);
}

/** Whether a `+` puts a string literal and something else together. */
function isJoined(node: Node): boolean {
  return (
    isBinaryExpression(node) &&
    node.operatorToken.kind === SyntaxKind.PlusToken &&
    partsOf(node).some((part) => isStringLiteral(part))
  );
}

function partsOf(node: Node): readonly Node[] {
  return isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.PlusToken
    ? [...partsOf(node.left), ...partsOf(node.right)]
    : [node];
}

function shortly(expression: Node, file: SourceFile): string {
  const source = file.text.slice(expression.getStart(file), expression.end).replace(/\s+/g, " ");
  return source.length > 40 ? "…" : source;
}

/** The property, attribute or case that a text stands under: the code that it explains. */
function nameOf(node: Node): string | null {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (isPropertyAssignment(at) || isJsxAttribute(at)) return textOf(at.name);
    if (isCaseClause(at)) return textOf(at.expression);
  }
  return null;
}

function textOf(node: Node): string | null {
  return "text" in node && typeof node.text === "string" ? node.text : null;
}
