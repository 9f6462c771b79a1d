/** Calls that wait for a person's decision for too long. */
import { problemRowsNamedMax } from "../../domain/limits.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import { waitingSince } from "../fragments/waits.ts";
import type { Sql } from "../postgres/connection.ts";
import type { Reading } from "../postgres/one-statement.ts";

/** Calls of a page that are counted at most. */
const countedMax = 1_000;

/** A call in `unknown` is looked up by itself, so it is not among them. */
export function overdueReviews(sql: Sql, overdueMs: number): Reading<Problem> {
  return sql<Problem[]>`
    select 'review_overdue' as code, (extract(epoch from min(since)) * 1000)::float8 as since, count(*)::int as count,
      to_json((array_agg(id order by since))[1:${problemRowsNamedMax}]) as rows
    from (select c.id, ${sql.unsafe(waitingSince)} as since from calls c
      where c.status in ('held', 'review') and c.created_at < now() - ${overdueMs}::float8 * interval '1 millisecond'
      order by c.created_at limit ${countedMax}) late
    where since < now() - ${overdueMs}::float8 * interval '1 millisecond' having count(*) > 0`;
}
