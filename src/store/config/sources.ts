/** Sources, as their inbox and the plan need them. */

import type { OpenCall, SettlementStore } from "../../ports/calling/settlements.ts";
import type { SourceStore } from "../../ports/ingest/sources.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import { columns, isSet, jsonFields, ms, number, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { rules } from "../schema/rules.ts";
import type { credentials, secrets, sources } from "../schema/sources.ts";
import { captureSecret } from "./captured-secret.ts";
import { allLines, findLine } from "./lines.ts";

/** @param sql gives the client; an object's may change between statements. */
export function sourceStore(sql: () => Sql): SourceStore {
  return {
    copy: (slug) => copy(sql(), slug),
    capture: (slug, secret) => captureSecret(sql(), slug, secret),
    lines: () => allLines(sql()),
  };
}

const copyColumns = columns<typeof sources, Omit<SourceCopy, "secrets" | "rules" | "credential">>({
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

const ruleColumns = columns<typeof rules, SourceCopy["rules"][number]>({
  name: "name",
  version: "version",
  definition: "definition",
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
      (select coalesce(json_agg(json_build_object(${jsonFields(sql, ruleColumns, "r")}) order by r.position, r.name), '[]')
        from rules r where r.source = s.slug and r.current) as rules,
      (select json_build_object(${jsonFields(sql, credentialColumns, "c")})
        from credentials c where c.source = s.slug) as credential
    from sources s where slug = ${slug}`;
  return row ?? null;
}

/** The version of the rule that made a call, with the zones and the line that a further try needs. */
export async function ruleOf(sql: Sql, call: OpenCall): ReturnType<SettlementStore["ruleOf"]> {
  type Row = { definition: SourceCopy["rules"][number]["definition"]; zones: string[] };
  const [row] = await sql<Row[]>`
    select r.definition, to_json(coalesce(c.zones, '{}')) as zones from calls c
      join rules r on r.source = c.source and r.name = c.rule and r.version = c.rule_version
    where c.id = ${call.id}`;
  if (row === undefined) return null;
  const line = await findLine(sql, call.line);
  return line === null ? null : { ...row, line };
}
