/** Queue of outcome reports. Types only. */

/** A queued report. `report` is null once Postgres has it. */
export type QueuedReport = {
  readonly id: number;
  readonly conversationUuid: string | null;
  readonly report: OutcomeReport | null;
  readonly looks: number;
};

/**
 * Queue of outcome reports in the storage of the line's object, which survives a kill. Times are epoch milliseconds.
 */
export type ReportQueue = {
  /** @returns False if the queue is full; then no report was added. */
  add(reports: readonly OutcomeReport[], nowMs: number): boolean;
  /** Due reports, the longest due first. */
  due(nowMs: number, limit: number): QueuedReport[];
  /** Postgres has these reports. */
  stored(queued: readonly QueuedReport[]): void;
  /** Removes processed reports. */
  done(queued: readonly QueuedReport[]): void;
  /** Schedules another look at these reports. After the last look they are removed. */
  later(queued: readonly QueuedReport[], nowMs: number): void;
  /** Makes the reports of these conversations due, because a Hookline call has the conversations now. */
  hurry(conversationUuids: readonly string[], nowMs: number): void;
  /** Time at which the next report is due; null if the queue is empty. */
  nextAt(): number | null;
  size(): number;
};

/** One report of a Mihu webhook, stored without its credentials. Its content is not trusted. */
export type OutcomeReport = {
  /** Deduplication key: a repeated report has the same key. */
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
  /** Stores reports of Mihu's webhooks. A report that is already stored is skipped. */
  storeReports(line: string, reports: readonly OutcomeReport[]): Promise<void>;
  /** Whether a thrown value means that Postgres rejects the content, now and later. */
  refuses(error: unknown): boolean;
};
