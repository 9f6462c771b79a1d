/** Fields of payloads that rules and templates read. */
import { sql } from "drizzle-orm";
import { check, index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { time } from "./column-types.ts";
import { sources } from "./sources.ts";

/**
 * The fields that rules and templates read: how often each came, its types, and the problem to report. A value is never
 * stored.
 */
export const fields = pgTable(
  "fields",
  {
    source: text()
      .notNull()
      .references(() => sources.slug),
    /** Name of the rule that reads the field. Empty for the source's own templates. */
    rule: text().notNull(),
    path: text().notNull(),
    state: jsonb().$type<Record<string, unknown>>().notNull(),
    /** The field's problem, the time since it exists, and the field's types before and now. */
    told: text(),
    toldSince: time("told_since"),
    fromType: text("from_type"),
    toType: text("to_type"),
  },
  (t) => [
    primaryKey({ columns: [t.source, t.rule, t.path] }),
    // `events/fields.ts`: fields with a problem.
    index("fields_told").on(t.told).where(sql`${t.told} is not null`),
    check("fields_told", sql`${t.told} in ('field_gone', 'field_changed', 'country_differs')`),
    check("fields_told_since", sql`(${t.told} is null) = (${t.toldSince} is null)`),
  ],
);

/** The position up to which a source's events were read for their fields. */
export const fieldMarks = pgTable("field_marks", {
  source: text()
    .primaryKey()
    .references(() => sources.slug),
  receivedAt: time("received_at").notNull(),
  eventId: uuid("event_id").notNull(),
  lookedAt: time("looked_at").notNull().defaultNow(),
});
