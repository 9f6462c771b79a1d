/**
 * Fetches what thin payloads only name, for one inbox: one run at a time. Whatever waits is kept by Postgres; a run that fails, or
 * never ends, is made good by the alarm and the sweep.
 */
import { fetchClaimMs, probePauseMinMs } from "../../domain/limits.ts";
import { fetchDue } from "../../flows/planning/fetch.ts";
import type { PlanView } from "../../flows/planning/plan.ts";
import type { Log } from "../../platform/log.ts";
import type { LinePoke } from "../../ports/calling/line.ts";
import type { EventStore } from "../../ports/ingest/inbox.ts";
import type { Records } from "../../ports/planning/records.ts";
import type { Clock } from "../../ports/runtime.ts";

export type FetcherDeps = { clock: Clock; events: EventStore; records: Records; log: Log };

/** What the fetcher needs of the object that it works for. */
export type FetcherHost = {
  view(slug: string): Promise<PlanView>;
  poke(lines: readonly LinePoke[]): void;
  waitUntil(work: Promise<unknown>): void;
  /** Something is due in so many milliseconds. */
  wakeIn(ms: number): void;
};

export type Fetcher = {
  /** Something waits that was not there before. */
  begin(slug: string): void;
  /**
   * Fetches and plans what is due.
   *
   * @returns in how many milliseconds more is; `null`: nothing waits
   */
  run(slug: string, untilMs: number): Promise<number | null>;
  /** Whether something waits, as far as this object knows. */
  mayWait(): boolean;
};

/** How soon it looks again at the earliest: what is due may be another shard's at this moment. */
const pauseMinMs = 250;

export function fetcher(deps: FetcherDeps, host: FetcherHost): Fetcher {
  let running: Promise<number | null> | null = null;
  let again = false;
  let waits = true;

  const runOnce = async (slug: string, untilMs: number): Promise<number | null> => {
    const { pokes, nextMs } = await fetchDue(deps, slug, () => host.view(slug), untilMs);
    host.poke(pokes);
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
