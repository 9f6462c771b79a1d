/**
 * Types of columns and pieces of checks that the tables of this folder share.
 * The folder defines the stored tables and the rows that Postgres refuses whatever the code does. Values of a closed
 * set are checked against the set in `domain/`. Values of an open set (preset names, event types) are text, so that a
 * new CRM needs no migration. The tables use no feature that is newer than Postgres 17.
 * Every row pays for every index: for an event, one index is a fifteenth of the log that Postgres writes. So the
 * comment of an index names the statements that use it, and the index holds only the rows and columns that these
 * statements need. The previous version of the service runs on these tables too. So an index is dropped one release
 * after its last statement, or at once if another index serves that statement.
 *
 * Only drizzle-kit runs these files: the Worker imports their types.
 */
import { type SQL, sql } from "drizzle-orm";
import { customType, timestamp } from "drizzle-orm/pg-core";

export const time = <Name extends string>(name: Name) => timestamp(name, { withTimezone: true, mode: "date" });
export const xid8 = customType<{ data: string }>({ dataType: () => "xid8" });
export const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** The values of a closed set, as the list in `in (…)`. */
export const oneOf = (values: readonly string[]): SQL => sql.raw(values.map((value) => `'${value}'`).join(", "));

/** A check that a row meets each of the conditions. */
export const allOf = (...conditions: readonly SQL[]): SQL => sql.join([...conditions], sql` and `);

/** A check that a row meets at least one of the conditions. */
export const anyOf = (...conditions: readonly SQL[]): SQL => sql.join([...conditions], sql` or `);
