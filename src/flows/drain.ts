/**
 * Drain: what an inbox kept on its own disk while Postgres was away → events, in the order in which they were acknowledged.
 *
 * They were acknowledged, so every one of them has to end somewhere. One that Postgres refuses is kept as nothing but text and ends
 * with its reason; one that Postgres refuses even so stays in the spill, where it is counted, and is offered again later.
 */
import { commitBytesMax } from "../domain/limits.ts";
import { storable } from "../domain/storable.ts";
import type { Committed, EventStore, Foresight, SpilledEvent, SpillQueue } from "../ports/inbox.ts";
import type { Clock } from "../ports/runtime.ts";
import { together } from "./together.ts";

export type DrainPorts = {
  clock: Clock;
  spill: SpillQueue;
  events: Pick<EventStore, "drain" | "refuses" | "isAway">;
};

/** What whoever drains knows of the events, and is told of them. */
export type Drainer = {
  foresee(events: readonly SpilledEvent[]): Foresight;
  /** Postgres has these now. */
  drained(events: readonly SpilledEvent[], committed: Committed, foresight: Foresight): Promise<void>;
  /** Postgres does not take this one as it came; `kept`: as nothing but text. */
  refused(event: SpilledEvent, kept: boolean, error: unknown): void;
};

/**
 * Drains until nothing waits or the time is over.
 *
 * @param eventsMax events of one statement
 * @throws when Postgres is away, or fails on a batch: what it did not take is still in the spill
 */
export async function drain(
  ports: DrainPorts,
  source: string,
  drainer: Drainer,
  { eventsMax, untilMs }: { eventsMax: number; untilMs: number },
): Promise<void> {
  while (ports.clock.now() < untilMs) {
    const batch = ports.spill.head(eventsMax, commitBytesMax);
    if (batch.length === 0) return;
    await together(
      batch,
      (some) => drainTogether(ports, source, drainer, some),
      (error) => ports.events.refuses(error) || (batch.length === 1 && !ports.events.isAway(error)),
      (event, error) => drainAlone(ports, source, drainer, event, error),
    );
  }
}

async function drainTogether(
  ports: DrainPorts,
  source: string,
  drainer: Drainer,
  events: readonly SpilledEvent[],
): Promise<never[]> {
  const foresight = drainer.foresee(events);
  const committed = await ports.events.drain(source, [...events], foresight);
  ports.spill.remove(events);
  await drainer.drained(events, committed, foresight);
  return [];
}

async function drainAlone(
  ports: DrainPorts,
  source: string,
  drainer: Drainer,
  event: SpilledEvent,
  error: unknown,
): Promise<never[]> {
  // What fails for a reason that nobody knows may go well later: it is not made less than it is.
  const kept = ports.events.refuses(error) && (await keepAsText(ports, source, event));
  if (kept) ports.spill.remove([event]);
  else ports.spill.setAside(event);
  drainer.refused(event, kept, error);
  return [];
}

/** @returns whether Postgres takes the event without whatever could be refused of it */
async function keepAsText(ports: DrainPorts, source: string, event: SpilledEvent): Promise<boolean> {
  const ends = new Map([[event.id, "not_storable" as const]]);
  try {
    await ports.events.drain(source, [storable(event)], { sourceVersion: null, ends });
    return true;
  } catch (error) {
    if (ports.events.isAway(error)) throw error;
    return false;
  }
}
