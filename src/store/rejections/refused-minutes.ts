/** Counts of rejected requests per minute. */
import { problemRowsNamedMax } from "../../domain/limits.ts";
import type { RefusedMinute } from "../../ports/ingest/rejections.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import { columns, ms, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { Reading } from "../postgres/one-statement.ts";
import type { refusedMinutes } from "../schema/rejections.ts";

/**
 * Lowest number of failed signatures of one source in one minute that is a problem. A misconfigured sender rarely sends
 * so many.
 */
const manyFailedSignatures = 30;

/** Minutes for which the problem is reported after the last such minute. */
const toldMinutes = 10;

/** Minutes in a list, the newest first. */
const minutesListedMax = 60;

const minuteColumns = columns<typeof refusedMinutes, RefusedMinute>({
  at: ms("at"),
  refused: "refused",
  failedSignatures: "failed_signatures",
  notStored: "not_stored",
});

/** The newest minutes with rejected requests of a source. */
export async function newestMinutes(sql: Sql, source: string): Promise<RefusedMinute[]> {
  return await sql<RefusedMinute[]>`
    select ${select(sql, minuteColumns, "refused_minutes")} from refused_minutes
    where source = ${source} order by at desc limit ${minutesListedMax}`;
}

/** Sources with many failed signatures in one of the last minutes, as one problem. */
export function failedSignatures(sql: Sql): Reading<Problem> {
  return sql<Problem[]>`
    select 'signatures_failed' as code, (extract(epoch from min(since)) * 1000)::float8 as since, sum(failed)::int as count,
      to_json((array_agg(source order by failed desc, source))[1:${problemRowsNamedMax}]) as rows
    from (${manyFailed(sql)}) many
    having count(*) > 0`;
}

/** A statement: the sources with many failed signatures in one of the last minutes. */
export function manyFailed(sql: Sql): ReturnType<Sql> {
  return sql`
      select m.source, min(m.at) as since, sum(m.failed_signatures) as failed from refused_minutes m
      join sources s on s.slug = m.source and s.disconnected_at is null
      where m.at > now() - ${toldMinutes} * interval '1 minute'
      group by m.source having max(m.failed_signatures) >= ${manyFailedSignatures}`;
}
