/** Plans of events. Types only. */
import type { StoredEvent } from "../../domain/events/event.ts";
import type { EventPlan } from "../../domain/plan/plan.ts";
import type { LinePoke } from "../calling/line-objects.ts";

/** A line that plans concern. `withdrawn`: it has claimed a call that they withdraw; otherwise it may have something to dial. */
export type PlannedLine = { readonly line: LinePoke; readonly withdrawn: boolean };

export type PlanStore = {
  /** Writes plans: the events' ends, their calls, verdicts and entries. One statement, one round trip. */
  plan(plans: EventPlan[]): Promise<PlannedLine[]>;
  /** Events that a crash left without a plan, oldest first; none that waits for a fetch. */
  unplanned(source: string, limit: number): Promise<StoredEvent[]>;
  /** Whether a thrown value means that Postgres rejects the content, now and later. */
  refuses(error: unknown): boolean;
};
