/** The rows in Postgres at the end: events, calls and their entries, read by the owner past the product. */
import type postgres from "postgres";

/** An event as Postgres has it. */
type EventRow = {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
};

/** A call as Postgres has it. Times are epoch milliseconds. */
export type CallRow = {
  readonly id: string;
  readonly eventId: string;
  readonly try: number;
  readonly rule: string;
  readonly line: string | null;
  readonly status: string;
  readonly reason: string | null;
  readonly outcome: string | null;
  readonly number: string | null;
  readonly claimedAt: number | null;
  readonly conversationUuid: string | null;
  readonly mihuId: string | null;
  /** Why it became unknown, if it ever did. */
  readonly unknownReason: string | null;
};

export type Truth = { readonly events: readonly EventRow[]; readonly calls: readonly CallRow[] };

/** Reads all of it in one snapshot. */
export async function readTruth(owner: postgres.Sql): Promise<Truth> {
  return await owner.begin("isolation level repeatable read read only", async (sql) => {
    const events = await sql<EventRow[]>`select id, state, reason from events`;
    const calls = await sql<CallRow[]>`
      select c.id, c.event_id as "eventId", c.try, c.rule, c.line, c.status, c.reason, c.outcome, c.number,
        (extract(epoch from c.claimed_at) * 1000)::float8 as "claimedAt", c.conversation_uuid as "conversationUuid",
        c.mihu_id as "mihuId",
        (select e.reason from entries e where e.subject = 'call' and e.subject_id = c.id::text and e.action = 'unknown'
          order by e.id desc limit 1) as "unknownReason"
      from calls c`;
    return { events: [...events], calls: [...calls] };
  });
}

/** An entry and the head that sealed it. Times are epoch milliseconds; `sealedAt` is `null` without a head over it. */
export type Seal = { readonly id: number; readonly at: number; readonly sealedAt: number | null };

/** Reads when each entry was written and when it was signed. In a run all clocks are one machine's. */
export async function readSeals(owner: postgres.Sql): Promise<Seal[]> {
  return await owner<Seal[]>`
    select e.id::float8 as id, (extract(epoch from e.at) * 1000)::float8 as at, (
        select (extract(epoch from h.at) * 1000)::float8 from heads h where h.position >= l.position order by h.position limit 1
      ) as "sealedAt"
    from entries e left join links l on l.entry_id = e.id order by e.id`;
}

/** Unfinished events and calls, and lines that dial nothing. */
export type Open = {
  readonly unplanned: number;
  readonly queued: number;
  readonly dialing: number;
  readonly unknown: number;
  /** Placed, whose end Mihu would tell. */
  readonly placed: number;
  readonly paused: readonly string[];
};

/** @param endless conversations that Mihu will never tell an end of */
export async function readOpen(owner: postgres.Sql, endless: readonly string[]): Promise<Open> {
  const [row] = await owner<[Open]>`
    select (select count(*)::int from events where state = 'unplanned') as unplanned,
      count(*) filter (where status = 'queued')::int as queued,
      count(*) filter (where status = 'dialing')::int as dialing,
      count(*) filter (where status = 'unknown')::int as unknown,
      count(*) filter (where status = 'placed'
        and not coalesce(conversation_uuid in (select json_array_elements_text(${JSON.stringify(endless)}::text::json)), false)
        and not coalesce(mihu_id in (select json_array_elements_text(${JSON.stringify(endless)}::text::json)), false))::int as placed,
      (select coalesce(json_agg(slug), '[]') from lines where paused_at is not null) as paused
    from calls where status in ('queued', 'dialing', 'unknown', 'placed')`;
  return row;
}

/** The calls that have no end, each in a few words: never a number or a text. */
export async function readLeft(owner: postgres.Sql): Promise<string[]> {
  const rows = await owner<{ words: string }[]>`
    select concat_ws(' ', status, line, rule, 'try ' || try, reason, detail::text,
      case when mihu_id is null then 'no id' end, case when conversation_uuid is null then 'no conversation' end,
      'claimed ' || extract(epoch from now() - claimed_at)::int || ' s ago') as words
    from calls where status in ('queued', 'dialing', 'unknown', 'placed') order by created_at limit 20`;
  return rows.map(({ words }) => words);
}

/**
 * Moves the clock of rows whose time would come in minutes: the lease of a call that nobody dials any more, the time that its line
 * then has to say what it knows, the next look after one that is unknown or placed. Only for calls whose claim is older than any
 * answer that may still come.
 */
export async function hasten(owner: postgres.Sql, olderThanMs: number): Promise<void> {
  await owner`
    update calls set lease_until = now() - interval '1 millisecond'
    where status = 'dialing' and lease_until > now() and claimed_at < now() - ${olderThanMs} * interval '1 millisecond'`;
  await owner`
    update calls set poll_at = now()
    where status in ('unknown', 'placed') and poll_at > now()
      and claimed_at < now() - ${olderThanMs} * interval '1 millisecond'`;
  await owner`
    update calls set poll_at = now()
    where status = 'dialing' and poll_at > now() and lease_until < now() - ${lastWordMs} * interval '1 millisecond'`;
}

/** A line that is asked for its last word is up and answers at once. */
const lastWordMs = 3_000;
