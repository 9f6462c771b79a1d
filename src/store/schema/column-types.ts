/**
 * Types of columns and pieces of checks that the tables of this folder share.
 *
 * The folder defines the stored tables and the rows that Postgres refuses whatever the code does. A closed set is checked against the
 * set of `domain/`. An open set (preset names, event types) is text, so that a new CRM needs no migration. Nothing is newer than
 * Postgres 17.
 *
 * Every row pays for every index: at an event, an index is a fifteenth of the log that Postgres writes. So the comment of an index names
 * the statements that ask for it, and it holds the rows and columns that they ask for and no others. The former version of the service
 * runs on these tables too: an index is dropped one release after its last statement, or at once if another index serves that statement.
 *
 * Only drizzle-kit runs these files: the Worker imports their types.
 */
import { type SQL, sql } from "drizzle-orm";
import { customType, timestamp } from "drizzle-orm/pg-core";

export const time = <Name extends string>(name: Name) => timestamp(name, { withTimezone: true, mode: "date" });
export const xid8 = customType<{ data: string }>({ dataType: () => "xid8" });
export const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** The list of a closed set's values, as an `in (…)` takes it. */
export const oneOf = (values: readonly string[]): SQL => sql.raw(values.map((value) => `'${value}'`).join(", "));

/** A row meets each of the conditions. */
export const allOf = (...conditions: readonly SQL[]): SQL => sql.join([...conditions], sql` and `);

/** A row meets at least one of the conditions. */
export const anyOf = (...conditions: readonly SQL[]): SQL => sql.join([...conditions], sql` or `);
