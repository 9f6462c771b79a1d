/**
 * News: what Mihu's webhooks said → kept in Postgres, and its conversations looked at. Done twice it changes nothing, so a stop at any
 * step is mended by doing it again.
 *
 * | the conversation                        | its news                                                                   |
 * | --------------------------------------- | -------------------------------------------------------------------------- |
 * | was read, or has nothing left to settle | done                                                                       |
 * | is none of ours                         | looked at again for half a minute: its call may not be recorded yet; then done |
 * | cannot be read now                      | the same; then the polls go on                                             |
 * | had no turn                             | stays due                                                                  |
 */
import { reportsPerBatchMax } from "../../domain/limits.ts";
import type { CallStore, LinePoke, OutcomeReport } from "../../ports/calling/line.ts";
import type { QueuedReports, ReportQueue } from "../../ports/calling/outcome-reports.ts";
import { pollOpen, type SettlePorts, settleConversations } from "./settle.ts";

export type OutcomeReportPorts = SettlePorts & { news: ReportQueue };

/** Works on the news that is due, as much as one batch takes. @returns the lines that have room again */
export async function settleReports(ports: OutcomeReportPorts, line: string): Promise<LinePoke[]> {
  const news = ports.news.due(ports.clock.now(), reportsPerBatchMax);
  const fresh = news.filter(({ report }) => report !== null);
  if (fresh.length > 0) {
    await keep(ports.calls, line, fresh);
    ports.news.kept(fresh);
  }
  const uuids = [...new Set(news.flatMap(({ conversationUuid }) => conversationUuid ?? []))];
  const nothing = { pokes: [], unknown: [], unread: [], left: [] };
  const looked = uuids.length === 0 ? nothing : await settleConversations(ports, line, uuids);
  const { unknown, unread, left } = looked;
  const pokes = [...looked.pokes, ...(await settleNamed(ports, line, fresh, new Set(unknown)))];
  const again = new Set([...unknown, ...unread]);
  const waits = new Set(left);
  const of = (group: ReadonlySet<string>) => (one: QueuedReports) =>
    one.conversationUuid !== null && group.has(one.conversationUuid);
  ports.news.later(news.filter(of(again)), ports.clock.now());
  ports.news.done(news.filter((one) => !of(again)(one) && !of(waits)(one)));
  return pokes;
}

/** Of a call whose answer named no conversation, news that names its id says when to look for it. */
async function settleNamed(
  ports: SettlePorts,
  line: string,
  news: readonly QueuedReports[],
  unknown: ReadonlySet<string>,
): Promise<LinePoke[]> {
  const ids = news.flatMap(({ conversationUuid, report }) =>
    conversationUuid === null || unknown.has(conversationUuid) ? (report?.mihuId ?? []) : [],
  );
  return ids.length > 0 && (await ports.calls.pollNow(line, ids)) ? await pollOpen(ports, line) : [];
}

/** Where Postgres refuses one of them, each for itself: it must not keep the others from being looked at. */
async function keep(calls: CallStore, line: string, news: readonly QueuedReports[]): Promise<void> {
  const reports = news.map(({ report }) => report).filter((report): report is OutcomeReport => report !== null);
  try {
    await calls.keepReports(line, reports);
  } catch (error) {
    if (!calls.refuses(error)) throw error;
    if (reports.length > 1) for (const one of news) await keep(calls, line, [one]);
  }
}
