/** Pauses of sources: a paused source stores events and plans none. Each change is one statement with its entry. */
import { scrubText } from "../../platform/log.ts";
import type { SourcePauses } from "../../ports/config/source-pauses.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import type { Sql } from "../postgres/connection.ts";

/** Each paused source. */
export async function pausedSources(sql: Sql): Promise<Problem[]> {
  return await sql<Problem[]>`
    select 'source_paused' as code, (extract(epoch from paused_at) * 1000)::float8 as since, 1 as count,
      json_build_array(slug) as rows
    from sources where paused_at is not null order by slug`;
}

/** @param sql the request's client */
export function sourcePauses(sql: Sql): SourcePauses {
  return {
    async pauseSource(slug, detail, actor) {
      // The entry is never erased, and `/readyz` shows the detail, so a number in it is replaced.
      const text = scrubText(detail);
      await sql`
        with paused as (
          update sources set paused_at = now(), pause_detail = ${text}, version = version + 1, updated_at = now()
          where slug = ${slug} and paused_at is null and disconnected_at is null returning slug
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
      return rows.length > 0;
    },
  };
}
