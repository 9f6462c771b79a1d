/**
 * Numbers that must not be called. A number is stored in its own row, and in the row of its stop until each of its calls is canceled.
 * Entries name it by its mark, a hash under a salt that is deleted with the row.
 */
import { commitment, randomText } from "../../platform/hashes.ts";
import { scrubText } from "../../platform/log.ts";
import type { CallsStop } from "../../ports/calling/stops.ts";
import type { SuppressionRow, SuppressionStore } from "../../ports/config/suppressions.ts";
import type { Cursor, Results } from "../../ports/page.ts";
import { columns, ms, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { suppressions } from "../schema/gates.ts";

/** Suppressions that a list holds at most. */
const listedMax = 1_000;

const suppressionColumns = columns<typeof suppressions, SuppressionRow>({
  number: "number",
  reason: "reason",
  until: ms("until"),
  createdAt: ms("created_at"),
  createdBy: "created_by",
});

/** @param sql the request's client */
export function suppressionStore(sql: Sql): SuppressionStore {
  return {
    suppressions: () => listSuppressions(sql),
    suppressionsAfter: (limit, after) => suppressionsAfter(sql, limit, after),
    suppress: (row) => suppress(sql, row),
    release: (number, actor) => release(sql, number, actor),
  };
}

/** Every suppression, newest first. */
async function listSuppressions(sql: Sql): Promise<SuppressionRow[]> {
  return await sql<SuppressionRow[]>`
    select ${select(sql, suppressionColumns, "suppressions")}
    from suppressions order by created_at desc, number limit ${listedMax}`;
}

async function suppressionsAfter(sql: Sql, limit: number, after: Cursor | null): Promise<Results<SuppressionRow>> {
  const rows = await sql<SuppressionRow[]>`
    select ${select(sql, suppressionColumns, "suppressions")} from suppressions
    where number > ${after?.id ?? ""} order by number limit ${limit + 1}`;
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? { at: "", id: last.number } : null;
  return { rows: shown, next };
}

/**
 * Suppresses a number and stops its calls. A repeat replaces the reason and the end.
 *
 * @returns the stop of the calls that wait for the number. The stop outlives the suppression, so a stopped call stays
 *   stopped.
 */
async function suppress(sql: Sql, row: Omit<SuppressionRow, "createdAt">): Promise<CallsStop> {
  const salt = randomText();
  const [stopped] = await sql<[{ id: number }]>`
    with saved as (
      insert into suppressions (number, mark, salt, reason, until, created_by)
      values (${row.number}, ${commitment(salt, row.number)}, ${salt}, ${row.reason},
        to_timestamp(${row.until}::float8 / 1000), ${row.createdBy})
      on conflict (number) do update set reason = excluded.reason, until = excluded.until, created_by = excluded.created_by,
        -- The row keeps its mark. A row that an earlier version wrote has no mark yet.
        mark = case when suppressions.salt is null then excluded.mark else suppressions.mark end,
        salt = coalesce(suppressions.salt, excluded.salt)
      returning mark, until
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'suppression', mark, 'saved', ${row.createdBy}, ${scrubText(row.reason)}, jsonb_build_object('until', until)
      from saved
    )
    insert into stops (number, reason, actor, at) values (${row.number}, 'suppressed', ${row.createdBy}, clock_timestamp())
    returning id::float8 as id`;
  return { id: stopped.id, lines: [] };
}

/** Lifts a suppression. @returns whether the number was suppressed. */
async function release(sql: Sql, number: string, actor: string): Promise<boolean> {
  const unnamed = commitment(randomText(), number);
  const rows = await sql`
    with removed as (delete from suppressions where number = ${number} returning mark), audited as (
      insert into entries (subject, subject_id, action, actor)
      select 'suppression', coalesce(mark, ${unnamed}), 'removed', ${actor} from removed
    )
    select true from removed`;
  return rows.length > 0;
}
