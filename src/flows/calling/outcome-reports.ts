/**
 * Stores Mihu's outcome reports in Postgres and looks up their conversations. Each step is idempotent, so a run that
 * stopped is repeated.
 *
 * | the conversation                        | its reports                                                                  |
 * | --------------------------------------- | ---------------------------------------------------------------------------- |
 * | was read, or has nothing left to settle | done                                                                         |
 * | belongs to no call of ours              | retried for half a minute, since the call may not be recorded yet; then done |
 * | cannot be read now                      | the same; polling continues                                                  |
 * | was not reached in this run             | stay due                                                                     |
 */
import { reportsPerBatchMax } from "../../domain/limits.ts";
import type { LinePoke } from "../../ports/calling/line-objects.ts";
import type {
  OutcomeReport,
  OutcomeReportStore,
  QueuedReport,
  ReportQueue,
} from "../../ports/calling/outcome-reports.ts";
import { pollOpen, type SettlePorts, settleConversations } from "./settle.ts";

export type OutcomeReportPorts = SettlePorts & { reports: OutcomeReportStore; queue: ReportQueue };

/** Processes one batch of due reports. @returns The lines that may dial again. */
export async function settleReports(ports: OutcomeReportPorts, line: string): Promise<LinePoke[]> {
  const queued = ports.queue.due(ports.clock.now(), reportsPerBatchMax);
  const fresh = queued.filter(({ report }) => report !== null);
  if (fresh.length > 0) {
    await storeReports(ports.reports, line, fresh);
    ports.queue.stored(fresh);
  }
  const uuids = [...new Set(queued.flatMap(({ conversationUuid }) => conversationUuid ?? []))];
  const nothing = { pokes: [], unknown: [], unread: [], left: [] };
  const looked = uuids.length === 0 ? nothing : await settleConversations(ports, line, uuids);
  const { unknown, unread, left } = looked;
  const pokes = [...looked.pokes, ...(await settleNamed(ports, line, fresh, new Set(unknown)))];
  const again = new Set([...unknown, ...unread]);
  const waits = new Set(left);
  const of = (group: ReadonlySet<string>) => (one: QueuedReport) =>
    one.conversationUuid !== null && group.has(one.conversationUuid);
  ports.queue.later(queued.filter(of(again)), ports.clock.now());
  ports.queue.done(queued.filter((one) => !of(again)(one) && !of(waits)(one)));
  return pokes;
}

/** Looks up a call whose POST returned no conversation once a report names the call's id. */
async function settleNamed(
  ports: SettlePorts,
  line: string,
  queued: readonly QueuedReport[],
  unknown: ReadonlySet<string>,
): Promise<LinePoke[]> {
  const ids = queued.flatMap(({ conversationUuid, report }) =>
    conversationUuid === null || unknown.has(conversationUuid) ? (report?.mihuId ?? []) : [],
  );
  return ids.length > 0 && (await ports.settlements.pollNow(line, ids)) ? await pollOpen(ports, line) : [];
}

/** Writes the reports one by one if Postgres rejects the batch, so that a rejected report does not block the others. */
async function storeReports(store: OutcomeReportStore, line: string, queued: readonly QueuedReport[]): Promise<void> {
  const reports = queued.map(({ report }) => report).filter((report): report is OutcomeReport => report !== null);
  try {
    await store.storeReports(line, reports);
  } catch (error) {
    if (!store.refuses(error)) throw error;
    if (reports.length > 1) for (const one of queued) await storeReports(store, line, [one]);
  }
}
