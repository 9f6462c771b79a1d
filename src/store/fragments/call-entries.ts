/**
 * The entries of a call and its event that an answer shows: the oldest (how the call was made), the newest, and the newest that moved the
 * call. Entries about readers are limited apart from these, so that they never crowd out a decision.
 */

import { leadsTo, readings } from "../../domain/audit/receipt.ts";
import { readingsShownMax } from "../../domain/limits.ts";
import type { EntryRow } from "../../ports/lookups/entries.ts";
import { columns, ms, number } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { entries } from "../schema/audit.ts";

/** Columns of an entry. */
export const entryColumns = columns<typeof entries, EntryRow>({
  id: number("id"),
  at: ms("at"),
  subject: "subject",
  subjectId: "subject_id",
  action: "action",
  actor: "actor",
  reason: "reason",
  data: "data",
});

/** Entries of the call that are shown, and as many entries of its event. */
const oldestMax = 50;
const newestMax = 200;
/** Moves of the call that are shown besides the oldest entries. */
const movesMax = 50;

/** A condition: whether a row of `entries` is about the call or its event. */
export function isOfCall(sql: Sql, callId: string, eventId: string) {
  return sql`((subject = 'call' and subject_id = ${callId}) or (subject = 'event' and subject_id = ${eventId}))`;
}

/** A condition: whether a row of `entries` is a step and not about a reader. */
export function isStep(sql: Sql) {
  return sql`action not in ${sql([...readings])}`;
}

/** A query for the ids of the steps that are shown. */
export function shownSteps(sql: Sql, callId: string, eventId: string) {
  const some = (whose: ReturnType<typeof isStep>, order: ReturnType<typeof isStep>, limit: number) =>
    sql`(select id from entries where ${whose} order by ${order} limit ${limit})`;
  const [first, last] = [sql`id`, sql`id desc`];
  const ofCall = sql`subject = 'call' and subject_id = ${callId}`;
  const ofEvent = sql`subject = 'event' and subject_id = ${eventId}`;
  return sql`
    ${some(sql`${ofCall} and ${isStep(sql)}`, first, oldestMax)}
    union ${some(sql`${ofCall} and ${isStep(sql)}`, last, newestMax)}
    union ${some(sql`${ofCall} and action in ${sql([...leadsTo.keys()])}`, last, movesMax)}
    union ${some(sql`${ofEvent} and ${isStep(sql)}`, first, oldestMax)}
    union ${some(sql`${ofEvent} and ${isStep(sql)}`, last, newestMax)}`;
}

/** A query for the ids of the newest readings. */
export function shownReadings(sql: Sql, callId: string, eventId: string) {
  return sql`(select id from entries where ${isOfCall(sql, callId, eventId)} and action in ${sql([...readings])}
    order by id desc limit ${readingsShownMax})`;
}
