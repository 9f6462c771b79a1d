/** Events: each accepted webhook, and the result of its plan. */
import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { allOf, time } from "./column-types.ts";
import { sources } from "./sources.ts";

export const events = pgTable(
  "events",
  {
    id: uuid().primaryKey(),
    source: text()
      .notNull()
      .references(() => sources.slug),
    dedupeKey: text("dedupe_key").notNull(),
    externalId: text("external_id"),
    type: text().notNull(),
    occurredAt: time("occurred_at"),
    receivedAt: time("received_at").notNull().defaultNow(),
    /** Position among the events of one commit, which share their time. Events are planned in order of arrival. */
    nth: integer().notNull().default(0),
    orderNumber: text("order_number"),
    orderNumberKey: text("order_number_key"),
    recordType: text("record_type"),
    recordId: text("record_id"),
    headers: jsonb().$type<Record<string, string>>().notNull(),
    /** Compressed by lz4 if the server was built with it: migration 0020. */
    body: text().notNull(),
    bodyHash: text("body_hash").notNull(),
    /**
     * Hash of the type and the bytes, for a sender that signs the bytes and not the event's id. If the same bytes come
     * under another id, they are the same event.
     */
    bodyKey: uuid("body_key"),
    /** The event that had the same key first, with other bytes. */
    conflictOf: uuid("conflict_of"),
    /** Number of different other bytes under the same id. */
    conflicts: integer().notNull().default(0),
    /** Time at which other bytes last came under this id. */
    conflictAt: time("conflict_at"),
    state: text().notNull().default("unplanned"),
    reason: text(),
    detail: jsonb().$type<Record<string, unknown>>(),
    plannedAt: time("planned_at"),
    /** Time of the next fetch of the event's records; `null` until a fetch is known to be needed. */
    fetchAt: time("fetch_at"),
    fetchTries: integer("fetch_tries").notNull().default(0),
    /** Fetched records as JSON: `record` in conditions and texts. */
    fetched: text(),
    /**
     * Replays that made calls of the event. If two replays run at once, the second finds another number than it has
     * read.
     */
    replays: integer().notNull().default(0),
    /** Time at which the body, the headers and every hash that guessing could reverse were erased. */
    erasedAt: time("erased_at"),
  },
  (t) => [
    // Lists are in order of arrival, then of ids. The indexes end with the time. Only events of one commit share a
    // time, so Postgres has few rows to sort by id. `events/insert-new.ts` and `events/commit.ts` insert with `on
    // conflict` on this index, so an event is stored once.
    // Its operator class also finds keys by their beginning, whatever the collation. `lookups/find.ts`: the events of a
    // source with an id of the sender, which their keys begin with.
    uniqueIndex("events_stored_once").on(t.source, t.dedupeKey.op("text_pattern_ops")),
    // `events/commit.ts`: the event that has these bytes.
    uniqueIndex("events_body_once").on(t.bodyKey).where(sql`${t.bodyKey} is not null`),
    // `lookups/conflicts.ts`: conflicts of the last day.
    index("events_in_conflict").on(t.conflictAt.desc(), t.id.desc()).where(sql`${t.conflictAt} is not null`),
    // `calls/erasures.ts` and `events/replays.ts`: the conflicts of an event.
    index("events_conflicts").on(t.conflictOf).where(sql`${t.conflictOf} is not null`),
    // `lookups/event-lookups.ts`: the newest events of all sources. `audit/books.ts` walks along it.
    index("events_by_arrival").on(t.receivedAt.desc()),
    // `lookups/source-lookups.ts`: the first event of a source, the last event and the busiest time, also if the source
    // has sent nothing. `lookups/event-lookups.ts`, `events/rehearsals.ts`, `events/replay-pages.ts`,
    // `events/fields.ts`: its events in order of arrival.
    index("events_of_source").on(t.source, t.receivedAt.desc()),
    // `lookups/event-lookups.ts`: the events of an order. `lookups/find.ts`: the order numbers with a beginning, which this
    // operator class finds whatever the collation.
    index("events_by_order_number")
      .on(t.orderNumberKey.op("text_pattern_ops"), t.receivedAt.desc())
      .where(sql`${t.orderNumberKey} is not null`),
    // `lookups/event-lookups.ts`, `lookups/find.ts`: the events of a record. Nearly all events of one id are of one type.
    index("events_of_record").on(t.recordId, t.receivedAt.desc()).where(sql`${t.recordId} is not null`),
    // `events/plans.ts`: the oldest events of a source without a plan. `sweep.ts`, `audit/books.ts`,
    // `lookups/balance.ts`: all events without a plan.
    index("events_unplanned").on(t.source, t.receivedAt).where(sql`${t.state} = 'unplanned'`),
    // `events/fetches.ts`, `fragments/fetch-again.ts`, `lookups/fetch-problems.ts`: the next fetch of a source.
    index("events_to_fetch").on(t.source, t.fetchAt).where(sql`${t.state} = 'unplanned' and ${t.fetchAt} is not null`),
    // `fragments/behind.ts`: earlier events of a record that wait for a fetch.
    index("events_behind")
      .on(t.recordType, t.recordId, t.receivedAt.desc())
      .where(sql`${t.state} = 'unplanned' and ${t.fetchAt} is not null`),
    check("events_state", sql`${t.state} in ('unplanned', 'planned', 'ignored')`),
    check("events_ignored_has_reason", sql`(${t.state} = 'ignored') = (${t.reason} is not null)`),
    check("events_planned_at", sql`(${t.state} = 'unplanned') = (${t.plannedAt} is null)`),
    check(
      "events_erased",
      sql`${t.erasedAt} is null or (${allOf(
        sql`${t.state} <> 'unplanned' and ${t.body} = '{}' and ${t.bodyHash} = ''`,
        sql`${t.bodyKey} is null and ${t.externalId} is null and ${t.detail} is null and ${t.fetched} is null`,
      )})`,
    ),
  ],
);
