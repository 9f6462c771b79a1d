/** Plans of events. Types only. */
import type { LineVersion } from "../../domain/calls/line.ts";
import type { StoredEvent } from "../../domain/events/event.ts";
import type { EventPlan } from "../../domain/plan/plan.ts";
import type { LinePoke } from "../calling/line-objects.ts";

/**
 * A line that plans affect. `withdrawn`: it has claimed a call that they withdraw. Otherwise it may have calls to dial.
 */
export type PlannedLine = { readonly line: LinePoke; readonly withdrawn: boolean };

/** A version of a source, and the versions of the lines of its calls. */
export type PlannedBy = { readonly slug: string; readonly version: number; readonly lines: readonly LineVersion[] };

export type PlanStore = {
  /**
   * Writes plans with the events' ends, calls, verdicts and entries: one statement, one round trip. Direct calls are
   * decided one batch at a time, which takes a transaction.
   *
   * @param by Source and lines that the plans were made with.
   * @returns The affected lines. `"source_changed"`: the source or a line of a call has changed or is gone, or the
   *   source is paused. Then nothing is written, and the events must be planned again.
   */
  plan(plans: EventPlan[], by: PlannedBy): Promise<PlannedLine[] | "source_changed">;
  /** Events that a crash left without a plan, oldest first, except those that wait for a fetch. */
  unplanned(source: string, limit: number): Promise<StoredEvent[]>;
  /** Whether a thrown value means that Postgres rejects the content, now and later. */
  refuses(error: unknown): boolean;
};
