// hookline.yaml: parses the text into the API's document, and maps the API's paths back to lines and columns.
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  Scalar,
} from "yaml";
import { mistakesMax, textCharactersMax, tooDeep, tooDeepAt, valueMistakes } from "./yaml-mistakes.ts";
import { unprintableAt, wordsFor } from "./yaml-words.ts";

/** A mistake at a line and column of the file, counted from 1. */
export type Located = { line: number; column: number; reason: string };

/** A mistake in a response of the API: the field's path, and the place within the field's own text. */
export type ApiMistake = {
  path: (string | number)[];
  line?: number | undefined;
  column?: number | undefined;
  reason: string;
};

type ReadFile =
  | { ok: true; value: unknown; locate: (mistake: ApiMistake) => Located }
  | { ok: false; mistakes: Located[] };

/**
 * Parses YAML into JSON values. A tag beyond the core schema (`!!omap`, `!!set`, `!!binary`, …) is a mistake, because
 * its value would be sent as an empty object. So are duplicate keys, warnings, and aliases that make the value endless
 * or huge.
 */
export function readYaml(text: string): ReadFile {
  if (text.length > textCharactersMax)
    return { ok: false, mistakes: [{ line: 1, column: 1, reason: `has more than ${textCharactersMax} characters` }] };
  const counter = new LineCounter();
  const odd = unprintableAt(text);
  if (odd !== null) return { ok: false, mistakes: [{ ...placeOf(text, odd.offset), reason: odd.reason }] };
  const deep = tooDeepAt(text);
  if (deep !== null) return { ok: false, mistakes: [{ ...placeOf(text, deep), reason: tooDeep }] };
  const document = parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    version: "1.2",
    resolveKnownTags: false,
    // The parser would compare all pairs of a map's keys. `valueMistakes` checks each key once.
    uniqueKeys: false,
  });
  const wrong = [...document.errors, ...document.warnings].slice(0, mistakesMax).map(({ code, pos }) => {
    const { line, col } = counter.linePos(pos[0]);
    return { line, column: col, reason: wordsFor(code, text.slice(...pos)) };
  });
  if (wrong.length > 0) return { ok: false, mistakes: wrong };
  const mistakes = valueMistakes(document).map(({ offset, reason }) => {
    const { line, col } = counter.linePos(offset);
    return { line, column: col, reason };
  });
  if (mistakes.length > 0) return { ok: false, mistakes };
  // The aliases were counted above, by the size of their values.
  return {
    ok: true,
    value: document.toJS({ maxAliasCount: -1 }) ?? {},
    locate: (mistake) => locate(document, text, counter, mistake),
  };
}

/** The line and column of an offset, before the parser has counted lines. */
function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function locate(document: Document, text: string, counter: LineCounter, mistake: ApiMistake): Located {
  const found = nodeAt(document, mistake.path);
  const place = (offset: number): Located => {
    const { line, col } = counter.linePos(offset);
    return { line, column: col, reason: mistake.reason };
  };
  const inside =
    mistake.line === undefined ? undefined : withinText(found.value, text, counter, mistake.line, mistake.column ?? 1);
  if (inside !== undefined) return { ...inside, reason: mistake.reason };
  // A mistake of a whole map or list is reported at its key.
  const offset = found.key ?? startOf(found.value) ?? 0;
  const own =
    isScalar(found.value) && !mistake.reason.startsWith("unknown field") ? (startOf(found.value) ?? offset) : offset;
  return place(own);
}

/** The node at a path, or its nearest ancestor if the file lacks the path's end (a missing field). */
function nodeAt(document: Document, path: readonly (string | number)[]): { value: unknown; key: number | undefined } {
  let value: unknown = document.contents;
  let key: number | undefined;
  for (const step of path) {
    const here = isAlias(value) ? value.resolve(document) : value;
    if (isMap(here)) {
      const pair = here.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair === undefined) return { value: here, key };
      value = pair.value;
      key = startOf(pair.key);
    } else if (isSeq(here) && typeof step === "number" && step < here.items.length) {
      value = here.items[step];
      key = startOf(value);
    } else return { value: here, key };
  }
  return { value, key };
}

/** Maps a place within a scalar's text to a place of the file; undefined if lines were folded or escaped. */
function withinText(
  value: unknown,
  text: string,
  counter: LineCounter,
  line: number,
  column: number,
): { line: number; column: number } | undefined {
  if (!isScalar(value)) return undefined;
  const start = startOf(value);
  if (start === undefined) return undefined;
  const at = counter.linePos(start);
  if (value.type === Scalar.BLOCK_LITERAL || value.type === Scalar.BLOCK_FOLDED) {
    // The lines of a folded text are joined, so only its beginning can be located.
    if (value.type === Scalar.BLOCK_FOLDED) return { line: at.line + 1, column: indentAfter(text, at.line) + 1 };
    return { line: at.line + line, column: indentAfter(text, at.line) + column };
  }
  if (line > 1) return { line: at.line, column: at.col };
  const quote = value.type === Scalar.QUOTE_DOUBLE || value.type === Scalar.QUOTE_SINGLE ? 1 : 0;
  return { line: at.line, column: at.col + quote + column - 1 };
}

/** The indentation of a block's first line that is not blank. @param header the line of its `|`, from 1 */
function indentAfter(text: string, header: number): number {
  const first = text
    .split("\n")
    .slice(header)
    .find((line) => line.trim() !== "");
  return first === undefined ? 0 : first.length - first.trimStart().length;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
