import type { NewEvent } from "../src/domain/events/event.ts";

/** An event of which nothing is known but its id, as a Worker of an earlier version gives it to an inbox. */
export function bareEvent(id: string, more: Partial<NewEvent> = {}): NewEvent {
  return {
    id,
    source: "shop",
    dedupeKey: id,
    externalId: id,
    type: "t",
    occurredAt: null,
    orderNumber: null,
    orderNumberKey: null,
    record: null,
    body: "{}",
    bodyHash: "h",
    headers: {},
    ...more,
  };
}
