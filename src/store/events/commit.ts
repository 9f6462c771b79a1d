/** Accepting events: one statement makes a batch durable, whatever of it was there before. */
import type { NewEvent } from "../../domain/events/event.ts";
import type { Committed, Foresight } from "../../ports/ingest/events.ts";
import type { SpilledEvent } from "../../ports/ingest/spill.ts";
import { linesVersion } from "../config/lines.ts";
import { columnNames } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import { racedCodes, retryOn } from "../postgres/retries.ts";
import type { events as eventsTable } from "../schema/events.ts";

/** Races with other batches that one batch may lose in a row. */
const racesMax = 10;

/** An event of a batch, and the hashes of all bodies that came with its id: its own is the first. */
type Given = { event: NewEvent | SpilledEvent; index: number; hashes: string[] };

/** Makes a batch durable: events that are new, redeliveries, and the end of those whose end is foreseen. */
export async function commitEvents(
  sql: Sql,
  source: string,
  events: Given["event"][],
  foresight: Foresight,
): Promise<Committed> {
  // One key twice in a statement is an error (21000). Twice in a batch it is a redelivery like any other.
  const first = new Map<string, Given>();
  for (const [index, event] of events.entries()) {
    const seen = first.get(event.id);
    if (seen === undefined) first.set(event.id, { event, index, hashes: [event.bodyHash] });
    else seen.hashes.push(event.bodyHash);
  }
  // One order everywhere, so that two batches that share events do not wait for each other.
  const rows = [...first.values()].sort((a, b) => (a.event.id < b.event.id ? -1 : 1));
  const written = await writeRaced(sql, source, rows, foresight);
  const stored = new Map((written.stored ?? []).map((row) => [row.id, row]));
  const acceptances = events.map(({ id, bodyHash }, index) => {
    // Exact redeliveries are not returned by the statement.
    const row = stored.get(id);
    return {
      id,
      // The second of two in one batch is as much a redelivery as one that comes a day later.
      duplicate: row?.fresh !== true || first.get(id)?.index !== index,
      conflict: (row?.hash ?? first.get(id)?.event.bodyHash) !== bodyHash,
      ...(row?.replayed === true ? { replayed: true as const } : {}),
    };
  });
  return { acceptances, sourceVersion: written.version, linesVersion: written.lines, receivedAt: written.now };
}

type Written = {
  /** New events, and events that came again with other bytes, with the hash of the bytes that are stored. */
  stored: { id: string; fresh: boolean; replayed: boolean; hash: string }[] | null;
  version: number;
  lines: string;
  now: number;
};

/**
 * If another batch commits one of these events at this very moment, Postgres may meet the other unique key first and refuse the whole
 * statement (23505). By then that event is visible, so the next attempt treats it as a redelivery. Two batches with the same bytes under
 * other ids may deadlock (40P01): one of them is retried.
 */
async function writeRaced(sql: Sql, source: string, rows: Given[], foresight: Foresight): Promise<Written> {
  return await retryOn(racedCodes, racesMax, () => writeEvents(sql, source, rows, foresight));
}

/** The columns that every new event has as it was given. */
const givenColumns = columnNames<typeof eventsTable>(
  "id",
  "source",
  "dedupe_key",
  "external_id",
  "type",
  "occurred_at",
  "order_number",
  "order_number_key",
  "record_type",
  "record_id",
  "headers",
  "body",
  "body_hash",
  "conflicts",
  "conflict_at",
  "nth",
  "received_at",
);

/**
 * Steps:
 * - `given`: the events of the batch.
 * - `source_version`: the source's version, and whether it is the one that the foresight is for.
 * - `inserted`: inserts new events, those whose end is foreseen with that end.
 * - `redelivered`: counts conflicts of events that were there before. Inserts an event whose bytes came under another id, with its end.
 * - `stored`: new events, and events that came again with other bytes.
 * - `audited`: inserts an entry for each event with a conflict.
 */
async function writeEvents(sql: Sql, source: string, rows: Given[], foresight: Foresight): Promise<Written> {
  const columns = sql.unsafe(givenColumns);
  const values: ReturnType<Sql> = sql`id, ${source}, dedupe_key, external_id, type, to_timestamp(occurred_at / 1000),
        order_number, order_number_key, record_type, record_id, headers, body, body_hash, conflicts,
        case when conflicts > 0 then now() end, nth, coalesce(to_timestamp(received_at / 1000), now())`;
  const [answer] = await sql<[Written]>`
    with given as (
      select * from json_to_recordset(${asJson(rows.map((row) => eventRow(row, foresight)))}::text::json) as g(
        id uuid, dedupe_key text, external_id text, type text, occurred_at float8, order_number text,
        order_number_key text, record_type text, record_id text, headers jsonb, body text, body_hash text, body_key uuid,
        hashes jsonb, conflicts int, nth int, foreseen text, received_at float8)
    ), source_version as (
      -- An end that was foreseen from an older version of the source does not hold: the event is planned.
      select version::float8 as version, coalesce(version = ${foresight.sourceVersion}::bigint, true) as holds
      from sources where slug = ${source}
    ), inserted as (
      insert into events (${columns}, body_key, state, reason, planned_at)
      select ${values}, body_key, case when holds and foreseen is not null then 'ignored' else 'unplanned' end,
        case when holds then foreseen end, case when holds and foreseen is not null then now() end
      from given left join source_version on true
      on conflict do nothing
      returning id, conflicts, body_hash, body_key
    ), redelivered as (
      -- The event's id was there before, or is being committed at this moment. Or its bytes were, under another id: then the
      -- event ends at once.
      insert into events (${columns}, state, reason, detail, planned_at)
      select ${values}, 'ignored', 'replayed', jsonb_strip_nulls(jsonb_build_object('event_id', coalesce(
          (select e.id from events e where e.body_key = given.body_key),
          (select i.id from inserted i where i.body_key = given.body_key)))), now()
      from given where id not in (select id from inserted)
      -- The same id with other bytes: the first bytes stay, and each body that differs from them is counted.
      on conflict (id) do update set conflict_at = now(), conflicts = events.conflicts + greatest(1, (
          select count(*) from given g cross join jsonb_array_elements_text(g.hashes) as h
          where g.id = excluded.id and h <> events.body_hash))
        where events.erased_at is null and (events.body_hash <> excluded.body_hash or excluded.conflicts > 0)
      returning id, conflicts, body_hash, xmax::text = '0' as fresh
    ), stored as (
      select id, conflicts, body_hash, true as fresh, false as replayed from inserted
      union all
      select id, conflicts, body_hash, fresh, fresh from redelivered
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'event', id::text, 'conflict', 'source:' || ${source}, 'the same id came with other bytes',
        jsonb_build_object('conflicts', conflicts) from stored where conflicts > 0
    )
    select (select json_agg(json_build_object('id', id, 'fresh', fresh, 'replayed', replayed, 'hash', body_hash))
        from stored) as stored,
      (select version from source_version) as version, ${linesVersion(sql)} as lines,
      (extract(epoch from now()) * 1000)::float8 as now`;
  return answer;
}

function eventRow({ event, index, hashes }: Given, foresight: Foresight) {
  return {
    id: event.id,
    dedupe_key: event.dedupeKey,
    external_id: event.externalId,
    type: event.type,
    occurred_at: event.occurredAt,
    order_number: event.orderNumber,
    order_number_key: event.orderNumberKey,
    record_type: event.record?.type ?? null,
    record_id: event.record?.id ?? null,
    headers: event.headers,
    body: event.body,
    body_hash: event.bodyHash,
    body_key: event.bodyKey ?? null,
    hashes: hashes.length === 1 ? null : hashes,
    conflicts: hashes.filter((hash) => hash !== event.bodyHash).length,
    // An event of a spill has the time and the order in which it was acknowledged.
    nth: "seq" in event ? event.seq : index,
    received_at: "receivedAt" in event ? event.receivedAt : null,
    foreseen: foresight.ends.get(event.id) ?? null,
  };
}
