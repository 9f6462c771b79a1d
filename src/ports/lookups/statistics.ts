/** Figures of hours. Times are epoch milliseconds. Types only. */

/** The size of a bucket, in UTC. */
type StatisticsBy = "hour" | "day";

export type StatisticsRange = { readonly from: number; readonly to: number; readonly by: StatisticsBy };

export type CountedFigures = {
  /** Counts by bucket and name, of `domain/statistics.ts`. */
  counts: { at: number; what: string; n: number }[];
  /** Rejected requests by bucket. Buckets that begin before `refusedFrom` are not counted whole. */
  refused: { at: number; n: number }[];
  refusedFrom: number;
  /** Time from which on the figures are complete; null: all entries are counted. */
  completeFrom: number | null;
  /** Time up to which they are complete, if newer entries are too many to be counted now. */
  completeTo: number | null;
};

export type StatisticsLookups = { statistics(range: StatisticsRange): Promise<CountedFigures> };
