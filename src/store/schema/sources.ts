/** Sources, their secrets, and the credential of each for its sender's API. */
import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { shardsMax } from "../../domain/limits.ts";
import { time } from "./column-types.ts";

export const sources = pgTable(
  "sources",
  {
    slug: text().primaryKey(),
    preset: text().notNull(),
    tenant: text(),
    country: text(),
    zone: text(),
    settings: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    orderNumber: text("order_number"),
    recordType: text("record_type"),
    recordId: text("record_id"),
    /** Inbox objects that share the source's events. One accepts some hundreds of requests a second. */
    shards: integer().notNull().default(1),
    /** Default `fetch` list for rules that do not set their own. */
    fetch: jsonb().$type<string[]>(),
    /** Settings of the sender's API that the preset leaves open. The credential is in the table `credentials`. */
    api: jsonb().$type<Record<string, unknown>>(),
    /** The reason why fetches are stopped, and the time since they are. */
    fetchProblem: text("fetch_problem"),
    fetchProblemAt: time("fetch_problem_at"),
    /** Number of failed GETs since that time, and the last answer. */
    fetchFailures: integer("fetch_failures").notNull().default(0),
    fetchAnswer: jsonb("fetch_answer").$type<{ fetch: string; status: number | null; problem: string | null }>(),
    /** No fetch begins before this time: the sender answered 429, or refused the credential. */
    fetchNotBefore: time("fetch_not_before"),
    /** Time without an accepted event after which the source is silent, as written (`4h`); null: it never is. */
    silentAfter: text("silent_after"),
    /** Time at which `silent_after` was set, or at which the source was opened again with it. */
    silentAfterAt: time("silent_after_at"),
    /** The troubles that the sweep found and told by an entry. Each has the time since which it lasts. */
    rejectingSince: time("rejecting_since"),
    silentSince: time("silent_since"),
    /** The source rejects requests since this time. Its events and calls stay. */
    disconnectedAt: time("disconnected_at"),
    /** The source stores events since this time and plans none until it resumes. */
    pausedAt: time("paused_at"),
    /** Reason in the operator's words. */
    pauseDetail: text("pause_detail"),
    /** Time at which the source last resumed. Events that waited for this are late, but no gaps. */
    resumedAt: time("resumed_at"),
    /** Raised by every change of the source, its secrets or its rules, so that a copy can tell that it is stale. */
    version: bigint({ mode: "number" }).notNull().default(1),
    createdAt: time("created_at").notNull().defaultNow(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (t) => [
    check("sources_shards", sql`${t.shards} between 1 and ${sql.raw(String(shardsMax))}`),
    // `rejections/source-troubles.ts` reads the text as an interval.
    check("sources_silent_after", sql`${t.silentAfter} ~ '^[0-9]{1,9}[smhdw]$'`),
    check("sources_silent_after_at", sql`(${t.silentAfter} is null) = (${t.silentAfterAt} is null)`),
    check("sources_paused_has_detail", sql`(${t.pausedAt} is null) = (${t.pauseDetail} is null)`),
    // `fragments/paused.ts`: every plan reads this index, which is nearly always empty.
    index("sources_paused").on(t.slug).where(sql`${t.pausedAt} is not null`),
    check(
      "sources_fetch_problem",
      sql`${t.fetchProblem} in ('credential_refused', 'credential_missing', 'credential_unreadable',
        'fetch_failing', 'fetch_limited')`,
    ),
    check("sources_fetch_problem_at", sql`(${t.fetchProblem} is null) = (${t.fetchProblemAt} is null)`),
    // `lookups/fetch-problems.ts`: sources whose fetches are stopped.
    index("sources_in_fetch_problem").on(t.slug).where(sql`${t.fetchProblem} is not null`),
  ],
);

export const secrets = pgTable(
  "secrets",
  {
    id: uuid().primaryKey().defaultRandom(),
    source: text()
      .notNull()
      .references(() => sources.slug),
    /** The environment variable that the value was applied from, so that an export can name it. */
    env: text(),
    /** JWE, compact. */
    sealed: text().notNull(),
    kid: text().notNull(),
    /** Keyed hash of the value: recognizes the same secret without decrypting it. */
    fingerprint: text().notNull(),
    createdAt: time("created_at").notNull().defaultNow(),
    /** The secret verifies nothing from this time on, because another replaced it. The sweep then retires it. */
    expiresAt: time("expires_at"),
    /** The sender supplied the secret in its handshake. No operator entered it. */
    captured: boolean().notNull().default(false),
    /** A rotation added the secret, and no file has named it yet. An apply leaves it. */
    rotated: boolean().notNull().default(false),
    retiredAt: time("retired_at"),
  },
  (t) => [
    // `config/sources.ts`, `config/config.ts`: the active secrets of a source. Each secret is stored once.
    uniqueIndex("secrets_once_active").on(t.source, t.fingerprint).where(sql`${t.retiredAt} is null`),
    // `config/secret-expiry.ts`: secrets to retire.
    index("secrets_ending").on(t.expiresAt).where(sql`${t.expiresAt} is not null and ${t.retiredAt} is null`),
  ],
);

/** The credential for a sender's API: one per source. Only requests to its own base URL carry it. */
export const credentials = pgTable("credentials", {
  source: text()
    .primaryKey()
    .references(() => sources.slug),
  /** Identifies the value: a new value has a new id. */
  id: uuid().notNull().defaultRandom(),
  /** The environment variable that the value was applied from, so that an export can name it. */
  env: text(),
  /** JWE, compact. */
  sealed: text().notNull(),
  kid: text().notNull(),
  /** Keyed hash of the value: recognizes the same credential without decrypting it. */
  fingerprint: text().notNull(),
  baseUrl: text("base_url").notNull(),
  createdAt: time("created_at").notNull().defaultNow(),
});
