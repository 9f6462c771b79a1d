/**
 * Troubles of sources. The sweep looks for them once a minute and tells each begin and each end by one entry:
 *
 * | entry of the source | rule                                                                                     |
 * | ------------------- | ---------------------------------------------------------------------------------------- |
 * | `rejecting`         | Of ten minutes, at least ten requests were refused, and more than events were accepted   |
 * | `rejecting_over`    | This was not so in any of the last ten minutes                                           |
 * | `silent`            | No event was accepted for `silent_after`                                                 |
 * | `heard_again`       | An event was accepted after the one since which the source was silent                    |
 *
 * Silence counts from the newest of three times: the last event, the source's creation, and the time at which
 * `silent_after` was set. A paused or closed source is not judged silent, nor is one whose inbox has events on its disk.
 *
 * Not guaranteed: exact redeliveries are accepted without a row, so they count neither as accepted nor as heard.
 */

import { rejectingMinutes, rejectingRefusedMin } from "../../domain/events/source-trouble.ts";
import { problemRowsNamedMax } from "../../domain/limits.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import type { Reading } from "../postgres/one-statement.ts";
import { manyFailed } from "./refused-minutes.ts";

type Part = ReturnType<Sql>;

/** Changes of one sweep at most. The next sweep continues. */
const changesPerSweepMax = 1_000;

/**
 * Finds troubles that began or ended. Sweeps may run at the same time: the second one waits for the row and finds
 * another state than it has read.
 *
 * Steps:
 * - `judged`: the state that each source should have. Of a source that is not rejecting, the last ten minutes are counted;
 *   of a rejecting one, the last ten windows of ten minutes. Accepted events are counted up to the refused requests only,
 *   so a busy source costs as little as a quiet one.
 * - `locked_sources`: sources with another state, unless another sweep or a change of the configuration was first.
 * - `noted`: stores the new state.
 * - `audited`: inserts the entries.
 *
 * @param spilled Sources with events on their inboxes' disks; null if unknown, and then no source is judged silent.
 * @returns Number of troubles that began or ended.
 */
export async function tellTroubles(sql: Sql, spilled: readonly string[] | null): Promise<number> {
  const [row] = await sql<[{ told: number }]>`
    with judged as (
      select s.slug, s.version, s.rejecting_since, s.silent_since, s.silent_after,
        last.at as last_at, r.ends, r.refused, r.accepted,
        -- Events that came later in a minute change its counts, so the time at which the rule held counts as well.
        case when r.ends is not null or s.rejecting_since > now() - ${tenMinutes(sql)}
          then coalesce(s.rejecting_since, now()) end as now_rejecting,
        case when s.silent_since is not null then case when last.at > s.silent_since then null else s.silent_since end
          when ${spilled !== null}::boolean and s.paused_at is null and s.disconnected_at is null
            and greatest(last.at, s.created_at, s.silent_after_at) + s.silent_after::interval <= now()
            and s.slug not in (select json_array_elements_text(${asJson(spilled ?? [])}::text::json))
            then greatest(last.at, s.created_at, s.silent_after_at) end as now_silent
      from sources s
        left join lateral (
          select w.ends, w.refused, a.accepted
          from (
            select k.ends, (select sum(m.refused) from refused_minutes m where m.source = s.slug
              and m.at >= k.ends - ${tenMinutes(sql)} and m.at < k.ends) as refused
            from (
              select date_trunc('minute', now()) + (1 - n) * interval '1 minute' as ends
              from generate_series(0, case when s.rejecting_since is null then 0 else ${rejectingMinutes - 1}::int end) n) k
            offset 0) w
          cross join lateral (select count(*) as accepted from (
            select 1 from events e where e.source = s.slug
              and e.received_at >= w.ends - ${tenMinutes(sql)} and e.received_at < w.ends limit w.refused) counted) a
          where w.refused >= ${rejectingRefusedMin} and w.refused > a.accepted limit 1) r on true
        left join lateral (
          select e.received_at as at from events e
          where e.source = s.slug and (s.silent_after is not null or s.silent_since is not null)
          order by e.received_at desc nulls last limit 1) last on true
    ), locked_sources as (
      select j.* from judged j join sources s on s.slug = j.slug and ${isUnchanged(sql)}
      where j.now_rejecting is distinct from j.rejecting_since or j.now_silent is distinct from j.silent_since
      order by s.slug limit ${changesPerSweepMax} for no key update of s
    ), noted as (
      update sources s set rejecting_since = j.now_rejecting, silent_since = j.now_silent
      from locked_sources j where s.slug = j.slug and ${isUnchanged(sql)}
      returning j.*
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'source', n.slug, 'rejecting', 'sweep', (select x.code from rejections x where x.source = n.slug
          and x.at >= n.ends - ${tenMinutes(sql)} group by x.code order by count(*) desc, x.code limit 1),
        jsonb_build_object('since', n.now_rejecting, 'refused', n.refused, 'accepted', n.accepted)
      from noted n where n.rejecting_since is null and n.now_rejecting is not null
      union all
      select 'source', slug, 'rejecting_over', 'sweep', null, jsonb_build_object('since', rejecting_since)
      from noted where rejecting_since is not null and now_rejecting is null
      union all
      select 'source', slug, 'silent', 'sweep', null,
        jsonb_build_object('since', now_silent, 'silent_after', silent_after, 'last_event_at', last_at)
      from noted where silent_since is null and now_silent is not null
      union all
      select 'source', slug, 'heard_again', 'sweep', null, jsonb_build_object('since', silent_since, 'last_event_at', last_at)
      from noted where silent_since is not null and now_silent is null
      returning id
    )
    select count(*)::int as told from audited`;
  return row.told;
}

/** A condition: the row `s` has the state that `j` was judged by. */
const isUnchanged = (sql: Sql): Part => sql`s.version = j.version
        and s.rejecting_since is not distinct from j.rejecting_since and s.silent_since is not distinct from j.silent_since`;

const tenMinutes = (sql: Sql): Part => sql`${rejectingMinutes} * interval '1 minute'`;

/**
 * Sources in trouble, one problem for each kind: the same as `sourceTroubles`. A rejecting source of which
 * `signatures_failed` says the same is left out.
 */
export function sourceProblems(sql: Sql): Reading<Problem> {
  return sql<Problem[]>`
    select code, (extract(epoch from min(since)) * 1000)::float8 as since, count(*)::int as count,
      to_json((array_agg(slug order by since, slug))[1:${problemRowsNamedMax}]) as rows
    from (
      select 'source_rejecting' as code, slug, rejecting_since as since from sources
      where rejecting_since is not null and disconnected_at is null
        and slug not in (select source from (${manyFailed(sql)}) same)
      union all
      select 'source_silent', slug, silent_since from sources
      where silent_since is not null and disconnected_at is null and paused_at is null
        and greatest(silent_since, silent_after_at) + silent_after::interval <= now()) troubles
    group by code order by code`;
}
