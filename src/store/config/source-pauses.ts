/** Pauses of sources: a paused source stores events and plans none. Each change is one statement with its entry. */
import { scrubText } from "../../platform/log.ts";
import type { SourcePauses } from "../../ports/config/source-pauses.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import type { FetchNow } from "../../ports/planning/records.ts";
import { fetchAgain } from "../fragments/fetch-again.ts";
import { columns, isSet, ms, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { Reading } from "../postgres/one-statement.ts";
import type { sources } from "../schema/sources.ts";
import { queuePlaces } from "./versions.ts";

const sinceColumns = columns<typeof sources, Pick<Problem, "since">>({ since: ms("paused_at") });
const pausedColumns = columns<typeof sources, Pick<NonNullable<FetchNow>, "paused">>({ paused: isSet("paused_at") });

/** Each paused source: paused by a person, or by its inbox because Postgres was restored. */
export function pausedSources(sql: Sql): Reading<Problem> {
  const since = select(sql, sinceColumns, "s");
  const wentBack = sql`exists (select 1 from entries e where e.subject = 'source' and e.subject_id = s.slug
    and e.action = 'paused' and e.reason = 'database_went_back' and e.at >= s.paused_at)`;
  return sql<Problem[]>`
    select 'source_paused' as code, ${since}, 1 as count, json_build_array(slug) as rows
    from sources s where paused_at is not null and not ${wentBack}
    union all
    select 'source_went_back' as code, ${since}, 1, json_build_array(slug)
    from sources s where paused_at is not null and ${wentBack}`;
}

/** @param sql the request's client */
export function sourcePauses(sql: Sql): SourcePauses {
  return {
    fetchNow: (slug, detail, actor) => fetchNow(sql, slug, detail, actor),
    async pauseSource(slug, detail, actor) {
      // The entry is never erased, and `/readyz` shows its detail, so a number in the detail is replaced.
      const text = scrubText(detail);
      await sql`
        with same_turn as (${queuePlaces(sql, { sources: [slug], lines: [] }, "exclusive")}
        ), paused as (
          update sources set paused_at = now(), pause_detail = ${text}, version = version + 1, updated_at = now()
          from same_turn
          where places > 0 and slug = ${slug} and paused_at is null and disconnected_at is null returning slug
        )
        insert into entries (subject, subject_id, action, actor, data)
        select 'source', slug, 'paused', ${actor}, jsonb_build_object('detail', ${text}::text) from paused`;
    },
    async resumeSource(slug, detail, actor) {
      const text = detail === undefined ? null : scrubText(detail);
      const rows = await sql`
        with resumed as (
          update sources set paused_at = null, pause_detail = null, resumed_at = now(), version = version + 1,
            updated_at = now()
          where slug = ${slug} and paused_at is not null returning slug
        ), audited as (
          insert into entries (subject, subject_id, action, actor, data)
          select 'source', slug, 'resumed', ${actor}, jsonb_strip_nulls(jsonb_build_object('detail', ${text}::text)) from resumed
        )
        select slug from resumed`;
      // Events that wait for a fetch are retried at once too, whether or not the source was paused.
      await fetchAgain(sql, slug);
      return rows.length > 0;
    },
  };
}

/** Retries the waiting fetches of a source at a person's request. The entry has the reason. */
async function fetchNow(sql: Sql, source: string, detail: string | undefined, actor: string): Promise<FetchNow> {
  const text = detail === undefined ? null : scrubText(detail);
  return await sql.begin(async (tx) => {
    const [found] = await tx<{ paused: boolean }[]>`
      select ${select(sql, pausedColumns, "sources")} from sources
      where slug = ${source} and disconnected_at is null for no key update`;
    if (found === undefined) return null;
    const waiting = await fetchAgain(tx, source);
    await tx`insert into entries (subject, subject_id, action, actor, data)
      values ('source', ${source}, 'fetch_asked', ${actor},
        jsonb_strip_nulls(jsonb_build_object('events', ${waiting}::int, 'reason', ${text}::text)))`;
    // If no event waits, no answer would clear the problem before the next webhook.
    if (waiting === 0)
      await tx`update sources set fetch_problem = null, fetch_problem_at = null, fetch_failures = 0, fetch_answer = null
        where slug = ${source} and fetch_problem is not null`;
    return { waiting, paused: found.paused };
  });
}
