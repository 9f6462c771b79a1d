import type { FetchTrouble } from "../../domain/fetch/trouble.ts";
import { eventsCountedMax } from "../../domain/limits.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import { columns, jsonFields, ms, present, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { Reading } from "../postgres/one-statement.ts";
import type { sources } from "../schema/sources.ts";

type Part = ReturnType<Sql>;

/** An expression: the number of events of the source `s` that wait for a fetch, counted up to a bound. */
export const fetchesWaiting = (sql: Sql): Part => sql`(select count(*)::int from (
  select 1 from events e where e.source = s.slug and e.state = 'unplanned' and e.fetch_at is not null
  limit ${eventsCountedMax}) waiting)`;

/**
 * An expression: the time of the next fetch of the source `s`, in epoch milliseconds; `null` if no event waits for a
 * fetch.
 */
export const nextFetchAt = (sql: Sql): Part => sql`(
  select (extract(epoch from greatest(min(e.fetch_at), s.fetch_not_before, now())) * 1000)::float8 from events e
  where e.source = s.slug and e.state = 'unplanned' and e.fetch_at is not null having count(*) > 0)`;

/** The statement reads sources that have a problem. */
const problemColumns = columns<typeof sources, Pick<Problem, "code" | "since">>({
  code: present("fetch_problem"),
  since: ms("fetch_problem_at"),
});
const troubleColumns = columns<typeof sources, Pick<FetchTrouble, "tries" | "answer">>({
  tries: "fetch_failures",
  answer: "fetch_answer",
});

/** One problem for each source with a fetch problem, with its facts and the number of events that wait. */
export function fetchProblems(sql: Sql): Reading<Problem> {
  return sql<Problem[]>`
    select ${select(sql, problemColumns, "s")}, json_build_array(s.slug) as rows, waiting as count,
      json_build_object(${jsonFields(sql, troubleColumns, "s")}, 'nextAt', next_at, 'waiting', waiting) as trouble
    from sources s cross join lateral (select ${nextFetchAt(sql)} as next_at, ${fetchesWaiting(sql)} as waiting) fetches
    where s.fetch_problem is not null`;
}
