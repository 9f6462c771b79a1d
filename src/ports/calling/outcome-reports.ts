/** Outcome reports that wait to be processed. Types only. */
import type { OutcomeReport } from "./line.ts";

/** One report that waits. `report` is `null` once Postgres has it. */
export type QueuedReport = {
  readonly id: number;
  readonly conversationUuid: string | null;
  readonly report: OutcomeReport | null;
  readonly looks: number;
};

/** The queue of outcome reports, in the storage of the line's object, which outlives a kill. Times are epoch milliseconds. */
export type ReportQueue = {
  /** @returns `false`: the queue is full, and no report was added */
  add(reports: readonly OutcomeReport[], nowMs: number): boolean;
  /** Reports that are due, the longest due first. */
  due(nowMs: number, limit: number): QueuedReport[];
  /** These reports are in Postgres. */
  stored(queued: readonly QueuedReport[]): void;
  /** These are processed, and removed. */
  done(queued: readonly QueuedReport[]): void;
  /** These are looked at again later; after the last look they are removed. */
  later(queued: readonly QueuedReport[], nowMs: number): void;
  /** These conversations are ours now: their reports are due. */
  hurry(conversationUuids: readonly string[], nowMs: number): void;
  /** When the next report is due; `null`: none waits. */
  nextAt(): number | null;
  size(): number;
};
