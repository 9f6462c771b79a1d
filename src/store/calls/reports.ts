/** Reports of Mihu's outcome webhooks, stored for people to read. */
import type { OutcomeReport, OutcomeReportStore } from "../../ports/calling/outcome-reports.ts";
import type { CallRow, ReportRow } from "../../ports/lookups/calls.ts";
import { columns, ms, select } from "../postgres/columns.ts";
import { asJson, isRefusal, type Sql } from "../postgres/connection.ts";
import type { reports } from "../schema/reports.ts";

const reportColumns = columns<typeof reports, ReportRow>({ event: "event", at: ms("received_at"), body: "body" });

/** Reports of one call that an answer holds at most. */
const shownMax = 50;

/** @param sql returns the current client: an object has a new one after it dropped the last */
export function outcomeReportStore(sql: () => Sql): OutcomeReportStore {
  return { storeReports: (line, reports) => storeReports(sql(), line, reports), refuses: isRefusal };
}

/**
 * Stores reports, each once. A duplicate changes nothing, and neither does a report that is written again after a
 * crash. Reports of a removed line are dropped, because they concern no call.
 */
async function storeReports(sql: Sql, line: string, reports: readonly OutcomeReport[]): Promise<void> {
  await sql`
    insert into reports (line, key, event, conversation_uuid, mihu_id, body, received_at)
    select l.slug, g.key, g.event, g.conversation_uuid, g.mihu_id, g.body, to_timestamp(g.received_at / 1000)
    from lines l cross join json_to_recordset(${asJson(reports.map(reportRow))}::text::json) as g(
      key text, event text, conversation_uuid text, mihu_id text, body text, received_at float8)
    where l.slug = ${line}
      -- A report about an erased person is dropped, unless they were called again since.
      and (not exists (select 1 from calls c where c.conversation_uuid = g.conversation_uuid and c.erased_at is not null)
        or exists (select 1 from calls c where c.conversation_uuid = g.conversation_uuid and c.erased_at is null))
    on conflict (line, key) do nothing`;
}

function reportRow({ key, event, conversationUuid, mihuId, body, receivedAt }: OutcomeReport) {
  return { key, event, conversation_uuid: conversationUuid, mihu_id: mihuId, body, received_at: receivedAt };
}

/**
 * The reports about a call, oldest first: the reports of its conversation, except reports that name another call of
 * that conversation.
 */
export async function reportsOf(
  sql: Sql,
  { conversationUuid, mihuId }: Pick<CallRow, "conversationUuid" | "mihuId">,
): Promise<ReportRow[]> {
  if (conversationUuid === null) return [];
  return await sql<ReportRow[]>`
    select ${select(sql, reportColumns, "reports")} from reports
    where conversation_uuid = ${conversationUuid} and (mihu_id is null or mihu_id = coalesce(${mihuId}::text, mihu_id))
    order by id limit ${shownMax}`;
}
