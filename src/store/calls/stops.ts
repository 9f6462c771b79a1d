/**
 * Stops many calls: all calls of a rule, of a source or to a number.
 *
 * The row of a stop is committed together with its cause. From then on no claim takes an affected call, a claimed one
 * that returns is canceled, and no further try is made. The calls are canceled afterwards, a part in each transaction.
 * A part that is lost is repeated by the request or by the sweep.
 *
 * The row of a rule or a source stays for a while after its calls are canceled: until then, an inbox of an earlier
 * version may queue a call of the stopped rule. A suppressed number cannot be queued, because Postgres itself refuses
 * it, so the row of a number is deleted at once.
 */
import { type CallStatus, waitingStatuses } from "../../domain/calls/call.ts";
import { olderCopyMs } from "../../domain/limits.ts";
import type { ClaimedOn, StopPart, StopStore } from "../../ports/calling/stops.ts";
import { toldColumns, toldField, toldVerdicts } from "../fragments/call-proof.ts";
import { decidedAt, isAbout, isOfEarlierRule, isStuck, stopAssignments } from "../fragments/stopped.ts";
import { isSuppressed } from "../fragments/suppressed.ts";
import { array, columns, jsonFields, number, present, select } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import { retryDeadlocks } from "../postgres/retries.ts";
import type { calls } from "../schema/calls.ts";
import type { stops } from "../schema/gates.ts";

/** A claimed call has its line. */
const claimedOnColumns = columns<typeof calls, ClaimedOn>({ id: "id", line: present("line") });

type Stop = {
  readonly id: number;
  readonly source: string | null;
  readonly rule: string | null;
  readonly modes: readonly string[] | null;
  readonly number: string | null;
  readonly reason: string;
  readonly actor: string;
};
const stopColumns = columns<typeof stops, Stop>({
  id: number("id"),
  source: "source",
  rule: "rule",
  modes: array("modes"),
  number: "number",
  reason: "reason",
  actor: "actor",
});

/**
 * Minimum time for which the row of a rule or a source stays. The answer to the change promises that no such call
 * begins later than `olderCopyMs` after the answer. The answer is sent some seconds after the stop's commit.
 */
const staysMs = 2 * olderCopyMs;

/** @param sql the request's client */
export function stopStore(sql: Sql): StopStore {
  return {
    async claimedOn(lines) {
      return lines.length === 0
        ? []
        : await sql<ClaimedOn[]>`select ${select(sql, claimedOnColumns, "calls")} from calls
            where line in ${sql([...lines])} and status = 'dialing'`;
    },
    async claimedOf(stops) {
      return stops.length === 0
        ? []
        : await sql<(ClaimedOn & { stop: number })[]>`
            select distinct on (c.id) ${select(sql, claimedOnColumns, "c")}, x.id::float8 as stop
            from stops x join calls c on ${isAbout(sql, sql`x`, sql`c`)}
            where x.id in ${sql([...stops])} and c.status = 'dialing' order by c.id, x.id`;
    },
    async statusesOf(ids) {
      const rows = await sql<{ id: string; status: CallStatus }[]>`
        select c.id, c.status from json_array_elements_text(${asJson(ids)}::text::json) g join calls c on c.id = g::uuid`;
      return new Map(rows.map(({ id, status }) => [id, status]));
    },
    async advance(id, limit) {
      const stop = await stopOfId(sql, id);
      return stop === null ? over : await retryDeadlocks(() => advance(sql, stop, limit));
    },
    remaining: (id) => remaining(sql, id),
    noteAdvance: (id, advances) => noteAdvance(sql, id, advances),
    async pending(limit) {
      const rows = await sql<{ id: number }[]>`select id::float8 as id from stops order by id limit ${limit}`;
      return rows.map(({ id }) => id);
    },
  };
}

const over: StopPart = { canceled: 0, reached: 0, claimed: [], over: true };

async function stopOfId(sql: Sql, id: number): Promise<Stop | null> {
  const [row] = await sql<Stop[]>`select ${select(sql, stopColumns, "stops")} from stops where id = ${id}`;
  return row ?? null;
}

/**
 * A condition on `calls c`: calls of a stop that no earlier stop has yet to reach. The call gets the reason of the
 * earlier stop.
 */
function ofStop(sql: Sql, { id, source, rule, modes, number }: Stop): ReturnType<Sql> {
  const mine =
    number === null
      ? sql`c.source = ${source} ${rule === null ? sql`` : sql`and c.rule = ${rule}`}
          ${modes === null ? sql`` : sql`and c.mode in ${sql([...modes])}`}`
      : sql`c.number = ${number}`;
  const alsoLater =
    number === null
      ? sql`exists (select 1 from stops x where x.id = ${id} and ${isOfEarlierRule(sql, sql`x`, sql`c`)})`
      : isSuppressed(sql, sql`${number}::text`);
  return sql`${mine}
    and (${decidedAt(sql, sql`c`)} <= (select at from stops where id = ${id}) or ${alsoLater})
    -- The stop of a source or rule never reaches a held call.
    and not exists (select 1 from stops o where o.id < ${id} and ${isAbout(sql, sql`o`, sql`c`)}
      and (o.number is not null or c.status <> 'held'))`;
}

/**
 * Statuses of waiting calls. Held calls of a rule or a source stay, because a held call rings only if a person releases
 * it.
 */
const waiting = (stop: Stop): readonly string[] => (stop.number === null ? ["queued"] : waitingStatuses);
/** Statuses in which Mihu has the call, may have it, or may still get it. A call in such a status is marked. */
const underWay = ["dialing", "unknown", "placed", "review"];

/**
 * A query for ids: the next calls of a stop. Waiting calls come in the order in which their line would claim them.
 *
 * Each part has its own index.
 */
function nextCalls(sql: Sql, stop: Stop, limit: number): ReturnType<Sql> {
  const mine = ofStop(sql, stop);
  if (stop.number !== null)
    return sql`select c.id from calls c where ${mine}
      and (c.status in ${sql(waiting(stop))} or c.status in ${sql(underWay)} and c.again_stopped is null)
      limit ${limit}`;
  const marked = (status: string) =>
    sql`(select c.id from calls c where c.status = ${status} and c.again_stopped is null and ${mine} limit ${limit})`;
  return sql`select id from (
      ${marked("dialing")} union all ${marked("unknown")} union all ${marked("placed")} union all ${marked("review")}
      union all
      select w.id from lines l cross join lateral (
        select c.id from calls c where c.line = l.slug and c.status = 'queued' and ${mine} order by c.due_at limit ${limit}) w
    ) each_part limit ${limit}`;
}

/**
 * An expression on `calls`: time of a release after the stop that only entries show; null if the stop affects the call.
 */
function releasedSince(sql: Sql, { id, number }: Stop): ReturnType<Sql> {
  return sql`case when released_at is null
      and not ${number === null ? sql`false` : isSuppressed(sql, sql`${number}::text`)}
    then (select max(e.at) from entries e where e.subject = 'call' and e.subject_id = calls.id::text
      and e.action = 'released' and e.at > (select at from stops where id = ${id})) end`;
}

/**
 * Steps:
 * - `matching`: the next calls.
 * - `locked`: locks these calls. It waits for a claim that is taking one, and for a settlement that is making a further
 *   try.
 * - `releases_noted`: sets `released_at` on calls that the earlier version released after the stop. That version writes
 *   only the entry. A released call rings, because a person decided so after the stop.
 * - `stopped`: cancels the waiting calls, and marks the others: no further try follows, and a claimed call is canceled
 *   if it returns to the queue.
 * - `gates`: inserts the verdicts of a suppression.
 * - `audited`: inserts an entry for each call that was not marked earlier.
 * - `ended`: deletes the stop if there was no next call, and no inbox of an earlier version can still queue one. A part
 *   that found calls never ends the stop: a locked call may have got a further try meanwhile, which only the next
 *   statement sees.
 */
async function advance(sql: Sql, stop: Stop, limit: number): Promise<StopPart> {
  const isGate = stop.number !== null;
  const [row] = await sql<[StopPart]>`
    with matching as materialized (
      ${nextCalls(sql, stop, limit)}
    ), locked as (
      select id, status in ${sql(waiting(stop))} as waits, again_stopped is null as fresh,
        ${releasedSince(sql, stop)} as released from calls
      where id in (select id from matching) and status in ${sql([...waiting(stop), ...underWay])}
      order by id for no key update
    ), releases_noted as (
      update calls c set released_at = locked.released from locked where c.id = locked.id and locked.released is not null
    ), stopped as (
      update calls c set ${stopAssignments(sql, stop.reason)}
      from locked where c.id = locked.id and locked.released is null
      returning c.id, c.line, c.status, waits, fresh
    ), gates as (
      insert into verdicts (call_id, gate, verdict, inputs)
      select id, 'suppression', 'stop', '{}'::jsonb from stopped where waits and ${isGate}
      returning ${toldColumns(sql)}
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, case when waits then 'canceled' else 'further_tries_stopped' end, ${stop.actor},
        ${stop.reason}, case when waits and ${isGate} then ${toldField(sql)} else '{}'::jsonb end
      from stopped ${toldVerdicts(sql, "stopped")} where fresh or waits
    ), ended as (
      delete from stops where id = ${stop.id} and not exists (select 1 from matching)
        and (number is not null or at < now() - ${staysMs} * interval '1 millisecond')
    )
    select (select count(*)::int from stopped where waits) as canceled,
      (select count(*)::int from stopped) as reached, not exists (select 1 from matching) as over,
      (select coalesce(json_agg(json_build_object(${jsonFields(sql, claimedOnColumns, "s")})), '[]')
        from stopped s where status = 'dialing') as claimed`;
  return row;
}

async function noteAdvance(sql: Sql, id: number, advances: boolean): Promise<void> {
  await sql`
    insert into entries (subject, subject_id, action, actor)
    select 'stop', id::text, case when ${advances} then 'advances' else 'stuck' end, 'sweep'
    from stops where id = ${id} and ${isStuck(sql)} = ${advances}`;
}

async function remaining(sql: Sql, id: number): Promise<number> {
  const stop = await stopOfId(sql, id);
  if (stop === null) return 0;
  const [row] = await sql<[{ waiting: number }]>`
    select count(*)::int as waiting from calls c where c.status in ${sql(waiting(stop))} and ${ofStop(sql, stop)}`;
  return row.waiting;
}
