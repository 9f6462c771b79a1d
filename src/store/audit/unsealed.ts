/**
 * Entries that the notary has not linked and signed yet, and the transaction that delays them. Entries wait for every
 * transaction with a smaller number, whatever it writes and in any database of the server. Only Postgres' own views
 * show which transaction delays them. The app's role sees that transaction's process, role and database, but not its
 * statements.
 */
import { sealWithinMs } from "../../domain/limits.ts";
import type { Problem, Unsealed } from "../../ports/lookups/readiness.ts";
import type { Sql } from "../postgres/connection.ts";
import type { ReadingOfOne } from "../postgres/one-statement.ts";

/** Entries past the chain's end that are read. After a restore, more of these entries may already be linked. */
const unsealedReadMax = 1_000;

/** `tx`: the first transaction whose entries wait. */
type UnsealedFrom = Unsealed & { readonly tx: string | null };

/**
 * Steps:
 * - `reached`: the last linked entry that exists.
 * - `walked_tx`: entries past it in the chain's order.
 * - `walked_ids`: entries past it in the order of their ids. The two orders differ after a restore.
 * - `waiting`: the walked entries that are not linked.
 */
export function unsealed(sql: Sql): ReadingOfOne<UnsealedFrom> {
  return sql<[UnsealedFrom]>`
    with reached as (
      select e.tx, e.id from links l join entries e on e.id = l.entry_id order by l.position desc limit 1
    ), walked_tx as (
      select id, tx, at from entries
      where (tx, id) > (coalesce((select tx from reached), '0'::xid8), coalesce((select id from reached), 0))
      order by tx, id limit ${unsealedReadMax}
    ), walked_ids as (
      select id, tx, at from entries
      where id > coalesce((select max(entry_id) from links), 0) order by id limit ${unsealedReadMax}
    ), waiting as (
      select id, tx, at from (select * from walked_tx union select * from walked_ids) walked
      where (select 1 from links l where l.entry_id = walked.id) is null
    )
    select count(*)::int as count, (extract(epoch from min(at)) * 1000)::float8 as "oldestAt",
      (extract(epoch from clock_timestamp() - min(at)) * 1000)::float8 as "ageMs", min(tx)::text as tx
    from waiting`;
}

/**
 * @param ofChain Problems of the chain itself.
 * @returns No problem if the chain is not extended for another reason, which has its own problem.
 */
export async function unsealedProblems(
  sql: Sql,
  { count, oldestAt, ageMs, tx }: UnsealedFrom,
  ofChain: readonly Problem[],
): Promise<Problem[]> {
  if (ageMs === null || ageMs < sealWithinMs || ofChain.length > 0) return [];
  return [{ code: "entries_unsealed", since: oldestAt, count, rows: await holders(sql, tx) }];
}

/** The transaction that began first, including prepared transactions, if it began before `before`. */
async function holders(sql: Sql, before: string | null): Promise<string[]> {
  const rows = await sql<{ holder: string }[]>`
    select holder from (
      select 'backend ' || pid || coalesce(' of ' || usename, '') || coalesce(' in ' || datname, '') as holder,
        age(backend_xid) as old
      from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()
      union all
      select 'prepared transaction ' || gid || ' of ' || owner || ' in ' || database, age(transaction) from pg_prepared_xacts
    ) running
    where old > age(${before}::text::xid8::xid) order by old desc limit 1`;
  return rows.map(({ holder }) => holder);
}
