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
import { sealedCandidates, sealedWithout } from "../config/sealed.ts";
import { pausedSources } from "../config/source-pauses.ts";
import { driftedFields, fieldProblems } from "../events/fields.ts";
import { isStuck } from "../fragments/stopped.ts";
import { claimsSlow } from "../fragments/waits.ts";
import { hookProblems, hooksBehind } from "../hooks/hook-problems.ts";
import { columns, ms, present, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import { type Reading, readAtOnce, unionAll } from "../postgres/one-statement.ts";
import { failedSignatures } from "../rejections/refused-minutes.ts";
import { sourceProblems } from "../rejections/source-troubles.ts";
import type { lines } from "../schema/lines.ts";
import { balance } from "./balance.ts";
import { recentConflicts } from "./conflicts.ts";
import { fetchProblems } from "./fetch-problems.ts";
import { missingMigrations } from "./missing-migrations.ts";
import { clockProblems, postgresTime, readPostgresClock } from "./postgres-clock.ts";

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
  // The statement below reads tables that these migrations create. A migration that is running may hold it up.
  if (missing.length > 0) return { missingMigrations: missing, pausedLines: [], problems: [] };
  const sentAt = now();
  const read = await readEverything(sql, kids, reviewOverdueMs);
  const receivedAt = now();
  const [{ theirs, wentBackMs }] = read.time;
  const clock = { reading: await readPostgresClock(sql, now, { sentAt, receivedAt, theirs }), wentBackMs };
  const [unsealedEntries] = read.unsealed;
  const problems = [
    ...read.problems.map(({ problem }) => problem),
    ...read.ofChain,
    ...(await unsealedProblems(sql, unsealedEntries, read.ofChain)),
    ...sealedWithout(kids, read),
    ...fieldProblems(read.driftedFields),
    ...clockProblems(clock),
  ];
  const oldestFirst = problems.sort((one, other) => (one.since ?? 0) - (other.since ?? 0));
  const pausedLines = [...read.pausedLines];
  return { missingMigrations: [], pausedLines, problems: oldestFirst, unsealed: unsealedEntries, clock };
}

/** Everything in Postgres that readiness is made of, but for the migrations. */
async function readEverything(sql: Sql, kids: readonly string[] | null, reviewOverdueMs: number) {
  return await readAtOnce(sql, {
    time: postgresTime(sql),
    pausedLines: sql<PausedLine[]>`
      select ${select(sql, pausedColumns, "lines")} from lines where paused_at is not null order by slug`,
    problems: allOf(sql, [
      noLineDials(sql),
      slowClaims(sql),
      notedGaps(sql),
      recentConflicts(sql),
      unreadableLooks(sql),
      pausedSources(sql),
      fetchProblems(sql),
      failedSignatures(sql),
      sourceProblems(sql),
      stuckStops(sql),
      hookProblems(sql),
      hooksBehind(sql),
      endingTokens(sql),
      overdueReviews(sql, reviewOverdueMs),
    ]),
    ofChain: chainProblems(sql),
    unsealed: unsealed(sql),
    driftedFields: driftedFields(sql, null),
    ...sealedCandidates(sql, kids ?? []),
  });
}

/** A statement: the problems of all these statements. */
function allOf(sql: Sql, statements: readonly Reading<Problem>[]): Reading<{ problem: Problem }> {
  const parts = statements.map((statement): ReturnType<Sql> => sql`select to_json(p) as problem from (${statement}) p`);
  return sql<{ problem: Problem }[]>`${unionAll(sql, parts)}`;
}

/**
 * Whether every line is paused. It is not a problem if a person paused all of them, or if there is no line. `/readyz`
 * answers 503 for this problem, and a wanted pause must not raise an alarm.
 */
function noLineDials(sql: Sql): Reading<Problem> {
  return sql<Problem[]>`
    select 'no_line_dials' as code, (extract(epoch from max(paused_at)) * 1000)::float8 as since, count(*)::int as count,
      to_json((array_agg(slug order by slug))[1:${problemRowsNamedMax}]) as rows
    from lines having bool_and(paused_at is not null) and bool_or(pause_reason not in ${sql(wantedPauses)})`;
}

/** Lines whose claims take too long. */
function slowClaims(sql: Sql): Reading<Problem> {
  return sql<Problem[]>`
    select 'claims_slow' as code, (extract(epoch from min(since)) * 1000)::float8 as since, count(*)::int as count,
      to_json((array_agg(slug order by slug))[1:${problemRowsNamedMax}]) as rows
    from (select slug, (select max(e.at) from entries e where e.subject = 'line' and e.subject_id = l.slug
        and e.action = 'claims_slow') as since
      from lines l where ${claimsSlow(sql, "l")}) slow
    having count(*) > 0`;
}

/** Stops that the last sweep could not advance. No number is named. */
function stuckStops(sql: Sql): Reading<Problem> {
  return sql<Problem[]>`
    select 'stops_stuck' as code, (extract(epoch from min(since)) * 1000)::float8 as since, count(*)::int as count,
      to_json((array_agg(name order by id))[1:${problemRowsNamedMax}]) as rows
    from (select id, coalesce(source || coalesce('/' || rule, ''), reason) || ' (stop ' || id || ')' as name,
        (select max(e.at) from entries e where e.subject = 'stop' and e.subject_id = stops.id::text
          and e.action = 'stuck') as since
      from stops where ${isStuck(sql)}) stuck
    having count(*) > 0`;
}
