/** A mistake in a condition or a text, placed so that an editor can show it. Pure. */

/** A mistake in one sentence, with its place in its own text (1-based, columns in UTF-16 units). */
export type TextMistake = { readonly line: number; readonly column: number; readonly reason: string };

/**
 * Turns an offset into a line and a column.
 *
 * @param source the whole text
 * @param offset UTF-16 units from its beginning; one outside is moved to the nearest end
 * @param reason what is wrong there
 */
export function mistakeAt(source: string, offset: number, reason: string): TextMistake {
  const end = Math.min(Math.max(offset, 0), source.length);
  const before = source.slice(0, end);
  const lines = before.split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, reason };
}
