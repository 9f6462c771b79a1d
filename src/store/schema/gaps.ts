/** Gaps: rows that do not add up, and the position of the sweep that looks for them. */
import { sql } from "drizzle-orm";
import { bigint, boolean, check, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { time } from "./column-types.ts";

/** Gaps that the sweep found, by reason code. A gap is deleted once its subject is right again. */
export const gaps = pgTable(
  "gaps",
  {
    code: text().notNull(),
    subjectId: text("subject_id").notNull(),
    foundAt: time("found_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.code, t.subjectId] })],
);

/**
 * The sweep's only row: the time of its last search for gaps, and the position that its walk back through the tables
 * has reached.
 */
export const sweeps = pgTable(
  "sweeps",
  {
    one: boolean().primaryKey().default(true),
    at: time("at").notNull().defaultNow(),
    eventsAt: time("events_at"),
    eventsId: uuid("events_id"),
    callsAt: time("calls_at"),
    callsId: uuid("calls_id"),
    /** The last call, in the order of ids, that was compared with its entries. */
    comparedTo: uuid("compared_to"),
    /** The last position of the audit chain that was checked. */
    linksTo: bigint("links_to", { mode: "number" }),
  },
  (t) => [check("sweeps_one", sql`${t.one}`)],
);
