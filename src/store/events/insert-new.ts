/** The short statement for new events. Nearly all events are new. */
import { type PreparedEvents, preparedColumns } from "../../domain/events/prepared.ts";
import type { Inserted } from "../../ports/ingest/events.ts";
import { linesVersion } from "../config/lines.ts";
import { eventEnd, eventEndColumns, givenEventColumns } from "../fragments/stored-event.ts";
import type { Sql } from "../postgres/connection.ts";
import { retryRaces } from "../postgres/retries.ts";

type Part = ReturnType<Sql>;
/** `places`: positions in the batch of the events that were inserted; `null`: all were. */
type Row = { places: number[] | null; version: number; lines: string; now: number };

const givenColumns = preparedColumns.filter((column) => column !== "former_same_body");

/**
 * Inserts events without any obstacle: their ids, bytes and former names are new, and their source has the version that
 * verified them. The remaining events need the full statement (`commit.ts`), which determines the cause.
 *
 * @param requests Requests verified by one version of the source.
 */
export async function insertNew(sql: Sql, source: string, requests: readonly PreparedEvents[]): Promise<Inserted> {
  const row = await retryRaces(() => insert(sql, source, requests));
  return { left: leftOf(requests, row), sourceVersion: row.version, linesVersion: row.lines, receivedAt: row.now };
}

function leftOf(requests: readonly PreparedEvents[], { places }: Row): Inserted["left"] {
  if (places === null) return [];
  const inserted = new Set(places);
  let place = 0;
  return requests.flatMap(({ ids }, request) =>
    ids.flatMap((_, index) => (inserted.has(place++) ? [] : [{ request, index }])),
  );
}

/**
 * Steps:
 * - `given`: the columns of the batch.
 * - `same_source`: the source, if it has this version. A column of another length divides by zero: `unnest` would fill it up.
 * - `inserted`: inserts new events, each with its foreseen end if it has one.
 */
async function insert(sql: Sql, source: string, requests: readonly PreparedEvents[]): Promise<Row> {
  const count = requests.reduce((sum, { ids }) => sum + ids.length, 0);
  const version = requests[0]?.verified.sourceVersion ?? 0;
  const columns = givenColumns.map((_, at) => `{${requests.map((request) => request.columns[at]).join(",")}}`);
  const listed = (parts: Part[]): Part => parts.reduce((list, part) => sql`${list}, ${part}`);
  const lengths = listed(givenColumns.map((name) => sql`cardinality(${sql.unsafe(name)})`));
  const names = sql.unsafe(givenColumns.join(", "));
  const [row] = await sql<[Row]>`
    with given as (
      select ${listed(columns.map((texts, at) => sql`${texts}::text::text[] as ${sql.unsafe(givenColumns[at] ?? "")}`))}
    ), same_source as (
      select slug from sources where slug = ${source} and version = ${version}::bigint and (
        select 1 / (${count}::int = all (array[${lengths}]))::int from given) = 1
    ), inserted as (
      insert into events (${givenEventColumns(sql)}, ${eventEndColumns(sql)})
      select id::uuid, slug, dedupe_key, external_id, type, to_timestamp(occurred_at::float8 / 1000), order_number,
        order_number_key, record_type, record_id, headers::jsonb, body, body_hash, nth - 1, body_key::uuid, ${eventEnd(sql)}
      from same_source, (select g.* from given, unnest(${names}) with ordinality as g(${names}, nth)) g
      where former_id is null or not exists (select 1 from events f where f.id = former_id::uuid)
      -- Every batch has this order, so that two batches with common events do not deadlock.
      order by id, nth
      on conflict do nothing
      returning nth
    )
    select case when count(*) < ${count}::int then coalesce(json_agg(nth), '[]') end as places,
      (select version::float8 from sources where slug = ${source}) as version, ${linesVersion(sql)} as lines,
      (extract(epoch from now()) * 1000)::float8 as now
    from inserted`;
  return row;
}
