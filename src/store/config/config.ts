/** Configuration: lines, sources with their secrets, rules with their versions. Every write carries its entry. */

import type { StoredConfig, StoredLine, StoredSource } from "../../domain/config/stored.ts";
import type { ConfigStore } from "../../ports/config/config.ts";
import type { Sql } from "../postgres/connection.ts";
import { lineWebhooks } from "./line-webhooks.ts";
import { sourcePauses } from "./source-pauses.ts";
import { listSuppressions, release, suppress } from "./suppressions.ts";
import type { Queries } from "./writes.ts";
import { applyWrites } from "./writes.ts";

/** Changes of the configuration take turns; a transaction's lock is the only kind that Hyperdrive allows. */
const configLock = 726_574_002;

/** @param sql the request's client */
export function configStore(sql: Sql): ConfigStore {
  return {
    read: () => read(sql),
    async change(actor, decide) {
      const decided = await sql.begin(async (tx) => {
        await tx`select pg_advisory_xact_lock(${configLock})`;
        const decision = decide(await read(tx));
        await applyWrites(tx, decision.writes, actor);
        return { decision };
      });
      return decided.decision.answer;
    },
    ...lineWebhooks(sql),
    ...sourcePauses(sql),
    async setWebhook(line, { keyHash, sealedSecret }, actor) {
      const rows = await sql`
        with changed as (
          update lines set webhook_key_hash = ${keyHash}, webhook_secret = ${sealedSecret}, webhook_next_key_hash = null,
            webhook_next_secret = null, updated_at = now()
          where slug = ${line} returning slug
        ), audited as (
          insert into entries (subject, subject_id, action, actor) select 'line', slug, 'webhook_renewed', ${actor} from changed
        )
        select slug from changed`;
      return rows.length > 0;
    },
    suppressions: () => listSuppressions(sql),
    suppress: (row) => suppress(sql, row),
    release: (number, actor) => release(sql, number, actor),
  };
}

async function read(sql: Queries): Promise<StoredConfig> {
  const [row] = await sql<{ lines: StoredLine[] | null; sources: StoredSource[] | null }[]>`
    select (select json_agg(l order by l.slug) from (
        select slug, agent, calls_per_minute as "callsPerMinute", calls_at_once as "callsAtOnce",
          calls_per_day as "callsPerDay", countries, hours, webhook_settings as "webhookSettings", extract(epoch from paused_at) * 1000 as "pausedAt",
          pause_reason as "pauseReason", pause_detail as "pauseDetail",
          extract(epoch from not_before) * 1000 as "notBefore", webhook_key_hash is not null as "hasWebhook",
          case when day = to_char(now() at time zone 'UTC', 'YYYY-MM-DD') then day_calls else 0 end as "callsToday",
          extract(epoch from created_at) * 1000 as "createdAt", extract(epoch from updated_at) * 1000 as "updatedAt"
        from lines) l) as lines,
      (select json_agg(s order by s.slug) from (
        select slug, preset, tenant, country, zone, settings, order_number as "orderNumber", record_type as "recordType",
          record_id as "recordId", shards, version, extract(epoch from disconnected_at) * 1000 as "disconnectedAt",
          extract(epoch from paused_at) * 1000 as "pausedAt", pause_detail as "pauseDetail", extract(epoch from created_at) * 1000 as "createdAt",
          extract(epoch from updated_at) * 1000 as "updatedAt", "fetch", api, fetch_problem as "fetchProblem",
          extract(epoch from fetch_problem_at) * 1000 as "fetchProblemAt",
          (select json_build_object('id', id, 'env', env, 'fingerprint', fingerprint, 'kid', kid, 'baseUrl', base_url,
            'createdAt', extract(epoch from created_at) * 1000) from credentials where source = sources.slug) as credential,
          (select coalesce(json_agg(x order by x."createdAt", x.id), '[]') from (
            select id, env, fingerprint, kid, extract(epoch from created_at) * 1000 as "createdAt",
              extract(epoch from expires_at) * 1000 as "expiresAt", captured
            from secrets where source = sources.slug and retired_at is null) x) as secrets,
          (select coalesce(json_agg(r order by r.position, r.name), '[]') from (
            select source, name, version, position, definition, extract(epoch from created_at) * 1000 as "createdAt",
              created_by as "createdBy"
            from rules where source = sources.slug and current) r) as rules
        from sources where slug <> 'api') s) as sources`;
  return { lines: row?.lines ?? [], sources: row?.sources ?? [] };
}
