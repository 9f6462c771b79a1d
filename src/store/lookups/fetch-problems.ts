import { eventsCountedMax } from "../../domain/limits.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import type { Sql } from "../postgres/connection.ts";

type Part = ReturnType<Sql>;

/** Events of the source `s` that wait for a fetch, counted up to a bound. */
export const fetchesWaiting = (sql: Sql): Part => sql`(select count(*)::int from (
  select 1 from events e where e.source = s.slug and e.state = 'unplanned' and e.fetch_at is not null
  limit ${eventsCountedMax}) waiting)`;

/** When the next event of the source `s` is tried, in epoch milliseconds; `null`: none waits. */
export const nextFetchAt = (sql: Sql): Part => sql`(
  select (extract(epoch from greatest(min(e.fetch_at), s.fetch_not_before, now())) * 1000)::float8 from events e
  where e.source = s.slug and e.state = 'unplanned' and e.fetch_at is not null having count(*) > 0)`;

/** Each source with a fetch problem: one problem, with its facts and the number of its events that wait for it. */
export async function fetchProblems(sql: Sql): Promise<Problem[]> {
  return await sql<Problem[]>`
    select code, since, rows, waiting as count,
      json_build_object('tries', tries, 'answer', answer, 'nextAt', next_at, 'waiting', waiting) as trouble
    from (
      select s.fetch_problem as code, (extract(epoch from s.fetch_problem_at) * 1000)::float8 as since,
        json_build_array(s.slug) as rows, s.fetch_failures as tries, s.fetch_answer as answer,
        ${nextFetchAt(sql)} as next_at, ${fetchesWaiting(sql)} as waiting
      from sources s where s.fetch_problem is not null) found`;
}
