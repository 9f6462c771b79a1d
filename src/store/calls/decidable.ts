/** Calls that a person decides about, each with its event, source and rule. */

import { commitBytesMax } from "../../domain/limits.ts";
import { type DecidedCall, type Decision, decidable } from "../../domain/plan/decision.ts";
import type { CallFilter } from "../../ports/lookups/calls.ts";
import type { Cursor } from "../../ports/page.ts";
import type { DecidablePage, Survey } from "../../ports/people/decisions.ts";
import { callMaker } from "../config/call-maker.ts";
import { matches } from "../fragments/call-filter.ts";
import { array, columns, isSet, jsonFields, ms, number, orEmpty, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import { exactMoment } from "../postgres/pages.ts";
import type { calls } from "../schema/calls.ts";
import type { events } from "../schema/events.ts";
import type { rules } from "../schema/rules.ts";
import type { sources } from "../schema/sources.ts";

/**
 * Highest number of calls that a survey counts, once for decidable calls and once for the others. If there are more,
 * the survey says so.
 */
const surveyedMax = 10_000;

/** Ids that a survey names for each status. */
const surveyNamedMax = 5;

/** @returns The call in any status; null if it does not exist. */
export async function decidedCall(sql: Sql, id: string): Promise<DecidedCall | null> {
  const [row] = await sql<
    DecidedCall[]
  >`select ${decidedColumns(sql, sql`e.body`, true)} ${joins(sql)} where c.id = ${id}`;
  return row ?? null;
}

/**
 * Calls that match a filter and that a decision applies to, oldest first. Returns at most `limit` calls and as many
 * bytes of events as one isolate can hold, but at least one call. An event's body is read only if the decision needs
 * it.
 */
export async function decidableCalls(
  sql: Sql,
  filter: CallFilter,
  decision: Decision,
  limit: number,
  after: Cursor | null,
): Promise<DecidablePage> {
  type Row = DecidedCall & { exactly: string; matching: number };
  const body: ReturnType<Sql> = sql`case when ${decision === "release"}::boolean and r.definition->'once_per' is not null
    then e.body else '{}' end`;
  const found = await sql<Row[]>`
    with matching as materialized (
      select c.id from calls c where ${matches(sql, filter)} and c.status in ${sql(decidable[decision])}
        ${after === null ? sql`` : sql`and (c.created_at, c.id) > (${after.at}::text::timestamptz, ${after.id}::text::uuid)`}
      -- Nulls are first because this reads the index of the newest calls backwards.
      order by c.created_at nulls first, c.id nulls first limit ${limit + 1}
    )
    select * from (
      select ${decidedColumns(sql, body, decision === "release")}, ${exactMoment(sql, "c.created_at")},
        (select count(*)::int from matching) as matching,
        row_number() over oldest as nth,
        coalesce(sum(octet_length(${body})) over (oldest rows between unbounded preceding and 1 preceding), 0) as before
      ${joins(sql)} join matching on matching.id = c.id
      window oldest as (order by c.created_at, c.id)
    ) fitting
    where nth <= ${limit} and before < ${commitBytesMax} order by nth`;
  const last = found.at(-1);
  const next = last !== undefined && found.length < last.matching ? { at: last.exactly, id: last.id } : null;
  return { calls: found.map(({ exactly: _, matching: __, ...call }) => call), next };
}

const statusColumns = columns<typeof calls, Pick<Survey["statuses"][number], "status">>({ status: "status" });

/** Counts the calls of a filter by status, up to a bound. */
export async function survey(sql: Sql, filter: CallFilter, decision: Decision): Promise<Survey> {
  const from = sql(decidable[decision]);
  const some = (which: ReturnType<Sql>) => sql`(select c.id, c.status, c.created_at from calls c
    where ${matches(sql, filter)} and ${which} limit ${surveyedMax + 1})`;
  const statuses = await sql<Survey["statuses"]>`
    select ${select(sql, statusColumns, "found")}, count(*)::int as count,
      to_json((array_agg(id order by created_at, id))[1:${surveyNamedMax}]) as ids
    from (${some(sql`c.status in ${from}`)} union all ${some(sql`c.status not in ${from}`)}) found
    group by status order by status`;
  const may = statuses.filter(({ status }) => decidable[decision].some((one) => one === status));
  const sum = (some: Survey["statuses"]) => some.reduce((all, { count }) => all + count, 0);
  return { statuses, matching: sum(may), more: sum(may) > surveyedMax || sum(statuses) - sum(may) > surveyedMax };
}

const callColumns = columns<
  typeof calls,
  Omit<DecidedCall, "maker" | "shown" | "has" | "country" | "sourceVersion" | "definition" | "expires" | "event">
>({
  id: "id",
  status: "status",
  source: "source",
  rule: "rule",
  ruleVersion: "rule_version",
  mode: "mode",
  line: "line",
  number: "number",
  erased: isSet("erased_at"),
  conversationUuid: "conversation_uuid",
  mihuId: "mihu_id",
  zones: orEmpty(array("zones")),
});

const shownColumns = columns<typeof calls, DecidedCall["shown"]>({
  about: "about",
  prompt: "prompt",
  promptOverwrite: "prompt_overwrite",
  greeting: "greeting",
});

const hasColumns = columns<typeof calls, DecidedCall["has"]>({
  about: isSet("about"),
  prompt: isSet("prompt"),
  greeting: isSet("greeting"),
});

const sourceColumns = columns<typeof sources, Pick<DecidedCall, "country" | "sourceVersion">>({
  country: "country",
  sourceVersion: number("version"),
});
const ruleColumns = columns<typeof rules, Pick<DecidedCall, "definition">>({ definition: "definition" });

const eventColumns = columns<typeof events, Omit<DecidedCall["event"], "body">>({
  id: "id",
  externalId: "external_id",
  type: "type",
  occurredAt: ms("occurred_at"),
});

const decidedColumns = (sql: Sql, body: ReturnType<Sql>, withTexts: boolean) => sql`
  ${select(sql, callColumns, "c")}, ${callMaker(sql)},
  -- Only a release shows texts, because the texts of a thousand calls are megabytes.
  case when ${withTexts} then json_build_object(${jsonFields(sql, shownColumns, "c")})
    else '{"about": null, "prompt": null, "promptOverwrite": false, "greeting": null}' end as shown,
  json_build_object(${jsonFields(sql, hasColumns, "c")}) as has,
  ${select(sql, sourceColumns, "s")}, ${select(sql, ruleColumns, "r")},
  -- The body of a directly requested call is the service's own text.
  coalesce(r.definition->>'expires', case when c.source = 'api' then e.body::json->>'expires' end) as expires,
  json_build_object(${jsonFields(sql, eventColumns, "e")}, 'body', ${body}) as event`;

const joins = (sql: Sql) => sql`
  from calls c join events e on e.id = c.event_id join sources s on s.slug = e.source
    left join rules r on r.source = c.source and r.name = c.rule and r.version = c.rule_version`;
