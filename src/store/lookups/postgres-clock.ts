/**
 * Postgres' clock, compared with the Worker's clock. `src/domain/clocks.ts` lists the comparisons and the clock that
 * each uses.
 *
 * Time functions are called without their schema, so that tests can replace them by the session's `search_path`.
 */
import {
  type ClockReading,
  type ClockSample,
  clocksApartMs,
  clockWords,
  isApart,
  readClock,
} from "../../domain/clocks.ts";
import type { PostgresClock, Problem } from "../../ports/lookups/readiness.ts";
import type { Sql } from "../postgres/connection.ts";
import type { ReadingOfOne } from "../postgres/one-statement.ts";

/** Lowest number of queries in one measurement. One query cannot show that the clock moves. */
const asksMin = 2;
const asksMax = 5;

/** Measurement error at which the measurement ends: a twentieth of the difference that is a problem. */
const errorEnoughMs = clocksApartMs / 20;

/** Time after which no further query is sent, because a caller of readiness is waiting. */
const askingMs = 400;

/** Newest entries whose times are compared with the clock. One transaction may write its entry later than another. */
const newestEntries = 100;

/** Postgres' time, and the time by which it is behind its newest entries. */
export function postgresTime(sql: Sql): ReadingOfOne<{ theirs: number; wentBackMs: number }> {
  return sql`
    select ${theirTime(sql)} as theirs,
      coalesce(greatest(0, extract(epoch from max(at) - clock_timestamp()) * 1000), 0)::float8 as "wentBackMs"
    from (select at from entries order by id desc limit ${newestEntries}) newest`;
}

const theirTime = (sql: Sql) => sql`(extract(epoch from clock_timestamp()) * 1000)::float8`;

/**
 * Reads Postgres' time repeatedly, on an open connection. Other statements that wait on it make the error greater.
 *
 * @param now The Worker's clock, in epoch milliseconds.
 * @param first A first sample, of a statement that read more than the time.
 */
export async function readPostgresClock(sql: Sql, now: () => number, first: ClockSample): Promise<ClockReading | null> {
  const samples = [first];
  const beganAt = now();
  for (let nth = 1; nth < asksMax; nth++) {
    const sentAt = now();
    const [{ theirs }] = await sql<[{ theirs: number }]>`select ${theirTime(sql)} as theirs`;
    const receivedAt = now();
    samples.push({ sentAt, receivedAt, theirs });
    const isEnough = (readClock(samples)?.errorMs ?? Number.POSITIVE_INFINITY) <= errorEnoughMs;
    if (samples.length >= asksMin && (isEnough || receivedAt - beganAt >= askingMs)) break;
  }
  return readClock(samples);
}

/** @returns Only certain problems. A difference within the measurement error is no problem. */
export function clockProblems({ reading, wentBackMs }: PostgresClock): Problem[] {
  const problem = (code: string, row: string): Problem => ({ code, since: null, count: 1, rows: [row] });
  const problems: Problem[] = [];
  if (reading !== null && isApart(reading, clocksApartMs))
    problems.push(problem("clocks_apart", `Postgres' clock is ${clockWords(reading)}`));
  const movedMs = Math.max(Math.abs(reading?.movedMs ?? 0), wentBackMs);
  if (movedMs >= clocksApartMs) problems.push(problem("clock_moved", `by at least ${(movedMs / 1_000).toFixed(1)} s`));
  return problems;
}
