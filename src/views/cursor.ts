/** Cursors: the end of a page as an opaque text. It holds no secret, and it is not trusted when it comes back. */
import type { Cursor } from "../ports/page.ts";

const form = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** @returns the text of a cursor; `null` stays `null` */
export function writeCursor(cursor: Cursor | null): string | null {
  if (cursor === null) return null;
  return btoa(`${cursor.at} ${cursor.id}`).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @returns the cursor, or `null` if the text is not one of ours */
export function readCursor(text: string): Cursor | null {
  try {
    const [, at, id] = form.exec(atob(text.replaceAll("-", "+").replaceAll("_", "/"))) ?? [];
    if (at === undefined || id === undefined || !isMoment(at)) return null;
    return { at, id };
  } catch {
    return null;
  }
}

/**
 * Whether the date exists, and may be one of ours. ECMAScript rolls the 30th of February over, and knows a year 0; Postgres refuses both.
 * Rows are of 1970 or later.
 */
function isMoment(at: string): boolean {
  const ms = Date.parse(at);
  return ms >= 0 && new Date(ms).toISOString().slice(0, 19) === at.slice(0, 19);
}
