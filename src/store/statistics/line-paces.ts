import type { LineLookups, LinePace } from "../../ports/lookups/lines.ts";
import { usedAtOnce, usedSlots } from "../fragments/waits.ts";
import { columns, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { lines } from "../schema/lines.ts";

const slugColumns = columns<typeof lines, Pick<LinePace, "line">>({ line: "slug" });

/** @param sql the request's client */
export function lineLookups(sql: Sql): LineLookups {
  return { linePaces: (line, waitingMax) => linePaces(sql, line, waitingMax) };
}

/** Reads what the claim counts, by the same indexes, and the waiting calls up to a bound. */
async function linePaces(sql: Sql, line: string | null, waitingMax: number): Promise<LinePace[]> {
  return await sql<LinePace[]>`
    select ${select(sql, slugColumns, "l")}, ${usedSlots(sql, sql`l.slug`)}::int as minute,
      ${usedAtOnce(sql, sql`l.slug`)}::int as "atOnce",
      (select count(*) from (select 1 from calls c where c.line = l.slug and c.status = 'queued' limit ${waitingMax}) w)::int
        as waiting
    from lines l where ${line === null ? sql`true` : sql`l.slug = ${line}`} order by l.slug`;
}
