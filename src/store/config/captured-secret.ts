/** Secrets that a sender handed over when its webhook was set up. */
import type { SealedSecret } from "../../ports/ingest/inbox.ts";
import type { Sql } from "../postgres/connection.ts";

/**
 * Keeps a secret where its source has none that is active. One statement: of two at once one finds that the source's version has moved
 * on, and keeps nothing.
 *
 * @returns whether it was kept
 */
export async function captureSecret(sql: Sql, source: string, secret: SealedSecret): Promise<boolean> {
  const [row] = await sql<{ kept: boolean }[]>`
    with bare as (
      select slug, version from sources s where slug = ${source} and disconnected_at is null
        and not exists (select 1 from secrets where source = s.slug and retired_at is null)
    ), raised as (
      update sources s set version = s.version + 1, updated_at = now() from bare
      where s.slug = bare.slug and s.version = bare.version returning s.slug
    ), added as (
      insert into secrets (source, sealed, kid, fingerprint, captured)
      select slug, ${secret.sealed}, ${secret.kid}, ${secret.fingerprint}, true from raised returning id, source, kid
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'source', source, 'secret_captured', 'sender', jsonb_build_object('secret', id, 'kid', kid) from added
    )
    select exists (select 1 from added) as kept`;
  return row?.kept === true;
}
