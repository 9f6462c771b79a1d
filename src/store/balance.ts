import type { Balance } from "../ports/lookups.ts";
import type { Sql } from "./connection.ts";

/** Events named for a gap: enough to look into it. */
const gapsMax = 10;

/** Counts the books in one snapshot: events by their end, calls by their status, and planned events that have no call. */
export async function balance(sql: Sql): Promise<Balance> {
  type Row = {
    accepted: number;
    states: Record<string, number> | null;
    calls: Record<string, number> | null;
    gaps: string[] | null;
  };
  const [row] = await sql<Row[]>`
    select (select count(*)::float8 from events) as accepted,
      (select json_object_agg(state, n) from (select state, count(*) as n from events group by state) s) as states,
      (select json_object_agg(status, n) from (select status, count(*) as n from calls group by status) s) as calls,
      (select json_agg(id) from (select id from events e where state = 'planned'
        and not exists (select 1 from calls c where c.event_id = e.id) limit ${gapsMax}) g) as gaps`;
  const states = row?.states ?? {};
  return {
    events: {
      accepted: row?.accepted ?? 0,
      // What an inbox holds on its own disk while Postgres is away is not in Postgres yet.
      spilled: 0,
      unplanned: states.unplanned ?? 0,
      ignored: states.ignored ?? 0,
      planned: states.planned ?? 0,
    },
    calls: row?.calls ?? {},
    gaps: row?.gaps ?? [],
  };
}
