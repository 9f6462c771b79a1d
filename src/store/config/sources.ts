/** Sources, as their inbox and the plan need them. */

import type { CallStore, OpenCall } from "../../ports/calling/line.ts";
import type { SourceStore } from "../../ports/ingest/inbox.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import type { Sql } from "../postgres/connection.ts";
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

async function copy(sql: Sql, slug: string): Promise<SourceCopy | null> {
  const [row] = await sql<SourceCopy[]>`
    select slug, version::float8 as version, shards, preset, tenant, country, zone, settings, order_number as "orderNumber",
      record_type as "recordType", record_id as "recordId", disconnected_at is not null as disconnected,
      paused_at is not null as paused,
      (select coalesce(json_agg(json_build_object('id', id, 'sealed', sealed, 'expiresAt',
        (extract(epoch from expires_at) * 1000)::float8) order by created_at desc, id), '[]')
        from secrets where source = s.slug and retired_at is null) as secrets,
      (select coalesce(json_agg(json_build_object('name', name, 'version', version, 'definition', definition)
        order by position, name), '[]') from rules where source = s.slug and current) as rules,
      "fetch", api, (select json_build_object('id', id, 'sealed', sealed, 'baseUrl', base_url) from credentials
        where source = s.slug) as credential
    from sources s where slug = ${slug}`;
  return row ?? null;
}

/** The rule that made a call, as it was then, with what a further try needs. */
export async function ruleOf(sql: Sql, call: OpenCall): ReturnType<CallStore["ruleOf"]> {
  type Row = { definition: SourceCopy["rules"][number]["definition"]; zones: string[] };
  const [row] = await sql<Row[]>`
    select r.definition, to_json(coalesce(c.zones, '{}')) as zones from calls c
      join rules r on r.source = c.source and r.name = c.rule and r.version = c.rule_version
    where c.id = ${call.id}`;
  if (row === undefined) return null;
  const line = await findLine(sql, call.line);
  return line === null ? null : { ...row, line };
}
