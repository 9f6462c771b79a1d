/**
 * Drain: moves events from an inbox's disk to Postgres after an outage, in the order of their acknowledgement.
 *
 * Each of them was acknowledged, so none is dropped. An event that Postgres rejects is stored as plain text and ends
 * with the reason. If Postgres rejects even that, the event stays in the spill, is counted, and is retried later.
 *
 * | Postgres throws because         | then                                                                                |
 * | ------------------------------- | ----------------------------------------------------------------------------------- |
 * | it is down, or cannot write now | all events wait, in their order                                                     |
 * | it rejects the content          | only this event ends with a reason, or is set aside                                 |
 * | of anything else                | smaller batches are tried; an event that fails alone is set aside if others succeed |
 * |                                 | if no event succeeds, none is to blame, and all wait                                |
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
  /** Postgres has stored these events. */
  drained(events: readonly SpilledEvent[], committed: Committed, foresight: Foresight): Promise<void>;
  /** Postgres rejects the event. `stored`: it accepted the event as plain text. */
  refused(event: SpilledEvent, stored: boolean, error: unknown): void;
};

/**
 * Drains until the spill is empty or the time is over.
 *
 * @param eventsMax Events per statement.
 * @throws If Postgres can store nothing now, or fails on a batch. Events that are not stored stay in the spill.
 */
export async function drain(
  ports: DrainPorts,
  source: string,
  drainer: Drainer,
  { eventsMax, untilMs }: { eventsMax: number; untilMs: number },
): Promise<void> {
  /** Events that failed alone for an unknown reason, before Postgres has stored any other. */
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
        // A later attempt may succeed, so the event is not reduced to plain text.
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

/** Events that may fail alone, one after another, before Postgres itself counts as failing. */
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

/** @returns Whether Postgres has stored the event as plain text. */
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

/** @returns Whether Postgres stores the event without the parts that it could reject. */
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
