/** The results of dials, recorded for a batch in one statement. */
import { looksAfterMs, paceWindowSeconds } from "../../domain/limits.ts";
import type { DialResult, ResultStore } from "../../ports/calling/results.ts";
import { saidRow, toldColumns, toldField, toldVerdicts } from "../fragments/call-proof.ts";
import { stopDetail, stopOf } from "../fragments/stopped.ts";
import { asJson, isRefusal, type Sql } from "../postgres/connection.ts";

/** Time of a placed call's first poll, if no webhook reported its end before. */
const firstPollSeconds = 60;

/** @param sql returns the current client: an object has a new one after it dropped the last */
export function resultStore(sql: () => Sql): ResultStore {
  return { record: (line, results) => record(sql(), line, results), refuses: isRefusal };
}

/**
 * Moves claimed calls to the status that Mihu's answer means. If a call's lease ran out meanwhile, a late good answer
 * still moves it from `unknown` to `placed`, and to no other status. A call that returns to the queue and was stopped
 * meanwhile is canceled.
 *
 * Steps:
 * - `given`: the results.
 * - `moved`: moves the calls. `back`: whether the call returned to the queue, even if it was stopped there.
 * - `gates`: inserts the verdicts of calls that a gate stopped on their return to the queue.
 * - `slots_used`: inserts the slots of requests that reached Mihu and rang nobody.
 * - `day_refunded`: takes calls that rang nobody out of the day's count.
 */
async function record(sql: Sql, line: string, results: DialResult[]): Promise<void> {
  const stopped = sql`(r.status = 'queued' and ${stopOf(sql, sql`c`)} is not null)`;
  await sql`
    with given as (
      select * from json_to_recordset(${asJson(results.map(resultRow))}::text::json) as r(
        id uuid, seq bigint, status text, reason text, detail jsonb, conversation_uuid text, contact_uuid text, mihu_id text,
        listen_url text, record_url text, posted boolean, wait_ms float8)
    ), moved as (
      update calls c set status = case when ${stopped} then 'canceled' else r.status end,
        reason = case when ${stopped} then ${stopOf(sql, sql`c`)} else r.reason end,
        detail = case when ${stopped} then ${stopDetail(sql, sql`c`)} else coalesce(r.detail, c.detail) end,
        conversation_uuid = r.conversation_uuid, contact_uuid = r.contact_uuid, mihu_id = r.mihu_id,
        listen_url = r.listen_url, record_url = r.record_url, lease_until = null,
        -- Mihu received the request between the claim and now, so its slot frees one whole window after now.
        slot_until = case when r.posted and r.status <> 'queued'
          then clock_timestamp() + ${paceWindowSeconds} * interval '1 second' end,
        placed_at = case when r.status = 'placed' then clock_timestamp() end,
        polls = 0, poll_at = case r.status
          when 'placed' then clock_timestamp() + ${firstPollSeconds} * interval '1 second'
          when 'unknown' then clock_timestamp() + ${looksAfterMs[0]} * interval '1 millisecond' end,
        -- A call that was not sent keeps its turn.
        due_at = case when r.status = 'queued' and r.posted
          then clock_timestamp() + r.wait_ms * interval '1 millisecond' else c.due_at end
      from given r
      where c.id = r.id and c.claim_seq = r.seq
        and (c.status = 'dialing' or (c.status = 'unknown' and r.status = 'placed'))
      returning r.posted, r.status = 'queued' as back, c.id, c.status, c.reason, r.detail, c.conversation_uuid, c.mihu_id,
        c.placed_at, c.due_at, ${saidRow(sql, "c")} as said,
        -- A call counts for the day (UTC) of its claim, so a call of yesterday is not taken out of today's count.
        c.claimed_at >= date_trunc('day', now(), 'UTC') as today
    ), gates as (
      insert into verdicts (call_id, gate, verdict, inputs)
      select id, case reason when 'suppressed' then 'suppression' else 'withdraw' end, 'stop', '{}'::jsonb
      from moved where status = 'canceled' and reason in ('suppressed', 'withdrawn')
      returning ${toldColumns(sql)}
    ), slots_used as (
      insert into slots (line, until)
      select ${line}, clock_timestamp() + ${paceWindowSeconds} * interval '1 second' from moved
      where back and posted
    ), day_refunded as (
      -- A call that did not ring does not count for its day.
      update lines set day_calls = greatest(0, day_calls - (select count(*) from moved where back and today))
      where slug = ${line} and day = to_char(now() at time zone 'UTC', 'YYYY-MM-DD')
        and exists (select 1 from moved where back and today)
    )
    insert into entries (subject, subject_id, action, actor, reason, data)
    -- The contact and the quoted answer stay with the call, because they may have to be erased.
    select 'call', id::text, status, 'line:' || ${line}, reason, jsonb_strip_nulls(jsonb_build_object(
      'conversation_uuid', conversation_uuid, 'mihu_id', mihu_id, 'detail', detail - 'answer'))
      || jsonb_build_object('row', jsonb_build_object('placed_at', placed_at, 'due_at', due_at,
        'conversation_uuid', conversation_uuid, 'mihu_id', mihu_id) || said) || ${toldField(sql)}
    from moved ${toldVerdicts(sql, "moved")}`;
}

function resultRow(result: DialResult) {
  const { callId: id, claimSeq: seq, status } = result;
  const base = { id, seq, status, posted: true };
  switch (result.status) {
    case "placed":
      return {
        ...base,
        conversation_uuid: result.conversationUuid,
        contact_uuid: result.contactUuid,
        mihu_id: result.mihuId,
        listen_url: result.listenUrl,
        record_url: result.recordUrl,
      };
    case "rejected":
    case "unknown":
      return { ...base, reason: result.reason, detail: result.detail };
    case "queued":
      return { ...base, reason: result.reason, detail: result.detail, posted: result.posted, wait_ms: result.waitMs };
  }
}
