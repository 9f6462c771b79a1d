/** Look-up of figures: the stored hours, and the entries that no sweep has counted yet. */
import type { CountedFigures, StatisticsLookups, StatisticsRange } from "../../ports/lookups/statistics.ts";
import type { Sql } from "../postgres/connection.ts";
import { figuresIn } from "./counting.ts";

type Part = ReturnType<Sql>;

/** Entries that are counted while somebody waits. A sweep counts many more each minute. */
const liveEntriesMax = 5_000;
/** Time by which an entry may be younger than one that a later transaction wrote. */
const overtakenMinutes = 1;

/** @param sql the request's client */
export function statisticsLookups(sql: Sql): StatisticsLookups {
  return { statistics: (range) => statistics(sql, range) };
}

/**
 * Steps:
 * - `mark`: how far the sweep has counted.
 * - `walked`: entries past the mark.
 * - `counted`: the figures of both, by bucket.
 */
async function statistics(sql: Sql, { from, to, by }: StatisticsRange): Promise<CountedFigures> {
  const moment = (value: number): Part => sql`to_timestamp(${value}::float8 / 1000)`;
  const within = (column: Part): Part => sql`${column} >= ${moment(from)} and ${column} < ${moment(to)}`;
  const bucket = (column: Part): Part => sql`date_trunc(${by}::text, ${column}, 'UTC')`;
  const ms = (value: Part): Part => sql`(extract(epoch from ${value}) * 1000)::float8`;
  const [row] = await sql<[CountedFigures]>`
    with mark as materialized (
      select * from figure_marks
    ), walked as materialized (
      select at, subject, action, data from entries
      where (tx, id) > ((select tx from mark), (select entry from mark)) order by tx, id limit ${liveEntriesMax}
    ), counted as (
      select ${bucket(sql`all_hours.hour`)} as at, what, sum(n)::float8 as n from (
        select hour, what, n from figures where ${within(sql`hour`)}
        union all
        select hour, what, n from (${figuresIn(sql, sql`walked`)}) live where ${within(sql`hour`)}) all_hours
      group by 1, 2
    )
    select (
        select coalesce(json_agg(json_build_object('at', ${ms(sql`at`)}, 'what', what, 'n', n)), '[]') from counted) as counts,
      (select coalesce(json_agg(json_build_object('at', ${ms(sql`at`)}, 'n', n)), '[]') from (
        select ${bucket(sql`r.at`)} as at, sum(r.refused)::float8 as n from refused_minutes r
        where ${within(sql`r.at`)} group by 1) rejected) as refused,
      ${ms(sql`now() - interval '24 hours'`)} as "refusedFrom",
      (select case when back_done then null
        else ${ms(sql`coalesce(back_at + ${overtakenMinutes} * interval '1 minute', now())`)} end from mark) as "completeFrom",
      (select ${ms(sql`max(at) - ${overtakenMinutes} * interval '1 minute'`)} from walked
        having count(*) = ${liveEntriesMax}) as "completeTo"`;
  return row;
}
