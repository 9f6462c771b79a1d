/**
 * Counts entries into the figures of their hours. The sweep does this in bounded parts: new entries forwards, and those
 * from before the first count backwards, so that the newest hours are complete first.
 *
 * A part reads entries in the order of (transaction, id), adds their counts and moves the mark in one statement: an entry
 * is counted once, whatever is killed. Entries of a transaction that still runs are left for the next part.
 */
import { figureNames, outcomePrefix, waitClassGrowth, waitPrefix } from "../../domain/statistics.ts";
import { beginning } from "../hooks/outbox.ts";
import type { Sql } from "../postgres/connection.ts";

type Part = ReturnType<Sql>;

/** Entries of one part. */
const entriesPerPart = 10_000;
/** Parts of one sweep, each some 50 ms. */
const forwardPartsMax = 10;
const backwardPartsMax = 5;
/** See `hooks/outbox.ts`. */
const restoredAgeMinutes = 60;

/** The figures of the entries `e` of calls: rows of an hour and a name. @param from The entries. */
export function figuresIn(sql: Sql, from: Part): Part {
  const wait = sql`extract(epoch from (e.data->'row'->>'placed_at')::timestamptz - (e.data->'row'->>'due_at')::timestamptz)`;
  return sql`
    select date_trunc('hour', e.at, 'UTC') as hour, f.what, count(*) as n
    from ${from} e cross join lateral (values
      (case e.action when 'placed' then ${figureNames.rings} when 'held' then ${figureNames.held}
        when 'review' then ${figureNames.review} when 'ended' then ${outcomePrefix} || (e.data->>'outcome') end),
      (case when e.action = 'placed'
        then ${waitPrefix} || floor(ln(1 + greatest(0, ${wait})) / ln(${waitClassGrowth}::float8))::int end)) f (what)
    where e.subject = 'call' and f.what is not null
    group by 1, 2`;
}

/** Counts what one sweep may count. @returns The number of entries. */
export async function countFigures(sql: Sql): Promise<number> {
  let counted = 0;
  for (let part = 0; part < forwardPartsMax; part++) {
    const walked = await countForwards(sql);
    counted += walked;
    if (walked < entriesPerPart) break;
  }
  for (let part = 0; part < backwardPartsMax; part++) {
    const walked = await countBackwards(sql);
    counted += walked;
    if (walked < entriesPerPart) break;
  }
  return counted;
}

/**
 * Steps:
 * - `mark`: the mark, locked, so that two sweeps count one after the other.
 * - `now_running`: the first transaction that is running. `ahead`: whether the mark is of another server, whose dump was restored.
 * - `walked`: settled entries past the mark.
 * - `figures_added`: adds their counts.
 * - `mark_moved`: moves the mark to the last of them.
 */
async function countForwards(sql: Sql): Promise<number> {
  type Row = { walked: number; ahead: boolean; xmin: string; tx: string; id: number };
  const [row] = await sql<[Row]>`
    with mark as materialized (
      select tx, entry from figure_marks for update
    ), now_running as materialized (
      select pg_snapshot_xmin(s) as xmin, (select tx from mark) >= pg_snapshot_xmax(s) as ahead
      from pg_current_snapshot() s
    ), walked as materialized (
      select tx, id, at, subject, action, data, coalesce(id < (select entry from mark) and at < (
        select m.at from entries m where m.id = (select entry from mark)) - ${restoredAgeMinutes} * interval '1 minute',
        false) as is_restored
      from entries
      where (tx, id) > ((select tx from mark), (select entry from mark))
        and tx < (select case when ahead then '18446744073709551615'::xid8 else xmin end from now_running)
      order by tx, id limit ${entriesPerPart}
    ), figures_added as (
      insert into figures as f (hour, what, n)
      ${figuresIn(sql, sql`(select * from walked where not is_restored)`)}
      on conflict (hour, what) do update set n = f.n + excluded.n
    ), mark_moved as (
      -- The id of a restored entry is of the past. The mark keeps the id that newer entries are compared with.
      update figure_marks m set tx = w.tx, entry = case when w.is_restored then m.entry else w.id end
      from (select tx, id, is_restored from walked order by tx desc, id desc limit 1) w
    )
    select (select count(*)::int from walked) as walked, n.ahead, n.xmin::text as xmin, m.tx::text as tx, m.entry::float8 as id
    from now_running n, mark m`;
  if (!row.ahead || row.walked > 0) return row.walked;
  const first = await beginning(sql, row, row.xmin);
  await sql`update figure_marks set tx = ${first.tx}::text::xid8, entry = ${first.id}::bigint, restored_to = ${row.id}::bigint
    where tx = ${row.tx}::text::xid8 and entry = ${row.id}::bigint`;
  return 0;
}

/**
 * Steps:
 * - `mark`: as above.
 * - `walked`: entries before the mark, newest first. All are settled.
 * - `figures_added`: adds their counts.
 * - `mark_moved`: moves the mark to the oldest of them.
 */
async function countBackwards(sql: Sql): Promise<number> {
  const [row] = await sql<[{ walked: number }]>`
    with mark as materialized (
      select back_tx, back_entry, restored_to from figure_marks where not back_done for update
    ), walked as materialized (
      select tx, id, at, subject, action, data from entries
      where (tx, id) < ((select back_tx from mark), (select back_entry from mark))
        and id <= coalesce((select restored_to from mark), id)
      order by tx desc, id desc limit ${entriesPerPart}
    ), figures_added as (
      insert into figures as f (hour, what, n)
      ${figuresIn(sql, sql`walked`)}
      on conflict (hour, what) do update set n = f.n + excluded.n
    ), mark_moved as (
      update figure_marks m set back_tx = coalesce(w.tx, m.back_tx), back_entry = coalesce(w.id, m.back_entry),
        back_at = case when l.n = ${entriesPerPart} then w.at end, back_done = l.n < ${entriesPerPart}
      from (select count(*) as n from walked) l
        left join (select tx, id, at from walked order by tx, id limit 1) w on true
      where not m.back_done
    )
    select count(*)::int as walked from walked`;
  return row.walked;
}
