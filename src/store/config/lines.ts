/** Lines, read as the domain knows them. */

import type { Line } from "../../domain/calls/line.ts";
import { parseHours } from "../../domain/people/calling-hours.ts";
import type { WebhookLine } from "../../ports/calling/voice.ts";
import type { Sql } from "../postgres/connection.ts";

type Row = {
  slug: string;
  agent: string;
  callsPerMinute: number;
  callsAtOnce: number;
  callsPerDay: number;
  countries: string[] | null;
  hours: unknown;
};

/** Every line, of which there are few, and the version of them all. */
export async function allLines(sql: Sql): Promise<{ lines: Line[]; version: string }> {
  const rows = await sql<(Row & { version: string })[]>`
    select ${columns(sql)}, ${linesVersion(sql)} as version from lines order by slug`;
  return { lines: rows.map(({ version: _, ...row }) => toLine(row)), version: rows[0]?.version ?? noLinesVersion };
}

/** The version of no lines at all, as {@link linesVersion} has it. */
const noLinesVersion = "";

/**
 * An expression that differs after any line was made, changed or removed, or removed and made anew under its old name. Of all lines and
 * not of the latest: times may be committed out of order.
 */
export function linesVersion(sql: Sql) {
  return sql`(select coalesce(md5(string_agg(slug || ':' || version || ':' || extract(epoch from created_at), ',' order by slug)), '')
    from lines)`;
}

/** @returns the line, or `null` when there is none of that name. */
export async function findLine(sql: Sql, slug: string): Promise<Line | null> {
  const [row] = await sql<Row[]>`select ${columns(sql)} from lines where slug = ${slug}`;
  return row ? toLine(row) : null;
}

/** Every key that Mihu's webhooks may come with, by its hash: each line's own, and one that is on its way to Mihu. */
export async function webhookLines(sql: Sql): Promise<Map<string, WebhookLine>> {
  const rows = await sql<(WebhookLine & { keyHash: string })[]>`
    select webhook_key_hash as "keyHash", slug, webhook_secret as "sealedSecret", webhook_settings as settings
    from lines where webhook_key_hash is not null
    union all
    select webhook_next_key_hash, slug, webhook_next_secret, webhook_settings
    from lines where webhook_next_key_hash is not null`;
  return new Map(rows.map(({ keyHash, ...line }) => [keyHash, line]));
}

function columns(sql: Sql) {
  return sql`slug, agent, calls_per_minute as "callsPerMinute", calls_at_once as "callsAtOnce",
    calls_per_day as "callsPerDay", to_json(countries) as countries, hours`;
}

function toLine({ hours, ...row }: Row): Line {
  if (hours === null) return { ...row, hours: null };
  const parsed = parseHours(hours);
  // They were parsed before they were stored; hours that cannot be read must not become "at any hour".
  if (!parsed.ok) throw new Error(`line ${row.slug} is stored with hours that cannot be read: ${parsed.reason}`);
  return { ...row, hours: parsed.hours };
}
