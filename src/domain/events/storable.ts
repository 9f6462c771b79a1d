import { sanitizeText } from "../json.ts";
import { eventTypeCharactersMax } from "../limits.ts";
import type { NewEvent } from "./event.ts";

/**
 * Reduces an event to parts that Postgres always accepts: id, time of receipt, type, and body as text. The hash is
 * still that of the received bytes, so a redelivery is recognized.
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
