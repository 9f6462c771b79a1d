// An installation with so many calls: their events, their further tries and their entries, filled by SQL.
import postgres from "postgres";
import type { ClusterInfo } from "../../dev/stack/cluster.ts";
import { figuresIn } from "../../src/store/statistics/counting.ts";

const source = "shop";
const rule = "call-me";
const line = "desk";

/** Calls of one order: an event each, one of ten with a further try. */
export const callsPerOrder = 2;
/** The newest calls wait, as many as one page shows. */
const queued = 50;
const batch = 250_000;
const sessionsMax = 2;

// Children before the tables that they refer to: Postgres takes them in this order only.
const tables = ["verdicts", "calls", "events", "links", "entries"] as const;

/**
 * Fills a migrated database. Triggers are off, the tables are unlogged, and all indexes but the primary keys are built after the rows
 * are there. None of it changes a plan: the tables end with the indexes, the checks and the statistics of any other.
 *
 * @param ownerUrl the database, as its owner
 */
export async function fillCalls(cluster: ClusterInfo, ownerUrl: string, calls: number): Promise<void> {
  const url = new URL(cluster.adminUrl);
  url.pathname = new URL(ownerUrl).pathname;
  const sql = postgres(url.href, {
    max: sessionsMax,
    onnotice: () => undefined,
    connection: {
      session_replication_role: "replica",
      maintenance_work_mem: "1GB",
      max_parallel_maintenance_workers: 0,
    },
  });
  try {
    await sql`insert into sources (slug, preset) values (${source}, 'shopify')`;
    await sql`insert into lines (slug, agent, calls_per_minute, calls_at_once, calls_per_day) values (${line}, 'a', 1, 1, 1)`;
    for (const table of tables) {
      await sql`alter table ${sql(table)} set unlogged`;
      await sql`alter table ${sql(table)} set (autovacuum_enabled = off)`;
    }
    const built = await dropIndexes(sql);
    const parts = Array.from({ length: Math.ceil(calls / batch) }, (_, nth) => nth * batch);
    await inSessions(parts, (from) => fillPart(sql, from, Math.min(calls, from + batch), calls));
    await inSessions(built, async (statement) => void (await sql.unsafe(statement)));
    await inSessions([linkEntries, countEntries], (caughtUp) => caughtUp(sql));
    await inSessions(tables, async (table) => void (await sql`vacuum (analyze) ${sql(table)}`));
    for (const table of tables) await sql`alter table ${sql(table)} reset (autovacuum_enabled)`;
    await sql`checkpoint`;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Drops what is cheaper to build at once. @returns the statements that build it again */
async function dropIndexes(sql: postgres.Sql): Promise<string[]> {
  const found = await sql<{ drop: string; build: string }[]>`
    select case when c.oid is null then format('drop index %s', i.indexrelid::regclass)
        else format('alter table %s drop constraint %I', i.indrelid::regclass, c.conname) end as drop,
      case when c.oid is null then pg_get_indexdef(i.indexrelid)
        else format('alter table %s add constraint %I %s', i.indrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) end as build
    from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.contype = 'u'
    where i.indrelid::regclass::text in ${sql([...tables])} and not i.indisprimary`;
  for (const { drop } of found) await sql.unsafe(drop);
  return found.map(({ build }) => build);
}

/** Event and call n, a second apart. Ids ascend, so that their indexes are appended to. */
async function fillPart(sql: postgres.Sql, from: number, to: number, calls: number): Promise<void> {
  const given = sql`(select n, (lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000')::uuid as id,
    n / ${callsPerOrder}::int as of_order, now() - (${calls}::int - n) * interval '1 second' as at,
    n >= ${calls - queued}::int as waits, n % 10 as kind
    from generate_series(${from}::int, ${to - 1}::int) n) g`;
  await sql`
    insert into events (id, source, dedupe_key, external_id, type, occurred_at, received_at, order_number, order_number_key,
      record_type, record_id, headers, body, body_hash, state, planned_at)
    select id, ${source}, '["id-' || n || '","orders/updated"]', 'id-' || n, 'orders/updated', at, at, '#' || of_order, of_order::text, 'order',
      (6000000000000 + of_order)::text, '{}', '{}', 'hash', 'planned', at from ${given}`;
  await sql`
    insert into calls (id, event_id, source, rule, rule_version, try, again_of, mode, line, status, reason, order_number,
      order_number_key, record_type, record_id, number, country, about, created_at, due_at, placed_at, ended_at, outcome,
      duration_s, conversation_uuid, mihu_id)
    select id, case when again then (lpad(to_hex(n - 1), 8, '0') || '-0000-4000-8000-000000000000')::uuid else id end, ${source},
      ${rule}, 1, case when again then 2 else 1 end,
      case when again then (lpad(to_hex(n - 1), 8, '0') || '-0000-4000-8000-000000000000')::uuid end, 'live', ${line}, status,
      case status when 'skipped' then 'shadow' when 'canceled' then 'withdrawn' end, '#' || of_order, of_order::text, 'order',
      (6000000000000 + of_order)::text, '+1415' || (2000000 + of_order), 'US', 'about', at, at,
      case when status = 'ended' then at end, case when status = 'ended' then at end,
      case when status = 'ended' then 'completed' end, case when status = 'ended' then 60 end,
      case when status = 'ended' then 'conversation-' || n end, case when status = 'ended' then 'mihu-' || n end
    from (select *, kind = 1 and not waits as again,
      case when waits then 'queued' when kind < 7 then 'ended' when kind < 9 then 'skipped' else 'canceled' end as status
      from ${given}) c`;
  await sql`
    insert into entries (at, subject, subject_id, action, actor, data)
    select at, 'call', id::text, action, 'plan', data from ${given} cross join lateral (values
      (case when waits then 'queued' when kind < 7 then 'ended' when kind < 9 then 'skipped' else 'canceled' end,
        case when kind < 7 and not waits then '{"outcome":"completed"}' else '{}' end::jsonb),
      (case when kind < 7 and not waits then 'placed' end,
        jsonb_build_object('row', jsonb_build_object('due_at', at - kind * interval '3 seconds', 'placed_at', at)))) e (action, data)
    where action is not null`;
}

/** Links the entries, as the notary would have. Their hashes are not the chain's: nobody verifies it here. */
async function linkEntries(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into links (position, entry_id, hash)
    select (select coalesce(max(position), 0) from links) + row_number() over (order by tx, id), id, sha256(int8send(id))
    from entries where id not in (select entry_id from links)`;
}

/** Counts the entries into the figures, as the sweeps would have. */
async function countEntries(sql: postgres.Sql): Promise<void> {
  await sql`insert into figures (hour, what, n) ${figuresIn(sql, sql`entries`)}`;
  await sql`
    update figure_marks set tx = last.tx, entry = last.id, back_done = true
    from (select tx, id from entries order by tx desc, id desc limit 1) last`;
}

/** Works a list off, some at a time. */
async function inSessions<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const open = [...list];
  await Promise.all(
    Array.from({ length: sessionsMax }, async () => {
      for (let next = open.shift(); next !== undefined; next = open.shift()) await work(next);
    }),
  );
}
