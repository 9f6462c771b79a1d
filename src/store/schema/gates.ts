/** Gates: their verdicts, and the rows that Postgres answers them from. */
import { sql } from "drizzle-orm";
import { bigint, check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { calls } from "./calls.ts";
import { time } from "./column-types.ts";

/** The verdict of a gate on a call, with the values that the gate looked at. */
export const verdicts = pgTable(
  "verdicts",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    callId: uuid("call_id")
      .notNull()
      .references(() => calls.id),
    gate: text().notNull(),
    verdict: text().notNull(),
    inputs: jsonb().$type<Record<string, unknown>>().notNull(),
    at: time("at").notNull().defaultNow(),
  },
  (t) => [
    // `lookups/call-lookups.ts`, `audit/stories.ts`: the verdicts of a call.
    index("verdicts_by_call").on(t.callId, t.id),
    check("verdicts_verdict", sql`${t.verdict} in ('pass', 'stop')`),
  ],
);

/**
 * The event that holds the turn of a rule's `once_per` key. A key has one row, which another event takes over when the
 * turn has expired.
 */
export const once = pgTable(
  "once",
  {
    source: text().notNull(),
    rule: text().notNull(),
    key: text().notNull(),
    eventId: uuid("event_id").notNull(),
    until: time("until").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.source, t.rule, t.key] }),
    // `calls/erasures.ts`: the turns of an event.
    index("once_by_event").on(t.eventId),
  ],
);

/** Number of calls that a rule made in a window of its burst gate. */
export const bursts = pgTable(
  "bursts",
  {
    source: text().notNull(),
    rule: text().notNull(),
    window: time("window").notNull(),
    calls: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.source, t.rule, t.window] })],
);

/**
 * Records whose calls by a rule were withdrawn. A call of an earlier event is not placed, even if it is planned later.
 */
export const withdrawals = pgTable(
  "withdrawals",
  {
    source: text().notNull(),
    rule: text().notNull(),
    recordType: text("record_type").notNull(),
    recordId: text("record_id").notNull(),
    /** The latest withdrawing event, its time of arrival, and its time by the sender's clock. */
    eventId: uuid("event_id").notNull(),
    receivedAt: time("received_at").notNull(),
    occurredAt: time("occurred_at"),
  },
  (t) => [
    primaryKey({ columns: [t.source, t.rule, t.recordType, t.recordId] }),
    // `sweep.ts`: withdrawals to delete.
    index("withdrawals_oldest").on(t.receivedAt),
  ],
);

/**
 * Stops that have not reached all their calls yet: waiting calls of a rule, a source or a number. The row takes effect
 * at once, because no claim takes such a call. The row is deleted when all of its calls are canceled. The row of a rule
 * or a source also stays until inboxes of an earlier version honour the stop.
 */
export const stops = pgTable(
  "stops",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    source: text(),
    /** Null means every rule. */
    rule: text(),
    /** Null means every mode. */
    modes: text().array(),
    number: text(),
    reason: text().notNull(),
    actor: text().notNull(),
    /**
     * Calls that were made, or released by a person, after this time are not affected, unless an earlier version of the
     * rule made them.
     */
    at: time("at").notNull(),
  },
  (t) => [
    check("stops_source_or_number", sql`num_nonnulls(${t.source}, ${t.number}) = 1`),
    check("stops_reason", sql`${t.reason} in ('rule_off', 'source_closed', 'suppressed')`),
  ],
);

/** Numbers that must not be called. */
export const suppressions = pgTable("suppressions", {
  number: text().primaryKey(),
  /** The row's name in entries: HMAC-SHA256 of the number under the row's own salt, which is deleted with the row. */
  mark: text(),
  salt: text(),
  reason: text().notNull(),
  until: time("until"),
  createdAt: time("created_at").notNull().defaultNow(),
  createdBy: text("created_by").notNull(),
});
