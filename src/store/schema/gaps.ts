/** The books: rows that break them, and how far the sweep has looked through them. */
import { sql } from "drizzle-orm";
import { bigint, boolean, check, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { time } from "./column-types.ts";

/** Rows that break the books, by reason code, as the sweep found them. A row is deleted once its subject is right again. */
export const gaps = pgTable(
  "gaps",
  {
    code: text().notNull(),
    subjectId: text("subject_id").notNull(),
    foundAt: time("found_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.code, t.subjectId] })],
);

/** The sweep's only row: when it last looked through the books, and how far back its walk has come. */
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
