import { sanitizeText } from "../json.ts";
import { eventTypeCharactersMax } from "../limits.ts";
import type { NewEvent } from "./event.ts";

/**
 * Reduces an event to parts that no database refuses: its id, its time of receipt, its type and its body as text.
 *
 * The hash stays that of the bytes as they came, so that a redelivery of them is the same event.
 */
export function storable<Event extends NewEvent>(event: Event): Event {
  return {
    ...event,
    dedupeKey: `refused:${event.id}`,
    externalId: null,
    type: sanitizeText(event.type.slice(0, eventTypeCharactersMax)),
    occurredAt: null,
    orderNumber: null,
    orderNumberKey: null,
    record: null,
    headers: {},
    body: sanitizeText(event.body),
  };
}
