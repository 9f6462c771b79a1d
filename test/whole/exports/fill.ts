/** Many calls by SQL, for exports. */
import type postgres from "postgres";

/**
 * Adds planned events with an ended call each.
 *
 * @param first number of the first one; the order number of call n is `#n`
 * @param characters length of what the agent knows
 */
export async function fillCalls(
  owner: postgres.Sql,
  { source, line }: { source: string; line: string },
  first: number,
  count: number,
  characters = 20,
): Promise<void> {
  await owner`
    with given as (
      select n, gen_random_uuid() as id, now() - (200000000 - n) * interval '1 millisecond' as at
      from generate_series(${first}::int, ${first + count - 1}::int) n
    ), inserted as (
      insert into events (id, source, dedupe_key, type, received_at, order_number, order_number_key, headers, body, body_hash,
        state, planned_at)
      select id, ${source}, 'fill-' || n, 'orders/updated', at, '#' || n, n::text, '{}', '{}', 'hash', 'planned', at from given
      returning id
    )
    insert into calls (event_id, source, rule, rule_version, try, mode, line, status, order_number, order_number_key, number,
      country, about, created_at, due_at, placed_at, ended_at, outcome, conversation_uuid)
    select id, ${source}, 'call-me', 1, 1, 'live', ${line}, 'ended', '#' || n, n::text, '+1' || (4150000000 + n), 'US',
      repeat('x', ${characters}::int), at, at, at, at, 'completed', 'c-' || n from given`;
}
