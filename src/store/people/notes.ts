/** Notes of people on orders. */
import type { NewNote, NoteStore } from "../../ports/people/notes.ts";
import type { Sql } from "../postgres/connection.ts";

/** @param sql the request's client */
export function noteStore(sql: Sql): NoteStore {
  return { add: (note) => add(sql, note) };
}

/**
 * Steps:
 * - `inserted`: inserts the note if an event or a call has the order number.
 * - `audited`: inserts the entry.
 */
async function add(sql: Sql, note: NewNote): Promise<{ id: string; at: number } | null> {
  const { orderNumber, orderNumberKey, source, text, salt, commitment, actor } = note;
  const [row] = await sql<{ id: string; at: number }[]>`
    with inserted as (
      insert into notes (order_number, order_number_key, source, actor, text, salt)
      select ${orderNumber}::text, ${orderNumberKey}::text, ${source}::text, ${actor}::text, ${text}::text, ${salt}::text
      where exists (select from events where order_number_key = ${orderNumberKey})
        or exists (select from calls where order_number_key = ${orderNumberKey})
      returning id, at
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'note', id::text, 'noted', ${actor}::text,
        jsonb_build_object('order_number', ${orderNumber}::text, 'content', ${commitment}::text) from inserted
    )
    select id, (extract(epoch from at) * 1000)::float8 as at from inserted`;
  return row ?? null;
}
