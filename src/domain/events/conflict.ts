/**
 * Conflicts: the same key with other bytes. The first bytes are the event that is planned. Other bytes are an event of their own that
 * ends at once with the reason `conflict`, so that a sender whose ids are not unique loses nothing, and whoever uses an id on purpose
 * suppresses nothing. A person can replay it.
 */

/**
 * The dedupe key of a conflict, by which its redelivery is known.
 *
 * @param eventId of the event that has the key
 * @param bodyHash of the other bytes
 */
export function conflictKey(eventId: string, bodyHash: string): string {
  return `conflict:${eventId}:${bodyHash}`;
}
