/**
 * Look-ups of people and scripts about calls and events.
 *
 * Lists are newest first, by cursor. Moments travel as text and are cast in SQL, because postgres.js would cut them to milliseconds.
 */
import { reviewOverdueDefaultMs } from "../../domain/limits.ts";
import { realClock } from "../../platform/clock.ts";
import type { LookupStore } from "../../ports/lookups/lookups.ts";
import type { Sql } from "../postgres/connection.ts";
import { lineLookups } from "../statistics/line-paces.ts";
import { statisticsLookups } from "../statistics/statistics.ts";
import { callLookups } from "./call-lookups.ts";
import { eventLookups } from "./event-lookups.ts";
import { findLookups } from "./find.ts";
import { orderLookups } from "./order-lookups.ts";
import { healthLookups } from "./readiness.ts";
import { readingLog } from "./readings.ts";
import { sourceLookups } from "./source-lookups.ts";

/**
 * @param sql the request's client
 * @param kids ids of the keys that open sealed values; `null`: unknown
 * @param reviewOverdueMs time after which a call that waits for a person is a problem
 */
export function lookupStore(
  sql: Sql,
  kids: readonly string[] | null = null,
  reviewOverdueMs = reviewOverdueDefaultMs,
): LookupStore {
  return {
    ...callLookups(sql),
    ...eventLookups(sql),
    ...findLookups(sql),
    ...orderLookups(sql),
    ...lineLookups(sql),
    ...sourceLookups(sql),
    ...healthLookups(sql, kids, realClock.now, reviewOverdueMs),
    ...readingLog(sql),
    ...statisticsLookups(sql),
  };
}
