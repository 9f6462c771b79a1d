/** API tokens and sign-ins. */
import { index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { time } from "./column-types.ts";

export const tokens = pgTable(
  "tokens",
  {
    jti: uuid().primaryKey(),
    name: text().notNull(),
    scopes: text().array().notNull(),
    createdAt: time("created_at").notNull().defaultNow(),
    createdBy: text("created_by"),
    expiresAt: time("expires_at").notNull(),
    revokedAt: time("revoked_at"),
  },
  (t) => [
    // `hooks/hook-token.ts`: the valid tokens of a hook's owner.
    index("tokens_by_name").on(t.name, t.expiresAt),
  ],
);

export const sessions = pgTable("sessions", {
  /** Keyed hash of the cookie's value. */
  hash: text().primaryKey(),
  jti: uuid()
    .notNull()
    .references(() => tokens.jti),
  createdAt: time("created_at").notNull().defaultNow(),
  expiresAt: time("expires_at").notNull(),
  endedAt: time("ended_at"),
});
