/** Numbers that are not to be rung. A number stands only in its own row: entries name it by a keyed hash. */
import type { SuppressionRow } from "../ports/config.ts";
import type { Sql } from "./connection.ts";

/** Suppressions that a list shows, newest first. */
const listedMax = 1_000;

/** Every suppression, newest first. */
export async function suppressions(sql: Sql): Promise<SuppressionRow[]> {
  return await sql<SuppressionRow[]>`
    select number, reason, (extract(epoch from until) * 1000)::float8 as until,
      (extract(epoch from created_at) * 1000)::float8 as "createdAt", created_by as "createdBy"
    from suppressions order by created_at desc, number limit ${listedMax}`;
}

/** Suppresses a number and cancels what waits for it, in one statement. Said again, it has the newer reason and end. */
export async function suppress(
  sql: Sql,
  row: Omit<SuppressionRow, "createdAt">,
  subjectId: string,
): Promise<{ canceled: number }> {
  const [answer] = await sql<{ canceled: number }[]>`
    with saved as (
      insert into suppressions (number, reason, until, created_by)
      values (${row.number}, ${row.reason}, to_timestamp(${row.until}::float8 / 1000), ${row.createdBy})
      on conflict (number) do update set reason = excluded.reason, until = excluded.until, created_by = excluded.created_by
      returning reason, until
    ), canceled as (
      update calls set status = 'canceled', reason = 'suppressed'
      where number = ${row.number} and status in ('queued', 'held') returning id
    ), told as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'suppression', ${subjectId}, 'saved', ${row.createdBy}, reason, jsonb_build_object('until', until) from saved
      union all
      select 'call', id::text, 'canceled', ${row.createdBy}, 'suppressed', '{}'::jsonb from canceled
    )
    select count(*)::float8 as canceled from canceled`;
  return { canceled: answer?.canceled ?? 0 };
}

/** @returns whether the number was suppressed before. */
export async function release(sql: Sql, number: string, subjectId: string, actor: string): Promise<boolean> {
  const rows = await sql`
    with removed as (delete from suppressions where number = ${number} returning number), told as (
      insert into entries (subject, subject_id, action, actor) select 'suppression', ${subjectId}, 'removed', ${actor} from removed
    )
    select true from removed`;
  return rows.length > 0;
}
