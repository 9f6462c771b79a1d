/**
 * Drain: moves events from an inbox's disk to Postgres after an outage, in the order in which they were acknowledged.
 *
 * They were acknowledged, so every one of them has to end somewhere. One that Postgres refuses is kept as nothing but text and ends
 * with its reason; one that Postgres refuses even so stays in the spill, where it is counted, and is offered again later.
 *
 * | what Postgres throws                      | then                                                                        |
 * | ----------------------------------------- | --------------------------------------------------------------------------- |
 * | it is away, or cannot do it now           | everything waits, in its order                                              |
 * | it refuses the content                    | the event alone ends with a reason, or is set aside                         |
 * | anything else                             | by smaller batches; an event that fails alone is set aside where others are |
 * |                                           | taken, and waits with them where none is: then it is not the event's fault  |
 */

import { storable } from "../../domain/events/storable.ts";
import { commitBytesMax } from "../../domain/limits.ts";
import type { Committed, EventStore, Foresight } from "../../ports/ingest/events.ts";
import type { SpilledEvent, SpillQueue } from "../../ports/ingest/spill.ts";
import type { Clock } from "../../ports/runtime.ts";
import { splitOnRefusal } from "../split-on-refusal.ts";

export type DrainPorts = {
  clock: Clock;
  spill: SpillQueue;
  events: Pick<EventStore, "drain" | "refuses" | "isNotNow">;
};

/** Callbacks of a drain. */
export type Drainer = {
  foresee(events: readonly SpilledEvent[]): Foresight;
  /** Postgres has these now. */
  drained(events: readonly SpilledEvent[], committed: Committed, foresight: Foresight): Promise<void>;
  /** Postgres rejects the event as it came. `stored`: it has the event as plain text. */
  refused(event: SpilledEvent, stored: boolean, error: unknown): void;
};

/**
 * Drains until nothing waits or the time is over.
 *
 * @param eventsMax events of one statement
 * @throws when Postgres can take nothing now, or fails on a batch: what it did not take is still in the spill
 */
export async function drain(
  ports: DrainPorts,
  source: string,
  drainer: Drainer,
  { eventsMax, untilMs }: { eventsMax: number; untilMs: number },
): Promise<void> {
  /** Events that failed alone for a reason that nobody knows, while Postgres has stored nothing else yet. */
  let suspects: { event: SpilledEvent; error: unknown }[] = [];
  let hasStored = false;
  const noteStored = () => {
    hasStored = true;
    for (const { event, error } of suspects) drainer.refused(event, false, error);
    suspects = [];
  };
  try {
    while (ports.clock.now() < untilMs) {
      const batch = ports.spill.head(eventsMax, commitBytesMax);
      const [only] = batch;
      if (only === undefined) break;
      try {
        await splitOnRefusal(
          batch,
          async (some) => {
            await drainTogether(ports, source, drainer, some);
            noteStored();
            return [];
          },
          ports.events.refuses,
          async (event, error) => {
            if (await drainRefused(ports, source, drainer, event, error)) noteStored();
            return [];
          },
        );
      } catch (error) {
        if (batch.length > 1 || ports.events.isNotNow(error)) throw error;
        // It may go well later: it is not made less than it is.
        ports.spill.setAside(only);
        if (hasStored) drainer.refused(only, false, error);
        else suspects.push({ event: only, error });
        if (suspects.length === suspectsMax) break;
      }
    }
  } finally {
    for (const { event } of suspects) ports.spill.putBack(event);
  }
  const [first] = suspects;
  if (first !== undefined) throw first.error;
}

/** Events that may fail alone, one after the other, before Postgres itself counts as failing. */
const suspectsMax = 100;

async function drainTogether(
  ports: DrainPorts,
  source: string,
  drainer: Drainer,
  events: readonly SpilledEvent[],
): Promise<void> {
  const foresight = drainer.foresee(events);
  const committed = await ports.events.drain(source, [...events], foresight);
  ports.spill.remove(events);
  await drainer.drained(events, committed, foresight);
}

/** @returns whether Postgres has it now, as nothing but text */
async function drainRefused(
  ports: DrainPorts,
  source: string,
  drainer: Drainer,
  event: SpilledEvent,
  error: unknown,
): Promise<boolean> {
  const stored = await keepAsText(ports, source, event);
  if (stored) ports.spill.remove([event]);
  else ports.spill.setAside(event);
  drainer.refused(event, stored, error);
  return stored;
}

/** @returns whether Postgres takes the event without whatever could be refused of it */
async function keepAsText(ports: DrainPorts, source: string, event: SpilledEvent): Promise<boolean> {
  const ends = new Map([[event.id, "not_storable" as const]]);
  try {
    await ports.events.drain(source, [storable(event)], { sourceVersion: null, ends });
    return true;
  } catch (error) {
    if (ports.events.isNotNow(error)) throw error;
    return false;
  }
}
