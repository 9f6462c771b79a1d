// Due calls of one line, by how many sources they come from.
import type postgres from "postgres";

/** A line with its due calls. `bulk`: the first source has all but one of each other source's. */
export type Queue = { readonly line: string; readonly sources: number; readonly bulk: boolean };

const batch = 20_000;

/** Adds a line, its sources and so many due calls, whose times of events and dues are a millisecond apart, or alike. */
export async function fillQueue(owner: postgres.Sql, { line, sources, bulk }: Queue, calls: number): Promise<void> {
  await owner`insert into lines (slug, agent, calls_per_minute, calls_at_once, calls_per_day)
    values (${line}, 'agent-1', 1000000, 1000000, 100000000)`;
  await owner`insert into sources (slug, preset) select ${line} || '-' || n, 'bearer' from generate_series(0, ${sources - 1}::int) n`;
  for (let from = 0; from < calls; from += batch) {
    await owner`
      with given as (
        select n, ${line} || '-' || case when ${bulk} then greatest(0, n - ${calls - sources}) else n % ${sources} end as source
        from generate_series(${from}::int, ${Math.min(calls, from + batch) - 1}::int) n
      ), added as (
        insert into events (id, source, dedupe_key, type, body, body_hash, headers, state, planned_at)
        select md5(source || n)::uuid, source, n::text, 'orders/updated', '{}', 'hash', '{}', 'planned', now() from given
        returning id, source, dedupe_key
      )
      insert into calls (event_id, source, rule, rule_version, mode, line, status, number, country, about, due_at)
      select id, source, 'call-me', 1, 'live', ${line}, 'queued', '+1' || (2000000000 + dedupe_key::int), 'US', 'about',
        now() - interval '1 hour' + (dedupe_key::int % 10000) * interval '1 millisecond'
      from added`;
  }
  await owner`vacuum (analyze) calls, events`;
}

/** Puts claimed calls back, so that the next claim finds the line as this one did. */
export async function putBack(owner: postgres.Sql, line: string): Promise<void> {
  await owner`
    update calls set status = 'queued', claimed_at = null, claim_seq = null, claimed_by = null, lease_until = null, slot_until = null
    where line = ${line} and status = 'dialing'`;
}
