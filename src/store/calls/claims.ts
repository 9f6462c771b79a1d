/**
 * The claim: Postgres decides which calls a line dials next.
 * The claim is one statement by Postgres' clock, under the lock of the line's row. The statement names the claim number
 * that the line's object knows (`claim_seq`). A claim that names number n began after claim n was committed, so its
 * snapshot holds every claim up to n. If another claim was committed in between, the number differs and nothing is
 * picked. Two instances of an object are therefore harmless.
 *
 * Sources take turns, also across claims. While S sources have calls to dial, each source's oldest call waits for at
 * most S - 1 calls of other sources, however many calls those have and however small a claim is.
 */
import { leaseMs, paceWindowSeconds } from "../../domain/limits.ts";
import type { Claim, ClaimedCall, ClaimRef, ClaimStore } from "../../ports/calling/claims.ts";
import { toldColumns, toldField, toldVerdicts } from "../fragments/call-proof.ts";
import { notPlainlyStopped, pendingStop } from "../fragments/stopped.ts";
import { isSuppressed } from "../fragments/suppressed.ts";
import { numberIsFree, usedAtOnce, usedSlots } from "../fragments/waits.ts";
import { isWithdrawn } from "../fragments/withdrawn.ts";
import { columns, isSet, jsonFields, number, present, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import { racedCodes, retryOn } from "../postgres/retries.ts";
import type { calls } from "../schema/calls.ts";
import type { lines } from "../schema/lines.ts";
import { wentBack } from "./went-back.ts";

/** Pause before a line tries again to claim a due call, if no better time is known. */
const dueAgainMs = 15_000;

/** Due calls read beyond the capacity, to make up for repeated numbers and calls that are locked elsewhere. */
const spareCalls = 32;

/** Attempts of a claim that collides with another line's claim of the same number. */
const claimAttemptsMax = 3;

/** @param sql returns the current client: an object has a new one after it dropped the last */
export function claimStore(sql: () => Sql): ClaimStore {
  return {
    claimSeq: (line) => claimSeq(sql(), line),
    claim: (line, seq, max, journal) => claim(sql(), line, seq, max, journal),
    claimedBy: (line, journal) => claimedBy(sql(), line, journal),
    wentBack: (line, lost, rung, actor) => wentBack(sql(), line, lost, rung, actor),
  };
}

const seqColumns = columns<typeof lines, { seq: number }>({ seq: number("claim_seq") });

/** A call in `dialing` has the number of its claim. */
const refColumns = columns<typeof calls, ClaimRef>({ callId: "id", claimSeq: present(number("claim_seq")) });

/** A queued call has its number and its subject. A claim gives it the claim's number. */
const claimedColumns = columns<typeof calls, Omit<ClaimedCall, "agent" | "openMs">>({
  id: "id",
  number: present("number"),
  about: present("about"),
  prompt: "prompt",
  promptOverwrite: "prompt_overwrite",
  greeting: "greeting",
  claimSeq: present(number("claim_seq")),
  eventId: "event_id",
  rule: "rule",
  try: "try",
});

const agentColumns = columns<typeof lines, Pick<ClaimedCall, "agent">>({ agent: "agent" });
const pausedColumns = columns<typeof lines, Pick<Claim, "paused">>({ paused: isSet("paused_at") });

/** @returns the line's claim number; `null` if the line does not exist. */
async function claimSeq(sql: Sql, line: string): Promise<number | null> {
  const [row] = await sql<
    { seq: number }[]
  >`select ${select(sql, seqColumns, "lines")} from lines where slug = ${line}`;
  return row?.seq ?? null;
}

/**
 * Claims due calls of a line, and commits their lease.
 *
 * @param seq The claim number that the caller knows.
 * @param max Highest number of calls.
 * @param journal Id of the caller's journal, which will store the claim.
 */
async function claim(sql: Sql, line: string, seq: number, max: number, journal?: string): Promise<Claim> {
  return await retryOn(racedCodes, claimAttemptsMax, () => claimOnce(sql, line, seq, max, journal ?? null));
}

/** Calls of a line in status `dialing` whose claim this journal should hold. */
async function claimedBy(sql: Sql, line: string, journal: string): Promise<ClaimRef[]> {
  return await sql<ClaimRef[]>`
    select ${select(sql, refColumns, "calls")} from calls
    where line = ${line} and status = 'dialing' and claimed_by = ${journal}::text || ':' || claim_seq`;
}

type Row = { seq: number | null; paused: boolean | null; calls: ClaimedCall[] | null; nextAt: number | null };

/**
 * A query: the next due call of the source of a row `q` that no gate stops, in the order of the index `calls_by_turn`.
 * The query is fenced (`offset 0`), and its gates are a subquery for one call at a time. Otherwise Postgres would sort
 * all due calls of the source for each next one, because it underestimates the number of due calls. The cheap check of
 * stops comes first: a stop may affect very many calls.
 */
function nextDue(sql: Sql, line: string, { after = sql``, most = sql`1` } = {}) {
  return sql`
    select o.id, o.due_at, o.created_at, o.number from (
      select c.id, c.due_at, c.created_at, c.number, c.source, c.rule, c.mode, c.try, c.released_at from calls c
      where c.line = ${line} and c.status = 'queued' and c.source = q.source and c.due_at <= now() ${after}
      order by c.due_at, c.created_at, c.id offset 0
    ) o
    where case when ${notPlainlyStopped(sql, sql`o`)} then (
      select true from calls c
      where c.id = o.id and (c.closes_at is null or c.closes_at > now()) and (c.expires_at is null or c.expires_at > now())
        and ${numberIsFree(sql, sql`c`)}
        and (c.country is null or (select countries is null or c.country = any(countries) from capacity))
        and c.again_stopped is null and ${pendingStop(sql, sql`c`)} is null
        and not ${isSuppressed(sql, sql`c.number`)} and not ${isWithdrawn(sql, sql`c`)}
    ) end
    limit ${most}`;
}

/**
 * Steps:
 * - `locked`: locks the line if it may dial and its claim number is the one that the caller knows.
 * - `locked_line`: the line if the statement's snapshot has the same version of its row. A stop writes the rows of its
 *   calls' lines. So a snapshot from before the stop has another version, and picks nothing.
 * - `used`: the used capacity of the line: of this minute, at once, and of this day.
 * - `capacity`: how many calls the line may dial now.
 * - `queues`: the sources that have queued calls on the line. The first is the source after the last one of the
 *   previous claim.
 * - `alone`: whether at most one source has queued calls.
 * - `in_turn`: one call of each source, then the next call of each: the oldest due call that no gate stops. If a source
 *   is alone, all of its calls are read at once, because one walk along the index is cheaper than one walk for each
 *   call.
 * - `due`: the first calls of `in_turn`, as many as the capacity, and some to spare. Postgres computes no more of the
 *   earlier steps than this step reads.
 * - `one_each`: the first due call for each number.
 * - `locked_calls`: locks these calls, except those that another statement has locked.
 * - `picked`: the locked calls that fit the capacity.
 * - `claimed`: moves the picked calls to `dialing`, with a lease.
 * - `advanced`: raises the line's claim number and counts the day's calls.
 * - `gates`: inserts the verdicts of the claim.
 * - `audited`: inserts an entry for each call.
 * - `day_audited`: inserts the line's entry if the claim has used up its day.
 */
async function claimOnce(sql: Sql, line: string, seq: number, max: number, journal: string | null): Promise<Claim> {
  const after = sql`and (c.due_at, c.created_at, c.id) > (q.due_at, q.created_at, q.id)`;
  const turn = sql`(select case when (select * from alone) then n + ${spareCalls} else 1 end from capacity)`;
  const [row] = await sql<[Row]>`
    with recursive locked as (
      select *, xmin::text as written_by from lines
      where slug = ${line} and claim_seq = ${seq}::bigint and paused_at is null and (not_before is null or not_before <= now())
      -- skip locked instead of waiting: a claim must not see less than its lock implies. The other holder releases the row soon.
      for no key update skip locked
    ), locked_line as (
      select * from locked where written_by = (select xmin::text from lines where slug = ${line})
    ), used as (
      select ${usedSlots(sql, sql`${line}`)} as minute, ${usedAtOnce(sql, sql`${line}`)} as at_once,
        case when l.day = to_char(now() at time zone 'UTC', 'YYYY-MM-DD') then l.day_calls else 0 end as today
      from locked_line l
    ), capacity as (
      select greatest(0, least(l.calls_per_minute - minute, l.calls_at_once - at_once, l.calls_per_day - today,
        ${max}::int)) as n, minute, at_once, today, l.countries from locked_line l, used
    ), queues as (
      -- One step along the index per source. This recursion and the next end once enough calls are found.
      select coalesce(last_source, '') as at, false as wrapped, null::text as source from locked_line
      union all
      select coalesce(n.source, ''), q.wrapped or n.source is null, n.source
      from queues q cross join locked_line l cross join lateral (
        -- This is a fence. Otherwise Postgres runs the step once for each use of its result.
        select (select c.source from calls c where c.line = ${line} and c.status = 'queued' and c.source > q.at
          order by c.source limit 1) as source offset 0
      ) n
      where not q.wrapped or n.source <= l.last_source
    ), alone as (
      select count(*) < 2 from (select 1 from queues where source is not null limit 2) two
    ), in_turn as (
      select q.wrapped, q.source, c.place::int as place, c.id, c.due_at, c.created_at, c.number
      from capacity cross join queues q cross join lateral (
        select d.*, row_number() over () as place from (
          ${nextDue(sql, line, { most: turn })}
        ) d
      ) c
      where q.source is not null and capacity.n > 0
      union all
      select q.wrapped, q.source, q.place + 1, c.* from in_turn q
      cross join lateral (${nextDue(sql, line, { after })}) c
      where not (select * from alone)
    ), due as (
      select * from in_turn limit (select n + ${spareCalls} from capacity)
    ), one_each as materialized (
      -- The step is materialized. Otherwise Postgres would run the walk above once per call of a line without statistics.
      select distinct on (number) id, number, (place, wrapped, source) as turn from due order by number, turn
    ), locked_calls as (
      select c.id, c.number, w.turn from calls c join one_each w on c.id = w.id
      where c.status = 'queued' and c.due_at <= now() and c.again_stopped is null
      for no key update of c skip locked
    ), picked as (
      -- The order is by number, so that two lines that claim the same numbers lock them in the same order.
      select id, turn from (select id, number, turn from locked_calls order by turn limit (select n from capacity)) first
      order by number
    ), claimed as (
      update calls c set status = 'dialing', claimed_at = now(), claim_seq = ${seq}::bigint + 1,
        -- The value includes the claim's number. Code without journals does not change this column, and its claims must
        -- not look journaled.
        claimed_by = ${journal}::text || ':' || (${seq}::bigint + 1), poll_at = null,
        lease_until = now() + ${leaseMs} * interval '1 millisecond',
        -- Until an answer is recorded, the slot is in use until one window after the end of the lease.
        slot_until = now() + ${leaseMs} * interval '1 millisecond' + ${paceWindowSeconds} * interval '1 second'
      from picked where c.id = picked.id and c.status = 'queued'
      returning c.id, c.number, c.about, c.prompt, c.prompt_overwrite, c.greeting, c.claim_seq, c.due_at, c.event_id, c.rule,
        c.try, c.country, c.closes_at, c.expires_at, c.claimed_at, c.source
    ), advanced as (
      update lines set claim_seq = claim_seq + 1,
        last_source = (select c.source from claimed c join picked using (id) order by picked.turn desc limit 1),
        day = to_char(now() at time zone 'UTC', 'YYYY-MM-DD'),
        day_calls = capacity.today + (select count(*) from claimed)
      from capacity where slug = ${line} and exists (select 1 from claimed)
      returning claim_seq
    ), gates as (
      insert into verdicts (call_id, gate, verdict, inputs)
      select id, gate, 'pass', inputs from claimed, capacity, locked_line l cross join lateral (values
        ('pace', jsonb_build_object('this_minute', minute, 'at_once', at_once, 'today', today,
          'calls_per_minute', l.calls_per_minute, 'calls_at_once', l.calls_at_once, 'calls_per_day', l.calls_per_day)),
        -- The gates of the plan, asked again now: the call is not suppressed, in its hours and in time.
        ('dial', jsonb_build_object('country', country, 'countries', to_jsonb(l.countries), 'suppressed', false,
          'closes_at', closes_at, 'expires_at', expires_at))
      ) as asked(gate, inputs)
      returning ${toldColumns(sql)}
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'call', id::text, 'dialing', 'line:' || ${line}, jsonb_build_object('claim', ${seq}::bigint + 1,
        'row', jsonb_build_object('claimed_at', claimed_at)) || ${toldField(sql)}
      from claimed ${toldVerdicts(sql, "claimed")}
    ), day_audited as (
      -- Only the claim that uses up the day inserts this entry. The sweep gives each call that waits for it a verdict.
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'line', l.slug, 'day_full', 'line:' || l.slug, 'calls_per_day', jsonb_build_object('calls_per_day', l.calls_per_day)
      from locked_line l, capacity
      where exists (select 1 from claimed) and capacity.today + (select count(*) from claimed) >= l.calls_per_day
    )
    select coalesce((select claim_seq from advanced), x.claim_seq)::float8 as seq, ${select(sql, pausedColumns, "x")},
      (select json_agg(json_build_object(${jsonFields(sql, claimedColumns, "claimed")}, ${jsonFields(sql, agentColumns, "x")},
          'openMs', (extract(epoch from least(closes_at, expires_at) - now()) * 1000)::float8) order by due_at, id)
        from claimed) as calls,
      (extract(epoch from least(
        (select min(poll_at) from calls where line = ${line} and status = 'placed'),
        (select min(coalesce(poll_at, claimed_at)) from calls where line = ${line} and status = 'unknown'),
        -- A paused line dials nothing, but still polls and looks up the calls that it dialled.
        case when x.paused_at is null then least(
          case when x.not_before > now() then x.not_before end,
          (select min(due_at) from calls where line = ${line} and status = 'queued' and due_at > now()),
          (select min(closes_at) from calls where line = ${line} and status = 'queued' and closes_at > now()),
          -- If a call is due and was not claimed, the line tries again when a slot frees, when the day is over, or soon
          -- if no time is known.
          case when not exists (select 1 from calls c where c.line = ${line} and c.status = 'queued' and c.due_at <= now())
            then null
            when x.day = to_char(now() at time zone 'UTC', 'YYYY-MM-DD') and x.day_calls >= x.calls_per_day
            then (date_trunc('day', now() at time zone 'UTC') + interval '1 day') at time zone 'UTC'
            else least(now() + ${dueAgainMs} * interval '1 millisecond',
              (select min(slot_until) from calls where line = ${line} and slot_until > now()),
              (select min(until) from slots where line = ${line} and until > now())) end) end
      )) * 1000)::float8 as "nextAt"
    from (select 1) one left join lines x on x.slug = ${line}`;
  return {
    seq: row.seq ?? 0,
    missing: row.seq === null,
    paused: row.paused ?? false,
    calls: row.calls ?? [],
    nextAt: row.nextAt,
  };
}
