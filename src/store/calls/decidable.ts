/** Calls that a person decides about: one by its id, or those of a filter, with what made them. */

import { commitBytesMax } from "../../domain/limits.ts";
import { type DecidedCall, type Decision, decidable } from "../../domain/plan/decision.ts";
import type { CallFilter } from "../../ports/lookups.ts";
import type { Cursor } from "../../ports/page.ts";
import type { Choice, Survey } from "../../ports/people/decisions.ts";
import { matches } from "../fragments/call-filter.ts";
import type { Sql } from "../postgres/connection.ts";
import { exactMoment } from "../postgres/pages.ts";

/** Calls that a survey counts of those that may be decided, and of the others: past it, it says that there are more. */
const surveyedMax = 10_000;

/** Ids that a survey names of each status. */
const surveyNamedMax = 5;

/** @returns the call, whatever its status; `null` when there is none */
export async function decidedCall(sql: Sql, id: string): Promise<DecidedCall | null> {
  const [row] = await sql<DecidedCall[]>`select ${columns(sql, sql`e.body`)} ${joins(sql)} where c.id = ${id}`;
  return row ?? null;
}

/**
 * Calls of a filter that may be decided so, the oldest first: as many as are asked for, and of whose events as much as one isolate can
 * hold; at least one. An event's body is read only where the decision has to look into it.
 */
export async function decidableCalls(
  sql: Sql,
  filter: CallFilter,
  decision: Decision,
  limit: number,
  after: Cursor | null,
): Promise<Choice> {
  type Row = DecidedCall & { exactly: string; picked: number };
  const body: ReturnType<Sql> = sql`case when ${decision === "release"}::boolean and r.definition->'once_per' is not null then e.body else '{}' end`;
  const found = await sql<Row[]>`
    with picked as materialized (
      select c.id from calls c where ${matches(sql, filter)} and c.status in ${sql(decidable[decision])}
        ${after === null ? sql`` : sql`and (c.created_at, c.id) > (${after.at}::text::timestamptz, ${after.id}::text::uuid)`}
      -- Nulls first: the indexes of the newest, read backwards.
      order by c.created_at nulls first, c.id nulls first limit ${limit + 1}
    )
    select * from (
      select ${columns(sql, body)}, ${exactMoment(sql, "c.created_at")}, (select count(*)::int from picked) as picked,
        row_number() over oldest as nth,
        coalesce(sum(octet_length(${body})) over (oldest rows between unbounded preceding and 1 preceding), 0) as before
      ${joins(sql)} join picked on picked.id = c.id
      window oldest as (order by c.created_at, c.id)
    ) chosen
    where nth <= ${limit} and before < ${commitBytesMax} order by nth`;
  const last = found.at(-1);
  const next = last !== undefined && found.length < last.picked ? { at: last.exactly, id: last.id } : null;
  return { calls: found.map(({ exactly: _, picked: __, ...call }) => call), next };
}

/** Counts what matches a filter, by status, as far as that is not dear. */
export async function survey(sql: Sql, filter: CallFilter, decision: Decision): Promise<Survey> {
  const from = sql(decidable[decision]);
  const some = (which: ReturnType<Sql>) => sql`(select c.id, c.status, c.created_at from calls c
    where ${matches(sql, filter)} and ${which} limit ${surveyedMax + 1})`;
  const statuses = await sql<Survey["statuses"]>`
    select status, count(*)::int as count, to_json((array_agg(id order by created_at, id))[1:${surveyNamedMax}]) as ids
    from (${some(sql`c.status in ${from}`)} union all ${some(sql`c.status not in ${from}`)}) found
    group by status order by status`;
  const may = statuses.filter(({ status }) => decidable[decision].some((one) => one === status));
  const sum = (some: Survey["statuses"]) => some.reduce((all, { count }) => all + count, 0);
  return { statuses, matching: sum(may), more: sum(may) > surveyedMax || sum(statuses) - sum(may) > surveyedMax };
}

const columns = (sql: Sql, body: ReturnType<Sql>) => sql`
  c.id, c.status, c.source, c.rule, c.rule_version as "ruleVersion", c.mode, c.line, c.number,
  c.erased_at is not null as erased,
  json_build_object('about', c.about is not null, 'prompt', c.prompt is not null, 'greeting', c.greeting is not null) as has,
  to_json(coalesce(c.zones, '{}')) as zones, c.conversation_uuid as "conversationUuid", c.mihu_id as "mihuId",
  s.country, r.definition,
  -- The body of a call that was asked for directly is the service's own text.
  coalesce(r.definition->>'expires', case when c.source = 'api' then e.body::json->>'expires' end) as expires,
  json_build_object('id', e.id, 'externalId', e.external_id, 'type', e.type, 'occurredAt',
    (extract(epoch from e.occurred_at) * 1000)::float8, 'body', ${body}) as event`;

const joins = (sql: Sql) => sql`
  from calls c join events e on e.id = c.event_id join sources s on s.slug = e.source
    left join rules r on r.source = c.source and r.name = c.rule and r.version = c.rule_version`;
