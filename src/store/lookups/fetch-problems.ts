import { eventsCountedMax } from "../../domain/limits.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import type { Sql } from "../postgres/connection.ts";

/** Each source with a fetch problem, with the number of its events that wait for it, counted up to a bound. */
export async function fetchProblems(sql: Sql): Promise<Problem[]> {
  return await sql<Problem[]>`
    select fetch_problem as code, (extract(epoch from fetch_problem_at) * 1000)::float8 as since,
      json_build_array(slug) as rows,
      (select count(*)::int from (
        select 1 from events e where e.source = s.slug and e.state = 'unplanned' and e.fetch_at is not null
        limit ${eventsCountedMax}) waiting) as count
    from sources s where fetch_problem is not null`;
}
