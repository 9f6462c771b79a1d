/** What Mihu's webhooks told a line and nobody has looked at yet. Types only. */
import type { OutcomeReport } from "./line.ts";

/** One report that waits. `report` is `null` once it is kept in Postgres. */
export type QueuedReports = {
  readonly id: number;
  readonly conversationUuid: string | null;
  readonly report: OutcomeReport | null;
  readonly looks: number;
};

/** Where news waits: the line's object's own storage, which outlives a kill. Times are epoch milliseconds. */
export type ReportQueue = {
  /** @returns `false`: too much waits, and nothing of it was taken */
  add(reports: readonly OutcomeReport[], nowMs: number): boolean;
  /** News whose time has come, the longest due first. */
  due(nowMs: number, limit: number): QueuedReports[];
  /** These reports are in Postgres. */
  kept(news: readonly QueuedReports[]): void;
  /** Nothing is left to be done with these. */
  done(news: readonly QueuedReports[]): void;
  /** These are looked at again later; after the last look they are done. */
  later(news: readonly QueuedReports[], nowMs: number): void;
  /** These conversations are ours now: what waits for them is due. */
  hurry(conversationUuids: readonly string[], nowMs: number): void;
  /** When the next is due; `null` when none waits. */
  nextAt(): number | null;
  size(): number;
};
