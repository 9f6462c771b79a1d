/** Reports of Mihu's outcome webhooks. */
import { sql } from "drizzle-orm";
import { bigint, index, pgTable, text, unique } from "drizzle-orm/pg-core";
import { time } from "./column-types.ts";
import { lines } from "./lines.ts";

/**
 * Outcome webhooks of Mihu as received, without credentials. Each is stored once. Nothing in a report is trusted. A
 * report is about a call if the call has the report's conversation.
 */
export const reports = pgTable(
  "reports",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    line: text()
      .notNull()
      .references(() => lines.slug, { onDelete: "cascade" }),
    /** Hash of the event's name, its subject and its body. A repeated report has the same hash, and so no new row. */
    key: text().notNull(),
    event: text().notNull(),
    conversationUuid: text("conversation_uuid"),
    mihuId: text("mihu_id"),
    body: text().notNull(),
    receivedAt: time("received_at").notNull(),
  },
  (t) => [
    // `calls/reports.ts` inserts with `on conflict` on this index, so a report is stored once.
    unique("reports_once").on(t.line, t.key),
    // `calls/reports.ts`, `calls/erasures.ts`: the reports of a conversation.
    index("reports_by_conversation").on(t.conversationUuid, t.id).where(sql`${t.conversationUuid} is not null`),
    // `sweep.ts`: reports to delete.
    index("reports_oldest").on(t.receivedAt),
  ],
);
