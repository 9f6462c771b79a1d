/**
 * Look-ups of people and scripts about calls and events.
 *
 * Lists are newest first, by cursor. Moments travel as text and are cast in SQL, because postgres.js would cut them to milliseconds.
 */
import type { LookupStore } from "../../ports/lookups/lookups.ts";
import { reportsOf } from "../calls/reports.ts";
import { toldFields } from "../events/fields.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import { balance } from "./balance.ts";
import { callsOfEvent, conversation, findCall, findCalls, timeline } from "./call-lookups.ts";
import { findEvent, findEvents, rejectionsOf } from "./event-lookups.ts";
import { readReadiness } from "./readiness.ts";
import { sourceTraffic } from "./source-traffic.ts";

/**
 * @param sql the request's client
 * @param kids ids of the keys that open sealed values; `null`: unknown
 */
export function lookupStore(sql: Sql, kids: readonly string[] | null = null): LookupStore {
  return {
    calls: (filter, limit, after) => findCalls(sql, filter, limit, after),
    call: (id) => findCall(sql, id),
    callsOfEvent: (id) => callsOfEvent(sql, id),
    timeline: (callId, eventId) => timeline(sql, callId, eventId),
    conversation: (uuid) => conversation(sql, uuid),
    reports: (call) => reportsOf(sql, call),
    events: (filter, limit, after) => findEvents(sql, filter, limit, after),
    event: (id) => findEvent(sql, id),
    rejections: (source) => rejectionsOf(sql, source),
    balance: () => balance(sql),
    readiness: () => readReadiness(sql, kids),
    heard: (source) => sourceTraffic(sql, source),
    toldFields: (source) => toldFields(sql, source),
    async noteRead({ subject, subjectId, action, actor, reason, data }) {
      await sql`insert into entries (subject, subject_id, action, actor, reason, data)
        values (${subject}, ${subjectId}, ${action}, ${actor}, ${reason}, ${asJson(data)}::text::jsonb)`;
    },
  };
}
