/**
 * The state of the fields that rules and templates read. Only the types of payload values are stored here, never the
 * values.
 */

import type { StoredEvent } from "../../domain/events/event.ts";
import { problemRowsNamedMax } from "../../domain/limits.ts";
import type { FieldState } from "../../domain/plan/field-watch.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import type { Cursor } from "../../ports/page.ts";
import type { DriftedField, FieldStore, UnwatchedSource } from "../../ports/planning/fields.ts";
import { currentRules } from "../fragments/current-rules.ts";
import { eventContent } from "../fragments/stored-event.ts";
import { columns, exact, jsonFields, ms, parsed, present, select, value } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import type { Reading } from "../postgres/one-statement.ts";
import type { events } from "../schema/events.ts";
import type { fieldMarks, fields as fieldsTable } from "../schema/fields.ts";
import type { sources } from "../schema/sources.ts";

/** Limits of one sweep: sources whose fields it reads, events of each source, and bytes of all events. */
const sourcesWatchedPerSweepMax = 10;
const eventsWatchedPerSourceMax = 50;
const watchedBytesMax = 4_194_304;

/** Age from which an event's fields are read. At this age the event's records are fetched, or late. */
const watchedAfterMs = 60_000;

const sourceColumns = columns<typeof sources, Omit<UnwatchedSource["source"], "rules">>({
  slug: "slug",
  country: "country",
  orderNumber: "order_number",
  recordType: "record_type",
  recordId: "record_id",
  fetch: "fetch",
});

const markColumns = columns<typeof fieldMarks, Cursor>({ at: exact("received_at"), id: "event_id" });
const nextColumns = columns<typeof events, Cursor>({ at: exact("received_at"), id: "id" });

const fetchedColumns = columns<typeof events, Pick<StoredEvent, "fetched">>({ fetched: parsed("fetched") });
const stateColumns = columns<typeof fieldsTable, { state: FieldState }>({ state: "state" });

/** The statement reads only fields with a problem, which have its code, its time and the type before. */
const fieldColumns = columns<typeof fieldsTable, Omit<DriftedField, "lastAt" | "address">>({
  source: "source",
  rule: "rule",
  path: "path",
  code: present("told"),
  since: present(ms("told_since")),
  from: present("from_type"),
  to: "to_type",
});

/** @param sql the sweep's client */
export function fieldStore(sql: Sql): FieldStore {
  return {
    unwatched: () => unwatched(sql),
    async watched(source, from, to, fields) {
      const rows = fields.map(({ state, drift }) => ({
        rule: state.rule,
        path: state.path,
        state,
        told: drift?.code ?? null,
        since: drift?.since ?? null,
        from_type: drift?.from ?? null,
        to_type: drift?.to ?? null,
      }));
      await sql`
        with marked as (
          -- This is the guard. If two sweeps run at once, the second finds another mark.
          insert into field_marks (source, received_at, event_id)
          values (${source}, ${to.at}::text::timestamptz, ${to.id}::text::uuid)
          on conflict (source) do update set received_at = excluded.received_at, event_id = excluded.event_id, looked_at = now()
            where field_marks.received_at = ${from?.at ?? null}::text::timestamptz
              and field_marks.event_id = ${from?.id ?? null}::text::uuid
          returning source
        ), given as (
          select m.source, f.* from marked m, json_to_recordset(${asJson(rows)}::text::json)
            as f(rule text, path text, state jsonb, told text, since float8, from_type text, to_type text)
        ), fields_removed as (
          delete from fields f using marked m where f.source = m.source
            and not exists (select 1 from given g where g.rule = f.rule and g.path = f.path)
        )
        insert into fields (source, rule, path, state, told, told_since, from_type, to_type)
        select source, rule, path, state, told, to_timestamp(since / 1000), from_type, to_type from given
        on conflict (source, rule, path) do update set state = excluded.state, told = excluded.told,
          told_since = excluded.told_since, from_type = excluded.from_type, to_type = excluded.to_type`;
    },
  };
}

/**
 * Steps:
 * - `due`: sources with new events, the longest unread first.
 * - `newest`: their newest events after the mark, each with the bytes of all events that are at least as new.
 */
async function unwatched(sql: Sql): Promise<UnwatchedSource[]> {
  const rows = await sql<{ found: UnwatchedSource }[]>`
    with due as materialized (
      select s.slug, m.received_at, m.event_id from sources s left join field_marks m on m.source = s.slug
      where s.slug <> 'api' and s.disconnected_at is null
        and exists (select 1 from rules r where r.source = s.slug and r.current)
        and exists (select 1 from events e where e.source = s.slug and ${isNew(sql)} )
      order by m.looked_at nulls first, s.slug limit ${sourcesWatchedPerSweepMax}
    ), newest as (
      select e.*, sum(octet_length(e.body) + coalesce(octet_length(e.fetched), 0))
        over (order by e.received_at desc, e.id desc) as bytes
      from due m cross join lateral (
        select e.* from events e where e.source = m.slug and ${isNew(sql, sql`m.received_at`, sql`m.event_id`)}
        order by e.received_at desc nulls last, e.id desc nulls last limit ${eventsWatchedPerSourceMax}) e
    )
    select json_build_object(
      'source', (select json_build_object(${jsonFields(sql, sourceColumns, "s")}, 'rules', ${currentRules(sql)})
        from sources s where s.slug = due.slug),
      'mark', case when due.event_id is not null then json_build_object(${jsonFields(sql, markColumns, "due")}) end,
      'next', (select json_build_object(${jsonFields(sql, nextColumns, "n")})
        from newest n where n.source = due.slug order by n.received_at desc, n.id desc limit 1),
      'events', (select coalesce(json_agg(json_build_object(${jsonFields(sql, eventContent, "n")}, 'record', null,
          ${jsonFields(sql, fetchedColumns, "n")}) order by n.received_at, n.id), '[]')
        from newest n where n.source = due.slug and n.bytes <= ${watchedBytesMax}
          and n.erased_at is null and n.state <> 'unplanned' and coalesce(n.reason, '') not in ('replayed', 'conflict')),
      'states', (select coalesce(json_agg(${value(sql, stateColumns, "f")}), '[]')
        from fields f where f.source = due.slug)) as found
    from due`;
  return rows.map(({ found }) => found);
}

/**
 * A condition: whether the event `e` was received after the source's mark, and at least `watchedAfterMs` ago. By then the
 * event has its plan.
 */
function isNew(sql: Sql, at = sql`m.received_at`, id = sql`m.event_id`) {
  return sql`(e.received_at, e.id) > (coalesce(${at}, '-infinity'), coalesce(${id}, '00000000-0000-0000-0000-000000000000'))
    and e.received_at < now() - ${watchedAfterMs} * interval '1 millisecond'`;
}

/** The problems of fields that a rule or template still reads, of every source or of one. */
export function driftedFields(sql: Sql, source: string | null): Reading<DriftedField> {
  return sql<DriftedField[]>`
    select ${select(sql, fieldColumns, "f")}, (f.state->>'lastAt')::float8 as "lastAt",
      case when f.told = 'country_differs' then f.state->'country'->>'address' end as address
    from fields f join sources s on s.slug = f.source
    where f.told is not null and s.disconnected_at is null and ${source === null ? sql`true` : sql`f.source = ${source}`}
      and (f.rule = '' or exists (select 1 from rules r where r.source = f.source and r.name = f.rule and r.current))
    order by f.source, f.rule, f.path`;
}

/** The field problems of every source, in the form of `/readyz`. @param told All of {@link driftedFields}. */
export function fieldProblems(told: readonly DriftedField[]): Problem[] {
  return [...new Set(told.map(({ code }) => code))].map((code) => {
    const own = told.filter((field) => field.code === code);
    const rows = own.map(({ source, rule, path }) => [source, rule, path].filter((part) => part !== "").join(" "));
    return {
      code,
      since: Math.min(...own.map(({ since }) => since)),
      count: own.length,
      rows: rows.slice(0, problemRowsNamedMax),
    };
  });
}
