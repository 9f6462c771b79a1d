import type { HookEntry } from "../../domain/hooks/told-event.ts";
import { toldActions } from "../../domain/hooks/told-event.ts";
import type { Outbox, OutboxEntry } from "../../ports/hooks/outbox.ts";
import { columns, jsonFields, ms, number, select, text } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { entries } from "../schema/audit.ts";
import type { calls } from "../schema/calls.ts";

const entryColumns = columns<typeof entries, Omit<OutboxEntry, "sequence" | "call" | "next">>({
  id: number("id"),
  tx: text("tx"),
  at: ms("at"),
  subject: "subject",
  subjectId: "subject_id",
  action: "action",
  actor: "actor",
  reason: "reason",
  data: "data",
});
const callColumns = columns<typeof calls, NonNullable<HookEntry["call"]>>({
  id: "id",
  try: "try",
  againOf: "again_of",
  status: "status",
  outcome: "outcome",
  outcomeRaw: "outcome_raw",
  reason: "reason",
  source: "source",
  rule: "rule",
  ruleVersion: "rule_version",
  eventId: "event_id",
  mode: "mode",
  line: "line",
  orderNumber: "order_number",
  recordType: "record_type",
  recordId: "record_id",
  number: "number",
  about: "about",
  summary: "summary",
  recordingUrl: "recording_url",
  conversationUuid: "conversation_uuid",
  mihuId: "mihu_id",
  createdAt: ms("created_at"),
  dueAt: ms("due_at"),
  placedAt: ms("placed_at"),
  endedAt: ms("ended_at"),
  durationS: "duration_s",
});
const nextColumns = columns<typeof calls, NonNullable<HookEntry["next"]>>({
  id: "id",
  status: "status",
  dueAt: ms("due_at"),
});
export function outboxStore(sql: () => Sql): Outbox {
  return { entriesAfter: (mark, limit) => after(sql(), mark, limit) };
}
async function after(sql: Sql, mark: { tx: string; id: number }, limit: number): ReturnType<Outbox["entriesAfter"]> {
  const callActions = [...(toldActions.call ?? [])];
  const [row] = await sql<
    [{ entries: OutboxEntry[]; walked: { tx: string; id: number; n: number } | null; waiting: boolean }]
  >`
    with walked as materialized (
      select * from entries where (tx, id) > (${mark.tx}::text::xid8, ${mark.id}::bigint) and tx < pg_snapshot_xmin(pg_current_snapshot())
      order by tx, id limit ${limit}
    ), wanted as (select * from walked e where ${Object.entries(toldActions)
      .map(([s, a]) => sql`(subject = ${s} and action in ${sql([...a])})`)
      .reduce((x, y) => sql`${x} or ${y}`)})
    select (select coalesce(json_agg(x order by x.tx::text::bigint, x.id), '[]') from (select ${select(sql, entryColumns, "e")},
      case when subject = 'call' then (select count(*)::int from entries s where s.subject = 'call' and s.subject_id = e.subject_id and s.id <= e.id and s.action in ${sql(callActions)}) end as sequence,
      (select json_build_object(${jsonFields(sql, callColumns, "c")}) from calls c where e.subject = 'call' and c.id::text = e.subject_id) as call,
      (select json_build_object(${jsonFields(sql, nextColumns, "n")}) from calls c join calls n on n.event_id = c.event_id and n.rule = c.rule and n.try = c.try + 1 where e.subject = 'call' and c.id::text = e.subject_id) as next
      from wanted e) x) as entries,
    (select json_build_object('tx', tx::text, 'id', id, 'n', (select count(*) from walked)) from walked order by tx desc, id desc limit 1) as walked,
    exists (select 1 from entries where tx >= pg_snapshot_xmin(pg_current_snapshot())) as waiting`;
  const { entries, walked, waiting } = row;
  return {
    entries,
    mark: walked === null ? mark : { tx: walked.tx, id: walked.id },
    more: walked?.n === limit,
    waiting,
  };
}
