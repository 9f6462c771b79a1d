/** Plans of events. Types only. */
import type { LineVersion } from "../../domain/calls/line.ts";
import type { StoredEvent } from "../../domain/events/event.ts";
import type { EventPlan } from "../../domain/plan/plan.ts";
import type { LinePoke } from "../calling/line-objects.ts";

/** A line that plans concern. `withdrawn`: it has claimed a call that they withdraw; otherwise it may have something to dial. */
export type PlannedLine = { readonly line: LinePoke; readonly withdrawn: boolean };

/** A source in one version, with the lines of its calls in theirs. */
export type PlannedBy = { readonly slug: string; readonly version: number; readonly lines: readonly LineVersion[] };

export type PlanStore = {
  /**
   * Writes plans: the events' ends, their calls, verdicts and entries. One statement, one round trip.
   *
   * @param by the source and the lines that the plans were made by
   * @returns the lines that they concern. `"source_changed"`: the source, or a line of a call, has another version or is gone, or the
   *   source is paused; then nothing is written, and the events have to be planned by what there is now
   */
  plan(plans: EventPlan[], by: PlannedBy): Promise<PlannedLine[] | "source_changed">;
  /** Events that a crash left without a plan, oldest first; none that waits for a fetch. */
  unplanned(source: string, limit: number): Promise<StoredEvent[]>;
  /** Whether a thrown value means that Postgres rejects the content, now and later. */
  refuses(error: unknown): boolean;
};
