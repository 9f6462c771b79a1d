/** Outcomes: what is open, and its end. */
import type { LinePoke, OpenCall, Settlement } from "../ports/line.ts";
import { asJson, type Sql } from "./connection.ts";
import { isSuppressed } from "./suppressed.ts";

/** Placed calls of a conversation, and those that ended without a summary: a late report may still bring one. */
export async function openByConversation(sql: Sql, line: string, conversationUuid: string): Promise<OpenCall[]> {
  return await sql<OpenCall[]>`
    select ${openColumns(sql)} from calls
    where line = ${line} and conversation_uuid = ${conversationUuid}
      and (status = 'placed' or (status = 'ended' and summary is null)) order by placed_at desc limit 20`;
}

/** Placed calls whose time to be asked after has come. */
export async function openToPoll(sql: Sql, line: string, limit: number): Promise<OpenCall[]> {
  return await sql<OpenCall[]>`
    select ${openColumns(sql)} from calls where line = ${line} and status = 'placed' and poll_at <= now()
    order by poll_at limit ${limit}`;
}

function openColumns(sql: Sql) {
  return sql`id, line, conversation_uuid as "conversationUuid", mihu_id as "mihuId", try, source, rule,
    rule_version as "ruleVersion", status = 'ended' as ended, polls, (extract(epoch from placed_at) * 1000)::float8 as "placedAt"`;
}

/**
 * Ends calls, adds what a late report brings to those that ended before, and makes the further tries that rules name.
 *
 * @returns the lines that have room again, or a further try to place
 */
export async function settle(sql: Sql, settlements: Settlement[], actor: string): Promise<LinePoke[]> {
  return await sql<LinePoke[]>`
    with given as (
      select * from json_to_recordset(${asJson(settlements.map(settlementRow))}::text::json) as g(
        id uuid, outcome text, raw text, duration_s int, summary text, recording_url text, ended_at float8,
        again_due float8, again_closes float8, again_expires float8)
    ), ended as (
      update calls c set status = 'ended', outcome = g.outcome, outcome_raw = g.raw, duration_s = g.duration_s,
        summary = g.summary, recording_url = g.recording_url, ended_at = to_timestamp(g.ended_at / 1000), poll_at = null
      from given g where c.id = g.id and c.status = 'placed'
      returning c.*, g.again_due, g.again_closes, g.again_expires
    ), added as (
      -- Terminal is sticky: a later report adds, and takes nothing back.
      update calls c set summary = coalesce(c.summary, g.summary), duration_s = coalesce(c.duration_s, g.duration_s),
        recording_url = coalesce(c.recording_url, g.recording_url)
      from given g where c.id = g.id and c.status = 'ended'
        and (c.summary is null and g.summary is not null or c.duration_s is null and g.duration_s is not null
          or c.recording_url is null and g.recording_url is not null)
      returning c.id
    ), again as (
      insert into calls (event_id, source, rule, rule_version, try, again_of, mode, line, status, reason, order_number,
        order_number_key, record_type, record_id, number, country, about, prompt, prompt_overwrite, greeting, zones, due_at,
        closes_at, expires_at)
      select event_id, source, rule, rule_version, try + 1, id, mode, line, case when stopped then 'canceled' else 'queued' end,
        case when stopped then 'suppressed' end, order_number, order_number_key, record_type, record_id, number, country, about,
        prompt, prompt_overwrite, greeting, zones, to_timestamp(again_due / 1000), to_timestamp(again_closes / 1000),
        to_timestamp(again_expires / 1000)
      from (select e.*, ${isSuppressed(sql, sql`e.number`)}
        as stopped from ended e where again_due is not null) further
      on conflict (event_id, rule, try) do nothing
      returning id, again_of, line, due_at, try, status, reason
    ), told as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'call', id::text, 'ended', ${actor}, jsonb_strip_nulls(jsonb_build_object('outcome', outcome,
        'outcome_raw', outcome_raw, 'duration_s', duration_s)) from ended
      union all select 'call', id::text, 'report_added', ${actor}, '{}'::jsonb from added
      union all select 'call', id::text, status, ${actor}, jsonb_strip_nulls(jsonb_build_object('again_of', again_of, 'try', try,
        'due_at', due_at, 'reason', reason))
        from again
    )
    select line, (extract(epoch from min(due_at)) * 1000)::float8 as "dueAt"
    from (select line, now() as due_at from ended union all select line, due_at from again where status = 'queued') pokes group by line`;
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
    again_due: one.again?.dueAt ?? null,
    again_closes: one.again?.closesAt ?? null,
    again_expires: one.again?.expiresAt ?? null,
  };
}

/** Asks again later after calls that still go on. */
export async function pollLater(sql: Sql, polls: { callId: string; waitMs: number }[]): Promise<void> {
  await sql`
    update calls c set polls = polls + 1, poll_at = now() + p.wait_ms * interval '1 millisecond'
    from json_to_recordset(${asJson(polls.map((poll) => ({ id: poll.callId, wait_ms: poll.waitMs })))}::text::json)
      as p(id uuid, wait_ms float8)
    where c.id = p.id and c.status = 'placed'`;
}
