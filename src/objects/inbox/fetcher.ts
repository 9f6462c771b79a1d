/**
 * Fetches the records that payloads only name, for one inbox, one run at a time. Postgres has the queue of waiting
 * events. The alarm and the sweep repeat a run that fails or never ends.
 */
import { fetchClaimMs, probePauseMinMs } from "../../domain/limits.ts";
import { fetchDue } from "../../flows/planning/fetch.ts";
import type { PlanView } from "../../flows/planning/plan.ts";
import type { Log } from "../../platform/log.ts";
import type { EventStore } from "../../ports/ingest/events.ts";
import type { PlannedLine, PlanStore } from "../../ports/planning/plans.ts";
import type { FetchQueue, Records } from "../../ports/planning/records.ts";
import type { Clock } from "../../ports/runtime.ts";

type FetcherDeps = {
  clock: Clock;
  events: Pick<EventStore, "isAway"> & PlanStore & FetchQueue;
  records: Records;
  log: Log;
};

/** The part of the inbox that the fetcher uses. */
type FetcherHost = {
  /** @param version Version of the source; the view has this version or a later one. */
  view(slug: string, version?: number): Promise<PlanView>;
  wake(lines: readonly PlannedLine[]): void;
  waitUntil(work: Promise<unknown>): void;
  /** A fetch is due in this many milliseconds. */
  wakeIn(ms: number): void;
};

type Fetcher = {
  /** More events wait for a fetch. */
  begin(slug: string): void;
  /**
   * Fetches records for due events, and plans the events.
   *
   * @returns Milliseconds until the next event is due; null if no event waits.
   */
  run(slug: string, untilMs: number): Promise<number | null>;
  /** Whether an event may wait, as far as this object knows. */
  mayWait(): boolean;
};

/** Shortest pause before the next run. Another shard may hold the lease of a due event. */
const pauseMinMs = 250;

export function fetcher(deps: FetcherDeps, host: FetcherHost): Fetcher {
  let running: Promise<number | null> | null = null;
  let again = false;
  let waits = true;

  const runOnce = async (slug: string, untilMs: number): Promise<number | null> => {
    const { lines, nextMs } = await fetchDue(deps, slug, (version) => host.view(slug, version), untilMs);
    host.wake(lines);
    waits = nextMs !== null;
    return nextMs === null ? null : Math.max(nextMs, pauseMinMs);
  };

  const run = async (slug: string, untilMs: number): Promise<number | null> => {
    if (running !== null) return await running;
    running = runOnce(slug, untilMs);
    try {
      return await running;
    } finally {
      running = null;
    }
  };

  const work = async (slug: string): Promise<void> => {
    try {
      do {
        again = false;
        const nextMs = await run(slug, deps.clock.now() + fetchClaimMs);
        if (nextMs !== null) host.wakeIn(nextMs);
      } while (again);
    } catch (error) {
      deps.log.error("events not fetched for yet", { source: slug, error });
      host.wakeIn(probePauseMinMs);
    }
  };

  return {
    begin(slug) {
      waits = true;
      if (running !== null) again = true;
      else host.waitUntil(work(slug));
    },
    run,
    mayWait: () => waits,
  };
}
