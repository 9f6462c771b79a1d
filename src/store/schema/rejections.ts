/** Rejected requests. */
import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { bodiesKept } from "../../domain/events/rejection-body.ts";
import { bytea, oneOf, time } from "./column-types.ts";
import { sources } from "./sources.ts";

/** Rejected requests: the newest of each source. */
export const rejections = pgTable(
  "rejections",
  {
    id: uuid().primaryKey(),
    source: text()
      .notNull()
      .references(() => sources.slug),
    at: time("at").notNull(),
    code: text().notNull(),
    detail: text().notNull(),
    headers: jsonb().$type<string[]>().notNull(),
    bodyBytes: integer("body_bytes").notNull(),
    method: text(),
    url: text(),
    /** Values of the headers that the scheme reads. None carries a secret. */
    requestHeaders: jsonb("request_headers").$type<Record<string, string>>(),
    body: bytea(),
    bodyKept: text("body_kept"),
    /** Keyed hashes of the secret that the request presented. */
    presented: jsonb(),
    acceptedAt: time("accepted_at"),
    acceptedEvents: jsonb("accepted_events").$type<string[]>(),
  },
  (t) => [
    // `rejections/rejections.ts`, `rejections/stored-rejections.ts`, `lookups/source-lookups.ts`: the newest of a source.
    index("rejections_newest").on(t.source, t.at.desc()),
    // `rejections/expiry.ts`: expired requests.
    index("rejections_with_request").on(t.at).where(sql`${t.method} is not null`),
    check("rejections_body_kept", sql`${t.bodyKept} in (${oneOf(bodiesKept)})`),
    check("rejections_body", sql`${t.body} is null or ${t.bodyKept} = 'whole'`),
    check(
      "rejections_accepted",
      sql`${t.acceptedAt} is null or (${t.acceptedEvents} is not null and ${t.body} is null)`,
    ),
  ],
);

/** Rejected requests of a source per minute, for a day. A flood has more requests than can be stored. */
export const refusedMinutes = pgTable(
  "refused_minutes",
  {
    source: text()
      .notNull()
      .references(() => sources.slug),
    at: time("at").notNull(),
    refused: integer().notNull(),
    failedSignatures: integer("failed_signatures").notNull(),
    notStored: integer("not_stored").notNull(),
  },
  (t) => [primaryKey({ columns: [t.source, t.at] })],
);
