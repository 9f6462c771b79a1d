/**
 * Which entries of a call and its event are shown, where there are more than anybody reads: the oldest (how it was made), the newest,
 * and of the call the newest that moved it. Who read it is told apart, so that reading never crowds out what was decided.
 */

import { leadsTo, readings } from "../../domain/audit/receipt.ts";
import { readingsShownMax } from "../../domain/limits.ts";
import type { Sql } from "../postgres/connection.ts";

/** Of the call, and as many of its event. */
const oldestMax = 50;
const newestMax = 200;
/** Moves of the call beyond those. */
const movesMax = 50;

/** What is an entry of the call or of its event, in the table `entries`. */
export function isOfCall(sql: Sql, callId: string, eventId: string) {
  return sql`((subject = 'call' and subject_id = ${callId}) or (subject = 'event' and subject_id = ${eventId}))`;
}

/** What is no mere reading. */
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
