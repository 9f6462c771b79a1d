import type postgres from "postgres";

/** Highest number of events that become due at once. The others keep their times. */
const fetchedAgainMax = 50_000;

/**
 * Makes every event of a source that waits for a fetch due now, with all of its tries, and ends the source's pause. The problem stays
 * until an answer ends it.
 *
 * @returns how many events are due, up to a bound
 */
export async function fetchAgain(sql: postgres.ISql, source: string): Promise<number> {
  const [row] = await sql<[{ waiting: number }]>`
    with due as materialized (
      select id from events where source = ${source} and state = 'unplanned' and fetch_at is not null
      order by fetch_at limit ${fetchedAgainMax}
    ), locked as (
      select e.id from events e join due on due.id = e.id where e.state = 'unplanned' order by e.id for no key update of e
    ), hurried as (
      update events e set fetch_at = least(e.fetch_at, now()), fetch_tries = 0 from locked where e.id = locked.id
        and e.state = 'unplanned' returning e.id
    ), resumed as (
      update sources set fetch_not_before = null where slug = ${source} and fetch_not_before is not null
    )
    select count(*)::int as waiting from hurried`;
  return row.waiting;
}
