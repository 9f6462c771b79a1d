/** Configuration: lines, sources with their secrets, and rules with their versions. Each write inserts an audit entry in the same statement. */

import type {
  EndedSecret,
  StoredConfig,
  StoredCredential,
  StoredLine,
  StoredRule,
  StoredSecret,
  StoredSource,
} from "../../domain/config/stored.ts";
import type { ConfigStore, RuleVersion } from "../../ports/config/config.ts";
import { claimsSlow } from "../fragments/waits.ts";
import { writeHooks } from "../hooks/file-hooks.ts";
import { array, columns, isSet, jsonFields, ms, number, present, select } from "../postgres/columns.ts";
import type { Queries, Sql } from "../postgres/connection.ts";
import { retryDeadlocks } from "../postgres/retries.ts";
import type { lines } from "../schema/lines.ts";
import type { rules } from "../schema/rules.ts";
import type { credentials, secrets, sources } from "../schema/sources.ts";
import { countWaiting, stopsOfKept } from "./waiting-calls.ts";
import { applyWrites } from "./writes.ts";

/** Serializes changes of the configuration. Hyperdrive allows advisory locks within a transaction only. */
const configLock = 726_574_002;

/** Secrets of one source that a rotation ended and that an apply does not add again. */
const endedSecretsMax = 50;

/** Versions of one rule that are listed. */
const ruleVersionsMax = 50;

/** @param sql the request's client */
export function configStore(sql: Sql): ConfigStore {
  return {
    read: () => read(sql),
    ruleVersions: (source, name) => readVersions(sql, source, name),
    async change(actor, decide) {
      // A line that records results locks calls before its own row. A change may lock them in the opposite order.
      return await retryDeadlocks(() =>
        sql.begin(async (tx) => {
          await tx`select pg_advisory_xact_lock(${configLock})`;
          const { writes, hooks: hookWrites = [], answer } = decide(await read(tx));
          // The hooks are first: if one of them is refused, nothing else is written.
          const hooks = await writeHooks(tx, hookWrites, actor);
          if (typeof hooks === "string") return { answer, calls: [], hooks: [], refused: hooks };
          return { answer, calls: await applyWrites(tx, writes, actor), hooks, refused: null };
        }),
      );
    },
    async waiting(stops) {
      const found = await Promise.all(stops.map((stop) => stopsOfKept(sql, stop)));
      return await Promise.all(found.flat().map((stop) => countWaiting(sql, stop)));
    },
  };
}

const lineColumns = columns<typeof lines, Omit<StoredLine, "callsToday" | "claimsSlow">>({
  slug: "slug",
  agent: "agent",
  callsPerMinute: "calls_per_minute",
  callsAtOnce: "calls_at_once",
  callsPerDay: "calls_per_day",
  countries: array("countries"),
  hours: "hours",
  webhookSettings: "webhook_settings",
  hasWebhook: isSet("webhook_key_hash"),
  pausedAt: ms("paused_at"),
  pauseReason: "pause_reason",
  pauseDetail: "pause_detail",
  notBefore: ms("not_before"),
  createdAt: ms("created_at"),
  updatedAt: ms("updated_at"),
});

const sourceColumns = columns<typeof sources, Omit<StoredSource, "credential" | "secrets" | "endedSecrets" | "rules">>({
  slug: "slug",
  preset: "preset",
  tenant: "tenant",
  country: "country",
  zone: "zone",
  settings: "settings",
  orderNumber: "order_number",
  recordType: "record_type",
  recordId: "record_id",
  shards: "shards",
  silentAfter: "silent_after",
  silentAfterAt: ms("silent_after_at"),
  rejectingSince: ms("rejecting_since"),
  silentSince: ms("silent_since"),
  fetch: "fetch",
  api: "api",
  version: number("version"),
  disconnectedAt: ms("disconnected_at"),
  pausedAt: ms("paused_at"),
  pauseDetail: "pause_detail",
  fetchProblem: "fetch_problem",
  fetchProblemAt: ms("fetch_problem_at"),
  fetchFailures: "fetch_failures",
  fetchAnswer: "fetch_answer",
  createdAt: ms("created_at"),
  updatedAt: ms("updated_at"),
});

const credentialColumns = columns<typeof credentials, StoredCredential>({
  id: "id",
  env: "env",
  fingerprint: "fingerprint",
  kid: "kid",
  baseUrl: "base_url",
  createdAt: ms("created_at"),
});

const secretColumns = columns<typeof secrets, StoredSecret>({
  id: "id",
  env: "env",
  fingerprint: "fingerprint",
  kid: "kid",
  createdAt: ms("created_at"),
  expiresAt: ms("expires_at"),
  captured: "captured",
  rotated: "rotated",
});

const endedColumns = columns<typeof secrets, EndedSecret>({
  env: "env",
  fingerprint: "fingerprint",
  endedAt: present(ms("expires_at")),
});

const ruleColumns = columns<typeof rules, StoredRule>({
  source: "source",
  name: "name",
  version: "version",
  position: "position",
  definition: "definition",
  createdAt: ms("created_at"),
  createdBy: "created_by",
});

const versionColumns = [...ruleColumns, ...columns<typeof rules, Pick<RuleVersion, "current">>({ current: "current" })];

async function readVersions(sql: Queries, source: string, name: string): Promise<RuleVersion[]> {
  return await sql<RuleVersion[]>`
    select ${select(sql, versionColumns, "rules")} from rules
    where source = ${source} and name = ${name} order by version desc limit ${ruleVersionsMax}`;
}

async function read(sql: Queries): Promise<StoredConfig> {
  const [row] = await sql<{ lines: StoredLine[] | null; sources: StoredSource[] | null }[]>`
    select (select json_agg(l order by l.slug) from (
        select ${select(sql, lineColumns, "lines")},
          case when day = to_char(now() at time zone 'UTC', 'YYYY-MM-DD') then day_calls else 0 end as "callsToday",
          ${claimsSlow(sql, "lines")} as "claimsSlow"
        from lines) l) as lines,
      (select json_agg(s order by s.slug) from (
        select ${select(sql, sourceColumns, "sources")},
          (select json_build_object(${jsonFields(sql, credentialColumns, "credentials")})
            from credentials where source = sources.slug) as credential,
          (select coalesce(json_agg(x order by x."createdAt", x.id), '[]') from (
            select ${select(sql, secretColumns, "secrets")}
            from secrets where source = sources.slug and retired_at is null) x) as secrets,
          (select coalesce(json_agg(x), '[]') from (
            select ${select(sql, endedColumns, "secrets")}
            from secrets where source = sources.slug and retired_at is not null and expires_at is not null
            order by retired_at desc limit ${endedSecretsMax}) x) as "endedSecrets",
          (select coalesce(json_agg(r order by r.position, r.name), '[]') from (
            select ${select(sql, ruleColumns, "rules")}
            from rules where source = sources.slug and current) r) as rules
        from sources where slug <> 'api') s) as sources`;
  return { lines: row?.lines ?? [], sources: row?.sources ?? [] };
}
