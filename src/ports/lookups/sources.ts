/** Look-ups of sources. Times are epoch milliseconds. Types only. */
import type { BusiestWindow } from "../../domain/shard-advice.ts";
import type { Rejection } from "../ingest/rejections.ts";
import type { DriftedField } from "../planning/fields.ts";

/**
 * Traffic of a source. Events are counted up to a bound; `more`: the count is incomplete. `waiting`: events that wait
 * because the source is paused.
 */
export type SourceTraffic = {
  source: string;
  firstAt: number | null;
  lastAt: number | null;
  lastRejectionAt: number | null;
  events: number;
  more: boolean;
  waiting: number;
  /** The busiest window among its newest events; null without events. */
  busiest: BusiestWindow | null;
  /** Events that wait for a record of the source's API, and the time of the next try. */
  fetchWaiting: number;
  fetchNextAt: number | null;
};

export type SourceLookups = {
  /** The newest rejections of a source. */
  rejections(source: string): Promise<Rejection[]>;
  /** Traffic of one source, or of every source. */
  traffic(source: string | null): Promise<SourceTraffic[]>;
  /** Fields of rules that stopped arriving or changed their type, for one source or every source. */
  driftedFields(source: string | null): Promise<DriftedField[]>;
};
