/**
 * Numbers that are not to be rung. A number stands only in its own row: entries name it by its mark, a hash under a salt that stands
 * beside it and goes with it.
 */
import { commitment, randomText } from "../../platform/hashes.ts";
import { scrubText } from "../../platform/log.ts";
import type { SuppressionRow } from "../../ports/config/config.ts";
import type { Sql } from "../postgres/connection.ts";

/** Suppressions that a list shows, newest first. */
const listedMax = 1_000;

/** Every suppression, newest first. */
export async function listSuppressions(sql: Sql): Promise<SuppressionRow[]> {
  return await sql<SuppressionRow[]>`
    select number, reason, (extract(epoch from until) * 1000)::float8 as until,
      (extract(epoch from created_at) * 1000)::float8 as "createdAt", created_by as "createdBy"
    from suppressions order by created_at desc, number limit ${listedMax}`;
}

/** Suppresses a number and cancels what waits for it, in one statement. Said again, it has the newer reason and end. */
export async function suppress(sql: Sql, row: Omit<SuppressionRow, "createdAt">): Promise<{ canceled: number }> {
  const salt = randomText();
  const [answer] = await sql<{ canceled: number }[]>`
    with saved as (
      insert into suppressions (number, mark, salt, reason, until, created_by)
      values (${row.number}, ${commitment(salt, row.number)}, ${salt}, ${row.reason},
        to_timestamp(${row.until}::float8 / 1000), ${row.createdBy})
      on conflict (number) do update set reason = excluded.reason, until = excluded.until, created_by = excluded.created_by,
        -- The row keeps its name. One that an earlier version made has none yet.
        mark = case when suppressions.salt is null then excluded.mark else suppressions.mark end,
        salt = coalesce(suppressions.salt, excluded.salt)
      returning mark, until
    ), canceled as (
      update calls set status = 'canceled', reason = 'suppressed'
      where number = ${row.number} and status in ('queued', 'held') returning id
    ), gates as (
      insert into verdicts (call_id, gate, verdict, inputs) select id, 'suppression', 'stop', '{}'::jsonb from canceled
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'suppression', mark, 'saved', ${row.createdBy}, ${scrubText(row.reason)}, jsonb_build_object('until', until) from saved
      union all
      select 'call', id::text, 'canceled', ${row.createdBy}, 'suppressed', '{}'::jsonb from canceled
    )
    select count(*)::float8 as canceled from canceled`;
  return { canceled: answer?.canceled ?? 0 };
}

/** @returns whether the number was suppressed before. */
export async function release(sql: Sql, number: string, actor: string): Promise<boolean> {
  const unnamed = commitment(randomText(), number);
  const rows = await sql`
    with removed as (delete from suppressions where number = ${number} returning mark), audited as (
      insert into entries (subject, subject_id, action, actor)
      select 'suppression', coalesce(mark, ${unnamed}), 'removed', ${actor} from removed
    )
    select true from removed`;
  return rows.length > 0;
}
