/**
 * Reads entries as the outbox of hooks, in the order of (transaction, id), which no late commit changes: an entry is
 * read once every running transaction has a greater number.
 *
 * A call's entries have their true order by id, because each is inserted under the lock of the call's row. A
 * transaction that waits for that lock may have the smaller number and the greater id. So each event stands at the place
 * of the first entry of its call with the same or a greater id: an entry that would come later is returned before the
 * one that overtook it, and not again at its own place.
 *
 * A dump that was restored into another server brings entries whose transaction numbers that server has yet to reach,
 * and a mark beyond them all. The entries past the mark are read first. Then the mark moves to the first entry of this
 * server. Its transactions later reach the numbers of restored entries; these are older than the entries around them,
 * and are left out.
 */
import { type HookedCall, type NextTry, toldActions } from "../../domain/hooks/told-event.ts";
import type { OutboxEntry, OutboxMark, OutboxRead, OutboxStore, ToldActions } from "../../ports/hooks/outbox.ts";
import { entryColumns } from "../fragments/call-entries.ts";
import { columns, jsonFields, ms, number, text } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { entries } from "../schema/audit.ts";
import type { calls } from "../schema/calls.ts";

/** Newest entries among which a feed's beginning is searched. */
const newestMax = 5_000;

/**
 * Age, compared with the mark's entry, from which an entry with a smaller id is a restored one. Two transactions that
 * run at once never are so far apart.
 */
const restoredAgeMinutes = 60;

/** @param sql gives the client; an object's may change between statements, after a drop */
export function outboxStore(sql: () => Sql): OutboxStore {
  return {
    entriesAfter: (mark, limit) => entriesAfter(sql(), mark, limit),
    markBefore: (actions, limit) => markBefore(sql(), actions, limit),
  };
}

const markColumns = columns<typeof entries, OutboxMark>({ tx: text("tx"), id: number("id") });

const outboxColumns = [...entryColumns, ...columns<typeof entries, Pick<OutboxEntry, "tx">>({ tx: text("tx") })];

const callColumns = columns<typeof calls, HookedCall>({
  id: "id",
  try: "try",
  againOf: "again_of",
  status: "status",
  outcome: "outcome",
  outcomeRaw: "outcome_raw",
  reason: "reason",
  source: "source",
  rule: "rule",
  ruleVersion: "rule_version",
  eventId: "event_id",
  mode: "mode",
  line: "line",
  orderNumber: "order_number",
  recordType: "record_type",
  recordId: "record_id",
  number: "number",
  about: "about",
  summary: "summary",
  recordingUrl: "recording_url",
  conversationUuid: "conversation_uuid",
  mihuId: "mihu_id",
  createdAt: ms("created_at"),
  dueAt: ms("due_at"),
  placedAt: ms("placed_at"),
  endedAt: ms("ended_at"),
  durationS: "duration_s",
});

const nextColumns = columns<typeof calls, NextTry>({ id: "id", status: "status", dueAt: ms("due_at") });

/** A condition: whether an entry has one of the actions, which are names of the closed set. @param e Alias of the entry. */
function hasAction(sql: Sql, e: string, actions: ToldActions) {
  const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(", ");
  const parts = Object.entries(actions)
    .filter(([, names]) => names.length > 0)
    .map(([subject, names]) => `(${e}.subject = '${subject}' and ${e}.action in (${list(names)}))`);
  return sql.unsafe(`(${parts.join(" or ") || "false"})`);
}

/** A condition: whether an entry makes an event of the call of another entry. @param o, e Aliases of the entries. */
function isOfCall(sql: Sql, o: string, e: string) {
  return sql`${sql.unsafe(`${o}.subject_id = ${e}.subject_id`)} and ${hasAction(sql, o, { call: toldActions.call ?? [] })}`;
}

/**
 * Steps:
 * - `now_running`: the range of the transactions that are running. `ahead`: whether the mark is of another server.
 * - `walked`: settled entries past the mark. `is_restored`: whether the entry was restored and is of the past.
 * - `walked_events`: those that make events.
 * - `matching`: the same, and entries of the same calls that they overtook.
 */
async function entriesAfter(sql: Sql, mark: OutboxMark, limit: number): Promise<OutboxRead> {
  const at = sql`(${mark.tx}::text::xid8, ${mark.id}::bigint)`;
  type Row = Pick<OutboxRead, "entries" | "waiting"> & {
    ahead: boolean;
    xmin: string;
    walked: number;
    last: (OutboxMark & { restored: boolean }) | null;
  };
  const [row] = await sql<[Row]>`
    with now_running as (
      select pg_snapshot_xmin(s) as xmin, pg_snapshot_xmax(s) as xmax, ${mark.tx}::text::xid8 >= pg_snapshot_xmax(s) as ahead
      from pg_current_snapshot() s
    ), walked as materialized (
      select tx, id, subject, subject_id, action, coalesce(id < ${mark.id}::bigint
        and at < (select m.at from entries m where m.id = ${mark.id}::bigint)
          - ${restoredAgeMinutes} * interval '1 minute', false) as is_restored
      from entries
      where (tx, id) > ${at} and tx < (
        select case when ahead then '18446744073709551615'::xid8 else xmin end from now_running)
      order by tx, id limit ${limit}
    ), walked_events as (
      select * from walked w where not is_restored and ${hasAction(sql, "w", toldActions)}
    ), matching as materialized (
      select id from walked_events
      union
      select o.id from walked_events w join entries o on ${isOfCall(sql, "o", "w")} and o.id < w.id
        and (o.tx, o.id) > (w.tx, w.id) where w.subject = 'call'
    )
    select n.ahead, n.xmin::text as xmin, (select count(*)::int from walked) as walked,
      (select json_build_object(${jsonFields(sql, markColumns, "walked")}, 'restored', is_restored) from walked
        order by tx desc, id desc limit 1) as last,
      (select coalesce(json_agg(f.told), '[]') from (
        select json_build_object(${jsonFields(sql, outboxColumns, "e")},
          'sequence', case when e.subject = 'call' then (
            select count(*) from entries o where ${isOfCall(sql, "o", "e")} and o.id <= e.id) end,
          'call', case when c.id is not null then json_build_object(${jsonFields(sql, callColumns, "c")}) end,
          'next', case when t.id is not null then json_build_object(${jsonFields(sql, nextColumns, "t")}) end) as told
        from matching join entries e on e.id = matching.id
          left join calls c on c.id = case when e.subject = 'call' then e.subject_id::uuid end
          left join calls t on t.event_id = c.event_id and t.rule = c.rule and t.try = c.try + 1
        where e.subject <> 'call' or not exists (
          select 1 from entries o where ${isOfCall(sql, "o", "e")} and o.id > e.id and (o.tx, o.id) <= ${at})
        order by e.tx, e.id) f) as entries,
      exists (select 1 from entries e where e.tx >= n.xmin and e.tx < n.xmax)
        or exists (select 1 from pg_locks where locktype = 'relation' and relation = 'entries'::regclass
          and database = (select oid from pg_database where datname = current_database())
          and mode = 'RowExclusiveLock' and pid is distinct from pg_backend_pid()) as waiting
    from now_running n`;
  const { entries: found, last, walked, waiting, ahead, xmin } = row;
  const read = { entries: inOrder(found), more: walked === limit, waiting, restored: false };
  if (last === null)
    return ahead ? { ...read, mark: await beginning(sql, mark, xmin), restored: true } : { ...read, mark };
  // The id of a restored entry is of the past. The mark keeps the id that newer entries are compared with.
  return { ...read, mark: { tx: last.tx, id: last.restored ? mark.id : last.id } };
}

/** @returns The place before the first entry that this server wrote. Its ids are greater than those of the dump. */
export async function beginning(sql: Sql, mark: OutboxMark, xmin: string): Promise<OutboxMark> {
  const [first] = await sql<OutboxMark[]>`
    with newest as materialized (
      select tx, id from entries where id > ${mark.id} order by id limit ${newestMax}
    )
    select tx::text as tx, (id - 1)::float8 as id from newest
    where tx < pg_snapshot_xmax(pg_current_snapshot()) order by newest.tx, newest.id limit 1`;
  return first ?? { tx: xmin, id: mark.id };
}

/** @param found Entries in the order of (transaction, id). */
function inOrder(found: readonly OutboxEntry[]): OutboxEntry[] {
  const ofCalls = new Map<string, OutboxEntry[]>();
  for (const entry of [...found].sort((one, other) => one.id - other.id))
    if (entry.subject === "call") ofCalls.set(entry.subjectId, [...(ofCalls.get(entry.subjectId) ?? []), entry]);
  return found.flatMap((entry) => {
    if (entry.subject !== "call") return [entry];
    const waiting = ofCalls.get(entry.subjectId) ?? [];
    return waiting.splice(0, waiting.filter(({ id }) => id <= entry.id).length);
  });
}

async function markBefore(sql: Sql, actions: ToldActions, limit: number): Promise<OutboxMark> {
  const [row] = await sql<[{ first: OutboxMark | null; last: OutboxMark | null }]>`
    with newest as materialized (
      select tx, id, subject, action from entries where tx < (select pg_snapshot_xmin(pg_current_snapshot()))
      order by tx desc, id desc limit ${newestMax}
    ), matching as (
      select tx, id from newest where ${hasAction(sql, "newest", actions)} order by tx desc, id desc limit ${limit}
    )
    select
      (select json_build_object('tx', tx::text, 'id', id - 1) from matching order by tx, id limit 1) as first,
      (select json_build_object('tx', tx::text, 'id', id) from newest order by tx desc, id desc limit 1) as last`;
  return row.first ?? row.last ?? { tx: "0", id: 0 };
}
