/** Look-ups of calls whose answer was lost, and their results. Every change is guarded by the status. */

import {
  type Adoption,
  beginWindow,
  type Doubt,
  type FoundCall,
  type OtherCall,
  type UnknownCall,
} from "../../domain/calls/reconcile.ts";
import type { ReconciliationStore } from "../../ports/calling/reconciliations.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import { saidRow } from "../fragments/call-proof.ts";
import { columns, ms, present, select } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import type { Reading } from "../postgres/one-statement.ts";
import type { calls } from "../schema/calls.ts";
import type { lines } from "../schema/lines.ts";

/**
 * Age since the claim after which `/readyz` reports an unknown call. Lease, sweep and look-ups together take about nine
 * minutes.
 */
const looksOverdueMs = 900_000;

/** Newest other calls of one number or conversation that are compared. */
const othersMax = 500;

/** An unknown call has its number and was claimed. */
const unknownColumns = columns<typeof calls, Omit<UnknownCall, "agent">>({
  id: "id",
  number: present("number"),
  claimedAt: present(ms("claimed_at")),
  looks: "polls",
});

const agentColumns = columns<typeof lines, Pick<UnknownCall, "agent">>({ agent: "agent" });

/** The statement leaves out calls that were never claimed. */
const otherColumns = columns<typeof calls, OtherCall>({
  conversationUuid: "conversation_uuid",
  mihuId: "mihu_id",
  claimedAt: present(ms("claimed_at")),
});

/** @param sql returns the current client: an object has a new one after it dropped the last */
export function reconciliationStore(sql: () => Sql): ReconciliationStore {
  return {
    openUnknown: (line, limit) => openUnknown(sql(), line, limit),
    othersOf: (call, found) => othersOf(sql(), call, found),
    adopt: (callId, adoption, actor) => adopt(sql(), callId, adoption, actor),
    toReview: (callId, doubt, actor) => toReview(sql(), callId, doubt, actor),
    lookLater: (callId, look, actor) => lookLater(sql(), callId, look, actor),
  };
}

/** Unknown calls whose look-up is due, the longest due first, with the line's present agent. */
async function openUnknown(sql: Sql, line: string, limit: number): Promise<UnknownCall[]> {
  return await sql<UnknownCall[]>`
    select ${select(sql, unknownColumns, "c")}, ${select(sql, agentColumns, "l")}
    from calls c join lines l on l.slug = c.line
    where c.line = ${line} and c.status = 'unknown' and coalesce(c.poll_at, c.claimed_at) <= now()
    order by coalesce(c.poll_at, c.claimed_at) limit ${limit}`;
}

/**
 * Lines with calls that have been `unknown` longer than a look-up takes: Mihu's list cannot be read, so nothing is
 * decided.
 */
export function unreadableLooks(sql: Sql): Reading<Problem> {
  return sql<Problem[]>`
    select 'list_unreadable' as code, (extract(epoch from min(since)) * 1000)::float8 as since, sum(calls)::int as count,
      json_agg(line order by since) as rows
    from (
      select l.slug as line, f.since, f.calls from lines l cross join lateral (
        select min(claimed_at) as since, count(*) as calls from calls c
        where c.line = l.slug and c.status = 'unknown'
          and c.claimed_at < now() - ${looksOverdueMs} * interval '1 millisecond') f
      where f.calls > 0 order by f.since limit 10) lines
    having count(*) > 0`;
}

/**
 * Other calls of Hookline that may be one of Mihu's found calls: calls in one of the conversations, calls with one of
 * Mihu's ids, and calls to the same number at about the same time that have no conversation or wait for a person.
 */
export async function othersOf(sql: Sql, call: UnknownCall, found: readonly FoundCall[]): Promise<OtherCall[]> {
  const { fromMs, toMs } = beginWindow(call.claimedAt);
  const seen = found.map(({ conversationUuid, callId }) => ({ conversation_uuid: conversationUuid, mihu_id: callId }));
  return await sql<OtherCall[]>`
    with given as (
      select * from json_to_recordset(${asJson(seen)}::text::json) as g(conversation_uuid text, mihu_id text)
    ), others as (
      select id, conversation_uuid, mihu_id, claimed_at from calls
      where conversation_uuid in (select conversation_uuid from given)
      union
      select id, conversation_uuid, mihu_id, claimed_at from calls
      where number = ${call.number} and claimed_at is not null and (
        mihu_id in (select mihu_id from given)
        or (conversation_uuid is null and (mihu_id is not null or status = 'review')
          and abs(extract(epoch from claimed_at) * 1000 - ${call.claimedAt}::float8) <= ${toMs - fromMs}::float8))
    )
    select ${select(sql, otherColumns, "others")}
    from others where id <> ${call.id} and claimed_at is not null order by claimed_at desc limit ${othersMax}`;
}

/**
 * Moves a call from `unknown` to `placed`, because it was found at Mihu. Its poll is due at once, because the call may
 * have ended.
 *
 * @returns `false` if a late answer placed the call meanwhile, or if another call has the same conversation and id
 */
async function adopt(sql: Sql, callId: string, adoption: Adoption, actor: string): Promise<boolean> {
  const { conversationUuid, contactUuid, mihuId, placedAt } = adoption;
  const rows = await sql`
    with adopted as (
      update calls c set status = 'placed', reason = null, conversation_uuid = ${conversationUuid},
        contact_uuid = ${contactUuid}::text, mihu_id = ${mihuId}::text,
        -- Mihu's clock may differ, so the stored time is never before the claim and never in the future.
        placed_at = least(greatest(to_timestamp(${placedAt}::float8 / 1000), c.claimed_at), now()),
        polls = 0, poll_at = now()
      where c.id = ${callId} and c.status = 'unknown'
        and not exists (select 1 from calls o where o.conversation_uuid = ${conversationUuid} and o.id <> c.id
          and o.mihu_id is not distinct from ${mihuId}::text)
      returning c.id, c.conversation_uuid, c.mihu_id, c.placed_at, ${saidRow(sql, "c")} as said
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'call', id::text, 'placed', ${actor}, jsonb_strip_nulls(jsonb_build_object('adopted', true,
        'conversation_uuid', conversation_uuid, 'mihu_id', mihu_id))
        || jsonb_build_object('row', jsonb_build_object('placed_at', placed_at,
        'conversation_uuid', conversation_uuid, 'mihu_id', mihu_id) || said) from adopted
    )
    select id from adopted`;
  return rows.length > 0;
}

/** Moves a call from `unknown` to `review`: a person decides whether it rang. @returns `false` if the call has left `unknown` */
async function toReview(sql: Sql, callId: string, doubt: Doubt, actor: string): Promise<boolean> {
  const rows = await sql`
    with reviewed as (
      update calls set status = 'review', reason = ${doubt.reason}, poll_at = null
      where id = ${callId} and status = 'unknown' returning id
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, 'review', ${actor}, ${doubt.reason}::text,
        jsonb_build_object('conversations', ${asJson(doubt.conversations)}::text::jsonb) from reviewed
    )
    select id from reviewed`;
  return rows.length > 0;
}

/** Schedules the next look-up of an unknown call. Only a look-up whose list could be read counts. */
async function lookLater(
  sql: Sql,
  callId: string,
  look: { read: boolean; waitMs: number },
  actor: string,
): Promise<void> {
  await sql`
    with rescheduled as (
      update calls set polls = polls + ${look.read ? 1 : 0}, poll_at = now() + ${look.waitMs} * interval '1 millisecond'
      where id = ${callId} and status = 'unknown' returning id, poll_at, polls
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'call', id::text, 'looked_up', ${actor}, jsonb_build_object('read', ${look.read}::boolean, 'looks', polls,
      'next_at', poll_at) from rescheduled`;
}
