/** The note of a reading: who read numbers and texts of calls that are masked for others. */
import type { ReadingLog } from "../ports/lookups/entries.ts";
import { actorOf, type Reader, seesAll } from "./reader.ts";

/** Ids in one audit entry about a reading. */
const notedIdsMax = 50;

/**
 * Notes that calls were read, with what stands beside them. A masked reading and one without rows leave no note. The note
 * of one call belongs to that call. The note of several has their ids.
 *
 * @param what Name of the request in the note, such as `order`.
 * @param calls Ids of the calls, each once.
 * @param rows Rows that were read: calls, and events and notes beside them.
 */
export async function noteCallsRead(
  lookups: ReadingLog,
  reader: Reader,
  what: string,
  calls: readonly string[],
  rows = calls.length,
): Promise<void> {
  if (!seesAll(reader) || rows === 0) return;
  const one = calls.length === 1 ? calls[0] : undefined;
  await lookups.noteRead({
    subject: one === undefined ? "reading" : "call",
    subjectId: one ?? reader.jti,
    action: "read",
    actor: actorOf(reader),
    reason: null,
    data: { what, rows, ...(one === undefined ? { calls: calls.slice(0, notedIdsMax) } : {}) },
  });
}
