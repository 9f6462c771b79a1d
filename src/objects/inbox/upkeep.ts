/**
 * The upkeep of an inbox, run by its alarm: drains the spill, plans unplanned events, fetches due records, and sets the
 * alarm for the rest. The directory of spills gets a report when a spill begins, at each run while it lasts, and at its
 * end, so a lost report is repeated.
 */
import { inboxAlarmMs, probePauseMinMs } from "../../domain/limits.ts";
import { backoff } from "../../platform/backoff.ts";
import type { Log } from "../../platform/log.ts";
import type { SpillDirectory, SpillSize } from "../../ports/ingest/spill.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { ObjectAlarm } from "../alarm.ts";
import type { SpillDrainer } from "./drainer.ts";
import type { InboxHost } from "./host.ts";
import type { Planner } from "./planner.ts";
import type { Spill } from "./spill.ts";

/** Longest pause between two attempts of an inbox to reach Postgres. */
const probePauseMaxMs = 15_000;

type InboxUpkeepDeps = {
  readonly clock: Clock;
  readonly spills: SpillDirectory;
  readonly log: Log;
  readonly nextAlarm: Pick<ObjectAlarm, "arm">;
  readonly spill: Spill;
  readonly drainer: SpillDrainer;
  readonly planner: Pick<Planner, "planLeft" | "fetch">;
};

export type InboxUpkeep = {
  /** One run. A failure of Postgres delays the next run. Rejects only if the alarm cannot be set. */
  run(slug: string): Promise<void>;
  /** Events were spilled. @param isFirst whether none waited before */
  spilled(isFirst: boolean): void;
  /** The size of the spill. A non-empty spill gets an alarm. An empty one is reported to the directory. */
  measure(slug: string): SpillSize;
  /** Sets the alarm if an earlier instance left events on disk: an alarm that failed too often never fires again. */
  begin(): void;
};

export function inboxUpkeep(deps: InboxUpkeepDeps, host: InboxHost): InboxUpkeep {
  const { clock, log, nextAlarm, spill, drainer, planner } = deps;
  /** Whether a run is in progress, which sets the next alarm itself. */
  let running = false;
  const failurePause = backoff(probePauseMinMs, probePauseMaxMs);

  const holdsEvents = (): boolean => spill.waiting() + spill.aside() > 0;

  function noteSpillSize(source: string): void {
    const noted = deps.spills.note({ source, shard: host.name.shard(), ...spill.size() });
    host.waitUntil(noted.catch((error) => log.warn("size of the spill not noted", { source, error })));
  }

  /** @returns Whether no event is left without a plan. */
  async function drainAndPlan(slug: string, untilMs: number): Promise<boolean> {
    const held = holdsEvents();
    await drainer.run(slug, untilMs);
    if (held && !holdsEvents()) noteSpillSize(slug);
    return await planner.planLeft(slug, untilMs);
  }

  return {
    async run(slug) {
      running = true;
      let done = false;
      let waitMs = 0;
      let fetchMs: number | null = null;
      try {
        const untilMs = clock.now() + inboxAlarmMs;
        done = await drainAndPlan(slug, untilMs);
        fetchMs = await planner.fetch(slug, untilMs);
        failurePause.reset();
      } catch (error) {
        done = false;
        waitMs = failurePause.ms();
        failurePause.grow();
        host.logFailure("not drained or planned yet", error, { spilled: spill.waiting() });
      } finally {
        running = false;
        if (holdsEvents()) noteSpillSize(slug);
        if (!done || spill.waiting() > 0) await nextAlarm.arm(clock.now() + waitMs);
        else if (spill.aside() > 0) await nextAlarm.arm(drainer.asideUntil());
        if (fetchMs !== null) await nextAlarm.arm(clock.now() + fetchMs);
      }
    },

    spilled(isFirst) {
      const slug = host.name.slug();
      if (spill.waiting() > 0 && !running) host.arm(clock.now() + failurePause.ms());
      if (isFirst && slug !== null) noteSpillSize(slug);
    },

    measure(slug) {
      if (holdsEvents() && !running) host.arm(clock.now() + probePauseMaxMs);
      // The caller found this inbox in the directory, which may have missed the end of its spill.
      if (!holdsEvents()) noteSpillSize(slug);
      return spill.size();
    },

    begin() {
      if (holdsEvents()) host.arm(clock.now());
    },
  };
}
