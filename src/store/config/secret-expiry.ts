import type { Sql } from "../postgres/connection.ts";

/**
 * Retires expired secrets, each with its entry. Raises the versions of their sources, so that copies of the sources
 * drop the secrets too.
 */
export async function retireEnded(sql: Sql): Promise<void> {
  await sql`
    with retired as (
      update secrets set retired_at = now() where expires_at <= now() and expires_at is not null and retired_at is null
      returning id, source, env
    ), raised as (
      update sources set version = version + 1, updated_at = now() where slug in (select source from retired)
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'source', source, 'secret_retired', 'sweep', jsonb_build_object('secret', id, 'env', env) from retired`;
}
