/** Calls whose answer was lost: which are due to be looked up, and what becomes of them. Every change is guarded by the status. */

import {
  type Adoption,
  type Doubt,
  type FoundCall,
  type OtherCall,
  type UnknownCall,
  windowOf,
} from "../../domain/calls/reconcile.ts";
import { looksOverdueMs } from "../../domain/limits.ts";
import type { Problem } from "../../ports/lookups.ts";
import { asJson, type Sql } from "../postgres/connection.ts";

/** Other calls of one number or conversation that are compared; the newest are the ones that may be meant. */
const othersMax = 500;

/** Unknown calls whose look is due, the longest due first. Their agent is the line's as it is now. */
export async function openUnknown(sql: Sql, line: string, limit: number): Promise<UnknownCall[]> {
  return await sql<UnknownCall[]>`
    select c.id, l.agent, c.number, (extract(epoch from c.claimed_at) * 1000)::float8 as "claimedAt", c.polls as looks
    from calls c join lines l on l.slug = c.line
    where c.line = ${line} and c.status = 'unknown' and coalesce(c.poll_at, c.claimed_at) <= now()
    order by coalesce(c.poll_at, c.claimed_at) limit ${limit}`;
}

/**
 * Lines that have calls of which nobody knows whether they rang, longer than it takes to look them up: the list at Mihu cannot be
 * read, and until it can nothing is decided.
 */
export async function unreadableLooks(sql: Sql): Promise<Problem[]> {
  return await sql<Problem[]>`
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
 * Other calls of ours in one of these conversations, or with one of these ids of Mihu's, or to the same number at about the same
 * time: those without a conversation, and those that a person has to decide about.
 */
export async function othersOf(sql: Sql, call: UnknownCall, found: readonly FoundCall[]): Promise<OtherCall[]> {
  const { fromMs, toMs } = windowOf(call.claimedAt);
  const seen = found.map(({ conversationUuid, callId }) => ({ conversation_uuid: conversationUuid, mihu_id: callId }));
  return await sql<OtherCall[]>`
    with found as (
      select * from json_to_recordset(${asJson(seen)}::text::json) as f(conversation_uuid text, mihu_id text)
    ), others as (
      select id, conversation_uuid, mihu_id, claimed_at from calls
      where conversation_uuid in (select conversation_uuid from found)
      union
      select id, conversation_uuid, mihu_id, claimed_at from calls
      where number = ${call.number} and claimed_at is not null and (
        mihu_id in (select mihu_id from found)
        or (conversation_uuid is null and (mihu_id is not null or status = 'review')
          and abs(extract(epoch from claimed_at) * 1000 - ${call.claimedAt}::float8) <= ${toMs - fromMs}::float8))
    )
    select conversation_uuid as "conversationUuid", mihu_id as "mihuId",
      (extract(epoch from claimed_at) * 1000)::float8 as "claimedAt"
    from others where id <> ${call.id} and claimed_at is not null order by claimed_at desc limit ${othersMax}`;
}

/**
 * `unknown` → `placed`, as what was found. It is asked after at once: it may have ended while nobody knew whose it was.
 *
 * @returns `false` when a late answer placed it meanwhile, or another call has taken the same
 */
export async function adopt(sql: Sql, callId: string, adoption: Adoption, actor: string): Promise<boolean> {
  const { conversationUuid, contactUuid, mihuId, placedAt } = adoption;
  const rows = await sql`
    with adopted as (
      update calls c set status = 'placed', reason = null, conversation_uuid = ${conversationUuid},
        contact_uuid = ${contactUuid}::text, mihu_id = ${mihuId}::text,
        -- By Mihu's clock, which may differ: never before we asked for it, nor in the future.
        placed_at = least(greatest(to_timestamp(${placedAt}::float8 / 1000), c.claimed_at), now()),
        polls = 0, poll_at = now()
      where c.id = ${callId} and c.status = 'unknown'
        and not exists (select 1 from calls o where o.conversation_uuid = ${conversationUuid} and o.id <> c.id
          and o.mihu_id is not distinct from ${mihuId}::text)
      returning c.id, c.conversation_uuid, c.contact_uuid, c.mihu_id
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'call', id::text, 'placed', ${actor}, jsonb_strip_nulls(jsonb_build_object('adopted', true,
        'conversation_uuid', conversation_uuid, 'mihu_id', mihu_id)) from adopted
    )
    select id from adopted`;
  return rows.length > 0;
}

/** `unknown` → `review`: a person says whether it rang. @returns `false` when it has left `unknown` */
export async function toReview(sql: Sql, callId: string, doubt: Doubt, actor: string): Promise<boolean> {
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

/** The call stays `unknown` and is looked up again; only a look that could be read counts. */
export async function lookLater(
  sql: Sql,
  callId: string,
  look: { read: boolean; waitMs: number },
  actor: string,
): Promise<void> {
  await sql`
    with moved as (
      update calls set polls = polls + ${look.read ? 1 : 0}, poll_at = now() + ${look.waitMs} * interval '1 millisecond'
      where id = ${callId} and status = 'unknown' returning id, poll_at, polls
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'call', id::text, 'looked_up', ${actor}, jsonb_build_object('read', ${look.read}::boolean, 'looks', polls,
      'next_at', poll_at) from moved`;
}
