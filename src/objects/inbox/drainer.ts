/**
 * Drains an inbox's spill, one alarm at a time. Between alarms it remembers the batch size that works, and the rejected
 * events.
 */
import { eventsPerCommitMax } from "../../domain/limits.ts";
import { type Drainer, type DrainPorts, drain } from "../../flows/ingest/drain.ts";
import type { Log } from "../../platform/log.ts";
import type { EventStore } from "../../ports/ingest/events.ts";
import type { Planner } from "./planner.ts";
import type { Spill } from "./spill.ts";

/** Pause before Postgres is offered an event again that it rejected even as plain text. */
const asidePauseMs = 300_000;

export type SpillDrainer = {
  /** Drains until the spill is empty or the time is over. Rejects while Postgres is down or fails. */
  run(slug: string, untilMs: number): Promise<void>;
  /** Time at which deferred events are offered to Postgres again. */
  asideUntil(): number;
  /** The source changed, so Postgres may accept the deferred events now. */
  offerAgain(): void;
};

export function drainer(
  deps: { clock: DrainPorts["clock"]; events: EventStore; log: Log },
  spill: Spill,
  planner: Pick<Planner, "foresee" | "afterCommit">,
): SpillDrainer {
  /** Events of one statement; halved each time Postgres fails. */
  let eventsMax = eventsPerCommitMax;
  let asideUntil = 0;

  const drainOnce = async (slug: string, untilMs: number): Promise<void> => {
    const before = spill.waiting();
    let planning: Promise<void> = Promise.resolve();
    let setAside = 0;
    const steps: Drainer = {
      foresee: (events) => planner.foresee(slug, events),
      async drained(events, committed, foresight) {
        // At most one plan runs beside the next statement: more would fill the object's memory.
        await planning;
        planning = planner.afterCommit(slug, events, committed, foresight);
      },
      refused({ id }, kept, error) {
        if (!kept) asideUntil = deps.clock.now() + asidePauseMs;
        if (kept || ++setAside === 1)
          deps.log.error("Postgres refuses an event that was acknowledged", { source: slug, event: id, kept, error });
      },
    };
    try {
      await drain({ clock: deps.clock, events: deps.events, spill }, slug, steps, { eventsMax, untilMs });
      eventsMax = eventsPerCommitMax;
    } catch (error) {
      eventsMax = Math.max(1, Math.floor(eventsMax / 2));
      throw error;
    } finally {
      await planning;
      const drained = before - spill.waiting() - setAside;
      if (drained + setAside > 0)
        deps.log.info("drained", { source: slug, events: drained, waiting: spill.waiting(), setAside });
    }
  };

  return {
    async run(slug, untilMs) {
      if (spill.waiting() === 0 && asideUntil <= deps.clock.now()) spill.requeueAside();
      if (spill.waiting() === 0) return;
      // A short probe first: a Postgres that hangs would hold a whole batch until its statement times out.
      await deps.events.answers();
      await drainOnce(slug, untilMs);
    },
    asideUntil: () => asideUntil,
    offerAgain() {
      asideUntil = 0;
    },
  };
}
