/**
 * The events of a request as columns of text. They are built once, by the Worker that read the request. The inbox joins
 * them with those of other requests without parsing them. It parses only events that have to be planned, spilled, or
 * compared with a stored event. Pure.
 */
import type { ReasonCode } from "../reasons.ts";
import type { Acceptance, NewEvent, VerifiedBy } from "./event.ts";
import { arrayElements, isStorable, readElements } from "./text-array.ts";

/**
 * Version of {@link preparedColumns}. Increase it with every change of the list: Workers and objects of two versions
 * run side by side during a deployment, and columns are identified by position alone.
 */
const columnsVersion = 1;

/** Columns of one event, in order. The last one is for {@link restoreEvents} only. */
export const preparedColumns = [
  "id",
  "former_id",
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
  "body_key",
  "ended",
  "former_same_body",
] as const;

type Column = (typeof preparedColumns)[number];
type EventRow = Readonly<Record<Column, string | null>>;

/** Events of one request, which share one verification. */
export type PreparedEvents = {
  readonly verified: VerifiedBy;
  readonly version: number;
  readonly ids: readonly string[];
  /** Positions of the events whose end is not known yet. */
  readonly toPlan: readonly number[];
  /** Elements of each column, without braces. */
  readonly columns: readonly string[];
};

/** Foreseen ends by event id, from the version of the source that verified the events. */
type Ends = ReadonlyMap<string, ReasonCode>;

/**
 * @returns The columns. Null if the verification of the events is unknown, if an earlier version made their ids, or if
 *   they contain text that Postgres cannot store: such events are sent without this preparation.
 */
export function prepareEvents(events: readonly NewEvent[], ends: Ends): PreparedEvents | null {
  const verified = events[0]?.verified;
  if (verified === undefined) return null;
  const rows: EventRow[] = [];
  let headers = { of: events[0]?.headers, text: JSON.stringify(events[0]?.headers) };
  for (const event of events) {
    if (event.former === undefined || !isSame(event.verified, verified)) return null;
    // The events of a request share its headers, which are serialized once.
    if (event.headers !== headers.of) headers = { of: event.headers, text: JSON.stringify(event.headers) };
    const row = rowOf(event, headers.text, ends.get(event.id) ?? null);
    if (!preparedColumns.every((column) => row[column] === null || isStorable(row[column]))) return null;
    rows.push(row);
  }
  return {
    verified,
    version: columnsVersion,
    ids: events.map(({ id }) => id),
    toPlan: rows.flatMap(({ ended }, index) => (ended === null ? [index] : [])),
    columns: preparedColumns.map((column) => arrayElements(rows.map((row) => row[column]))),
  };
}

/** Whether this version of the code knows the columns. */
export function knowsColumns({ version, columns }: PreparedEvents): boolean {
  return version === columnsVersion && columns.length === preparedColumns.length;
}

/** @returns The events as they were before {@link prepareEvents}. */
export function restoreEvents(source: string, { verified, columns }: PreparedEvents): NewEvent[] {
  const lists = columns.map(readElements);
  return (lists[0] ?? []).map((_, index) => {
    const row = Object.fromEntries(preparedColumns.map((column, at) => [column, lists[at]?.[index] ?? null]));
    return eventOf(source, verified, row as EventRow);
  });
}

const isSame = (one: VerifiedBy | undefined, other: VerifiedBy): boolean =>
  one?.secretId === other.secretId && one.sourceVersion === other.sourceVersion;

function rowOf(event: NewEvent, headers: string, ended: ReasonCode | null): EventRow {
  const { former, record } = event;
  return {
    id: event.id,
    former_id: former?.id ?? null,
    dedupe_key: event.dedupeKey,
    external_id: event.externalId,
    type: event.type,
    // The statement takes JSON, in which a value that is no finite number is null.
    occurred_at: Number.isFinite(event.occurredAt) ? String(event.occurredAt) : null,
    order_number: event.orderNumber,
    order_number_key: event.orderNumberKey,
    record_type: record?.type ?? null,
    record_id: record?.id ?? null,
    headers,
    body: event.body,
    body_hash: event.bodyHash,
    body_key: event.bodyKey ?? null,
    ended,
    former_same_body: former == null ? null : String(former.sameBody),
  };
}

function eventOf(source: string, verified: VerifiedBy, row: EventRow): NewEvent {
  const { record_type: type, record_id: id } = row;
  return {
    id: row.id ?? "",
    source,
    dedupeKey: row.dedupe_key ?? "",
    former: row.former_id === null ? null : { id: row.former_id, sameBody: row.former_same_body === "true" },
    externalId: row.external_id,
    type: row.type ?? "",
    occurredAt: row.occurred_at === null ? null : Number(row.occurred_at),
    orderNumber: row.order_number,
    orderNumberKey: row.order_number_key,
    record: type === null || id === null ? null : { type, id },
    body: row.body ?? "",
    bodyHash: row.body_hash ?? "",
    ...(row.body_key === null ? {} : { bodyKey: row.body_key }),
    headers: JSON.parse(row.headers ?? "{}"),
    verified,
  };
}

/** The acceptance of an ordinary event. */
export function acceptedAsNew(id: string): Acceptance {
  return { id, duplicate: false, conflict: false };
}
