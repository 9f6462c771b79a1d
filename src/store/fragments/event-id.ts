/** Ids of events for statements in which only Postgres knows the dedupe key. `eventId` makes the same ids. */
import type { Sql } from "../postgres/connection.ts";

type Part = ReturnType<Sql>;

/** An expression: the id of the event with this dedupe key. */
export const eventIdOf = (sql: Sql, source: Part, key: Part): Part => sql`(
  select (substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-8' || substr(h, 14, 3) || '-'
    || substr('89ab', (strpos('0123456789abcdef', substr(h, 17, 1)) - 1) % 4 + 1, 1) || substr(h, 18, 3) || '-'
    || substr(h, 21, 12))::uuid
  from encode(sha256(convert_to(length(${source}) || ':' || ${source} || ${key}, 'UTF8')), 'hex') as h)`;

/** An expression: the `conflictKey` of other bytes under an event's id. */
export const conflictKeyOf = (sql: Sql, id: Part, hash: Part): Part =>
  sql`('conflict:' || ${id}::text || ':' || ${hash})`;
