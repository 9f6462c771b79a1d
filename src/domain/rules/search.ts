/**
 * Text search in time linear in both texts. Pure.
 *
 * A sender chooses both texts. V8 searches by Boyer-Moore without Galil's rule, and backwards by trying each position:
 * 900,000 letters "a" and a needle of 255 of them beside a "b" are 230 million comparisons. Needles of up to {@link
 * nativeCharactersMax} characters need at most that many comparisons per position, so the runtime's search is used. For
 * longer ones the algorithm of Knuth, Morris and Pratt compares each character at most twice.
 *
 * @see https://github.com/v8/v8/blob/main/src/strings/string-search.h
 * @see https://doi.org/10.1137/0206024 Knuth, Morris, Pratt, "Fast Pattern Matching in Strings"
 */

/** Characters of a needle for the runtime's own search. */
const nativeCharactersMax = 6;

/** @returns First position of a needle from an offset on, or -1, as `String.prototype.indexOf`. */
export function firstPlace(text: string, needle: string, from = 0): number {
  return finderOf(needle)(text, from);
}

/** @returns Last position of a needle up to an offset, or -1, as `String.prototype.lastIndexOf`. */
export function lastPlace(text: string, needle: string, from = text.length): number {
  if (needle.length <= nativeCharactersMax) return text.lastIndexOf(needle, from);
  const pattern = patternOf(needle).reverse();
  const borders = bordersOf(pattern);
  let matched = 0;
  for (let at = Math.min(Math.max(from, 0) + needle.length, text.length) - 1; at >= 0; at -= 1) {
    matched = matchedWith(pattern, borders, matched, text.charCodeAt(at));
    if (matched === pattern.length) return at;
  }
  return -1;
}

/**
 * Splits a text, as `String.prototype.split` does without a limit.
 *
 * @param onPiece Called before each piece is created, so that it can be charged. An exception ends the work.
 * @param piecesMax Maximum number of pieces. The last one is the rest of the text, including separators.
 */
export function splitBy(
  text: string,
  separator: string,
  onPiece: () => void,
  piecesMax = Number.POSITIVE_INFINITY,
): string[] {
  const pieces: string[] = [];
  const find = separator === "" ? nextUnit : finderOf(separator);
  let from = 0;
  if (separator === "" && text === "") return pieces;
  while (pieces.length + 1 < piecesMax) {
    const at = find(text, from);
    if (at < 0) break;
    onPiece();
    pieces.push(text.slice(from, at));
    from = at + separator.length;
  }
  onPiece();
  pieces.push(text.slice(from));
  return pieces;
}

/** The empty separator splits between every two code units. */
function nextUnit(text: string, from: number): number {
  return from + 1 < text.length ? from + 1 : -1;
}

/** @returns A function that searches for one needle, for repeated use. */
function finderOf(needle: string): (text: string, from: number) => number {
  if (needle.length <= nativeCharactersMax) return (text, from) => text.indexOf(needle, from);
  const pattern = patternOf(needle);
  const borders = bordersOf(pattern);
  return (text, from) => {
    let matched = 0;
    for (let at = Math.max(from, 0); at < text.length; at += 1) {
      matched = matchedWith(pattern, borders, matched, text.charCodeAt(at));
      if (matched === pattern.length) return at + 1 - pattern.length;
    }
    return -1;
  };
}

function patternOf(needle: string): Uint16Array {
  const pattern = new Uint16Array(needle.length);
  for (let at = 0; at < needle.length; at += 1) pattern[at] = needle.charCodeAt(at);
  return pattern;
}

/** For each prefix of the pattern: the length of its longest proper prefix that is also its suffix. */
function bordersOf(pattern: Uint16Array): Uint32Array {
  const borders = new Uint32Array(pattern.length);
  let matched = 0;
  for (let at = 1; at < pattern.length; at += 1) {
    matched = matchedWith(pattern, borders, matched, pattern[at]);
    borders[at] = matched;
  }
  return borders;
}

/** @returns The matched length of the pattern after one more character. */
function matchedWith(pattern: Uint16Array, borders: Uint32Array, matched: number, unit: number | undefined): number {
  let length = matched;
  while (length > 0 && pattern[length] !== unit) length = borders[length - 1] ?? 0;
  return pattern[length] === unit ? length + 1 : length;
}
