/** Figures of hours or days, as `GET /v1/statistics` has them, in the series of the charts. */

import type { StatisticsView } from "../../views/statistics.ts";

type StatisticsBucket = StatisticsView["data"][number];

/** Ends of calls in the order in which they are stacked, each with its outcomes. */
export const endings = [
  { key: "completed", name: "Completed", outcomes: ["completed"] },
  { key: "voicemail", name: "Voicemail", outcomes: ["voicemail"] },
  { key: "missed", name: "No answer or busy", outcomes: ["no_answer", "busy"] },
  { key: "failed", name: "Failed or unknown", outcomes: ["failed", "canceled", "unspecified"] },
] as const;
export type Ending = (typeof endings)[number]["key"];

/** A bucket with its calls by ending. An outcome of another version counts as failed. */
export type Figure = StatisticsBucket & { readonly ends: Readonly<Record<Ending, number>> };

export function figuresOfBuckets(buckets: readonly StatisticsBucket[]): Figure[] {
  return buckets.map((bucket) => {
    const ends = { completed: 0, voicemail: 0, missed: 0, failed: 0 };
    for (const [outcome, count] of Object.entries(bucket.outcomes)) ends[endingOf(outcome)] += count;
    return { ...bucket, ends };
  });
}

function endingOf(outcome: string): Ending {
  return endings.find(({ outcomes }) => (outcomes as readonly string[]).includes(outcome))?.key ?? "failed";
}

export function sumOf(figures: readonly Figure[], read: (figure: Figure) => number): number {
  return figures.reduce((sum, figure) => sum + read(figure), 0);
}
