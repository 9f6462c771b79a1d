/**
 * Proofs: the sweep's share of `hookline verify-audit`. Each minute the sweep compares some calls with their entries,
 * and some entries with the chain: the newest rows and a part of the rest. Every row is checked within a day. `/readyz`
 * names the findings.
 *
 * Not guaranteed: that links and hashes which were rewritten together are noticed. The notary and `verify-audit` detect
 * that by signed heads.
 */
import { type ChainEntry, digestOf, genesis, linkHash } from "../../domain/audit/chain.ts";
import { sha256Hex } from "../../platform/hashes.ts";
import { columns, hex, jsonFields, select, value } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import type { gaps, links } from "../schema/audit.ts";
import { chainEntryColumns } from "./chain.ts";
import { compareCalls } from "./stories.ts";

/** Newest rows that every sweep checks. */
const newestRows = 200;

/**
 * Lowest and highest number of older rows of one kind per sweep. The highest number is enough for 2.4 million rows in a
 * day.
 */
const olderRowsMin = 300;
const olderRowsMax = 2_000;

/** Sweeps per round of all rows, within the bound above. Fewer than the minutes of a day. */
const sweepsPerRound = 1_200;

/** Findings of one kind that are stored, and checked again by each sweep. */
const foundMax = 100;

const codes = ["call_differs", "call_gone", "entry_changed", "entry_removed"] as const;
type Found = { readonly code: (typeof codes)[number]; readonly id: string };
type Marks = { compared: string | null; links: number; calls: number; position: number; known: Found[] };

const foundColumns = columns<typeof gaps, Found>({ code: "code", id: "subject_id" });

/**
 * Checks the next part, stores its findings, and deletes those that are resolved. @returns The number of known
 * findings.
 */
export async function checkProofs(sql: Sql): Promise<number> {
  const [marks] = await sql<[Marks]>`
    select (select compared_to from sweeps) as compared, coalesce((select links_to from sweeps), 0)::float8 as links,
      (select greatest(reltuples, 0) from pg_class where oid = 'calls'::regclass)::float8 as calls,
      coalesce((select max(position) from links), 0)::float8 as position,
      (select coalesce(json_agg(json_build_object(${jsonFields(sql, foundColumns, "gaps")})), '[]')
        from gaps where code in ${sql([...codes])})
        as known`;
  const calls = await differingCalls(sql, marks);
  const entries = await brokenEntries(sql, marks);
  const found = [...calls.found, ...entries.found].slice(0, codes.length * foundMax);
  await sql`
    with given as (
      select distinct code, id from json_to_recordset(${asJson(found)}::text::json) as f(code text, id text)
    ), mended as (
      delete from gaps where code in ${sql([...codes])} and (code, subject_id) not in (select code, id from given)
    ), noted as (
      insert into gaps (code, subject_id) select code, id from given on conflict do nothing
    )
    insert into sweeps (one, compared_to, links_to) values (true, ${calls.to}, ${entries.to})
    on conflict (one) do update set compared_to = excluded.compared_to, links_to = excluded.links_to`;
  return found.length;
}

const perSweep = (rows: number) => Math.min(olderRowsMax, Math.max(olderRowsMin, Math.ceil(rows / sweepsPerRound)));

/** Compares the newest calls, the next ones in the order of ids, and earlier findings. */
async function differingCalls(sql: Sql, marks: Marks): Promise<{ found: Found[]; to: string | null }> {
  const limit = perSweep(marks.calls);
  const after = marks.compared ?? "00000000-0000-0000-0000-000000000000";
  const known = marks.known.filter(({ code }) => code === "call_differs").map(({ id }) => id);
  const [next] = await sql<[{ to: string | null }]>`
    select case when count(*) = ${limit} then max(id::text) end as to
    from (select id from calls where id > ${after} order by id limit ${limit}) walked`;
  const compared = await compareCalls(
    sql,
    sql`select * from calls where id in (
      (select id from calls where id > ${after} order by id limit ${limit})
      union (select id from calls order by created_at desc, id desc limit ${newestRows})
      union (select id::uuid from json_array_elements_text(${asJson(known)}::text::json) k(id)))`,
  );
  const found = compared
    .filter(({ differs }) => differs.length > 0)
    .map(({ id }): Found => ({ code: "call_differs", id }))
    .slice(0, foundMax);
  return { found, to: next.to };
}

type LinkRow = {
  position: number;
  hash: string;
  previous: string | null;
  entry: ChainEntry | null;
  gone: string | null;
};

const hashColumns = columns<typeof links, Pick<LinkRow, "hash">>({ hash: hex("hash") });

/**
 * Checks the newest links, the next ones in order, and earlier findings: the entry, the hash, and that the call exists.
 */
async function brokenEntries(sql: Sql, marks: Marks): Promise<{ found: Found[]; to: number }> {
  const limit = perSweep(marks.position);
  const upto = marks.links + limit;
  const known = marks.known.filter(({ code }) => code.startsWith("entry_")).map(({ id }) => Number(id));
  const gone = marks.known.filter(({ code }) => code === "call_gone").map(({ id }) => id);
  const rows = await sql<(LinkRow & { missing: boolean })[]>`
    with asked as (
      select generate_series(${marks.links + 1}::bigint, least(${upto}::bigint, ${marks.position}::bigint)) as position
      union select generate_series(greatest(1, ${marks.position - newestRows}::bigint), ${marks.position}::bigint)
      union select k.text::bigint from json_array_elements_text(${asJson(known)}::text::json) k(text)
    )
    select a.position::float8 as position, l.position is null as missing, ${select(sql, hashColumns, "l")},
      (select ${value(sql, hashColumns, "p")} from links p where p.position = a.position - 1) as previous,
      (select row_to_json(f) from (select ${sql.unsafe(chainEntryColumns)} from entries e where e.id = l.entry_id) f) as entry,
      (select e.subject_id from entries e where e.id = l.entry_id and e.subject = 'call' and e.data ? 'content'
        and not exists (select 1 from calls c
          where c.id = case when e.subject_id ~ '^[0-9a-f-]{36}$' then e.subject_id::uuid end))
        as gone
    from asked a left join links l using (position) where a.position > 0`;
  const stillGone =
    gone.length === 0
      ? []
      : await sql<{ id: string }[]>`
          select k.id from json_array_elements_text(${asJson(gone)}::text::json) k(id)
          where not exists (select 1 from calls c where c.id = k.id::uuid)`;
  const found = new Map<string, Found>(stillGone.map(({ id }) => [id, { code: "call_gone", id }]));
  for (const row of rows) {
    const id = String(row.position);
    if (row.missing || row.entry === null) found.set(id, { code: "entry_removed", id });
    else if (!holds(row, row.entry)) found.set(id, { code: "entry_changed", id });
    if (row.gone !== null) found.set(row.gone, { code: "call_gone", id: row.gone });
  }
  return { found: [...found.values()].slice(0, 3 * foundMax), to: upto >= marks.position ? 0 : upto };
}

/** Whether a link's hash matches its entry. After a missing link the hash cannot be checked. */
function holds({ position, hash, previous }: LinkRow, entry: ChainEntry): boolean {
  const before = position === genesis.position + 1 ? genesis.hash : previous;
  return before === null || linkHash(before, digestOf(entry, sha256Hex), sha256Hex) === hash;
}
