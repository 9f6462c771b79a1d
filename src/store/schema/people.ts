/** Notes of people on orders, and owners of calls that wait for a person. */
import { sql } from "drizzle-orm";
import { check, index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { time } from "./column-types.ts";

/** A note. Its entry holds an HMAC of the text under the salt, so that erasing both leaves the chain whole. */
export const notes = pgTable(
  "notes",
  {
    id: uuid().primaryKey().defaultRandom(),
    at: time("at").notNull().defaultNow(),
    orderNumber: text("order_number").notNull(),
    orderNumberKey: text("order_number_key").notNull(),
    /** Null: the note is about the number, whichever source knows it. */
    source: text(),
    actor: text().notNull(),
    text: text(),
    salt: text(),
    erasedAt: time("erased_at"),
  },
  (t) => [
    // `lookups/order-lookups.ts`, `calls/erasures.ts`: the notes on an order.
    index("notes_of_order").on(t.orderNumberKey, t.at.desc()),
    check("notes_erased", sql`(${t.erasedAt} is null) = (${t.text} is not null)`),
    check("notes_salted", sql`(${t.text} is null) = (${t.salt} is null)`),
  ],
);

/** The person who has taken on a call that waits for a decision. A row from before the call's present wait has no effect. */
export const owners = pgTable("owners", {
  call: uuid().primaryKey(),
  /** Token of the owner, as actor of entries. */
  actor: text().notNull(),
  at: time("at").notNull().defaultNow(),
});
