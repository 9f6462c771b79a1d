/** Audit entries, the chain that links them, and the gaps that the sweep finds in the books. */
import { type SQLWrapper, sql } from "drizzle-orm";
import { bigint, boolean, check, index, jsonb, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { readings } from "../../domain/audit/receipt.ts";
import { bytea, oneOf, time, xid8 } from "./column-types.ts";

const isReading = (action: SQLWrapper) => sql`${action} in (${oneOf(readings)})`;

/**
 * Audit entries. The app's role may only insert and read them, so their links and signatures are in other tables. `tx`
 * is the transaction that wrote an entry: no late commit changes the order of (transaction, id).
 */
export const entries = pgTable(
  "entries",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: time("at").notNull().default(sql`clock_timestamp()`),
    tx: xid8("tx").notNull().default(sql`pg_current_xact_id()`),
    subject: text().notNull(),
    subjectId: text("subject_id").notNull(),
    action: text().notNull(),
    actor: text().notNull(),
    reason: text(),
    /** Never holds a number or a text of a person, because an entry cannot be erased. */
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [
    // `fragments/call-entries.ts`: the story of a call and its event. `audit/stories.ts`, `audit/books.ts`,
    // `fragments/stopped.ts`, `fragments/waits.ts`: the entries of one subject.
    index("entries_by_subject").on(t.subject, t.subjectId, t.id),
    // `lookups/readings.ts`: readings, newest first.
    index("entries_of_readings").on(t.id).where(isReading(t.action)),
    // `lookups/readings.ts`: readings of one reader, newest first.
    index("entries_of_reader").on(t.actor, t.id).where(isReading(t.action)),
    // `audit/chain.ts`, `audit/unsealed.ts`: entries behind the chain's end, in its order.
    index("entries_by_tx").on(t.tx, t.id),
  ],
);

/** The chain: each entry at the position that the notary gives it. Links are written once, in order, without a gap. */
export const links = pgTable(
  "links",
  {
    position: bigint({ mode: "number" }).primaryKey(),
    /**
     * There is no foreign key, because it would lock each entry, and the app's role may not do that. The chain also has
     * to show a removed entry.
     */
    entryId: bigint("entry_id", { mode: "number" }).notNull(),
    hash: bytea().notNull(),
  },
  (t) => [
    // `audit/chain.ts`, `audit/unsealed.ts`: whether an entry is in the chain. An entry has one link.
    unique("links_each_entry_once").on(t.entryId),
    check("links_position", sql`${t.position} > 0`),
    check("links_hash", sql`octet_length(${t.hash}) = 32`),
  ],
);

/** Signed heads of the chain, at most one chain piece apart, so that a receipt has a signed head close by. */
export const heads = pgTable("heads", {
  position: bigint({ mode: "number" }).primaryKey(),
  hash: bytea().notNull(),
  at: time("at").notNull(),
  kid: text().notNull(),
  jws: text().notNull(),
});

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
