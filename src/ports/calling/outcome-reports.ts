/** Outcome reports that wait to be processed. Types only. */

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

/** One report of a webhook of Mihu's, kept as it came but for its credentials. Nothing of it is believed. */
export type OutcomeReport = {
  /** The same report again has the same key. */
  key: string;
  event: string;
  conversationUuid: string | null;
  /** Mihu's id of the call. */
  mihuId: string | null;
  /** JSON. */
  body: string;
  receivedAt: number;
};

export type OutcomeReportStore = {
  /** Stores what Mihu's webhooks said; a report that is stored already is not stored twice. */
  storeReports(line: string, reports: readonly OutcomeReport[]): Promise<void>;
  /** Whether a thrown value means that Postgres rejects the content, now and later. */
  refuses(error: unknown): boolean;
};
