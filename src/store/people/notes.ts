/**
 * Notes of people on orders.
 *
 * Rule: no text stands beside an erased customer. An erasure empties the notes on the orders of the calls and events that
 * it empties. Such an order takes no further note, because a later erasure would not find it by the number.
 */
import type { NewNote, NoteRefusal, NoteStore } from "../../ports/people/notes.ts";
import { lockOrders } from "../calls/erasures.ts";
import { asClient, type Sql } from "../postgres/connection.ts";

/** @param sql the request's client */
export function noteStore(sql: Sql): NoteStore {
  return { add: (note) => sql.begin((tx) => add(asClient(tx), note)) };
}

type Row = { id: string | null; at: number | null; refusal: NoteRefusal | null };

/**
 * An erasure of the order is over before, or sees the note: both have the order's lock.
 *
 * Steps:
 * - `given`: why the note is refused; null if it is stored.
 * - `inserted`: inserts the note.
 * - `audited`: inserts the entry.
 */
async function add(sql: Sql, note: NewNote): Promise<{ id: string; at: number } | NoteRefusal> {
  const { orderNumber, orderNumberKey, source, text, salt, commitment, actor } = note;
  await lockOrders(sql, sql`select ${orderNumberKey}::text as order_number_key`);
  const rows = (table: string, more: ReturnType<Sql>) => sql`exists (select from ${sql(table)} t
      where t.order_number_key = ${orderNumberKey} and t.source = coalesce(${source}::text, t.source) and ${more})`;
  const [row] = await sql<[Row]>`
    with given as (
      select case
        when ${source}::text is not null and not exists (select from sources where slug = ${source}) then 'no_source'
        when not (${rows("events", sql`true`)} or ${rows("calls", sql`true`)}) then 'no_order'
        when ${rows("events", sql`t.erased_at is not null`)} or ${rows("calls", sql`t.erased_at is not null`)}
          then 'erased' end as refusal
    ), inserted as (
      insert into notes (order_number, order_number_key, source, actor, text, salt)
      select ${orderNumber}::text, ${orderNumberKey}::text, ${source}::text, ${actor}::text, ${text}::text, ${salt}::text
      from given where refusal is null
      returning id, at
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'note', id::text, 'noted', ${actor}::text,
        jsonb_build_object('order_number', ${orderNumber}::text, 'content', ${commitment}::text) from inserted
    )
    select refusal, id, (extract(epoch from at) * 1000)::float8 as at from given left join inserted on true`;
  if (row.refusal !== null) return row.refusal;
  if (row.id === null || row.at === null) throw new Error("a note was neither stored nor refused");
  return { id: row.id, at: row.at };
}
