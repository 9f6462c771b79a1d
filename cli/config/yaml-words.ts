// Sentences for syntax mistakes in hookline.yaml. The parser's messages are about its functions and tokens, so each of
// its codes has a sentence here with the mistake and its correction. The parser's warnings count as mistakes too.
import type { ErrorCode } from "yaml";

/** Sentence by code, given the file's text at the place. */
const words: { readonly [Code in ErrorCode]: string | ((found: string) => string) } = {
  ALIAS_PROPS: "an alias (*name) has no tag or anchor of its own: remove what stands before it",
  BAD_ALIAS:
    "an anchor (&name) or an alias (*name) needs a name without a colon at its end; a text that begins so stands in quotes",
  BAD_COLLECTION_TYPE: (found) => `the tag ${found} is not for a value of this kind: remove it`,
  BAD_DIRECTIVE: (found) =>
    `the line ${found} is no directive of YAML 1.2: remove it; a text that begins with % stands in quotes`,
  BAD_DQ_ESCAPE: (found) =>
    `${found} is no escape of a text in double quotes: write two backslashes, or use single quotes`,
  BAD_INDENT:
    "this line's indentation does not fit the lines above: begin it at the column of its siblings; a bracket or brace that was opened above has to be closed",
  BAD_PROP_ORDER: "an anchor or a tag stands in front of the -, ? or : that it belongs to: move it behind",
  BAD_SCALAR_START: (found) => `a text cannot begin with ${found} without quotes: put it in quotes`,
  BLOCK_AS_IMPLICIT_KEY:
    "a second `key:` on one line: put the value in quotes if it holds a colon, or begin a new line with more indentation",
  BLOCK_IN_FLOW:
    "a list with - or an indented block stands within brackets or braces: write it with brackets and braces too",
  DUPLICATE_KEY: "the key is there twice, and keys must be unique",
  IMPOSSIBLE: "cannot be read as YAML here: compare the lines around it with the example of the documentation",
  KEY_OVER_1024_CHARS: "a key has at most 1024 characters: is a quote missing, or a line break?",
  MISSING_CHAR:
    "a character is missing here: close the quote, write `key: value` with a colon and a blank, part the items of a list by commas, and begin a comment with a blank before its #",
  MULTILINE_IMPLICIT_KEY: "a key stands on one line with its colon: is a colon missing on the line above?",
  MULTIPLE_ANCHORS: "a value has at most one anchor (&name)",
  MULTIPLE_DOCS:
    "a second document begins here (behind `---` or `...`), and a configuration is one: remove the line, or put the second one into a file of its own",
  MULTIPLE_TAGS: "a value has at most one tag (!name)",
  NON_STRING_KEY: "a key must be a text, and no list or map",
  RESOURCE_EXHAUSTION: "is nested too deep to be read",
  TAB_AS_INDENT: "a tab indents nothing in YAML: use blanks",
  TAG_RESOLVE_FAILED: (found) =>
    `the tag ${found} cannot be read here: remove it; a text that begins with ! stands in quotes`,
  UNEXPECTED_TOKEN: (found) =>
    `${found} cannot stand here: put the whole text in quotes if it belongs to one, or begin a new line; look for a quote, bracket or colon that is missing before it`,
};

/** Characters of the file that a sentence quotes. It quotes no more, because the line may contain a secret. */
const shownMax = 24;

/** @returns the sentence for a mistake of the parser. @param found the file's text at the mistake's place */
export function wordsFor(code: ErrorCode, found: string): string {
  const sentence = words[code];
  if (typeof sentence === "string") return sentence;
  const shown = found.split(/\s/, 1)[0] ?? "";
  if (shown === "") return sentence("what comes next");
  return sentence(shown.length > shownMax ? `${shown.slice(0, shownMax)}…` : shown);
}

/**
 * Characters that YAML accepts literally. Others need an escape in double quotes. @see
 * https://yaml.org/spec/1.2.2/#51-character-set
 */
const unprintable = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** @returns the first character that no YAML holds, or `null` */
export function unprintableAt(text: string): { readonly offset: number; readonly reason: string } | null {
  const found = unprintable.exec(text);
  if (found === null) return null;
  const digits = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const reason = `holds the invisible character U+${digits}, which YAML does not allow: remove it, or write "\\u${digits}" in double quotes`;
  return { offset: found.index, reason };
}
