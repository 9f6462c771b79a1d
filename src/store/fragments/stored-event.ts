/** Columns of events: the fields of a `StoredEvent`, as flows and replays read it, and the values of a new row. */
import type { StoredEvent } from "../../domain/events/event.ts";
import { columnNames, columns, isSet, jsonFields, jsonText, ms, present, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { events } from "../schema/events.ts";

/** The fields of a `StoredEvent` that are columns. */
export const eventContent = columns<
  typeof events,
  Pick<StoredEvent, "id" | "source" | "externalId" | "type" | "occurredAt" | "receivedAt" | "body">
>({
  id: "id",
  source: "source",
  externalId: "external_id",
  type: "type",
  occurredAt: ms("occurred_at"),
  receivedAt: ms("received_at"),
  body: "body",
});

const bodyOnce = columns<typeof events, Pick<StoredEvent, "bodyOnce">>({ bodyOnce: isSet("body_key") });

const recordColumns = columns<typeof events, NonNullable<StoredEvent["record"]>>({
  type: present("record_type"),
  id: present("record_id"),
});

const record = (sql: Sql, table: string) =>
  sql.unsafe(
    `case when ${table}.record_type is not null then json_build_object(${jsonText(recordColumns, table)}) end`,
  );

/** A `select` list. @param table the alias of `events` in the statement */
export const storedEventColumns = (sql: Sql, table: string) => sql`
    ${select(sql, eventContent, table)}, ${select(sql, bodyOnce, table)}, ${record(sql, table)} as record`;

/** Arguments of a `json_build_object`. @param table the alias of `events` in the statement */
export const storedEventFields = (sql: Sql, table: string) => sql`
    ${jsonFields(sql, eventContent, table)}, ${jsonFields(sql, bodyOnce, table)}, 'record', ${record(sql, table)}`;

const given = columnNames<typeof events>(
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
  "nth",
);
const end = columnNames<typeof events>("body_key", "state", "reason", "planned_at");

/** The columns whose values are those of the given event. */
export const givenEventColumns = (sql: Sql) => sql.unsafe(given);

/** The columns of a new event's bytes and end. They follow {@link givenEventColumns}. */
export const eventEndColumns = (sql: Sql) => sql.unsafe(end);

/** The values of the end: the event is ignored for the reason in `ended`, or has no plan yet. */
export const eventEnd = (sql: Sql) =>
  sql`case when ended is null then 'unplanned' else 'ignored' end, ended, case when ended is not null then now() end`;
