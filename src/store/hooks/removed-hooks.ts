/** Deliveries of removed hooks. A hook's row goes at once, and its deliveries, of which there may be millions, go in parts. */
import type { Sql } from "../postgres/connection.ts";

/**
 * Deletes deliveries of removed hooks, with their tries. It costs one probe of an index for each hook that has
 * deliveries, so it reads as little beside millions of them.
 *
 * Steps:
 * - `owners`: the hooks that have deliveries.
 * - `matching`: those of them that have no row.
 *
 * @param limit Deliveries that are deleted at most.
 * @returns Number of deleted deliveries; fewer than `limit`: none is left.
 */
export async function deleteOfRemovedHooks(sql: Sql, limit: number): Promise<number> {
  const { count } = await sql`
    with recursive owners as (
      (select hook from deliveries order by hook limit 1)
      union all
      select (select d.hook from deliveries d where d.hook > o.hook order by d.hook limit 1)
      from owners o where o.hook is not null
    ), matching as (
      select o.hook from owners o
      where o.hook is not null and not exists (select 1 from hooks h where h.id = o.hook)
    )
    delete from deliveries where id = any(array(
      select d.id from matching m join deliveries d on d.hook = m.hook limit ${limit}))`;
  return count;
}

/** A condition on `deliveries d`: its hook has not been removed. */
export const hasHook = (sql: Sql) => sql`exists (select 1 from hooks h where h.id = d.hook)`;
