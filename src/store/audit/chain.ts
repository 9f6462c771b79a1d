/**
 * The audit chain in Postgres: the entries that come next, and the links and heads that hold them. Entries are linked
 * in the order of (transaction, id). An entry is linked only once every running transaction has a greater number. So an
 * entry that commits later gets a later link. A dump that was restored into another server brings entries whose
 * transaction numbers are higher than that server's. Its new entries get smaller numbers. In this case the search
 * begins again from the lowest number, past the linked entries. Each entry is linked once in any case, and its place
 * never depends on a clock.
 */
import { type ChainEntry, type ChainPoint, genesis, type Link } from "../../domain/audit/chain.ts";
import type { ReceiptContent } from "../../domain/audit/receipt.ts";
import type {
  ChainPiece,
  ChainStore,
  EntryPosition,
  Head,
  LinkedEntry,
  ReceiptStore,
  ToLink,
} from "../../ports/audit/chain.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import { isOfCall, isStep, shownSteps } from "../fragments/call-entries.ts";
import {
  columns,
  exact,
  hex,
  jsonFields,
  ms,
  number,
  present,
  select,
  selectText,
  text,
  value,
} from "../postgres/columns.ts";
import { asJson, errorCode, type Sql } from "../postgres/connection.ts";
import type { Reading } from "../postgres/one-statement.ts";
import type { entries, heads, links } from "../schema/audit.ts";
import type { calls } from "../schema/calls.ts";
import { compareCalls } from "./stories.ts";

/** Links in the longest piece of the chain that a receipt carries. */
const chainPieceMax = 2_048;

/** Entries that one search reads. Except after a restore, most of these entries are not linked yet. */
const entriesPerWalkMax = 4_096;

/** @param sql returns the current client: an object has a new one after it dropped the last */
export function chainStore(sql: () => Sql): ChainStore {
  return {
    next: (limit, known, from) => next(sql(), limit, known, from),
    link: (after, links, heads) => link(sql(), after, links, heads),
    hashes: (positions) => hashes(sql(), positions),
    async note(action, actor, data) {
      await sql()`insert into entries (subject, subject_id, action, actor, data)
        values ('audit', 'chain', ${action}, ${actor}, ${asJson(data)}::text::jsonb)`;
    },
  };
}

/** @param sql the request's client */
export function receiptStore(sql: Sql): ReceiptStore {
  return {
    entriesOf: (callId, eventId) => entriesOf(sql, callId, eventId),
    pieces: (positions) => pieces(sql, positions),
    async differs(callId) {
      const [compared] = await compareCalls(sql, sql`select * from calls where id = ${callId}`);
      return compared?.differs ?? ["row"];
    },
    async contentOf(callId) {
      const [row] = await sql<ReceiptContent[]>`
        select ${select(sql, contentColumns, "calls")} from calls
        where id = ${callId} and salt is not null`;
      return row ?? null;
    },
  };
}

const problemColumns = columns<typeof entries, Pick<Problem, "code" | "since">>({ code: "action", since: ms("at") });

/** Problems of the chain, according to the newest entry about the chain itself. */
export function chainProblems(sql: Sql): Reading<Problem> {
  return sql<Problem[]>`
    select ${select(sql, problemColumns, "newest")}, 1 as count, '[]'::json as rows
    from (select * from entries where subject = 'audit' and subject_id = 'chain' order by id desc limit 1) newest
    where action in ('chain_behind', 'chain_differs')`;
}

/** Columns of a `ChainEntry`, of the table named `e`: the stored values, independent of the session's settings. */
export const chainEntryColumns = selectText(
  columns<typeof entries, ChainEntry>({
    id: number("id"),
    at: exact("at"),
    tx: text("tx"),
    subject: "subject",
    subjectId: "subject_id",
    action: "action",
    actor: "actor",
    reason: "reason",
    data: text("data"),
  }),
  "e",
);

const pointColumns = columns<typeof links, ChainPoint>({ position: number("position"), hash: hex("hash") });

const hashColumns = columns<typeof links, Pick<ChainPoint, "hash">>({ hash: hex("hash") });
const placeColumns = columns<typeof links, Pick<ChainPoint, "position">>({ position: number("position") });
const walkedColumns = columns<typeof entries, EntryPosition>({ tx: text("tx"), id: number("id") });

const headColumns = columns<typeof heads, Head>({
  position: number("position"),
  hash: hex("hash"),
  at: ms("at"),
  kid: "kid",
  jws: "jws",
});

/** The statement leaves out calls without a salt. */
const contentColumns = columns<typeof calls, ReceiptContent>({
  salt: present("salt"),
  number: "number",
  about: "about",
  prompt: "prompt",
  promptOverwrite: "prompt_overwrite",
  greeting: "greeting",
});

const chainEntry = (sql: Sql) => sql.unsafe(chainEntryColumns);

/**
 * Steps:
 * - `now_running`: the range of the transactions that are running.
 * - `last`: the last link.
 * - `reached`: the last linked entry that exists. A link whose entry was removed must not stop the entries that follow.
 * - `behind`: has a row if entries of smaller transactions are not linked. Only a restore causes this. The condition
 *   uses `not`, so that Postgres reads the few entries past the largest linked id instead of the many entries of
 *   smaller transactions.
 * - `since`: where the search begins.
 * - `settled`: entries of ended transactions, in order.
 * - `foreign_ones`: entries of a restored dump whose transaction numbers this server has yet to reach. These entries
 *   are linked first. The chain's end stays among them until none is left, and the next search continues there.
 * - `to_link`: the entries that are not linked, at most `limit`. The statement uses a subquery, because a join would
 *   lose the index's order.
 */
async function next(sql: Sql, limit: number, known: number, from: EntryPosition | null): Promise<ToLink> {
  type Row = Omit<ToLink, "last"> & { last: ChainPoint | null };
  const along = (after: ReturnType<Sql>, over: ReturnType<Sql>) => sql`
    select tx, id from entries where (tx, id) > ${after} and ${over} order by tx, id limit ${entriesPerWalkMax}`;
  const [row] = await sql<[Row]>`
    with now_running as (
      select pg_snapshot_xmin(s) as xmin, pg_snapshot_xmax(s) as xmax from pg_current_snapshot() s
    ), last as (
      select position, hash from links order by position desc limit 1
    ), reached as (
      select e.tx, e.id from links l join entries e on e.id = l.entry_id order by l.position desc limit 1
    ), behind as (
      select 1 from reached r, now_running n where r.tx >= n.xmax or exists (
        select 1 from entries e where e.id > (select max(entry_id) from links) and not (e.tx, e.id) >= (r.tx, r.id))
    ), since as (
      select coalesce(${from?.tx ?? null}::text::xid8,
          (select tx from reached where not exists (select 1 from behind)), '0'::xid8) as tx,
        coalesce(${from?.id ?? null}::bigint, (select id from reached where not exists (select 1 from behind)), 0) as id
    ), settled as materialized (
      ${along(sql`((select tx from since), (select id from since))`, sql`tx < (select xmin from now_running)`)}
    ), foreign_ones as materialized (
      ${along(
        sql`(coalesce((select tx from reached), '0'::xid8), coalesce((select id from reached), 0))`,
        sql`tx >= (select xmax from now_running)`,
      )}
    ), to_link as (
      select id from (select * from foreign_ones union all select * from settled) walked
      where (select 1 from links l where l.entry_id = walked.id) is null limit ${limit}
    )
    select (select json_build_object(${jsonFields(sql, pointColumns, "last")}) from last) as last,
      (select ${value(sql, hashColumns, "links")} from links where position = ${known}) as "knownHash",
      (select coalesce(json_agg(f), '[]') from (
        select ${chainEntry(sql)} from to_link join entries e on e.id = to_link.id order by e.tx, e.id) f) as entries,
      (select json_build_object(${jsonFields(sql, walkedColumns, "settled")}) from settled
        where (select count(*) from settled) = ${entriesPerWalkMax} order by tx desc, id desc limit 1) as walked,
      exists (select 1 from entries e where tx >= (select xmin from now_running) and tx < (select xmax from now_running)
        and (select 1 from links l where l.entry_id = e.id) is null) as waiting,
      exists (select 1 from pg_locks where locktype = 'relation' and relation = 'entries'::regclass
        and database = (select oid from pg_database where datname = current_database())
        and mode = 'RowExclusiveLock' and pid is distinct from pg_backend_pid()) as writing`;
  const { last, knownHash, entries, walked, waiting, writing } = row;
  const hash = known === 0 ? genesis.hash : knownHash;
  return { last: last ?? genesis, knownHash: hash, entries, walked, waiting, writing };
}

/**
 * Steps:
 * - `ends`: the guard. It has a row if the chain still ends at `after`. If two writers are concurrent, the primary key
 *   stops one.
 * - `linked`: inserts the links.
 * - `signed`: inserts the heads.
 *
 * @returns whether the links were written
 */
async function link(sql: Sql, after: ChainPoint, links: Link[], heads: Head[]): Promise<boolean> {
  const linkRows = links.map(({ entryId, hash }, index) => ({
    position: after.position + 1 + index,
    id: entryId,
    hash,
  }));
  try {
    const [row] = await sql<[{ n: number }]>`
      with ends as (
        select 1 where (select coalesce(max(position), 0) from links) = ${after.position} and coalesce(
          (select encode(hash, 'hex') from links where position = ${after.position}), ${genesis.hash}) = ${after.hash}
      ), linked as (
        insert into links (position, entry_id, hash)
        select g.position, g.id, decode(g.hash, 'hex') from ends,
          json_to_recordset(${asJson(linkRows)}::text::json) as g(position bigint, id bigint, hash text)
        returning 1
      ), signed as (
        insert into heads (position, hash, at, kid, jws)
        select h.position, decode(h.hash, 'hex'), to_timestamp(h.at / 1000), h.kid, h.jws from ends,
          json_to_recordset(${asJson(heads)}::text::json) as h(position bigint, hash text, at float8, kid text, jws text)
        on conflict (position) do nothing
      )
      select count(*)::int as n from linked`;
    return row.n === links.length;
  } catch (error) {
    if (errorCode(error) === "23505") return false;
    throw error;
  }
}

async function hashes(sql: Sql, positions: number[]): Promise<ChainPoint[]> {
  return await sql<ChainPoint[]>`
    select ${select(sql, pointColumns, "l")}
    from json_array_elements_text(${asJson(positions)}::text::json) as p(text) join links l on l.position = p.text::bigint
    order by l.position`;
}

async function entriesOf(sql: Sql, callId: string, eventId: string): ReturnType<ReceiptStore["entriesOf"]> {
  const rows = await sql<(LinkedEntry & { more: boolean })[]>`
    with matching as materialized (${shownSteps(sql, callId, eventId)})
    select ${select(sql, placeColumns, "l")}, ${chainEntry(sql)}, exists (
        select 1 from entries
        where ${isOfCall(sql, callId, eventId)} and ${isStep(sql)} and id not in (select id from matching)) as more
    from matching join entries e on e.id = matching.id left join links l on l.entry_id = e.id
    order by l.position nulls last, e.id`;
  return { entries: rows.map(({ more, ...entry }) => entry), more: rows[0]?.more ?? false };
}

async function pieces(sql: Sql, positions: number[]): Promise<ChainPiece[] | null> {
  type Row = { from: number; previous: string | null; head: Head | null };
  const found = await sql<Row[]>`
    with given as (
      select p.text::bigint as position from json_array_elements_text(${asJson(positions)}::text::json) as p(text)
    ), covered as (
      select min(w.position) as "from", h.position as upto from given w left join lateral (
        select position from heads join links using (position, hash)
        where position >= w.position order by position limit 1) h on true
      group by h.position
    )
    select c."from"::float8 as "from",
      (select ${value(sql, hashColumns, "links")} from links where position = c."from" - 1) as previous,
      (select json_build_object(${jsonFields(sql, headColumns, "h")}) from heads h where h.position = c.upto) as head
    from covered c order by c."from"`;
  const made: ChainPiece[] = [];
  for (const { from, previous, head } of found) {
    const before = from === genesis.position + 1 ? genesis.hash : previous;
    if (head === null || before === null || head.position - from >= chainPieceMax) return null;
    const entries = await sql<(ChainEntry & { hash: string })[]>`
      select ${chainEntry(sql)}, ${select(sql, hashColumns, "l")} from links l join entries e on e.id = l.entry_id
      where l.position between ${from} and ${head.position} order by l.position`;
    made.push({ previous: before, from, head, entries });
  }
  return made;
}
