/** Lines: their settings, their pace, and the keys of their outcome webhooks. */
import { sql } from "drizzle-orm";
import { bigint, check, index, integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { time } from "./column-types.ts";

export const lines = pgTable(
  "lines",
  {
    slug: text().primaryKey(),
    agent: text().notNull(),
    callsPerMinute: integer("calls_per_minute").notNull(),
    callsAtOnce: integer("calls_at_once").notNull(),
    callsPerDay: integer("calls_per_day").notNull(),
    countries: text().array(),
    hours: jsonb().$type<Record<string, unknown>>(),
    /** Raised by every change of the line's settings. */
    version: bigint({ mode: "number" }).notNull().default(1),
    /** Counts claims. A claim names the count that it knows, so two instances of a line's object cannot both claim. */
    claimSeq: bigint("claim_seq", { mode: "number" }).notNull().default(0),
    /** The source of the last call that a claim took. The next claim begins with the following source. */
    lastSource: text("last_source"),
    day: text(),
    dayCalls: integer("day_calls").notNull().default(0),
    /**
     * The last day whose limit was reached, and the latest due time of the calls that have a verdict about this limit.
     */
    dayTold: text("day_told"),
    dayToldUntil: time("day_told_until"),
    pausedAt: time("paused_at"),
    pauseReason: text("pause_reason"),
    pauseDetail: text("pause_detail"),
    /**
     * The claim number of the line's object at the time when Postgres was found to be behind. A resume continues from
     * this number.
     */
    pauseClaimSeq: bigint("pause_claim_seq", { mode: "number" }),
    /** The line dials nothing before this time: Mihu answered 429. */
    notBefore: time("not_before"),
    /** Hash of the key in the URL of Mihu's outcome webhooks. Hashed, because URLs end up in logs. */
    webhookKeyHash: text("webhook_key_hash"),
    webhookSecret: text("webhook_secret"),
    webhookSettings: jsonb("webhook_settings").$type<Record<string, unknown>>(),
    /** The next key and secret, during a rotation. Both pairs verify until Mihu uses the new one. */
    webhookNextKeyHash: text("webhook_next_key_hash"),
    webhookNextSecret: text("webhook_next_secret"),
    /** Time since which the line has this agent. Another agent placed earlier calls. */
    agentSince: time("agent_since"),
    createdAt: time("created_at").notNull().defaultNow(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (t) => [
    check("lines_pace", sql`${t.callsPerMinute} > 0 and ${t.callsAtOnce} > 0 and ${t.callsPerDay} >= 0`),
    check("lines_paused_has_reason", sql`(${t.pausedAt} is null) = (${t.pauseReason} is null)`),
    // `config/line-webhooks.ts` relies on this index: a key names one line.
    uniqueIndex("lines_webhook_key").on(t.webhookKeyHash),
  ],
);

/** Requests that reached Mihu and rang nobody (429, 401, …). They count for the pace while their call waits for its next claim. */
export const slots = pgTable(
  "slots",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    line: text()
      .notNull()
      .references(() => lines.slug),
    until: time("until").notNull(),
  },
  (t) => [
    // `calls/claims.ts`: slots of a line that are in use.
    index("slots_by_line").on(t.line, t.until),
  ],
);
