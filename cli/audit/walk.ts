// Walks the whole audit chain and names its first break.
import type postgres from "postgres";
import { type ChainEntry, digestOf, genesis, linkHash } from "../../src/domain/audit/chain.ts";
import { sha256Hex } from "../../src/platform/hashes.ts";
import { chainEntryColumns } from "../../src/store/audit/chain.ts";
import { dates, doubts } from "./dates.ts";
import type { KnownHead } from "./heads.ts";

/** A break of the chain and its position. */
type Break = {
  kind: "changed" | "removed" | "inserted" | "order" | "link" | "cut" | "rewritten" | "backdated" | "not_linked";
  position: number | null;
  sentence: string;
};

/** The result of a walk. `last` is the chain's end; `signed` is the last head that matches it. */
type Walk = {
  links: number;
  last: { position: number; hash: string };
  signed: KnownHead | null;
  /** Heads that an accepted restore made invalid. */
  setAside: number;
  broken: Break | null;
  /** A suspicion that is not a break. */
  warning: string | null;
};

type Row = { position: number; entryId: number; hash: string; entry: ChainEntry | null };

const rowsPerRead = 5_000;
/** Positions around a break that are searched for its cause. */
const windowMax = 1_000;
/** An unlinked entry older than this is a break. */
const linkMinutes = 10;

/** @param heads in any order; each verified, or archived out of the database owner's reach */
export async function walkChain(sql: postgres.Sql, heads: readonly KnownHead[]): Promise<Walk> {
  const waiting = [...heads].sort((one, other) => one.position - other.position || (one.at ?? 0) - (other.at ?? 0));
  const walk: Walk = { links: 0, last: genesis, signed: null, setAside: 0, broken: null, warning: null };
  const dated = dates();
  let before = genesis.hash;
  for (;;) {
    const rows = await read(sql, walk.last.position, rowsPerRead);
    for (const row of rows) {
      const broken = await judge(sql, walk, row, before, heads);
      if (broken !== null) return { ...walk, broken };
      before = walk.last.hash;
      walk.last = { position: row.position, hash: row.hash };
      walk.links++;
      if (row.entry !== null) dated.pass(row.position, row.entry);
      for (let head = waiting[0]; head !== undefined && head.position <= row.position; head = waiting[0]) {
        waiting.shift();
        if (head.position !== row.position || head.hash === row.hash) {
          if (head.position === row.position) {
            walk.signed = head;
            dated.sign(head);
          }
        } else if (isSetAside(head, heads)) walk.setAside++;
        else return { ...walk, broken: rewritten(walk, head) };
      }
    }
    if (rows.length < rowsPerRead) break;
  }
  for (const head of waiting) {
    if (!isSetAside(head, heads)) return { ...walk, broken: cut(walk, head) };
    walk.setAside++;
  }
  const { backdated } = dated.found;
  const broken = backdated === null ? await notLinked(sql) : said("backdated", backdated.position, backdated.sentence);
  return { ...walk, broken, warning: doubts(dated.found) };
}

async function judge(
  sql: postgres.Sql,
  walk: Walk,
  row: Row,
  before: string,
  heads: readonly KnownHead[],
): Promise<Break | null> {
  const position = walk.last.position + 1;
  if (row.position > position)
    return said("removed", position, `the link at position ${position} is missing: its entry was removed`);
  if (row.entry === null) return said("removed", position, `entry ${row.entryId} at position ${position} was removed`);
  if (linkHash(walk.last.hash, digestOf(row.entry, sha256Hex), sha256Hex) === row.hash) return null;
  return await classify(sql, walk.last, row, before, heads);
}

/** Classifies a break (changed, removed, inserted …) by the hashes that still fit: each hash names its predecessor. */
async function classify(
  sql: postgres.Sql,
  last: { position: number; hash: string },
  row: Row,
  before: string,
  heads: readonly KnownHead[],
): Promise<Break> {
  const { position } = row;
  const fits = (after: string, other: Row, hash = other.hash) =>
    other.entry !== null && linkHash(after, digestOf(other.entry, sha256Hex), sha256Hex) === hash;
  const following = await read(sql, position, windowMax);
  const here = `position ${position} (entry ${row.entryId})`;
  // Another entry hashes to this position's hash, or this entry's hash now follows at a later position.
  if (following.some((other) => fits(last.hash, other, row.hash) || fits(other.hash, row)))
    return said("order", position, `the order was changed: ${here} stood elsewhere`);
  if (last.position > 0 && fits(before, row))
    return said(
      "inserted",
      position - 1,
      `an entry was inserted at position ${position - 1}: ${here} was changed to follow the entry before it`,
    );
  const next = following.find((other) => fits(last.hash, other));
  if (next !== undefined) {
    const many = next.position - position;
    return said("inserted", position, `${many === 1 ? "an entry was" : `${many} entries were`} inserted at ${here}`);
  }
  const shift = await shiftOf(sql, position, heads);
  if (shift < 0)
    return said(
      "removed",
      position,
      `${-shift === 1 ? "an entry was" : `${-shift} entries were`} removed before ${here}`,
    );
  if (shift > 0)
    return said(
      "inserted",
      position,
      `${shift === 1 ? "an entry was" : `${shift} entries were`} inserted before ${here}`,
    );
  // The entries that follow were hashed over the stored hash, or over another.
  const [after] = following;
  if (after !== undefined && !fits(row.hash, after)) {
    const stored = linkHash(last.hash, row.entry === null ? "" : digestOf(row.entry, sha256Hex), sha256Hex);
    if (fits(stored, after)) return said("link", position, `the stored hash of ${here} was changed`);
  }
  return said("changed", position, `the entry at ${here} was changed`);
}

/** Number of positions by which later links were shifted: a signed head's hash is now at another position. */
async function shiftOf(sql: postgres.Sql, position: number, heads: readonly KnownHead[]): Promise<number> {
  const later = heads.filter((head) => head.position >= position).slice(0, 100);
  if (later.length === 0) return 0;
  const rows = await sql<{ position: number; hash: string }[]>`
    select position::float8 as position, encode(hash, 'hex') as hash from links
    where hash in (select decode(h, 'hex') from unnest(${later.map(({ hash }) => hash)}::text[]) h) order by position limit 1`;
  const [moved] = rows;
  const head = later.find(({ hash }) => hash === moved?.hash);
  return moved === undefined || head === undefined ? 0 : moved.position - head.position;
}

function rewritten(walk: Walk, head: KnownHead): Break {
  const after = walk.signed?.position ?? 0;
  return said(
    "rewritten",
    head.position,
    `the chain was written anew: at position ${head.position} it is not what was signed ${when(head)} (head of ${head.from}); it was changed after position ${after}`,
  );
}

function cut(walk: Walk, head: KnownHead): Break {
  return said(
    "cut",
    walk.last.position + 1,
    `the tail was cut: position ${head.position} was signed ${when(head)} (head of ${head.from}), and the chain ends at ${walk.last.position}`,
  );
}

async function notLinked(sql: postgres.Sql): Promise<Break | null> {
  const [row] = await sql<{ n: number; id: number | null }[]>`
    select count(*)::float8 as n, min(id)::float8 as id from entries e
    where at < now() - ${linkMinutes} * interval '1 minute' and not exists (select 1 from links l where l.entry_id = e.id)`;
  if (row === undefined || row.id === null) return null;
  const words = row.n === 1 ? `entry ${row.id} is` : `${row.n} entries, the first of which is ${row.id}, are`;
  return said(
    "not_linked",
    null,
    `${words} older than ${linkMinutes} minutes and not in the chain: inserted behind the notary's back, or the notary does not run`,
  );
}

/** Whether a later head accepts a restore to a position before this one. */
function isSetAside(head: KnownHead, heads: readonly KnownHead[]): boolean {
  return heads.some(
    ({ restored, at }) =>
      restored !== null && head.position > restored.base && head.at !== null && at !== null && at > head.at,
  );
}

async function read(sql: postgres.Sql, after: number, limit: number): Promise<Row[]> {
  type Stored = ChainEntry & { position: number; entryId: number; hash: string };
  const rows = await sql<(Omit<Stored, "id"> & { id: number | null })[]>`
    select l.position::float8 as position, l.entry_id::float8 as "entryId", encode(l.hash, 'hex') as hash, ${sql.unsafe(chainEntryColumns)}
    from links l left join entries e on e.id = l.entry_id where l.position > ${after} order by l.position limit ${limit}`;
  return rows.map(({ position, entryId, hash, id, ...entry }) => ({
    position,
    entryId,
    hash,
    entry: id === null ? null : { id, ...entry },
  }));
}

function said(kind: Break["kind"], position: number | null, sentence: string): Break {
  return { kind, position, sentence };
}

function when({ at }: KnownHead): string {
  return at === null ? "earlier" : new Date(at).toISOString();
}
