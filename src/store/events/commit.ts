/** The statement that makes a batch of events durable, including redeliveries and conflicts. */
import type { NewEvent, UnfitReason, VerifiedBy } from "../../domain/events/event.ts";
import { conflictsPerEventMax, formerKeyMs } from "../../domain/limits.ts";
import type { Foresight } from "../../ports/ingest/events.ts";
import type { SpilledEvent } from "../../ports/ingest/spill.ts";
import { linesVersion } from "../config/lines.ts";
import { conflictKeyOf, eventIdOf } from "../fragments/event-id.ts";
import { eventEnd, eventEndColumns, givenEventColumns } from "../fragments/stored-event.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import { retryRaces } from "../postgres/retries.ts";

/** Distinct bytes of a batch under one id. `first`: the first in the batch with this id. */
export type Given = { event: NewEvent | SpilledEvent; index: number; first: boolean; others: number };

type Part = ReturnType<Sql>;

/** Limit of the stored count of conflicts, which an attacker could otherwise raise without end. */
const countedMax = 1_000_000;

/** Rules for a batch. */
export type CommitRules = {
  /** Conflicts stored per event. Bytes of further conflicts are not stored. */
  readonly conflictsMax: number;
  /**
   * Whether the sender already has its 2xx. Then every event is stored, but an event that should have been refused is
   * not planned.
   */
  readonly acknowledged: boolean;
};

/** A batch, sorted in the order that all statements share. */
type Batch = { source: string; rows: Given[]; foresight: Foresight; rules: CommitRules; verified: VerifiedBy[] };

type Written = {
  /** New events, and events that came again with other bytes. */
  stored: { id: string; fresh: boolean; replayed: boolean }[] | null;
  /** Conflicts: other bytes under the id `of`. `fresh`: this statement stored them. `refused`: they were not stored. */
  conflicts: { id: string; of: string; hash: string; fresh: boolean; refused: boolean }[] | null;
  /** Events stored under a former key, by the ids that they would have now. */
  formers: Record<string, string> | null;
  /** Verifications that are no longer valid; then nothing was written. */
  left_out: VerifiedBy[] | null;
  /** Acknowledged events that end at once, with their reasons. */
  unfit: Record<string, UnfitReason> | null;
  version: number;
  lines: string;
  now: number;
};

/**
 * If another batch commits one of these events at this moment, Postgres may meet the other unique key first and reject
 * the whole statement (23505). By then that event is visible, so a retry treats it as a redelivery. Two batches with
 * the same bytes under other ids may deadlock (40P01). One of them is retried.
 */
export async function writeRaced(sql: Sql, batch: Batch): Promise<Written> {
  return await retryRaces(() => writeEvents(sql, batch));
}

/**
 * Steps:
 * - `source_version`: the source's version, and whether the foresight was made from that version.
 * - `left_out`: verifications by another version of the source that are no longer valid.
 * - `given`: the distinct bytes of the batch, each under its id, or under the stored id if an earlier version named the
 *   event. Empty if `left_out` has a row. `unfit`: the reason if an acknowledged event is not planned.
 * - `inserted`: inserts new events, each with its foreseen end if it has one.
 * - `redelivered`: counts conflicts of events that were stored before. Inserts an event whose bytes came under another
 *   id, with its end.
 * - `stored`: new events, and events that came again with other bytes.
 * - `conflicting`: bytes that differ from their event's bytes. `known`: whether these bytes are stored already.
 * - `ranked`: the conflicts with `place`, their position among all conflicts of their event.
 * - `conflicts_inserted`: inserts conflicts as separate events, up to the limit per event.
 * - `audited`: inserts an entry for each event with new conflicts.
 */
async function writeEvents(sql: Sql, { source, rows, foresight, rules, verified }: Batch): Promise<Written> {
  const { conflictsMax, acknowledged } = rules;
  const columns: Part = sql`${givenEventColumns(sql)}, conflicts, conflict_at, received_at`;
  const values = (id: Part, key: Part, conflicts: Part): Part => sql`${id}, ${source}, ${key}, external_id, type,
        to_timestamp(occurred_at / 1000), order_number, order_number_key, record_type, record_id, headers, body, body_hash, nth,
        ${conflicts}, case when ${conflicts} > 0 then now() end, coalesce(to_timestamp(received_at / 1000), now())`;
  const own: Part = values(sql`id`, sql`dedupe_key`, sql`others`);
  const conflictId = (g: Part): Part =>
    eventIdOf(sql, sql`${source}::text`, conflictKeyOf(sql, sql`${g}.id`, sql`${g}.body_hash`));
  const added: Part = sql`(
          select count(*)::int from given g where g.id = events.id and g.body_hash <> events.body_hash
            and not exists (select 1 from events c where c.id = ${conflictId(sql`g`)}))`;
  const inHeader = (headers: Part): Part =>
    sql`exists (select 1 from jsonb_each_text(${headers}) h where h.value = f.dedupe_key)`;
  const sameBytes = (row: Part): Part => sql`coalesce(
          (select e.id from events e where e.body_key = ${row}.body_key),
          (select i.id from inserted i where i.body_key = ${row}.body_key))`;
  const unfit: Part = acknowledged ? unfitness(sql, source) : sql`null::text`;
  const [answer] = await sql<[Written]>`
    with source_version as (
      -- If an end was foreseen from an older version of the source, it is not used and the event is planned.
      select version::float8 as version, coalesce(version = ${foresight.sourceVersion}::bigint, true) as holds, disconnected_at
      from sources where slug = ${source}
    ), left_out as (
      -- Usually every event was verified by the present version, and no secret is looked up.
      select v.secret_id, v.version
      from json_to_recordset(${asJson(acknowledged ? [] : verified.map(verificationRow))}::text::json)
          as v(secret_id uuid, version float8)
        join source_version s on v.version <> s.version
      where s.disconnected_at is not null or (v.secret_id is not null
        and not exists (select 1 from secrets x where x.id = v.secret_id and x.source = ${source} and x.retired_at is null
          and (x.expires_at is null or x.expires_at > now())))
    ), given as (
      select g.*, ${unfit} as unfit, case when g.former_id is null then g.key_id else coalesce((
          -- Finds the same event as an earlier version stored it. If the key is in a header of only one of the two,
          -- they are different events, because an Idempotency-Key is a key by itself.
          select f.id from events f where f.id = g.former_id and f.type = g.type
            and (not g.former_same_body or f.body_hash = g.body_hash or f.erased_at is not null)
            and (f.erased_at is not null or ${inHeader(sql`f.headers`)} = ${inHeader(sql`g.headers`)})
            and f.received_at > now() - ${formerKeyMs} * interval '1 millisecond'
            and not exists (select 1 from events n where n.id = g.key_id)), g.key_id) end as id
      from json_to_recordset(${asJson(rows.map((row) => eventRow(row, foresight)))}::text::json) as g(
        key_id uuid, former_id uuid, former_same_body boolean, dedupe_key text, external_id text, type text, occurred_at float8,
        order_number text, order_number_key text, record_type text, record_id text, headers jsonb, body text, body_hash text,
        body_key uuid, first boolean, others int, nth int, foreseen text, received_at float8, secret_id uuid,
        verified_version float8)
      where not exists (select 1 from left_out)
    ), inserted as (
      insert into events (${columns}, ${eventEndColumns(sql)})
      select ${own}, body_key, ${eventEnd(sql)}
      from (select given.*, coalesce(unfit, case when holds then foreseen end) as ended
        from given left join source_version on true where first) ends
      on conflict do nothing
      returning id, conflicts, body_hash, body_key
    ), redelivered as (
      -- These are events whose id is stored or is being committed now, and events whose bytes are stored under another
      -- id. The latter end at once.
      insert into events (${columns}, state, reason, detail, planned_at)
      select ${own}, 'ignored', 'replayed', jsonb_strip_nulls(jsonb_build_object('event_id', ${sameBytes(sql`given`)})), now()
      from given where first and id not in (select id from inserted)
      -- For the same id with other bytes, the first bytes stay. Each of the other bytes is counted once.
      on conflict (id) do update set conflict_at = now(), conflicts = least(events.conflicts, ${countedMax}) + ${added}
        where events.erased_at is null and (events.body_hash <> excluded.body_hash or excluded.conflicts > 0)
      returning id, conflicts, body_hash, xmax::text = '0' as fresh, ${added} as added
    ), stored as (
      select id, conflicts, conflicts as added, body_hash, true as fresh, false as replayed from inserted
      union all
      select id, conflicts, added, body_hash, fresh, fresh from redelivered
    ), conflicting as (
      select g.*, s.conflicts, s.conflicts - s.added as before, c.conflict_id,
        exists (select 1 from events e where e.id = c.conflict_id) as known
      from stored s join given g on g.id = s.id and g.body_hash <> s.body_hash
        cross join lateral (select ${conflictId(sql`g`)} as conflict_id) c
      -- The condition limits the join. Without the condition Postgres compares every event of the batch with every
      -- other.
      where s.conflicts > 0
    ), ranked as (
      select *, case when not known then before + row_number() over (partition by id, known order by nth) end as place
      from conflicting
    ), conflicts_inserted as (
      -- A conflict has no body_key, because the event to which these bytes belong may still arrive.
      insert into events (${columns}, conflict_of, state, reason, detail, planned_at)
      select ${values(sql`conflict_id`, conflictKeyOf(sql, sql`id`, sql`body_hash`), sql`0`)}, id, 'ignored',
        case when same_bytes is null then 'conflict' else 'replayed' end,
        jsonb_build_object('event_id', coalesce(same_bytes, id)), now()
      from (select r.*, ${sameBytes(sql`r`)} as same_bytes from ranked r where place <= ${conflictsMax}::int) fitting
      order by conflict_id
      on conflict do nothing
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'event', id::text, 'conflict', 'source:' || ${source}, 'the same id came with other bytes',
        jsonb_strip_nulls(jsonb_build_object('conflicts', conflicts,
          'event_ids', json_agg(conflict_id) filter (where place <= ${conflictsMax}::int)))
      -- One entry says that there are too many conflicts. The inbox refuses later conflicts and lists them as
      -- rejections.
      from ranked where not known and before <= ${conflictsPerEventMax} group by id, conflicts
    )
    select (select json_agg(json_build_object('id', id, 'fresh', fresh, 'replayed', replayed)) from stored) as stored,
      (select json_agg(json_build_object('id', conflict_id, 'of', id, 'hash', body_hash, 'fresh', not known,
        'refused', coalesce(place > ${conflictsMax}::int, false))) from ranked) as conflicts,
      (select json_object_agg(key_id, id) from given where id <> key_id) as formers,
      (select json_agg(json_build_object('secretId', secret_id, 'sourceVersion', version)) from left_out) as left_out,
      (select json_object_agg(id, unfit) from given where first and unfit is not null) as unfit,
      (select version from source_version) as version, ${linesVersion(sql)} as lines,
      (extract(epoch from now()) * 1000)::float8 as now`;
  return answer;
}

/**
 * An expression: the reason why an acknowledged event must not be planned. Only causes from before the event's receipt
 * count, and only if the source changed after the copy that verified the event.
 */
function unfitness(sql: Sql, source: string): Part {
  return sql`case when g.verified_version <> (select version from source_version) then case
        when (select disconnected_at from source_version) <= to_timestamp(g.received_at / 1000) then 'source_closed_before'
        when g.secret_id is not null and not exists (select 1 from secrets x where x.id = g.secret_id and x.source = ${source}
          and coalesce(least(x.retired_at, x.expires_at) > to_timestamp(g.received_at / 1000), true)) then 'secret_retired'
      end end`;
}

function verificationRow({ secretId, sourceVersion }: VerifiedBy) {
  return { secret_id: secretId, version: sourceVersion };
}

function eventRow({ event, index, first, others }: Given, foresight: Foresight) {
  return {
    key_id: event.id,
    former_id: event.former?.id ?? null,
    former_same_body: event.former?.sameBody ?? null,
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
    first,
    others,
    // An event of a spill has the time and the order in which it was acknowledged.
    nth: "seq" in event ? event.seq : index,
    received_at: "receivedAt" in event ? event.receivedAt : null,
    foreseen: foresight.ends.get(event.id) ?? null,
    ...(event.verified === undefined
      ? {}
      : { secret_id: event.verified.secretId, verified_version: event.verified.sourceVersion }),
  };
}
