import type { LostVersions } from "../../ports/ingest/sources.ts";
import { asJson, type Sql } from "../postgres/connection.ts";

/**
 * Pauses a source whose version in Postgres is older than in its inbox: Postgres was restored from a backup, or failed
 * over to a replica that was behind. The source's version becomes higher than any known version. So no later version is
 * mistaken for a lost one, and the source's other inboxes do not pause it again. A closed source is not paused.
 */
export async function pauseRestored(
  sql: Sql,
  slug: string,
  { known, found, activeAgain }: LostVersions,
): Promise<void> {
  const secrets = activeAgain.length === 0 ? "no secret" : activeAgain.join(", ");
  const versions = `Postgres went back from version ${known} of this source to ${found}`;
  const detail = `${versions}. Secrets that are active again: ${secrets}.`;
  await sql`
    with paused as (
      update sources set paused_at = coalesce(paused_at, now()), pause_detail = concat_ws(' ', ${detail}::text, pause_detail),
        version = ${known}::bigint + 1, updated_at = now()
      where slug = ${slug} and disconnected_at is null and version < ${known}::bigint returning slug
    )
    insert into entries (subject, subject_id, action, actor, reason, data)
    select 'source', slug, 'paused', 'source:' || slug, 'database_went_back', jsonb_build_object('detail', ${detail}::text,
      'known_version', ${known}::bigint, 'found_version', ${found}::bigint, 'secrets', ${asJson(activeAgain)}::text::jsonb)
    from paused`;
}
