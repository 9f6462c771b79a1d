/**
 * Problems of hooks, for `/readyz`. Rows name a hook by its target's host and its id, never by its URL. All times are of
 * Postgres' clock.
 */
import { hooksBehindMs } from "../../domain/hooks/limits.ts";
import { problemRowsNamedMax } from "../../domain/limits.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import type { Sql } from "../postgres/connection.ts";
import type { Reading } from "../postgres/one-statement.ts";
import { hookName } from "./hook-host.ts";
import { hasToken } from "./hook-token.ts";
import { isNext } from "./in-turn.ts";

/** Entries behind the mark that are counted. */
const behindReadMax = 1_000;

/**
 * Hooks that are not told, or fail. A hook that a person paused is no problem. A hook without a token is one while
 * deliveries wait for it.
 *
 * Steps:
 * - `broken`: the hooks, each with its one problem.
 */
export function hookProblems(sql: Sql): Reading<Problem> {
  return sql<Problem[]>`
    with broken as (
      select 'hook_disabled' as problem, ${hookName(sql, sql`h`)} as name, h.state_since as since
      from hooks h where h.state = 'disabled'
      union all
      select 'hook_failing', ${hookName(sql, sql`h`)}, h.failing_since
      from hooks h where h.state = 'active' and h.told_at is not null and ${hasToken(sql, sql`h`)}
      union all
      select 'hook_waits', ${hookName(sql, sql`h`)}, (select max(least(t.expires_at, t.revoked_at)) from tokens t
        where t.name = h.owner and least(t.expires_at, t.revoked_at) <= now())
      from hooks h where h.state = 'active' and not ${hasToken(sql, sql`h`)}
        and exists (select 1 from deliveries d where d.hook = h.id and d.state = 'pending')
    )
    select problem as code, (extract(epoch from min(since)) * 1000)::float8 as since, count(*)::int as count,
      to_json((array_agg(name order by since, name))[1:${problemRowsNamedMax}]) as rows
    from broken group by problem`;
}

/**
 * Whether hooks are told late: settled entries are not turned into deliveries, or deliveries are due and not sent though
 * their receiver works. Entries of open transactions are not settled: `entries_unsealed` reports those. The backlog of a
 * receiver that fails is part of `hook_failing`.
 *
 * Steps:
 * - `mark`: how far the entries are turned into deliveries.
 * - `walked`: the settled entries behind the mark. Nobody moves it while there is no hook.
 * - `due`: for each hook that works, its delivery that has been due for longest, is not under way, and waits for no
 *   earlier one of its call.
 * - `waiting`: of both, those that have waited for too long.
 */
export function hooksBehind(sql: Sql): Reading<Problem> {
  const allowed = sql`${hooksBehindMs} * interval '1 millisecond'`;
  return sql<Problem[]>`
    with mark as (
      select o.tx, o.entry from outbox o where exists (select 1 from hooks)
    ), walked as (
      select e.id, e.at from mark m cross join lateral (
        select e.id, e.at from entries e
        where (e.tx, e.id) > (m.tx, m.entry) and e.tx < pg_snapshot_xmin(pg_current_snapshot())
        order by e.tx, e.id limit ${behindReadMax}) e
    ), due as (
      select ${hookName(sql, sql`h`)} as name, d.next_at from hooks h cross join lateral (
        select d.next_at from deliveries d
        where d.hook = h.id and d.state = 'pending' and (d.lease_until is null or d.lease_until <= now())
          and ${isNext(sql)}
        order by d.next_at limit 1) d
      where h.state = 'active' and h.failing_since is null and ${hasToken(sql, sql`h`)}
    ), waiting as (
      select null as name, at as since from walked where at < now() - ${allowed}
      union all
      select name, next_at from due where next_at < now() - ${allowed}
    )
    select 'hooks_behind' as code, (extract(epoch from min(since)) * 1000)::float8 as since,
      (case when count(name) > 0 then count(name) else count(*) end)::int as count,
      coalesce(to_json((array_agg(name order by since, name) filter (where name is not null))[1:${problemRowsNamedMax}]),
        '[]') as rows
    from waiting having count(*) > 0`;
}
