/** Calls. Every move of a call is an update of its row, and Postgres refuses an incomplete row. */
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { callStatuses, erasable, outcomes } from "../../domain/calls/call.ts";
import { allOf, anyOf, oneOf, time } from "./column-types.ts";
import { events } from "./events.ts";
import { lines } from "./lines.ts";

export const calls = pgTable(
  "calls",
  {
    id: uuid().primaryKey().defaultRandom(),
    eventId: uuid("event_id")
      .notNull()
      .references(() => events.id),
    source: text().notNull(),
    rule: text().notNull(),
    ruleVersion: integer("rule_version").notNull(),
    try: integer().notNull().default(1),
    againOf: uuid("again_of"),
    /** A person's reason for this further try, or that of a direct call with `again`: in their words without numbers. */
    againReason: text("again_reason"),
    mode: text().notNull(),
    line: text().references(() => lines.slug),
    status: text().notNull(),
    reason: text(),
    /** Evidence of the reason: a field's path, Mihu's status, the zone that was used. */
    detail: jsonb().$type<Record<string, unknown>>(),
    orderNumber: text("order_number"),
    orderNumberKey: text("order_number_key"),
    recordType: text("record_type"),
    recordId: text("record_id"),
    number: text(),
    /** Country of the number. The claim checks it again. */
    country: text(),
    about: text(),
    prompt: text(),
    promptOverwrite: boolean("prompt_overwrite").notNull().default(false),
    greeting: text(),
    /** Key of `content`: 32 random bytes, base64url. All tries of one call share it. */
    salt: text(),
    /** HMAC-SHA256 of the number and the texts. The entry of the call's creation holds it too. */
    content: text(),
    /** Time zones in all of which the line's calling hours must be open. */
    zones: text().array(),
    createdAt: time("created_at").notNull().defaultNow(),
    dueAt: time("due_at"),
    /** End of the calling hours that `due_at` lies in. After this time, the call waits for the next calling hours. */
    closesAt: time("closes_at"),
    expiresAt: time("expires_at"),
    claimedAt: time("claimed_at"),
    claimSeq: bigint("claim_seq", { mode: "number" }),
    /** Journal and number of the last claim. The journal knows whether the claim's POST was begun. */
    claimedBy: text("claimed_by"),
    leaseUntil: time("lease_until"),
    /** Until this time the call uses one of its line's calls per minute. */
    slotUntil: time("slot_until"),
    placedAt: time("placed_at"),
    endedAt: time("ended_at"),
    outcome: text(),
    outcomeRaw: text("outcome_raw"),
    durationS: integer("duration_s"),
    summary: text(),
    recordingUrl: text("recording_url"),
    conversationUuid: text("conversation_uuid"),
    contactUuid: text("contact_uuid"),
    mihuId: text("mihu_id"),
    listenUrl: text("listen_url"),
    recordUrl: text("record_url"),
    pollAt: time("poll_at"),
    polls: integer().notNull().default(0),
    /**
     * The reason why the call must not ring again: no further try follows, and a claimed call that returns to the queue
     * is canceled.
     */
    againStopped: text("again_stopped"),
    /** Time at which a person last released the call. An earlier stop does not affect the call. */
    releasedAt: time("released_at"),
    /** Time at which the number, the texts and the salt were erased. */
    erasedAt: time("erased_at"),
  },
  (t) => [
    // `events/plans.ts`, `events/replays.ts` and `calls/settlements.ts` insert with `on conflict` on this index, so no
    // try is made twice. `lookups/call-lookups.ts`, `audit/books.ts`: the calls of an event.
    unique("calls_once").on(t.eventId, t.rule, t.try),
    // `calls/claims.ts`: whether a number is in flight. Two calls to one number never are.
    uniqueIndex("calls_number_once").on(t.number).where(sql`${t.status} in ('dialing', 'unknown')`),
    // `lookups/call-lookups.ts`: the newest calls. `audit/books.ts` and `audit/proofs.ts` walk along it.
    index("calls_newest").on(t.createdAt.desc(), t.id.desc()),
    // `fragments/call-filter.ts`: the calls of an order.
    index("calls_by_order").on(t.orderNumberKey, t.createdAt.desc(), t.id.desc()),
    // `events/plans.ts`: the calls of a record that an event withdraws. `lookups/call-lookups.ts`: the calls of a record.
    index("calls_by_record").on(t.recordType, t.recordId, t.createdAt.desc(), t.id.desc()),
    // `calls/stops.ts`, `calls/erasures.ts`, `calls/reconciliations.ts`, `lookups/call-lookups.ts`: the calls of a number.
    index("calls_by_number").on(t.number, t.createdAt.desc(), t.id.desc()),
    // `calls/settlements.ts`, `calls/reports.ts`, `calls/reconciliations.ts`: the calls of a conversation.
    index("calls_by_conversation").on(t.conversationUuid),
    // `lookups/find.ts`: the call with an id of Mihu.
    index("calls_by_mihu_id").on(t.mihuId).where(sql`${t.mihuId} is not null`),
    // `fragments/call-filter.ts`: filters of the list. For a value that many calls have, `calls_newest` is as fast. For
    // a value that few or no calls have (a new rule, a rare status), Postgres would read `calls_newest` to its end. A
    // call is written about four times, and each index costs a tenth more log. That is expensive for events, but cheap
    // at the pace of phone calls. If there are several filters, Postgres uses the index of one filter and checks the
    // rows for the others. `from` and `to` narrow each of these indexes.
    index("calls_by_status").on(t.status, t.createdAt.desc(), t.id.desc()),
    // `fragments/call-filter.ts`: a filter of the list. `calls/erasures.ts`, `config/waiting-calls.ts`: calls of a
    // source.
    index("calls_by_source").on(t.source, t.createdAt.desc(), t.id.desc()),
    // `fragments/call-filter.ts`: the same.
    index("calls_by_rule").on(t.rule, t.createdAt.desc(), t.id.desc()),
    // `fragments/call-filter.ts`: the same.
    index("calls_by_line").on(t.line, t.createdAt.desc(), t.id.desc()),
    // `fragments/call-filter.ts`: the same, of the outcomes, which ended calls have, and of the reasons of calls that do
    // not ring. Most calls in each status lack one of the two.
    index("calls_by_outcome").on(t.outcome, t.createdAt.desc(), t.id.desc()).where(sql`${t.outcome} is not null`),
    // `fragments/call-filter.ts`: the same.
    index("calls_by_reason").on(t.reason, t.createdAt.desc(), t.id.desc()).where(sql`${t.reason} is not null`),
    // `calls/claims.ts`: the time of the next due call. `calls/stops.ts`, `calls/windows.ts`, `sweep.ts`: the calls
    // that are due first.
    index("calls_due").on(t.line, t.dueAt).where(sql`${t.status} = 'queued'`),
    // `calls/claims.ts`: the next due call of each source, in turn. Thousands of calls may be due at the same time,
    // when calling hours begin.
    index("calls_by_turn").on(t.line, t.source, t.dueAt, t.createdAt, t.id).where(sql`${t.status} = 'queued'`),
    // `calls/claims.ts`, `calls/windows.ts`: waiting calls whose hours end.
    index("calls_closing").on(t.line, t.closesAt).where(sql`${t.status} = 'queued' and ${t.closesAt} is not null`),
    // `calls/claims.ts`: calls of the last minute.
    index("calls_pace").on(t.line, t.slotUntil).where(sql`${t.slotUntil} is not null`),
    // `calls/claims.ts`: calls in review that may still go on.
    index("calls_in_review").on(t.line, t.claimedAt).where(sql`${t.status} = 'review'`),
    // `calls/claims.ts`, `calls/stops.ts`, `calls/reconciliations.ts`, `sweep.ts`: the calls that a line dials or looks for.
    index("calls_in_flight").on(t.line, t.status).where(sql`${t.status} in ('dialing', 'unknown')`),
    // `calls/claims.ts`: calls of a line that may still go on.
    index("calls_placed").on(t.line, t.placedAt).where(sql`${t.status} = 'placed'`),
    // `calls/claims.ts`: whether a call to a number may still go on.
    index("calls_going_on").on(t.number, t.placedAt).where(sql`${t.status} = 'placed'`),
    // `calls/settlements.ts`, `calls/claims.ts`, `sweep.ts`: the next polls of a line.
    index("calls_to_poll").on(t.line, t.pollAt).where(sql`${t.status} = 'placed'`),
    check("calls_status", sql`${t.status} in (${oneOf(callStatuses)})`),
    check("calls_outcome", sql`${t.outcome} in (${oneOf(outcomes)})`),
    check("calls_ended_has_outcome", sql`(${t.status} = 'ended') = (${t.outcome} is not null)`),
    check("calls_ended_at", sql`(${t.status} = 'ended') = (${t.endedAt} is not null)`),
    check(
      "calls_reason",
      anyOf(
        sql`${t.reason} is not null`,
        sql`${t.status} not in ('skipped', 'held', 'unknown', 'review', 'rejected', 'expired', 'canceled')`,
      ),
    ),
    check(
      "calls_dialable",
      anyOf(
        sql`${t.status} in ('skipped', 'held', 'canceled', 'expired') or ${t.erasedAt} is not null`,
        sql`(${t.line} is not null and ${t.number} is not null and ${t.about} is not null and ${t.dueAt} is not null)`,
      ),
    ),
    check("calls_number_e164", sql`${t.number} ~ '^\\+[1-9][0-9]{6,14}$'`),
    check("calls_lease", sql`${t.status} <> 'dialing' or (${t.leaseUntil} is not null and ${t.claimSeq} is not null)`),
    check(
      "calls_placed",
      anyOf(
        sql`${t.status} not in ('placed', 'ended')`,
        sql`(${t.placedAt} is not null and (${t.conversationUuid} is not null or ${t.mihuId} is not null))`,
      ),
    ),
    check(
      "calls_erased",
      sql`${t.erasedAt} is null or (${allOf(
        sql`${t.status} in (${oneOf(erasable)})`,
        sql`num_nonnulls(${sql.join(
          [
            ...[t.number, t.about, t.prompt, t.greeting, t.salt, t.summary, t.recordingUrl, t.recordUrl],
            ...[t.listenUrl, t.contactUuid, t.detail],
          ],
          sql`, `,
        )}) = 0`,
      )})`,
    ),
    check(
      "calls_again_stopped",
      sql`${t.againStopped} in ('withdrawn', 'canceled', 'suppressed', 'rule_off', 'source_closed')`,
    ),
    check("calls_try", sql`${t.try} >= 1 and (${t.try} = 1) = (${t.againOf} is null)`),
  ],
);
