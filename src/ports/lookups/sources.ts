/** Sources, as they are looked up. Moments are epoch milliseconds. Types only. */

/**
 * What has come of a source. Its events are counted as far as that is not dear; `more`: there are others. `waiting`: those that wait
 * because it is paused.
 */
export type SourceTraffic = {
  source: string;
  firstAt: number | null;
  lastAt: number | null;
  lastRejectionAt: number | null;
  events: number;
  more: boolean;
  waiting: number;
};
