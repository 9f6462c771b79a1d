/**
 * Search of a text within a text, in time linear in both. Pure.
 *
 * V8 searches by Boyer-Moore without Galil's rule, and backwards by trying each place: 900,000 letters "a" and a needle of 255 of them beside
 * a "b" are 230 million comparisons. A sender chooses both texts. Needles up to {@link nativeCharactersMax} characters cost at most that many
 * comparisons at each place, so the runtime looks for those; for all others Knuth, Morris and Pratt's method compares twice at most.
 *
 * @see https://github.com/v8/v8/blob/main/src/strings/string-search.h
 * @see https://doi.org/10.1137/0206024 Knuth, Morris, Pratt, "Fast Pattern Matching in Strings"
 */

/** Characters of a needle that the runtime may look for. */
const nativeCharactersMax = 6;

/** @returns the first place of a needle from an offset on, or -1; as `String.prototype.indexOf` */
export function firstPlace(text: string, needle: string, from = 0): number {
  return finderOf(needle)(text, from);
}

/** @returns the last place of a needle up to an offset, or -1; as `String.prototype.lastIndexOf` */
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
 * Splits a text, as `String.prototype.split` without a limit does.
 *
 * @param onPiece called before each piece is made, for whoever counts them; what it throws ends the work
 * @param piecesMax pieces at most: the last is the rest of the text, separators included
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

/** The empty separator stands between every two code units. */
function nextUnit(text: string, from: number): number {
  return from + 1 < text.length ? from + 1 : -1;
}

/** @returns a function that looks for one needle, for several searches */
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

/** For each beginning of a pattern: the length of the longest shorter one that is its end, too. */
function bordersOf(pattern: Uint16Array): Uint32Array {
  const borders = new Uint32Array(pattern.length);
  let matched = 0;
  for (let at = 1; at < pattern.length; at += 1) {
    matched = matchedWith(pattern, borders, matched, pattern[at]);
    borders[at] = matched;
  }
  return borders;
}

/** @returns how much of the pattern is matched after one more character */
function matchedWith(pattern: Uint16Array, borders: Uint32Array, matched: number, unit: number | undefined): number {
  let length = matched;
  while (length > 0 && pattern[length] !== unit) length = borders[length - 1] ?? 0;
  return pattern[length] === unit ? length + 1 : length;
}
