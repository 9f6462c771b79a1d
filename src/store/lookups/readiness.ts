import { problemRowsNamedMax, reviewOverdueDefaultMs } from "../../domain/limits.ts";
import { wantedPauses } from "../../domain/reasons.ts";
import { realClock } from "../../platform/clock.ts";
import type { HealthLookups, Problem, Readiness } from "../../ports/lookups/readiness.ts";
import { endingTokens } from "../access/tokens.ts";
import { notedGaps } from "../audit/books.ts";
import { chainProblems } from "../audit/chain.ts";
import { unsealed, unsealedProblems } from "../audit/unsealed.ts";
import { overdueReviews } from "../calls/overdue-reviews.ts";
import { unreadableLooks } from "../calls/reconciliations.ts";
import { sealedWithout } from "../config/sealed.ts";
import { pausedSources } from "../config/source-pauses.ts";
import { fieldProblems } from "../events/fields.ts";
import { isStuck } from "../fragments/stopped.ts";
import { claimsSlow } from "../fragments/waits.ts";
import { hookProblems, hooksBehind } from "../hooks/hook-problems.ts";
import { columns, ms, present, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import { failedSignatures } from "../rejections/refused-minutes.ts";
import { sourceProblems } from "../rejections/source-troubles.ts";
import type { lines } from "../schema/lines.ts";
import { balance } from "./balance.ts";
import { recentConflicts } from "./conflicts.ts";
import { fetchProblems } from "./fetch-problems.ts";
import { missingMigrations } from "./missing-migrations.ts";
import { clockProblems, readPostgresClock } from "./postgres-clock.ts";

type PausedLine = Readiness["pausedLines"][number];
/** A paused line has its reason. */
const pausedColumns = columns<typeof lines, PausedLine>({
  line: "slug",
  reason: present("pause_reason"),
  detail: "pause_detail",
  since: present(ms("paused_at")),
});

/**
 * @param sql the request's client
 * @param kids ids of the keys that open sealed values; `null`: unknown
 * @param now the Worker's clock, with which Postgres' clock is compared
 * @param reviewOverdueMs time after which a call that waits for a person is a problem
 */
export function healthLookups(
  sql: Sql,
  kids: readonly string[] | null,
  now = realClock.now,
  reviewOverdueMs = reviewOverdueDefaultMs,
): HealthLookups {
  return { balance: () => balance(sql), readiness: () => readReadiness(sql, kids, now, reviewOverdueMs) };
}

/**
 * Reads missing migrations, paused lines, and every other problem. The read is cheap, because the sweep finds the
 * expensive problems in advance. Throws if Postgres is down.
 *
 * @param kids Ids of the keys that open sealed values; null if unknown.
 */
async function readReadiness(
  sql: Sql,
  kids: readonly string[] | null,
  now: () => number,
  reviewOverdueMs: number,
): Promise<Readiness> {
  const missing = await missingMigrations(sql);
  // The statements below read tables that these migrations create.
  if (missing.length > 0) return { missingMigrations: missing, pausedLines: [], problems: [] };
  // The clock comes first: other statements would lengthen its round trips.
  const clock = await readPostgresClock(sql, now);
  const unsealedEntries = unsealed(sql);
  const [pausedLines, ...problems] = await Promise.all([
    sql<PausedLine[]>`
      select ${select(sql, pausedColumns, "lines")} from lines where paused_at is not null order by slug`,
    noLineDials(sql),
    slowClaims(sql),
    notedGaps(sql),
    recentConflicts(sql),
    chainProblems(sql),
    unsealedEntries.then((found) => unsealedProblems(sql, found)),
    unreadableLooks(sql),
    pausedSources(sql),
    fetchProblems(sql),
    sealedWithout(sql, kids),
    fieldProblems(sql),
    failedSignatures(sql),
    sourceProblems(sql),
    stuckStops(sql),
    hookProblems(sql),
    hooksBehind(sql),
    endingTokens(sql),
    overdueReviews(sql, reviewOverdueMs),
  ]);
  const oldestFirst = [...problems, clockProblems(clock)]
    .flat()
    .sort((one, other) => (one.since ?? 0) - (other.since ?? 0));
  return { missingMigrations: [], pausedLines, problems: oldestFirst, unsealed: await unsealedEntries, clock };
}

/**
 * Whether every line is paused. It is not a problem if a person paused all of them, or if there is no line. `/readyz`
 * answers 503 for this problem, and a wanted pause must not raise an alarm.
 */
async function noLineDials(sql: Sql): Promise<Problem[]> {
  return await sql<Problem[]>`
    select 'no_line_dials' as code, (extract(epoch from max(paused_at)) * 1000)::float8 as since, count(*)::int as count,
      to_json((array_agg(slug order by slug))[1:${problemRowsNamedMax}]) as rows
    from lines having bool_and(paused_at is not null) and bool_or(pause_reason not in ${sql(wantedPauses)})`;
}

/** Lines whose claims take too long. */
async function slowClaims(sql: Sql): Promise<Problem[]> {
  return await sql<Problem[]>`
    select 'claims_slow' as code, (extract(epoch from min(since)) * 1000)::float8 as since, count(*)::int as count,
      to_json((array_agg(slug order by slug))[1:${problemRowsNamedMax}]) as rows
    from (select slug, (select max(e.at) from entries e where e.subject = 'line' and e.subject_id = l.slug
        and e.action = 'claims_slow') as since
      from lines l where ${claimsSlow(sql, "l")}) slow
    having count(*) > 0`;
}

/** Stops that the last sweep could not advance. No number is named. */
async function stuckStops(sql: Sql): Promise<Problem[]> {
  return await sql<Problem[]>`
    select 'stops_stuck' as code, (extract(epoch from min(since)) * 1000)::float8 as since, count(*)::int as count,
      to_json((array_agg(name order by id))[1:${problemRowsNamedMax}]) as rows
    from (select id, coalesce(source || coalesce('/' || rule, ''), reason) || ' (stop ' || id || ')' as name,
        (select max(e.at) from entries e where e.subject = 'stop' and e.subject_id = stops.id::text
          and e.action = 'stuck') as since
      from stops where ${isStuck(sql)}) stuck
    having count(*) > 0`;
}
