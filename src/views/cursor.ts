/** Cursors: the end of a page as an opaque text. A cursor contains no secret and is validated when it comes back. */
import type { Cursor } from "../ports/page.ts";

const form = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** @returns The text of a cursor; null for null. */
export function writeCursor(cursor: Cursor | null): string | null {
  if (cursor === null) return null;
  return btoa(`${cursor.at} ${cursor.id}`).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @returns The cursor; null for an invalid text. */
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
 * Whether a date exists and is in the range of stored rows, 1970 and later. ECMAScript accepts 30 February and the year
 * 0, which Postgres rejects.
 */
function isMoment(at: string): boolean {
  const ms = Date.parse(at);
  return ms >= 0 && new Date(ms).toISOString().slice(0, 19) === at.slice(0, 19);
}
