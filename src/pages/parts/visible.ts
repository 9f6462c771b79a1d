/**
 * Characters that can hide or reorder text: controls, direction overrides and isolates, invisible operators,
 * separators, tags.
 */
const unseen = /[\p{Cc}\u200b\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/**
 * Replaces hidden characters by their code points (`⟨U+202E⟩`). Line breaks, tabs, joiners and direction marks stay,
 * because ordinary text of many scripts contains them.
 */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replaceAll("\r\n", "\n")
    .replace(unseen, (char) => (char === "\n" || char === "\t" ? char : `⟨${codePoint(char)}⟩`));
}

function codePoint(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
