/** Sources, as they are looked up. Moments are epoch milliseconds. Types only. */
import type { BusiestWindow } from "../../domain/shard-advice.ts";
import type { Rejection } from "../ingest/rejections.ts";
import type { DriftedField } from "../planning/fields.ts";

/**
 * The traffic of a source. Its events are counted as far as that is not dear; `more`: there are others. `waiting`: those that wait
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
  /** The busiest window among its newest events; `null`: it has none. */
  busiest: BusiestWindow | null;
  /** Events that wait for a record of its API, and when the next is tried. */
  fetchWaiting: number;
  fetchNextAt: number | null;
};

export type SourceLookups = {
  /** The newest rejections of a source. */
  rejections(source: string): Promise<Rejection[]>;
  /** Of every source, or of one. */
  traffic(source: string | null): Promise<SourceTraffic[]>;
  /** Fields of rules that no longer come, or come as another type. Of every source, or of one. */
  driftedFields(source: string | null): Promise<DriftedField[]>;
};
