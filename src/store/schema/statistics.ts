/** Figures of hours, counted from entries. */
import { sql } from "drizzle-orm";
import { bigint, boolean, check, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { time, xid8 } from "./column-types.ts";

/** Counts of one hour by name. Entries are only added, so each is counted once and no count is ever corrected. */
export const figures = pgTable(
  "figures",
  {
    hour: time("hour").notNull(),
    what: text().notNull(),
    n: bigint({ mode: "number" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.hour, t.what] })],
);

/**
 * How far the entries are counted: one row. New ones are counted forwards from (tx, entry), older ones backwards from
 * (back_tx, back_entry), which is before the oldest when all are counted.
 */
export const figureMarks = pgTable(
  "figure_marks",
  {
    one: boolean().primaryKey().default(true),
    tx: xid8("tx").notNull(),
    entry: bigint({ mode: "number" }).notNull(),
    backTx: xid8("back_tx").notNull(),
    backEntry: bigint("back_entry", { mode: "number" }).notNull(),
    /** Time of the last entry that was counted backwards; null once all are counted. */
    backAt: time("back_at"),
    backDone: boolean("back_done").notNull().default(false),
    /** The greatest id of a dump that was restored into another server. Greater ids are never counted backwards. */
    restoredTo: bigint("restored_to", { mode: "number" }),
  },
  (t) => [check("figure_marks_one", sql`${t.one}`)],
);
