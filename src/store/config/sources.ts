/** Sources, as their inbox and the plan need them. */

import type { OpenCall, SettlementStore } from "../../ports/calling/settlements.ts";
import type { SourceStore } from "../../ports/ingest/sources.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import { currentRules } from "../fragments/current-rules.ts";
import { reopenedAt } from "../fragments/paused.ts";
import { array, columns, isSet, jsonFields, ms, number, orEmpty, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { calls } from "../schema/calls.ts";
import type { rules } from "../schema/rules.ts";
import type { credentials, secrets, sources } from "../schema/sources.ts";
import { captureSecret } from "./captured-secret.ts";
import { allLines, findLine } from "./lines.ts";
import { pauseRestored } from "./restored-source.ts";

/** @param sql returns the current client: an object has a new one after it dropped the last */
export function sourceStore(sql: () => Sql): SourceStore {
  return {
    copy: (slug) => copy(sql(), slug),
    capture: (slug, secret) => captureSecret(sql(), slug, secret),
    wentBack: (slug, lost) => pauseRestored(sql(), slug, lost),
    lines: () => allLines(sql()),
  };
}

const copyColumns = columns<typeof sources, Omit<SourceCopy, "secrets" | "rules" | "credential" | "reopenedAt">>({
  slug: "slug",
  version: number("version"),
  shards: "shards",
  preset: "preset",
  tenant: "tenant",
  country: "country",
  zone: "zone",
  settings: "settings",
  orderNumber: "order_number",
  recordType: "record_type",
  recordId: "record_id",
  disconnected: isSet("disconnected_at"),
  paused: isSet("paused_at"),
  fetch: "fetch",
  api: "api",
});

const secretColumns = columns<typeof secrets, SourceCopy["secrets"][number]>({
  id: "id",
  sealed: "sealed",
  expiresAt: ms("expires_at"),
});

const credentialColumns = columns<typeof credentials, NonNullable<SourceCopy["credential"]>>({
  id: "id",
  sealed: "sealed",
  baseUrl: "base_url",
});

async function copy(sql: Sql, slug: string): Promise<SourceCopy | null> {
  const [row] = await sql<SourceCopy[]>`
    select ${select(sql, copyColumns, "s")},
      (select coalesce(json_agg(json_build_object(${jsonFields(sql, secretColumns, "x")}) order by x.created_at desc, x.id), '[]')
        from secrets x where x.source = s.slug and x.retired_at is null) as secrets,
      ${currentRules(sql)} as rules,
      (extract(epoch from ${sql.unsafe(reopenedAt("s"))}) * 1000)::float8 as "reopenedAt",
      (select json_build_object(${jsonFields(sql, credentialColumns, "c")})
        from credentials c where c.source = s.slug) as credential
    from sources s where slug = ${slug}`;
  return row ?? null;
}

type CallRule = NonNullable<Awaited<ReturnType<SettlementStore["ruleOf"]>>>;
const definitionColumns = columns<typeof rules, Pick<CallRule, "definition">>({ definition: "definition" });
const zonesColumns = columns<typeof calls, Pick<CallRule, "zones">>({ zones: orEmpty(array("zones")) });

/** The version of the rule that made a call, with the zones and the line that a further try needs. */
export async function ruleOf(sql: Sql, call: OpenCall): ReturnType<SettlementStore["ruleOf"]> {
  const [row] = await sql<Omit<CallRule, "line">[]>`
    select ${select(sql, definitionColumns, "r")}, ${select(sql, zonesColumns, "c")} from calls c
      join rules r on r.source = c.source and r.name = c.rule and r.version = c.rule_version
    where c.id = ${call.id}`;
  if (row === undefined) return null;
  const line = await findLine(sql, call.line);
  return line === null ? null : { ...row, line };
}
