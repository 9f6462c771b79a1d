/**
 * Look-ups of people and scripts about calls and events.
 *
 * Lists are newest first, by cursor. Moments travel as text and are cast in SQL, because postgres.js would cut them to milliseconds.
 */
import type { LookupStore } from "../../ports/lookups/lookups.ts";
import type { Sql } from "../postgres/connection.ts";
import { statisticsLookups } from "../statistics/statistics.ts";
import { callLookups } from "./call-lookups.ts";
import { eventLookups } from "./event-lookups.ts";
import { findLookups } from "./find.ts";
import { healthLookups } from "./readiness.ts";
import { readingLog } from "./readings.ts";
import { sourceLookups } from "./source-lookups.ts";

/**
 * @param sql the request's client
 * @param kids ids of the keys that open sealed values; `null`: unknown
 */
export function lookupStore(sql: Sql, kids: readonly string[] | null = null): LookupStore {
  return {
    ...callLookups(sql),
    ...eventLookups(sql),
    ...findLookups(sql),
    ...sourceLookups(sql),
    ...healthLookups(sql, kids),
    ...readingLog(sql),
    ...statisticsLookups(sql),
  };
}
