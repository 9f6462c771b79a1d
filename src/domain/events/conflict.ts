/**
 * Conflicts: the same dedupe key with other bytes.
 *
 * The first bytes are the event that is planned. Other bytes become an event of their own that ends at once with the
 * reason `conflict`. So a sender with ambiguous ids loses nothing, and an attacker who reuses an id cannot suppress a
 * real event. A person can replay the conflict.
 */

/**
 * @param eventId The event that has the key.
 * @param bodyHash Hash of the other bytes.
 * @returns The dedupe key of a conflict, which identifies its redeliveries.
 */
export function conflictKey(eventId: string, bodyHash: string): string {
  return `conflict:${eventId}:${bodyHash}`;
}
