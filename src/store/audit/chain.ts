/**
 * The audit chain in Postgres: which entries come next, and the links and heads that hold them.
 *
 * The order is that of (transaction, id), and only transactions below every running one count: whatever commits later comes later. A
 * dump that was restored into another server brings entries whose transactions that server has yet to reach, and new ones with smaller
 * numbers: then the search begins anew from the lowest, past what is linked already. So each entry is linked once in any case, and
 * its place never depends on a clock.
 */
import { type ChainEntry, type ChainPoint, genesis, type Link } from "../../domain/audit/chain.ts";
import type { ReceiptContent } from "../../domain/audit/receipt.ts";
import { chainPieceMax } from "../../domain/limits.ts";
import type {
  ChainPiece,
  ChainStore,
  EntryPosition,
  Head,
  LinkedEntry,
  ReceiptStore,
  ToLink,
} from "../../ports/audit/chain.ts";
import type { Problem } from "../../ports/lookups.ts";
import { isOfCall, isStep, shownSteps } from "../fragments/call-entries.ts";
import { asJson, errorCode, type Sql } from "../postgres/connection.ts";

/** Entries that one look walks along: most are to be linked, but for those of before a restore. */
const entriesPerWalkMax = 4_096;

/** @param sql gives the client; an object's may change between statements, after a drop. */
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
    async contentOf(callId) {
      const [row] = await sql<ReceiptContent[]>`
        select salt, number, about, prompt, prompt_overwrite as "promptOverwrite", greeting from calls
        where id = ${callId} and salt is not null`;
      return row ?? null;
    },
  };
}

/** The newest entry about the chain itself says whether something is wrong with it. */
export async function chainProblems(sql: Sql): Promise<Problem[]> {
  return await sql<Problem[]>`
    select action as code, (extract(epoch from at) * 1000)::float8 as since, 1 as count, '[]'::json as rows
    from (select * from entries where subject = 'audit' and subject_id = 'chain' order by id desc limit 1) newest
    where action in ('chain_behind', 'chain_differs')`;
}

/** The columns of a `ChainEntry`, of the table named `e`: exactly what is stored, whatever the session's settings are. */
export const chainEntryColumns = `e.id::float8 as id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
  e.tx::text as tx, e.subject, e.subject_id as "subjectId", e.action, e.actor, e.reason, e.data::text as data`;

const chainEntry = (sql: Sql) => sql.unsafe(chainEntryColumns);

/**
 * - `reached` passes over links whose entry somebody removed: they must not stop those that follow.
 * - `behind`: in one server's life, what has a smaller transaction than the last linked one is linked. It is said by `not`, because the
 *   few entries past the largest linked id are to be looked at, and not the many of smaller transactions.
 * - `foreign_ones` are of transactions that this server has yet to reach: a restored dump brought them, and they are long over. They
 *   go first, so that the chain's end stays among them until none is left: the next look goes on where this one came to.
 * - `found` asks by a subquery and not by a join: what is walked along an index stays in its order.
 */
async function next(sql: Sql, limit: number, known: number, from: EntryPosition | null): Promise<ToLink> {
  type Row = ToLink & { position: number | null; hash: string | null };
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
      select coalesce(${from?.tx ?? null}::text::xid8, (select tx from reached where not exists (select 1 from behind)), '0'::xid8) as tx,
        coalesce(${from?.id ?? null}::bigint, (select id from reached where not exists (select 1 from behind)), 0) as id
    ), settled as materialized (
      ${along(sql`((select tx from since), (select id from since))`, sql`tx < (select xmin from now_running)`)}
    ), foreign_ones as materialized (
      ${along(
        sql`(coalesce((select tx from reached), '0'::xid8), coalesce((select id from reached), 0))`,
        sql`tx >= (select xmax from now_running)`,
      )}
    ), found as (
      select id from (select * from foreign_ones union all select * from settled) walked
      where (select 1 from links l where l.entry_id = walked.id) is null limit ${limit}
    )
    select (select position::float8 from last) as position, (select encode(hash, 'hex') from last) as hash,
      (select encode(hash, 'hex') from links where position = ${known}) as "knownHash",
      (select coalesce(json_agg(f), '[]') from (
        select ${chainEntry(sql)} from found join entries e on e.id = found.id order by e.tx, e.id) f) as entries,
      (select json_build_object('tx', tx::text, 'id', id) from settled
        where (select count(*) from settled) = ${entriesPerWalkMax} order by tx desc, id desc limit 1) as walked,
      exists (select 1 from entries e where tx >= (select xmin from now_running) and tx < (select xmax from now_running)
        and (select 1 from links l where l.entry_id = e.id) is null) as waiting`;
  const { position, hash, knownHash, entries, walked, waiting } = row;
  const last = position === null || hash === null ? genesis : { position, hash };
  return { last, knownHash: known === 0 ? genesis.hash : knownHash, entries, walked, waiting };
}

/** `ends` is the guard: the chain ends where these were hung on. Of two that write at once the primary key stops one. */
async function link(sql: Sql, after: ChainPoint, links: Link[], heads: Head[]): Promise<boolean> {
  const linkRows = links.map(({ entryId, hash }, index) => ({
    position: after.position + 1 + index,
    id: entryId,
    hash,
  }));
  try {
    const [row] = await sql<[{ n: number }]>`
      with ends as (
        select 1 where (select coalesce(max(position), 0) from links) = ${after.position}
          and coalesce((select encode(hash, 'hex') from links where position = ${after.position}), ${genesis.hash}) = ${after.hash}
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
    select l.position::float8 as position, encode(l.hash, 'hex') as hash
    from json_array_elements_text(${asJson(positions)}::text::json) as p(text) join links l on l.position = p.text::bigint
    order by l.position`;
}

async function entriesOf(sql: Sql, callId: string, eventId: string): ReturnType<ReceiptStore["entriesOf"]> {
  const rows = await sql<(LinkedEntry & { more: boolean })[]>`
    with shown as materialized (${shownSteps(sql, callId, eventId)})
    select l.position::float8 as position, ${chainEntry(sql)}, exists (
        select 1 from entries where ${isOfCall(sql, callId, eventId)} and ${isStep(sql)} and id not in (select id from shown)) as more
    from shown join entries e on e.id = shown.id left join links l on l.entry_id = e.id
    order by l.position nulls last, e.id`;
  return { entries: rows.map(({ more, ...entry }) => entry), more: rows[0]?.more ?? false };
}

async function pieces(sql: Sql, positions: number[]): Promise<ChainPiece[] | null> {
  type Row = { from: number; previous: string | null; head: Head | null };
  const found = await sql<Row[]>`
    with wanted as (
      select p.text::bigint as position from json_array_elements_text(${asJson(positions)}::text::json) as p(text)
    ), covered as (
      select min(w.position) as "from", h.position as upto from wanted w left join lateral (
        select position from heads join links using (position, hash) where position >= w.position order by position limit 1) h on true
      group by h.position
    )
    select c."from"::float8 as "from", (select encode(hash, 'hex') from links where position = c."from" - 1) as previous,
      (select json_build_object('position', h.position, 'hash', encode(h.hash, 'hex'), 'at', extract(epoch from h.at) * 1000,
        'kid', h.kid, 'jws', h.jws) from heads h where h.position = c.upto) as head
    from covered c order by c."from"`;
  const made: ChainPiece[] = [];
  for (const { from, previous, head } of found) {
    const before = from === genesis.position + 1 ? genesis.hash : previous;
    if (head === null || before === null || head.position - from >= chainPieceMax) return null;
    const entries = await sql<(ChainEntry & { hash: string })[]>`
      select ${chainEntry(sql)}, encode(l.hash, 'hex') as hash from links l join entries e on e.id = l.entry_id
      where l.position between ${from} and ${head.position} order by l.position`;
    made.push({ previous: before, from, head, entries });
  }
  return made;
}
