/** Rules, each version of them. */
import { sql } from "drizzle-orm";
import { boolean, integer, jsonb, pgTable, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { time } from "./column-types.ts";
import { sources } from "./sources.ts";

export const rules = pgTable(
  "rules",
  {
    id: uuid().primaryKey().defaultRandom(),
    source: text()
      .notNull()
      .references(() => sources.slug),
    name: text().notNull(),
    version: integer().notNull(),
    position: integer().notNull(),
    definition: jsonb().$type<Record<string, unknown>>().notNull(),
    /** Marks the version that is in force. A removed rule has no version in force. */
    current: boolean().notNull(),
    createdAt: time("created_at").notNull().defaultNow(),
    createdBy: text("created_by").notNull(),
  },
  (t) => [
    // `events/replay-pages.ts`, `calls/decidable.ts`, `config/sources.ts`: the version of a rule that made a call.
    // `config/config.ts`: the versions of a rule.
    unique("rules_each_version_once").on(t.source, t.name, t.version),
    // `fragments/current-rules.ts`: the rules of a source. One version of each is in force.
    uniqueIndex("rules_one_current").on(t.source, t.name).where(sql`${t.current}`),
  ],
);
