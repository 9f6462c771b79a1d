/**
 * Events that still have a key of an earlier version after the upgrade: they waited in a spill, or a Worker of the
 * earlier version still runs. Their redelivery may already be stored under the key of this version, by another shard or
 * in the same batch.
 * Two events are the same if they have the same former key and type, the same body if the body is part of the new key,
 * and if both keys or neither key is in a header.
 *
 * Not guaranteed: two statements at the same instant, one for each key, do not see each other's event.
 */
import type { NewEvent } from "../../domain/events/event.ts";
import { formerKeyMs } from "../../domain/limits.ts";
import { eventId } from "../../platform/hashes.ts";
import { asJson, type Sql } from "../postgres/connection.ts";

type Key = Pick<NewEvent, "id" | "dedupeKey"> & { former: NonNullable<NewEvent["former"]> };

/**
 * Gives events of an earlier version the key under which they are already stored. If a batch has the same event under
 * two keys, the first key applies to both. The function costs nothing if no event is of an earlier version.
 *
 * @returns The same events in the same order.
 */
export async function withOneKey<E extends NewEvent>(sql: Sql, events: readonly E[]): Promise<E[]> {
  const earlier = events.filter(isEarlier);
  if (earlier.length === 0) return [...events];
  const stored = await storedKeys(sql, earlier);
  const named = events.map((event) => {
    const key = isEarlier(event)
      ? presentKeys(event).find(({ id }) => stored.get(id)?.has(inHeader(event)))
      : undefined;
    return key === undefined || stored.has(event.id) ? event : { ...event, ...key };
  });
  return namedByFirst(named);
}

/** Gives equal events of a batch the key of the first of them. */
function namedByFirst<E extends NewEvent>(events: readonly E[]): E[] {
  const now = new Map<string, E>();
  const before = new Map<string, E>();
  return events.map((event) => {
    const keys = isEarlier(event) ? presentKeys(event).map(({ id }) => id) : [];
    const first = isEarlier(event)
      ? keys.map((id) => now.get(id)).find((other) => other !== undefined && agree(event, other))
      : before.get(event.id);
    if (first !== undefined && (isEarlier(event) || agree(first, event))) {
      const { former: _, ...own } = event;
      const { id, dedupeKey, former } = first;
      // The cast holds: only parts of the key are exchanged, and `former` is optional.
      return { ...own, id, dedupeKey, ...(former === undefined ? {} : { former }) } as E;
    }
    if (!isEarlier(event)) now.set(event.id, event);
    for (const id of keys) if (!before.has(id)) before.set(id, event);
    return event;
  });
}

/** Whether both events have the former key in a header, or neither has. */
const agree = (old: NewEvent, now: NewEvent): boolean => inHeader(old) === inHeader(now, old.dedupeKey);

/** An event of this version has the field `former`, even if the event has no former key. */
const isEarlier = ({ former }: NewEvent): boolean => former === undefined;

/** The keys that this version makes of an event with the given former key: `id_type` and `id_type_body` of a preset. */
function presentKeys({ id, source, dedupeKey, type, bodyHash }: NewEvent): Key[] {
  return [
    { parts: [dedupeKey, type], sameBody: false },
    { parts: [dedupeKey, type, bodyHash], sameBody: true },
  ].map(({ parts, sameBody }) => {
    const key = JSON.stringify(parts);
    return { id: eventId(source, key), dedupeKey: key, former: { id, sameBody } };
  });
}

/** Whether the former key comes from a header: an Idempotency-Key is a key by itself. */
function inHeader({ headers, dedupeKey }: NewEvent, key = dedupeKey): boolean {
  return Object.values(headers).includes(key);
}

/** The stored events under the given events' ids of either version, each with its answer to {@link inHeader}. */
async function storedKeys(sql: Sql, events: readonly NewEvent[]): Promise<Map<string, ReadonlySet<boolean>>> {
  const asked = events.flatMap((event) => [
    { id: event.id, key: event.dedupeKey },
    ...presentKeys(event).map(({ id }) => ({ id, key: event.dedupeKey })),
  ]);
  const rows = await sql<{ id: string; header: boolean | null }[]>`
    select e.id, case when e.erased_at is null
      then exists (select 1 from jsonb_each_text(e.headers) h where h.value = a.key) end as header
    from json_to_recordset(${asJson(asked)}::text::json) as a(id uuid, key text) join events e on e.id = a.id
    where e.received_at > now() - ${formerKeyMs} * interval '1 millisecond'`;
  return new Map(rows.map(({ id, header }) => [id, new Set(header === null ? [true, false] : [header])]));
}
