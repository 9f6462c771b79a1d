/**
 * Decisions of people about calls. Each decision is one statement over all of its calls, with their entries. Its guard
 * is the status from which the decision may be made. A call without a row in the answer was moved by a concurrent
 * change.
 */
import { type CallStatus, waitingStatuses } from "../../domain/calls/call.ts";
import { type DialTimes, decidable } from "../../domain/plan/decision.ts";
import type { AgainEnd, Canceled, DecisionStore, RangEnd } from "../../ports/people/decisions.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import { findLine } from "../config/lines.ts";
import { sameLines, sameSources } from "../config/versions.ts";
import { madeRow, saidRow, toldColumns, toldField, toldVerdicts } from "../fragments/call-proof.ts";
import { carriedColumns, newCallColumns } from "../fragments/new-call.ts";
import { stopAssignments } from "../fragments/stopped.ts";
import { isSuppressed } from "../fragments/suppressed.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import { retryDeadlocks } from "../postgres/retries.ts";
import { decidableCalls, decidedCall, survey } from "./decidable.ts";
import { actFacts, dialRow, entryReason, taskFact } from "./person-acts.ts";
import { release } from "./releases.ts";

/** Statuses in which Mihu has the call, may have it, or may get it. */
const underWay = ["dialing", "unknown", "placed"];

export function decisionStore(sql: Sql): DecisionStore {
  const writes = decisionWrites(sql);
  return {
    call: (id) => decidedCall(sql, id),
    line: (slug) => findLine(sql, slug),
    decidable: (filter, decision, limit, after) => decidableCalls(sql, filter, decision, limit, after),
    survey: (filter, decision) => survey(sql, filter, decision),
    cancel: (...given) => retryDeadlocks(() => writes.cancel(...given)),
    close: (...given) => retryDeadlocks(() => writes.close(...given)),
    release: (...given) => retryDeadlocks(() => writes.release(...given)),
    rang: (...given) => retryDeadlocks(() => writes.rang(...given)),
    again: (...given) => retryDeadlocks(() => writes.again(...given)),
  };
}

/**
 * The statements that write decisions, for a transaction of the caller.
 *
 * @param sql a transaction as a client. A deadlock undoes all of it, so the caller repeats it.
 */
export function decisionWrites(sql: Sql): Pick<DecisionStore, "cancel" | "close" | "release" | "rang" | "again"> {
  return {
    cancel: (ids, act) => cancel(sql, ids, act),
    close: (ids, act) => close(sql, ids, act),
    release: (releases, act) => release(sql, releases, act),
    rang: (calls, act) => rang(sql, calls, act),
    again: (tries, decision, act) => again(sql, tries, decision, act),
  };
}

/**
 * Cancels waiting calls, and stops calls under way: no further try follows, and a claimed call that returns to the
 * queue is canceled.
 *
 * Steps:
 * - `locked`: locks the calls. It waits for a claim that is taking one of them.
 * - `stopped`: cancels the waiting calls, and marks the others.
 * - `audited`: inserts the entries. A call that was marked earlier already has its entry.
 */
async function cancel(sql: Sql, ids: readonly string[], act: PersonAct): Promise<Canceled> {
  const rows = await sql<{ id: string; line: string; status: CallStatus; fresh: boolean }[]>`
    with locked as (
      select c.id, c.status in ${sql(waitingStatuses)} as waits, c.again_stopped is null as fresh
      from json_array_elements_text(${asJson(ids)}::text::json) g join calls c on c.id = g::uuid
      where c.status in ${sql([...waitingStatuses, ...underWay])} order by c.id for no key update of c
    ), stopped as (
      update calls c set ${stopAssignments(sql, "canceled")},
        detail = case when waits then ${detailWith(sql, act)} else c.detail end
      from locked where c.id = locked.id
      returning c.id, c.line, c.status, waits, fresh, ${saidRow(sql, "c")} as said
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, case when waits then 'canceled' else 'further_tries_stopped' end, ${act.actor}, 'canceled',
        ${actFacts(sql, act)}
          || case when waits then jsonb_build_object('row', said) else '{}'::jsonb end
      from stopped where waits or fresh
    )
    select id, line, status, fresh from stopped`;
  return {
    canceled: rows.filter(({ status }) => status === "canceled").map(({ id }) => id),
    claimed: rows.filter(({ status }) => status === "dialing").map(({ id, line }) => ({ id, line })),
    stopped: rows.filter(({ status, fresh }) => status !== "canceled" && fresh).map(({ id }) => id),
  };
}

/** Closes calls that wait in `review`. */
async function close(sql: Sql, ids: readonly string[], act: PersonAct): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    with locked as (
      select c.id from json_array_elements_text(${asJson(ids)}::text::json) g join calls c on c.id = g::uuid
      where c.status in ${sql(decidable.resolve)} order by c.id for no key update of c
    ), canceled as (
      update calls c set status = 'canceled', reason = 'canceled', detail = ${detailWith(sql, act)}
      from locked where c.id = locked.id and c.status in ${sql(decidable.resolve)} returning c.id, ${saidRow(sql, "c")} as said
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, 'canceled', ${act.actor}, 'canceled', '{"rang": false, "then": "close"}'::jsonb
        || ${actFacts(sql, act)} || jsonb_build_object('row', said) from canceled
    )
    select id from canceled`;
  return rows.map(({ id }) => id);
}

async function rang(
  sql: Sql,
  calls: readonly { id: string; conversationUuid: string | null }[],
  act: PersonAct,
): Promise<ReadonlyMap<string, RangEnd>> {
  const rows = await sql<{ id: string; end: RangEnd }[]>`
    with given as (
      select * from json_to_recordset(${asJson(calls)}::text::json) as g(id uuid, "conversationUuid" text)
    ), locked as (
      select c.id, g."conversationUuid" as uuid, exists (select 1 from calls o where o.conversation_uuid = g."conversationUuid"
        and o.id <> c.id and o.mihu_id is not distinct from c.mihu_id) as taken
      from given g join calls c on c.id = g.id where c.status = 'review' order by c.id for no key update of c
    ), placed as (
      -- placed_at is the time of the claim and not of the decision, so that Mihu's report is found. The poll is due at once.
      update calls c set status = 'placed', reason = null, conversation_uuid = locked.uuid,
        placed_at = coalesce(c.claimed_at, now()), polls = 0, poll_at = now()
      from locked where c.id = locked.id and c.status = 'review' and not locked.taken
      returning c.id, c.conversation_uuid
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'call', id::text, 'placed', ${act.actor}, jsonb_strip_nulls(jsonb_build_object('rang', true,
        'conversation_uuid', conversation_uuid, 'reason', ${entryReason(act)}::text)) || ${taskFact(sql, act)} from placed
    )
    select id, case when taken then 'taken' else 'placed' end as "end" from locked`;
  return new Map(rows.map((row) => [row.id, row.end]));
}

/**
 * Makes a further try of calls.
 *
 * Steps:
 * - `given`: the calls, with the times of their further try.
 * - `same_sources`: locks the sources that have the version by which the times were computed.
 * - `same_lines`: locks the lines that have that version.
 * - `locked`: locks the calls that may have a further try, and whose times are still valid.
 * - `canceled`: cancels the calls that waited in `review`.
 * - `made`: inserts the further tries.
 * - `gates`: inserts their verdicts.
 * - `audited`: inserts entries for the canceled calls and the further tries.
 */
async function again(
  sql: Sql,
  tries: readonly { id: string; times: DialTimes }[],
  decision: "again" | "resolve",
  act: PersonAct,
): Promise<ReadonlyMap<string, AgainEnd>> {
  type Row = { id: string; suppressed: boolean; made: string | null };
  const sources = tries.map(({ times }) => times.source);
  const lines = tries.map(({ times }) => times.line);
  const given = tries.map(({ id, times }) => dialRow(id, times));
  const rows = await sql<Row[]>`
    with given as (
      select * from json_to_recordset(${asJson(given)}::text::json) as g(id uuid, new_due float8, new_closes float8,
        new_expires float8, verdicts jsonb, by_line text, by_source text)
    ), same_sources as (${sameSources(sql, sources)}
    ), same_lines as (${sameLines(sql, lines)}
    ), locked as (
      select c.*, g.new_due, g.new_closes, g.new_expires, g.verdicts, ${isSuppressed(sql, sql`c.number`)} as suppressed
      from given g join calls c on c.id = g.id
      where c.status in ${sql(decidable[decision])} and c.number is not null and c.about is not null
        and g.by_source in (select slug from same_sources) and g.by_line in (select slug from same_lines)
      order by c.id for no key update of c
    ), canceled as (
      update calls c set status = 'canceled', reason = 'canceled', detail = ${detailWith(sql, act)}
      from locked where c.id = locked.id and c.status = 'review' and not locked.suppressed
      returning c.id, ${saidRow(sql, "c")} as said
    ), made as (
      insert into calls (${newCallColumns(sql)})
      select ${carriedColumns(sql)}, try + 1, id, ${entryReason(act)}::text, 'queued', null, null,
        to_timestamp(new_due / 1000), to_timestamp(new_closes / 1000), to_timestamp(new_expires / 1000)
      from locked where not suppressed order by id
      on conflict (event_id, rule, try) do nothing
      returning id, again_of, due_at, try, content, ${madeRow(sql, "calls")} as proof
    ), gates as (
      insert into verdicts (call_id, gate, verdict, inputs)
      select made.id, v.gate, v.verdict, v.inputs from made join locked on locked.id = made.again_of
        cross join lateral jsonb_to_recordset(locked.verdicts
          || '[{"gate": "suppression", "verdict": "pass", "inputs": {}}]'::jsonb)
        as v(gate text, verdict text, inputs jsonb)
      returning ${toldColumns(sql)}
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, 'canceled', ${act.actor}, 'canceled', jsonb_build_object('rang', false, 'then', 'dial',
        'row', said) || ${actFacts(sql, act)} from canceled
      union all
      select 'call', id::text, 'queued', ${act.actor}, null, jsonb_strip_nulls(jsonb_build_object('again_of', again_of,
        'try', try, 'due_at', due_at, 'content', content))
        || proof || ${actFacts(sql, act)} || ${toldField(sql)}
        from made ${toldVerdicts(sql, "made")}
    )
    select locked.id, suppressed, made.id as made from locked left join made on made.again_of = locked.id`;
  const ends = new Map<string, AgainEnd>();
  const others = rows.filter(({ suppressed, made }) => !suppressed && made === null).map(({ id }) => id);
  for (const { id, suppressed, made } of rows) {
    if (made !== null) ends.set(id, { callId: made, duplicate: false });
    else if (suppressed) ends.set(id, "suppressed");
  }
  for (const [id, callId] of await furtherTries(sql, others)) ends.set(id, { callId, duplicate: true });
  return ends;
}

/**
 * Further tries that already exist. Another transaction may commit one while `again` waits, so a second statement reads
 * them.
 */
async function furtherTries(sql: Sql, ids: readonly string[]): Promise<[string, string][]> {
  if (ids.length === 0) return [];
  const found = await sql<{ id: string; next: string }[]>`
    select c.id, n.id as next from json_array_elements_text(${asJson(ids)}::text::json) g join calls c on c.id = g::uuid
      join calls n on n.event_id = c.event_id and n.rule = c.rule and n.try = c.try + 1`;
  if (found.length < ids.length) throw new Error("a further try was neither made nor found");
  return found.map(({ id, next }) => [id, next]);
}

/** The call's detail with the person's reason added. */
const detailWith = (sql: Sql, { reason }: PersonAct) =>
  sql`coalesce(c.detail, '{}') || jsonb_build_object('reason', ${reason}::text)`;
