/** Lines, as the domain reads them. */

import type { VersionedLine } from "../../domain/calls/line.ts";
import { parseHours } from "../../domain/people/calling-hours.ts";
import type { WebhookLine } from "../../ports/calling/outcome-webhooks.ts";
import { array, columns, number, present, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { lines as linesTable } from "../schema/lines.ts";

type Row = Omit<VersionedLine, "hours"> & { hours: Record<string, unknown> | null };

const lineColumns = columns<typeof linesTable, Row>({
  slug: "slug",
  agent: "agent",
  callsPerMinute: "calls_per_minute",
  callsAtOnce: "calls_at_once",
  callsPerDay: "calls_per_day",
  countries: array("countries"),
  hours: "hours",
  version: number("version"),
});

/** Every line, and one version for all of them. A deployment has few lines. */
export async function allLines(sql: Sql): Promise<{ lines: VersionedLine[]; version: string }> {
  const rows = await sql<(Row & { all: string })[]>`
    select ${select(sql, lineColumns, "lines")}, ${linesVersion(sql)} as "all" from lines order by slug`;
  return { lines: rows.map(({ all: _, ...row }) => toLine(row)), version: rows[0]?.all ?? noLinesVersion };
}

/** {@link linesVersion} of a deployment without lines. */
const noLinesVersion = "";

/**
 * An expression whose value changes whenever a line is created, changed, removed, or recreated under its name. The
 * value covers all lines and not only the latest time of change, because times may be committed out of order.
 */
export function linesVersion(sql: Sql) {
  return sql`(select coalesce(md5(string_agg(
      slug || ':' || version || ':' || extract(epoch from created_at), ',' order by slug)), '') from lines)`;
}

/** @returns the line, or `null` if no line has this name. */
export async function findLine(sql: Sql, slug: string): Promise<VersionedLine | null> {
  const [row] = await sql<Row[]>`
    select ${select(sql, lineColumns, "lines")} from lines where slug = ${slug}`;
  return row ? toLine(row) : null;
}

type Key = WebhookLine & { keyHash: string };

/** The statement reads lines that have the key. */
const keyColumns = columns<typeof linesTable, Key>({
  keyHash: present("webhook_key_hash"),
  slug: "slug",
  sealedSecret: "webhook_secret",
  settings: "webhook_settings",
});
const nextKeyColumns = columns<typeof linesTable, Key>({
  keyHash: present("webhook_next_key_hash"),
  slug: "slug",
  sealedSecret: "webhook_next_secret",
  settings: "webhook_settings",
});

/** Every key that verifies Mihu's webhooks, by its hash: each line's own, and the next one during a rotation. */
export async function webhookLines(sql: Sql): Promise<Map<string, WebhookLine>> {
  const rows = await sql<Key[]>`
    select ${select(sql, keyColumns, "lines")} from lines where webhook_key_hash is not null
    union all
    select ${select(sql, nextKeyColumns, "lines")} from lines where webhook_next_key_hash is not null`;
  return new Map(rows.map(({ keyHash, ...line }) => [keyHash, line]));
}

function toLine({ hours, ...row }: Row): VersionedLine {
  if (hours === null) return { ...row, hours: null };
  const parsed = parseHours(hours);
  // Hours are parsed before they are stored. Hours that cannot be read must not become "at any hour".
  if (!parsed.ok) throw new Error(`line ${row.slug} is stored with hours that cannot be read: ${parsed.reason}`);
  return { ...row, hours: parsed.hours };
}
