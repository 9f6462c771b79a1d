/** Everything that is stored of events on the way of an inbox, as one object. */
import { eventStore } from "../../../src/store/events/events.ts";
import { fetchQueue } from "../../../src/store/events/fetches.ts";
import { planStore } from "../../../src/store/events/plans.ts";
import type { KeptClient } from "../../../src/store/postgres/kept-client.ts";

export type EventStores = ReturnType<typeof eventStores>;

/** @param timeoutMs the deadline of a commit */
export function eventStores(client: KeptClient, timeoutMs: number) {
  return { ...eventStore(client, timeoutMs), ...planStore(client), ...fetchQueue(client) };
}
