import { problemRowsNamedMax } from "../../domain/limits.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import type { Sql } from "../postgres/connection.ts";
import type { Reading } from "../postgres/one-statement.ts";

/** Time for which a conflict is reported. */
const conflictReportedMs = 86_400_000;

/** Events whose id recently arrived with other bytes: a mistake of the sender, or an attempt to suppress an event. */
export function recentConflicts(sql: Sql): Reading<Problem> {
  return sql<Problem[]>`
    select 'event_conflict' as code, (extract(epoch from min(conflict_at)) * 1000)::float8 as since, count(*)::int as count,
      to_json((array_agg(id order by conflict_at desc, id desc))[1:${problemRowsNamedMax}]) as rows
    from events where conflict_at > now() - ${conflictReportedMs} * interval '1 millisecond'
    having count(*) > 0`;
}
