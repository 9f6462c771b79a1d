/** A mistake in a condition or a text, with its position for an editor. Pure. */

/** A mistake in one sentence, with its position in its own text (1-based, columns in UTF-16 units). */
export type TextMistake = { readonly line: number; readonly column: number; readonly reason: string };

/**
 * Converts an offset to line and column.
 *
 * @param source The whole text.
 * @param offset UTF-16 units from its beginning. An offset outside is moved to the nearest end.
 * @param reason The mistake in a sentence.
 */
export function mistakeAt(source: string, offset: number, reason: string): TextMistake {
  const end = Math.min(Math.max(offset, 0), source.length);
  const before = source.slice(0, end);
  const lines = before.split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, reason };
}
