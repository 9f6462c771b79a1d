/** Look-ups of sources: their traffic, their rejections and the fields that their rules read. */

import { eventsCountedMax, rejectionsPerSourceMax } from "../../domain/limits.ts";
import { busyDaysMax, busyEventsMax, busyWindowSeconds } from "../../domain/shard-advice.ts";
import type { Rejection } from "../../ports/ingest/rejections.ts";
import type { SourceLookups, SourceTraffic } from "../../ports/lookups/sources.ts";
import { driftedFields } from "../events/fields.ts";
import { columns, ms, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { events } from "../schema/events.ts";
import type { rejections } from "../schema/rejections.ts";
import type { sources } from "../schema/sources.ts";
import { fetchesWaiting, nextFetchAt } from "./fetch-problems.ts";

/** @param sql the request's client */
export function sourceLookups(sql: Sql): SourceLookups {
  return {
    rejections: (source) => rejectionsOf(sql, source),
    traffic: (source) => sourceTraffic(sql, source),
    driftedFields: (source) => driftedFields(sql, source),
  };
}

const sourceColumns = columns<typeof sources, Pick<SourceTraffic, "source">>({ source: "slug" });
const firstColumns = columns<typeof events, Pick<SourceTraffic, "firstAt">>({ firstAt: ms("received_at") });
const lastColumns = columns<typeof events, Pick<SourceTraffic, "lastAt">>({ lastAt: ms("received_at") });
const lastRejection = columns<typeof rejections, Pick<SourceTraffic, "lastRejectionAt">>({ lastRejectionAt: ms("at") });

/**
 * A condition: the event `e` is of the source `s`, in a statement that orders by the source and the time. An equality
 * would make the source needless in the order, and Postgres might walk along all events in search of one of a quiet source.
 */
const ofSource = (sql: Sql) => sql`e.source >= s.slug and e.source <= s.slug`;

/**
 * The traffic of every source, or of one: its first and last event, and a count up to a bound. The busiest window of the last days is
 * measured for one source only, because it takes a reading of thousands of events.
 */
async function sourceTraffic(sql: Sql, source: string | null): Promise<SourceTraffic[]> {
  return await sql<SourceTraffic[]>`
    select ${select(sql, sourceColumns, "s")}, ${select(sql, firstColumns, "f")}, ${select(sql, lastColumns, "l")},
      ${select(sql, lastRejection, "r")},
      case when s.paused_at is null then 0 else (select count(*)::int from (
        select 1 from events e
        where e.source = s.slug and e.state = 'unplanned' limit ${eventsCountedMax}) unplanned) end as waiting,
      ${fetchesWaiting(sql)} as "fetchWaiting", ${nextFetchAt(sql)} as "fetchNextAt",
      least(n.events, ${eventsCountedMax})::int as events, n.events > ${eventsCountedMax} as more,
      b.busiest
    from sources s
      left join lateral (select received_at from events e where ${ofSource(sql)}
        order by e.source desc, e.received_at nulls first limit 1) f on true
      left join lateral (select received_at from events e where ${ofSource(sql)}
        order by e.source, e.received_at desc nulls last limit 1) l on true
      left join lateral (select at from rejections x where x.source = s.slug order by x.at desc nulls last limit 1) r on true
      cross join lateral (select count(*) as events from (
        select 1 from events e where e.source = s.slug limit ${eventsCountedMax + 1}) counted) n
      left join lateral (
        select json_build_object('since', extract(epoch from min(at)) * 1000, 'events', sum(events)::int,
          'commits', count(*)) as busiest
        from (select received_at as at, count(*)::int as events from (select e.received_at from events e
            where ${source}::text is not null and ${ofSource(sql)}
              and e.received_at > now() - make_interval(days => ${busyDaysMax}::int)
            order by e.source, e.received_at desc nulls last limit ${busyEventsMax}) recent
          group by received_at) committed
        group by date_bin(make_interval(secs => ${busyWindowSeconds}::int), at, 'epoch')
        order by sum(events) desc, min(at) desc limit 1) b on true
    where ${source === null ? sql`s.slug <> 'api'` : sql`s.slug = ${source}`} order by s.slug`;
}

const rejectionColumns = columns<typeof rejections, Omit<Rejection, "kept">>({
  id: "id",
  at: ms("at"),
  code: "code",
  detail: "detail",
  headers: "headers",
  bodyBytes: "body_bytes",
});

/** The newest rejections of a source. */
async function rejectionsOf(sql: Sql, source: string): Promise<Rejection[]> {
  return await sql<Rejection[]>`
    select ${select(sql, rejectionColumns, "rejections")}
    from rejections where source = ${source} order by at desc, id limit ${rejectionsPerSourceMax}`;
}
