import type { Balance } from "../../ports/lookups/readiness.ts";
import { allGaps } from "../audit/books.ts";
import { asClient, type Sql } from "../postgres/connection.ts";

/**
 * Time for one of the statements, less than a request has for all of them: Postgres would go on counting for a client that
 * has given up.
 */
const statementTime = "50s";

/**
 * Counts events by state and calls by status, and lists every gap, in one snapshot. Its statements read every row, so they
 * may do what is switched off for all others of the service's role: an index would have to be asked for each row.
 */
export async function balance(sql: Sql): Promise<Balance> {
  return await sql.begin("isolation level repeatable read read only", async (tx) => {
    await tx`
      select set_config(name, value, true) from (values ('enable_seqscan', 'on'), ('enable_hashjoin', 'on'),
        ('enable_mergejoin', 'on'), ('statement_timeout', ${statementTime})) settings (name, value)`;
    return await counted(asClient(tx));
  });
}

async function counted(sql: Sql): Promise<Balance> {
  type Row = {
    waiting: Balance["waiting"];
    accepted: number;
    states: Record<string, number> | null;
    calls: Record<string, number> | null;
  };
  const [row] = await sql<Row[]>`
    select (select count(*)::float8 from events) as accepted,
      (select json_build_object('fetch', count(*) filter (where s.paused_at is null and e.fetch_at is not null),
          'source', count(*) filter (where s.paused_at is not null))
        from events e join sources s on s.slug = e.source where e.state = 'unplanned') as waiting,
      (select json_object_agg(state, n) from (select state, count(*) as n from events group by state) s) as states,
      (select json_object_agg(status, n) from (select status, count(*) as n from calls group by status) s) as calls`;
  const states = row?.states ?? {};
  return {
    events: {
      accepted: row?.accepted ?? 0,
      unplanned: states.unplanned ?? 0,
      ignored: states.ignored ?? 0,
      planned: states.planned ?? 0,
    },
    waiting: row?.waiting ?? { fetch: 0, source: 0 },
    calls: row?.calls ?? {},
    gaps: await allGaps(sql),
  };
}
