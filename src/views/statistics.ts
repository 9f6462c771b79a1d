/** Figures of hours or days, for the page of the service's health. They contain nothing personal. */
import { dayMs } from "../domain/limits.ts";
import { type Figures, figuresOf } from "../domain/statistics.ts";
import type { StatisticsLookups, StatisticsRange } from "../ports/lookups/statistics.ts";
import { iso } from "./moment.ts";

const hourMs = 3_600_000;

export type StatisticsView = {
  readonly by: StatisticsRange["by"];
  readonly from: string;
  readonly to: string;
  /** Time from which on the figures are complete; null: they all are. */
  readonly complete_from: string | null;
  readonly complete_to: string | null;
  readonly data: readonly (Omit<Figures, "waiting"> & {
    readonly at: string;
    readonly waiting_s: { readonly p50: number; readonly p95: number } | null;
    /** Null: the bucket is older than a day, for which rejected requests are counted. */
    readonly refused: number | null;
  })[];
};

/** The buckets that lie in the range, whole ones, oldest first. A bucket without anything is there too. */
export async function statisticsView(lookups: StatisticsLookups, range: StatisticsRange): Promise<StatisticsView> {
  const step = range.by === "day" ? dayMs : hourMs;
  const from = Math.floor(range.from / step) * step;
  const to = Math.ceil(range.to / step) * step;
  const found = await lookups.statistics({ ...range, from, to });
  const counts = Map.groupBy(found.counts, ({ at }) => at);
  const refused = new Map(found.refused.map(({ at, n }) => [at, n]));
  const data = Array.from({ length: Math.round((to - from) / step) }, (_, nth) => {
    const at = from + nth * step;
    const { waiting, ...figures } = figuresOf(new Map((counts.get(at) ?? []).map(({ what, n }) => [what, n])));
    return {
      at: iso(at),
      ...figures,
      waiting_s: waiting,
      refused: at < found.refusedFrom ? null : (refused.get(at) ?? 0),
    };
  });
  return {
    by: range.by,
    from: iso(from),
    to: iso(to),
    complete_from: iso(found.completeFrom),
    complete_to: iso(found.completeTo),
    data,
  };
}
