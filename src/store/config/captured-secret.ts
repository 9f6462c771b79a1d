/** Secrets that a sender supplied in its handshake. */
import type { SealedSecret } from "../../ports/ingest/sources.ts";
import type { Sql } from "../postgres/connection.ts";

/**
 * Stores a secret if its source has no active one. This is one statement. If two run at once, the second finds another
 * version of the source and stores nothing.
 *
 * @returns whether the secret was stored
 */
export async function captureSecret(sql: Sql, source: string, secret: SealedSecret): Promise<boolean> {
  const [row] = await sql<{ stored: boolean }[]>`
    with without_secret as (
      select slug, version from sources s where slug = ${source} and disconnected_at is null
        and not exists (select 1 from secrets where source = s.slug and retired_at is null)
    ), raised as (
      update sources s set version = s.version + 1, updated_at = now() from without_secret w
      where s.slug = w.slug and s.version = w.version returning s.slug
    ), added as (
      insert into secrets (source, sealed, kid, fingerprint, captured)
      select slug, ${secret.sealed}, ${secret.kid}, ${secret.fingerprint}, true from raised returning id, source, kid
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'source', source, 'secret_captured', 'sender', jsonb_build_object('secret', id, 'kid', kid) from added
    )
    select exists (select 1 from added) as stored`;
  return row?.stored === true;
}
