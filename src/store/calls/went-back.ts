/** Handles a Postgres that is behind a line's object, after a restore from a backup or a failover to a late replica. */
import type { LostClaims, Rung } from "../../ports/calling/claims.ts";
import { asJson, type Sql } from "../postgres/connection.ts";

/** Missing calls that a pause names, beside their count. */
const namedMax = 20;

/**
 * Moves calls that may have rung although they wait in Postgres to `review`, so that a restore dials nothing twice.
 *
 * A call is identified by its (event, rule, try): an event that was redelivered after the restore has a call with another id.
 *
 * Steps:
 * - `given`: the calls that the journal has as begun, the last claim of each.
 * - `reviewed`: moves the calls that wait in Postgres to `review`.
 * - `gone`: the calls that Postgres does not have.
 * - `summary`: the numbers of reviewed and gone calls, and the ids of some gone calls.
 * - `paused`: pauses the line, with the summary as its detail.
 *
 * @param behind the claims that Postgres does not have, and the claim that the journal begins at, if it does not hold them all. `null`:
 *   the line is not paused
 */
export async function wentBack(
  sql: Sql,
  line: string,
  behind: LostClaims | null,
  rung: readonly Rung[],
  actor: string,
): Promise<void> {
  await sql`
    with given as (
      select distinct on (event_id, rule, try) * from json_to_recordset(${asJson(rung.map(rungRow))}::text::json) as g(
        call_id uuid, claim_seq bigint, event_id uuid, rule text, try int, claimed_at float8, conversation_uuid text,
        mihu_id text)
      order by event_id, rule, try, claim_seq desc
    ), reviewed as (
      update calls c set status = 'review', reason = 'database_went_back', lease_until = null, poll_at = null,
        -- The time of the dial finds Mihu's report, and delays other calls to the number for a while.
        claimed_at = least(now(), to_timestamp(g.claimed_at / 1000)),
        conversation_uuid = coalesce(c.conversation_uuid, g.conversation_uuid), mihu_id = coalesce(c.mihu_id, g.mihu_id)
      from given g
      where c.event_id = g.event_id and c.rule = g.rule and c.try = g.try and c.status in ('queued', 'held', 'dialing')
      returning c.id, g.claim_seq, c.conversation_uuid, c.mihu_id, c.claimed_at
    ), gone as (
      select g.call_id from given g
      where not exists (select 1 from calls c where c.event_id = g.event_id and c.rule = g.rule and c.try = g.try)
    ), summary as (
      select (select count(*) from reviewed) as reviewed, (select count(*) from gone) as missing,
        (select coalesce(json_agg(call_id), '[]')
          from (select call_id from gone order by call_id limit ${namedMax}) first) as named
    ), paused as (
      update lines set paused_at = now(), pause_reason = 'database_went_back', pause_claim_seq = ${behind?.to ?? null}::bigint,
        pause_detail = format('claims %s to %s are missing; %s calls that may have rung wait in review; %s more are gone%s%s',
          ${behind?.from ?? null}::bigint + 1, ${behind?.to ?? null}::bigint, reviewed, missing,
          case when missing > 0 then ': ' || (select string_agg(value, ', ') from json_array_elements_text(named)) else '' end,
          '; the journal begins at claim ' || ${behind?.journalBegins ?? null}::bigint
            || ': calls of claims before it cannot be told')
      from summary
      where slug = ${line} and ${behind !== null}::boolean and paused_at is null and claim_seq < ${behind?.to ?? null}::bigint
      returning slug, pause_detail
    )
    insert into entries (subject, subject_id, action, actor, reason, data)
    select 'line', slug, 'paused', ${actor}, 'database_went_back', jsonb_build_object('detail', pause_detail, 'gone', missing,
      'gone_calls', named, 'reviewed', reviewed)
      || jsonb_strip_nulls(jsonb_build_object('journal_begins', ${behind?.journalBegins ?? null}::bigint)) from paused, summary
    union all
    select 'call', id::text, 'review', ${actor}, 'database_went_back', jsonb_strip_nulls(jsonb_build_object('claim', claim_seq,
      'conversations', case when conversation_uuid is null then '[]'::jsonb else jsonb_build_array(conversation_uuid) end,
      'mihu_id', mihu_id)) || jsonb_build_object('row', jsonb_build_object('claimed_at', claimed_at,
      'conversation_uuid', conversation_uuid, 'mihu_id', mihu_id)) from reviewed`;
}

function rungRow(one: Rung) {
  return {
    call_id: one.callId,
    claim_seq: one.claimSeq,
    event_id: one.eventId,
    rule: one.rule,
    try: one.try,
    claimed_at: one.claimedAt,
    conversation_uuid: one.conversationUuid,
    mihu_id: one.mihuId,
  };
}
