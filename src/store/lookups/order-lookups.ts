/** Look-ups of everything about one order: along the indexes by subject, call and order number, each list with a cap. */

import type { VerdictRow } from "../../ports/lookups/calls.ts";
import type { EntryRow } from "../../ports/lookups/entries.ts";
import type { NoteRow, OrderIds, OrderLookups, OrderSteps, ToldRow } from "../../ports/lookups/orders.ts";
import { entryColumns, isStep } from "../fragments/call-entries.ts";
import { hookHost } from "../hooks/hook-host.ts";
import { columns, ms, select } from "../postgres/columns.ts";
import { asJson, type Sql, uuidArray } from "../postgres/connection.ts";
import type { verdicts } from "../schema/gates.ts";
import type { deliveries } from "../schema/hooks.ts";
import type { notes } from "../schema/people.ts";

/** Entries, verdicts, deliveries and notes in the answer about one order. The newest are kept. */
const entriesMax = 1_000;
const verdictsMax = 1_000;
const toldMax = 300;
const notesMax = 200;
const pausesMax = 400;

/** @param sql the request's client */
export function orderLookups(sql: Sql): OrderLookups {
  return {
    orderSteps: (key, ids) => orderSteps(sql, key, ids),
    told: async (calls) => (await toldAbout(sql, calls)).slice(0, toldMax).reverse(),
    tokenNames: (jtis) => tokenNames(sql, jtis),
  };
}

const verdictColumns = columns<typeof verdicts, VerdictRow & { call: string }>({
  call: "call_id",
  at: ms("at"),
  gate: "gate",
  verdict: "verdict",
  inputs: "inputs",
});

const toldColumns = columns<typeof deliveries, Omit<ToldRow, "owner" | "host" | "call"> & { call: string | null }>({
  id: "id",
  call: "call",
  hook: "hook",
  type: "type",
  state: "state",
  tries: "tries",
  at: ms("created_at"),
  doneAt: ms("done_at"),
});

const noteColumns = columns<typeof notes, NoteRow>({
  id: "id",
  at: ms("at"),
  actor: "actor",
  source: "source",
  text: "text",
});

async function orderSteps(sql: Sql, orderNumberKey: string, { calls, events, lines }: OrderIds): Promise<OrderSteps> {
  const texts = (ids: readonly string[]) => sql`array(select json_array_elements_text(${asJson(ids)}::text::json))`;
  const some = (subject: string, ids: readonly string[]) => sql`
    (select id from entries where subject = ${subject} and subject_id = any(${texts(ids)}) and ${isStep(sql)}
      order by id desc limit ${entriesMax + 1})`;
  const [found, verdictRows, told, noteRows, pauseRows] = await Promise.all([
    sql<EntryRow[]>`
      select ${select(sql, entryColumns, "entries")} from entries
      where id in (${some("call", calls)} union ${some("event", events)}) order by id`,
    sql<(VerdictRow & { call: string })[]>`
      select ${select(sql, verdictColumns, "verdicts")} from verdicts
      where call_id = any(${uuidArray(sql, calls)}) order by id desc limit ${verdictsMax + 1}`,
    toldAbout(sql, calls),
    sql<NoteRow[]>`
      select ${select(sql, noteColumns, "notes")} from notes
      where order_number_key = ${orderNumberKey} order by at desc, id limit ${notesMax + 1}`,
    // A line has few of them: its other entries are rare changes of its settings.
    sql<EntryRow[]>`
      select ${select(sql, entryColumns, "entries")} from entries
      where subject = 'line' and subject_id = any(${texts(lines)}) and action in ('paused', 'resumed')
      order by id desc limit ${pausesMax}`,
  ]);
  const more =
    found.length > 2 * entriesMax ||
    verdictRows.length > verdictsMax ||
    told.length > toldMax ||
    noteRows.length > notesMax;
  return {
    entries: found.slice(-2 * entriesMax),
    verdicts: verdictRows.slice(0, verdictsMax).reverse(),
    told: told.slice(0, toldMax).reverse(),
    notes: noteRows.slice(0, notesMax).reverse(),
    pauses: pauseRows.reverse(),
    more,
  };
}

/** Deliveries about calls, newest first, one more than are shown. */
async function toldAbout(sql: Sql, calls: readonly string[]): Promise<ToldRow[]> {
  return await sql<ToldRow[]>`
    select ${select(sql, toldColumns, "d")}, h.owner, ${hookHost(sql, sql`h`)} as host
    from deliveries d join hooks h on h.id = d.hook
    where d.call = any(${uuidArray(sql, calls)}) order by d.created_at desc, d.id limit ${toldMax + 1}`;
}

async function tokenNames(sql: Sql, jtis: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (jtis.length === 0) return new Map();
  const rows = await sql<{ jti: string; name: string }[]>`
    select jti, name from tokens where jti = any(${uuidArray(sql, jtis)})`;
  return new Map(rows.map(({ jti, name }) => [jti, name]));
}
