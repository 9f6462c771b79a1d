import type { Sql } from "../postgres/connection.ts";

/**
 * A condition on `deliveries d`: a receiver learns in order what became of a call, so no earlier delivery of the call
 * waits.
 */
export const isNext = (sql: Sql) => sql`d.body is not null
  and not exists (select 1 from deliveries e where e.hook = d.hook and e.call = d.call and e.state = 'pending'
    and e.entry < d.entry and e.body is not null)`;
