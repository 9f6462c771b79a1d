/** Pausing, resuming and holding a line, and the windows of its waiting calls. Each change with its entry, in one statement. */
import type { ReasonCode } from "../domain/reasons.ts";
import { asJson, type Sql } from "./connection.ts";

/** Pauses a line; a pause that stands keeps its first reason. */
export async function pauseLine(
  sql: Sql,
  line: string,
  reason: ReasonCode,
  detail: string,
  actor: string,
): Promise<boolean> {
  const rows = await sql`
    with paused as (
      update lines set paused_at = now(), pause_reason = ${reason}, pause_detail = ${detail}
      where slug = ${line} and paused_at is null returning slug
    ), told as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'line', slug, 'paused', ${actor}, ${reason}::text, jsonb_build_object('detail', ${detail}::text) from paused
    )
    select slug from paused`;
  return rows.length > 0;
}

/** @returns whether the line was paused before. */
export async function resumeLine(sql: Sql, line: string, actor: string): Promise<boolean> {
  const rows = await sql`
    with resumed as (
      update lines set paused_at = null, pause_reason = null, pause_detail = null
      where slug = ${line} and paused_at is not null returning slug
    ), told as (
      insert into entries (subject, subject_id, action, actor) select 'line', slug, 'resumed', ${actor} from resumed
    )
    select slug from resumed`;
  return rows.length > 0;
}

/** @returns why a line is paused; `null` when it goes on, or is not there. */
export async function pauseOf(sql: Sql, line: string): Promise<{ agent: string; reason: string } | null> {
  const [row] = await sql<{ agent: string; reason: string }[]>`
    select agent, pause_reason as reason from lines where slug = ${line} and paused_at is not null`;
  return row ?? null;
}

/** Nothing is dialled on the line for a while: Mihu asked for it. */
export async function holdLine(sql: Sql, line: string, waitMs: number): Promise<void> {
  await sql`
    with held as (
      update lines set not_before = greatest(not_before, now() + ${waitMs} * interval '1 millisecond')
      where slug = ${line} returning slug, not_before
    )
    insert into entries (subject, subject_id, action, actor, reason, data)
    select 'line', slug, 'rate_limited', 'line:' || slug, 'rate_limited', jsonb_build_object('not_before', not_before) from held`;
}

/** Waiting calls whose calling hours are over: they need their next window. */
export async function windowsPassed(sql: Sql, line: string, limit: number): Promise<{ id: string; zones: string[] }[]> {
  return await sql<{ id: string; zones: string[] }[]>`
    select id, to_json(coalesce(zones, '{}')) as zones from calls
    where line = ${line} and status = 'queued' and closes_at <= now() and (expires_at is null or expires_at > now())
    order by due_at limit ${limit}`;
}

/** Gives waiting calls their next calling hours. */
export async function rewindow(
  sql: Sql,
  line: string,
  windows: { id: string; dueAt: number; closesAt: number | null }[],
): Promise<void> {
  await sql`
    with moved as (
      update calls c set due_at = to_timestamp(w."dueAt" / 1000), closes_at = to_timestamp(w."closesAt" / 1000)
      from json_to_recordset(${asJson(windows)}::text::json) as w(id uuid, "dueAt" float8, "closesAt" float8)
      where c.id = w.id and c.line = ${line} and c.status = 'queued'
      returning c.id, c.due_at
    )
    insert into entries (subject, subject_id, action, actor, reason, data)
    select 'call', id::text, 'postponed', 'line:' || ${line}, 'outside calling hours', jsonb_build_object('due_at', due_at) from moved`;
}
