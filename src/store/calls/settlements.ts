/** Outcomes: finds calls without an outcome, and ends them. */
import type { Foreign, OpenCall, Settled, Settlement, SettlementStore } from "../../ports/calling/settlements.ts";
import { ruleOf } from "../config/sources.ts";
import { sameLines } from "../config/versions.ts";
import { madeRow, saidRow } from "../fragments/call-proof.ts";
import { carriedColumns, newCallColumns } from "../fragments/new-call.ts";
import { stopOf } from "../fragments/stopped.ts";
import { coalesce, columns, ms, present, select, value } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import type { calls } from "../schema/calls.ts";
import type { lines } from "../schema/lines.ts";
import { othersOf } from "./reconciliations.ts";

/** Newest calls of one conversation that are compared with a report. */
const callsPerConversationMax = 20;

/** @param sql returns the current client: an object has a new one after it dropped the last */
export function settlementStore(sql: () => Sql): SettlementStore {
  return {
    ofConversations: (uuids) => ofConversations(sql(), uuids),
    openToPoll: (line, limit) => openToPoll(sql(), line, limit),
    othersOf: (call, found) => othersOf(sql(), call, found),
    joinConversation: (callId, conversation, actor) => joinConversation(sql(), callId, conversation, actor),
    pollNow: (line, mihuIds) => pollNow(sql(), line, mihuIds),
    pollLater: (polls) => pollLater(sql(), polls),
    settle: (settlements, actor) => settle(sql(), settlements, actor),
    noteForeign: (foreign, actor) => noteForeign(sql(), foreign, actor),
    ruleOf: (call) => ruleOf(sql(), call),
  };
}

/** Calls that were placed in one of these conversations, newest first. Includes ended calls, so that no other call takes their report. */
async function ofConversations(sql: Sql, conversationUuids: readonly string[]): Promise<OpenCall[]> {
  return await sql<OpenCall[]>`
    select ${openColumns(sql)}
    from (select distinct uuid from json_array_elements_text(${asJson(conversationUuids)}::text::json) as t(uuid)) wanted
      cross join lateral (
        select * from calls where conversation_uuid = wanted.uuid and status in ('placed', 'ended') and number is not null
        order by placed_at desc limit ${callsPerConversationMax}) c
      join lines l on l.slug = c.line`;
}

/** Placed calls whose poll is due. */
async function openToPoll(sql: Sql, line: string, limit: number): Promise<OpenCall[]> {
  return await sql<OpenCall[]>`
    select ${openColumns(sql)} from calls c join lines l on l.slug = c.line
    where c.line = ${line} and c.status = 'placed' and c.poll_at <= now() order by c.poll_at limit ${limit}`;
}

/**
 * Gives a call its conversation if Mihu's answer to the dial had no conversation. Calls that share a conversation are
 * told apart by their ids at Mihu, so no other call of the conversation may have the same id.
 */
async function joinConversation(
  sql: Sql,
  callId: string,
  { conversationUuid, contactUuid }: Parameters<SettlementStore["joinConversation"]>[1],
  actor: string,
): Promise<boolean> {
  const rows = await sql`
    with joined as (
      update calls c set conversation_uuid = ${conversationUuid}, contact_uuid = coalesce(c.contact_uuid, ${contactUuid}::text)
      where c.id = ${callId} and c.status = 'placed' and c.conversation_uuid is null
        and not exists (select 1 from calls o where o.conversation_uuid = ${conversationUuid} and o.id <> c.id
          and lower(o.mihu_id) = lower(c.mihu_id))
      returning c.id, c.conversation_uuid, ${saidRow(sql, "c")} as said
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'call', id::text, 'conversation_found', ${actor}, jsonb_build_object('conversation_uuid', conversation_uuid,
        'row', jsonb_build_object('conversation_uuid', conversation_uuid) || said)
      from joined
    )
    select id from joined`;
  return rows.length > 0;
}

/** Makes the poll of placed calls without a conversation due at once. */
async function pollNow(sql: Sql, line: string, mihuIds: readonly string[]): Promise<boolean> {
  const rows = await sql`
    update calls set poll_at = now()
    where line = ${line} and status = 'placed' and conversation_uuid is null
      and lower(mihu_id) in (select lower(id) from json_array_elements_text(${asJson(mihuIds)}::text::json) as t(id))
    returning id`;
  return rows.length > 0;
}

/** A placed or ended call has its line, its time of placing and, unless it was erased, its number. */
const openCall = columns<typeof calls, Omit<OpenCall, "agent" | "ended" | "settled">>({
  id: "id",
  line: present("line"),
  conversationUuid: "conversation_uuid",
  mihuId: "mihu_id",
  try: "try",
  source: "source",
  rule: "rule",
  ruleVersion: "rule_version",
  number: present("number"),
  polls: "polls",
  placedAt: present(ms("placed_at")),
  claimedAt: coalesce(ms("claimed_at"), present(ms("placed_at"))),
});
const agentColumns = columns<typeof lines, Pick<OpenCall, "agent">>({ agent: "agent" });

/** The columns of an open call, of the tables `calls` as `c` and `lines` as `l`. */
function openColumns(sql: Sql) {
  return sql`${select(sql, openCall, "c")}, c.status = 'ended' as ended,
    c.status = 'ended' and c.summary is not null as settled,
    case when l.agent_since is null or l.agent_since <= coalesce(c.claimed_at, c.placed_at)
      then ${value(sql, agentColumns, "l")} end as agent`;
}

/** Inserts one entry for each call whose conversation is another person's at Mihu, however often it is looked up. */
async function noteForeign(sql: Sql, foreign: readonly Foreign[], actor: string): Promise<void> {
  const rows = foreign.map((one) => ({ id: one.callId, uuid: one.conversationUuid, mismatch: one.mismatch }));
  await sql`
    insert into entries (subject, subject_id, action, actor, data)
    select 'call', g.id, 'not_this_call', ${actor}, jsonb_build_object('conversation_uuid', g.uuid, 'mismatch', g.mismatch)
    from json_to_recordset(${asJson(rows)}::text::json) as g(id text, uuid text, mismatch text)
    where not exists (select 1 from entries e
      where e.subject = 'call' and e.subject_id = g.id and e.action = 'not_this_call'
        and e.data->>'conversation_uuid' = g.uuid)`;
}

/**
 * Ends calls, completes ended calls from late reports, and makes the further tries that rules name.
 *
 * Steps:
 * - `given`: the outcomes, with the times of further tries.
 * - `same_lines`: locks the lines of the further tries that have the version by which their times were computed.
 * - `left_out`: the calls whose further try is on a line with another version.
 * - `ended`: ends the calls that are placed.
 * - `completed`: fills empty fields of calls that had already ended.
 * - `made`: inserts the further tries, canceled if something stopped them meanwhile.
 * - `audited`: inserts the entries.
 *
 */
async function settle(sql: Sql, settlements: Settlement[], actor: string): Promise<Settled> {
  const [written] = await sql<[{ pokes: Settled["pokes"] | null; left: string[] | null }]>`
    with given as (
      select * from json_to_recordset(${asJson(settlements.map(settlementRow))}::text::json) as g(
        id uuid, outcome text, raw text, duration_s int, summary text, recording_url text, ended_at float8,
        again_asked float8, again_due float8, again_closes float8, again_expires float8, again_line text)
    ), same_lines as (${sameLines(
      sql,
      settlements.flatMap(({ again }) => again?.line ?? []),
    )}
    ), left_out as (
      select id from given where again_line is not null and again_line not in (select slug from same_lines)
    ), ended as (
      update calls c set status = 'ended', outcome = g.outcome, outcome_raw = g.raw, duration_s = g.duration_s,
        summary = g.summary, recording_url = g.recording_url, ended_at = to_timestamp(g.ended_at / 1000), poll_at = null
      from given g where c.id = g.id and c.status = 'placed' and g.id not in (select id from left_out)
      returning c.*, ${saidRow(sql, "c")} as said, g.again_asked, g.again_due, g.again_closes, g.again_expires
    ), completed as (
      -- An outcome is final: a later report only fills empty fields.
      update calls c set summary = coalesce(c.summary, g.summary), duration_s = coalesce(c.duration_s, g.duration_s),
        recording_url = coalesce(c.recording_url, g.recording_url)
      from given g where c.id = g.id and c.status = 'ended' and c.erased_at is null
        and (c.summary is null and g.summary is not null or c.duration_s is null and g.duration_s is not null
          or c.recording_url is null and g.recording_url is not null)
      returning c.id, c.duration_s, ${saidRow(sql, "c")} as said
    ), made as (
      insert into calls (${newCallColumns(sql)})
      select ${carriedColumns(sql)}, try + 1, id, null,
        case when stopped is null then 'queued' else 'canceled' end, stopped, null,
        to_timestamp(again_due / 1000), to_timestamp(again_closes / 1000), to_timestamp(again_expires / 1000)
      from (
        -- stopped: the record was withdrawn, a person stopped the tries, or the number was suppressed while the call ran.
        select e.*, ${stopOf(sql, sql`e`)} as stopped
        from ended e where again_due is not null) further
      on conflict (event_id, rule, try) do nothing
      returning id, again_of, line, due_at, try, status, reason, content,
        ${madeRow(sql, "calls")} as proof
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'call', id::text, 'ended', ${actor}, jsonb_strip_nulls(jsonb_build_object('outcome', outcome,
        'outcome_raw', outcome_raw, 'duration_s', duration_s))
        || jsonb_build_object('row', jsonb_build_object('ended_at', ended_at, 'outcome', outcome,
        'outcome_raw', outcome_raw, 'duration_s', duration_s) || said) from ended
      union all select 'call', id::text, 'report_added', ${actor},
        jsonb_build_object('row', jsonb_build_object('duration_s', duration_s) || said) from completed
      union all select 'call', id::text, status, ${actor}, jsonb_strip_nulls(jsonb_build_object('again_of', again_of, 'try', try,
        'asked_at', (select to_timestamp(again_asked / 1000) from ended where ended.id = made.again_of), 'due_at', due_at,
        'reason', reason, 'content', content, 'verdicts', '[]'::jsonb)) || proof from made
    )
    select (select json_agg(line) from (select line from ended union select line from made where status = 'queued') o) as pokes,
      (select json_agg(l.id) from left_out l join calls c on c.id = l.id where c.status = 'placed') as left`;
  return { pokes: written.pokes ?? [], left: written.left ?? [] };
}

function settlementRow(one: Settlement) {
  return {
    id: one.callId,
    outcome: one.outcome,
    raw: one.outcomeRaw,
    duration_s: one.durationS,
    summary: one.summary,
    recording_url: one.recordingUrl,
    ended_at: one.endedAt,
    again_asked: one.again?.askedAt ?? null,
    again_due: one.again?.dueAt ?? null,
    again_closes: one.again?.closesAt ?? null,
    again_expires: one.again?.expiresAt ?? null,
    again_line: one.again?.line.slug ?? null,
  };
}

/** Postpones the poll of calls that have not ended. */
async function pollLater(sql: Sql, polls: { callId: string; waitMs: number }[]): Promise<void> {
  await sql`
    update calls c set polls = polls + 1, poll_at = now() + p.wait_ms * interval '1 millisecond'
    from json_to_recordset(${asJson(polls.map((poll) => ({ id: poll.callId, wait_ms: poll.waitMs })))}::text::json)
      as p(id uuid, wait_ms float8)
    where c.id = p.id and c.status = 'placed'`;
}
