/**
 * Lists that are found by walks along indexes, newest first. A filter that has no index of its own is checked row by row,
 * up to a bound: then the page says how far the search came, and its cursor goes on from there.
 */
import type { Cursor, Searched } from "../../ports/page.ts";
import type { Sql } from "../postgres/connection.ts";
import { unionAll } from "../postgres/one-statement.ts";
import { exactly } from "../postgres/pages.ts";

type Part = ReturnType<Sql>;

/** One walk. `along`: a condition on the columns of an index by time. `fitting`: a condition for each row; null: all fit. */
export type Walk = { readonly along: Part; readonly fitting: Part | null };

export type WalkedList = {
  /** The table with its alias, which the conditions use, and its column of time. */
  readonly from: Part;
  readonly row: Part;
  readonly at: Part;
  readonly id: Part;
  /** The select list, of the alias. */
  readonly columns: Part;
  /** Rows of one walk that are checked for one page. */
  readonly walkedMax: number;
};

/** The rows of all walks together, newest first. No row may be in two walks. */
export async function walkPage<Row extends { id: string }>(
  sql: Sql,
  list: WalkedList,
  walks: readonly Walk[],
  limit: number,
  after: Cursor | null,
): Promise<Searched<Row>> {
  const { from, row, at, id, columns, walkedMax } = list;
  const later: Part =
    after === null ? sql`` : sql`and (${at}, ${id}) < (${after.at}::text::timestamptz, ${after.id}::text::uuid)`;
  const newest: Part = sql`order by ${at} desc nulls last, ${id} desc nulls last`;
  const some = ({ along, fitting }: Walk): Part =>
    fitting === null
      ? sql`(select ${row}.* from ${from} where ${along} ${later} ${newest} limit ${limit + 1})`
      : sql`(select ${row}.* from (select ${row}.* from ${from} where ${along} ${later} ${newest} limit ${walkedMax}) ${row}
          where ${fitting} ${newest} limit ${limit + 1})`;
  if (walks.length === 0) return { rows: [], next: null, searchedTo: null };
  const all = unionAll(sql, walks.map(some));
  const rows = await sql<(Row & { exactly: string })[]>`
    select ${columns}, ${exactly(sql, at)} as "exactly" from (${all}) ${row} ${newest} limit ${limit + 1}`;
  // A walk that filled the page came to no end that matters.
  const bounded = walks.filter(({ fitting }) => fitting !== null);
  const isFull = rows.length > limit && walks.length === 1;
  const ends = isFull || bounded.length === 0 ? [] : await endsOf(bounded);
  const end = ends.reduce<Cursor | null>((newer, one) => (newer === null || isNewer(one, newer) ? one : newer), null);
  // Rows beyond the end of a walk are left for the next page: that walk may have newer ones.
  const known = end === null ? rows : rows.filter((one) => !isNewer(end, { at: one.exactly, id: one.id }));
  const shown = known.slice(0, limit);
  const last = shown.at(-1);
  const isCut = known.length > limit && last !== undefined;
  return {
    rows: shown.map(({ exactly: _, ...one }) => one as unknown as Row),
    next: isCut ? { at: last.exactly, id: last.id } : end,
    searchedTo: isCut ? null : (end?.at ?? null),
  };

  /** The last row of each walk that ended at its bound. */
  async function endsOf(walks: readonly Walk[]): Promise<Cursor[]> {
    const parts = walks.map(
      ({
        along,
      }): Part => sql`(select ${exactly(sql, at)} as at, ${id} as id from ${from} where ${along} ${later} ${newest}
        offset ${walkedMax - 1} limit 1)`,
    );
    return await sql<Cursor[]>`${unionAll(sql, parts)}`;
  }
}

/** Whether a place comes before another in a list with the newest first. Both forms sort as text. */
function isNewer(one: Cursor, other: Cursor): boolean {
  return one.at === other.at ? one.id > other.id : one.at > other.at;
}
