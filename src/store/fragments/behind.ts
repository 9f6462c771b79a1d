/** The order of a record's events that wait for a fetch. */
import type { Sql } from "../postgres/connection.ts";

/**
 * A condition: whether an earlier event of the record of an event waits for a fetch. Events of one record are planned
 * in order of arrival.
 *
 * @param event the alias of the event
 */
export const isBehind = (sql: Sql, event: ReturnType<Sql>) => sql`exists (
  select 1 from events b where b.source = ${event}.source and b.state = 'unplanned' and b.fetch_at is not null
    and b.record_type = ${event}.record_type and b.record_id = ${event}.record_id
    and (b.received_at, b.nth, b.id) < (${event}.received_at, ${event}.nth, ${event}.id))`;
