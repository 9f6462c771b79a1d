/**
 * Sanitizes a stranger's value for a voice agent: limited, well-formed, without characters that are silent or hide
 * text. Pure.
 *
 * Removed: control characters, NUL, bidirectional controls, zero-width spaces, Unicode tags and variation selectors,
 * which are invisible and used to smuggle instructions. Lone surrogates become U+FFFD. Joiners stay, and so does one
 * variation selector after a character, because emoji and several scripts need them.
 */

/** Code units read per allowed character. A megabyte of removed characters then costs little. */
const valueScanFactor = 8;

/** Created when a text is first cut. Its tables take longer to load than the rest of the Worker's start-up code. */
let segmenter: Intl.Segmenter | null = null;

/** The result is deterministic, because grapheme boundaries do not depend on the locale. */
function graphemes(): Intl.Segmenter {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter;
}

/** Code units searched for a grapheme boundary at the cut. */
const graphemeWindowUnits = 64;

const replacement = 0xfffd;

/** Code units of a value that {@link clean} reads at most. */
export function cleaningCost(value: string, charactersMax: number): number {
  return Math.min(value.length, charactersMax * valueScanFactor);
}

/** Treatment of a value's line breaks. A comma separates the lines of an address. */
export type Breaks = "kept" | "commas" | "blanks";

/** Line ends after which no comma is written, and line beginnings before which none is. */
const endsPart = /[,;:.!?…·/|、。，．；：！？؛،؟।–—-]$/u;
const endsWithin = /[,;:.!?…、。，．；：！？؛،؟।]/u;

/**
 * @param value Any text.
 * @param charactersMax Code points that remain at most. A grapheme that would be cut is left out.
 */
export function clean(value: string, charactersMax: number, breaks: Breaks): string {
  if (value.length <= charactersMax && isPlain(value)) return value.trim();
  const lines = breaks === "kept";
  const unitsMax = cleaningCost(value, charactersMax);
  let made = "";
  let count = 0;
  let at = 0;
  let broken = false;
  while (at < unitsMax && count <= charactersMax) {
    const point = value.codePointAt(at) ?? replacement;
    at += point > 0xffff ? 2 : 1;
    const breaksHere = isBreak(point);
    const kept = breaksHere ? lineBreak(value, at, point, lines) : isStripped(point, made) ? "" : characterOf(point);
    broken ||= breaksHere && breaks === "commas" && made !== "";
    // Leading white space would use up the limit, and a single line needs no repeated spaces.
    if (kept === "" || (made === "" && kept.trim() === "") || (!lines && kept === " " && made.endsWith(" "))) continue;
    if (broken && kept.trim() !== "") {
      broken = false;
      const before = made.trimEnd();
      if (!endsWithin.test(kept) && !endsPart.test(before)) {
        made = `${before}, `;
        count += 1;
        if (count > charactersMax) break;
      }
    }
    made += kept;
    count += 1;
  }
  return (count > charactersMax ? withoutLast(made) : made).trim();
}

/** Fast path: printable Latin, which is the common case, and most other letters. */
function isPlain(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const unit = value.charCodeAt(at);
    if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0) || unit === 0xad || unit === 0x061c || unit >= 0x180b)
      return false;
  }
  return true;
}

function isBreak(point: number): boolean {
  return (point >= 0x0a && point <= 0x0d) || point === 0x85 || point === 0x2028 || point === 0x2029;
}

function lineBreak(value: string, after: number, point: number, lines: boolean): string {
  if (!lines) return " ";
  return point === 0x0d && value.charCodeAt(after) === 0x0a ? "" : "\n";
}

function isStripped(point: number, made: string): boolean {
  if (point < 0x20) return point !== 0x09;
  if (point < 0x7f) return false;
  if (point < 0xa0) return true;
  return (
    point === 0xad ||
    point === 0x061c ||
    point === 0x180e ||
    point === 0x200b ||
    point === 0x200e ||
    point === 0x200f ||
    (point >= 0x202a && point <= 0x202e) ||
    (point >= 0x2060 && point <= 0x206f) ||
    (point >= 0xfe00 && point <= 0xfe0f && (point < 0xfe0e || made === "" || /[\ufe0e\ufe0f]$/.test(made))) ||
    point === 0xfeff ||
    (point >= 0xfff9 && point <= 0xfffb) ||
    (point >= 0xe0000 && point <= 0xe0fff)
  );
}

function characterOf(point: number): string {
  if (point === 0x09) return " ";
  return String.fromCodePoint(point >= 0xd800 && point <= 0xdfff ? replacement : point);
}

/** Removes the last code point, and any that would be incomplete without it. */
function withoutLast(made: string): string {
  const end = made.length - ((made.codePointAt(made.length - 2) ?? 0) > 0xffff ? 2 : 1);
  const from = Math.max(0, end - graphemeWindowUnits);
  const whole = graphemes()
    .segment(made.slice(from))
    .containing(end - from);
  // No script has a grapheme that fills the window, so it is cut.
  return made.slice(0, whole === undefined || whole.index === 0 ? end : from + whole.index);
}
