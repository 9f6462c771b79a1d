/**
 * The report queue: unprocessed outcome reports of Mihu's webhooks, in the object's own storage, so that an
 * acknowledged report survives a kill. It is bounded in rows and bytes. A repeated report is the same row.
 *
 * A row is processed in two steps: its report is stored in Postgres, and its conversation is looked up. After a kill
 * both may be repeated, which changes nothing.
 */
import { reportsWaitingMax } from "../../domain/limits.ts";
import type { OutcomeReport, QueuedReport, ReportQueue } from "../../ports/calling/outcome-reports.ts";

/** Bytes of waiting reports in one line's object. Beyond it the answer is 503, and the calls are polled. */
const reportsBytesMax = 67_108_864;

/**
 * Pauses before a report of an unknown conversation is looked up again: Mihu may report a call before its answer to the
 * POST is recorded. The last look-up precedes the first poll.
 */
const reportLooksAfterMs = [1_000, 4_000, 10_000, 20_000] as const;

/** Rows by their ids, as one parameter. */
const given = "(select value from json_each(?))";
const idsOf = (queued: readonly QueuedReport[]): string => JSON.stringify(queued.map(({ id }) => id));

/** The part of an object's SQLite storage that the queue uses. */
export type ReportStorage = {
  exec(query: string, ...bindings: (string | number | null)[]): { toArray(): Record<string, unknown>[] };
};

/** @param sql the object's storage */
export function reportQueue(sql: ReportStorage): ReportQueue {
  sql.exec(`create table if not exists news (id integer primary key autoincrement, key text not null unique,
    conversation text, report text, size integer not null, looks integer not null default 0, due real not null)`);
  sql.exec("create index if not exists news_due on news (due, id)");
  sql.exec("create index if not exists news_of on news (conversation)");
  const number = (column: string, query: string, ...bindings: (string | number)[]): number | null => {
    const value = sql.exec(query, ...bindings).toArray()[0]?.[column];
    return typeof value === "number" ? value : null;
  };
  // Counted once, then in memory: reading a row is billed.
  let rows = number("n", "select count(*) as n from news") ?? 0;
  let bytes = number("n", "select sum(size) as n from news") ?? 0;

  function remove(queued: readonly QueuedReport[]): void {
    if (queued.length === 0) return;
    const ids = idsOf(queued);
    bytes -= number("n", `select sum(size) as n from news where id in ${given}`, ids) ?? 0;
    rows -= sql.exec(`delete from news where id in ${given} returning id`, ids).toArray().length;
  }

  return {
    add(reports, nowMs) {
      const texts = reports.map((report) => JSON.stringify(report));
      const size = texts.reduce((sum, text) => sum + text.length, 0);
      if (rows + reports.length > reportsWaitingMax || bytes + size > reportsBytesMax) return false;
      for (const [index, report] of reports.entries()) {
        const text = texts[index] ?? "";
        const [made] = sql
          .exec(
            `insert into news (key, conversation, report, size, due) values (?, ?, ?, ?, ?)
              on conflict (key) do nothing returning id`,
            report.key,
            report.conversationUuid,
            text,
            text.length,
            nowMs,
          )
          .toArray();
        if (made === undefined) continue;
        rows++;
        bytes += text.length;
      }
      return true;
    },
    due: (nowMs, limit) =>
      sql
        .exec("select id, conversation, report, looks from news where due <= ? order by due, id limit ?", nowMs, limit)
        .toArray()
        .map(reportOf),
    stored(queued) {
      const ids = idsOf(queued.filter(({ report }) => report !== null));
      bytes -= number("n", `select sum(size) as n from news where id in ${given}`, ids) ?? 0;
      sql.exec(`update news set report = null, size = 0 where id in ${given}`, ids);
    },
    done: remove,
    later(queued, nowMs) {
      for (const looks of new Set(queued.map((one) => one.looks))) {
        const same = queued.filter((one) => one.looks === looks);
        const waitMs = reportLooksAfterMs[looks];
        if (waitMs === undefined) remove(same);
        else sql.exec(`update news set looks = looks + 1, due = ? where id in ${given}`, nowMs + waitMs, idsOf(same));
      }
    },
    hurry(conversationUuids, nowMs) {
      if (rows === 0) return;
      for (const uuid of conversationUuids)
        sql.exec("update news set due = ? where conversation = ? and due > ?", nowMs, uuid, nowMs);
    },
    nextAt() {
      if (rows === 0) return null;
      return number("due", "select min(due) as due from news");
    },
    size: () => rows,
  };
}

/** The cast holds: only `add` writes the table. */
function reportOf(row: Record<string, unknown>): QueuedReport {
  return {
    id: Number(row.id),
    conversationUuid: typeof row.conversation === "string" ? row.conversation : null,
    report: typeof row.report === "string" ? (JSON.parse(row.report) as OutcomeReport) : null,
    looks: Number(row.looks),
  };
}
