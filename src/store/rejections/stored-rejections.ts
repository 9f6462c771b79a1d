/** Rejections with their stored requests, to verify them again. */
import { rejectionsPerSourceMax } from "../../domain/limits.ts";
import { decodeLooseBase64 } from "../../platform/bytes.ts";
import type { BodyKept, Presented } from "../../ports/ingest/rejections.ts";
import type {
  AcceptedRejection,
  RetiredSecret,
  StoredRejection,
  StoredRejectionStore,
} from "../../ports/ingest/stored-rejections.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import { columns, ms, orEmpty, present, select, value } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import type { rejections as rejectionsTable } from "../schema/rejections.ts";
import type { secrets } from "../schema/sources.ts";
import { newestMinutes } from "./refused-minutes.ts";

/** Bytes of stored bodies that one read returns, the newest first. A Worker has 128 MB. */
const rejectionBodiesReadBytesMax = 8_388_608;

/** Retired secrets of a source that the doctor tries on a rejected signature. */
const retiredSecretsTriedMax = 10;

/** @param sql the request's client */
export function storedRejectionStore(sql: Sql): StoredRejectionStore {
  return {
    list: (source) => list(sql, source),
    minutes: (source) => newestMinutes(sql, source),
    accepted: (source, rejections, act) => accepted(sql, source, rejections, act),
    retired: (source) => retired(sql, source),
  };
}

type RowColumns = Omit<StoredRejection, "kept" | "request"> & {
  method: string | null;
  url: string | null;
  requestHeaders: Record<string, string> | null;
  presented: Presented | null;
};
type Row = RowColumns & {
  body: string | null;
  bodyKept: BodyKept | null;
};

const rowColumns = columns<typeof rejectionsTable, RowColumns>({
  id: "id",
  at: ms("at"),
  code: "code",
  detail: "detail",
  headers: "headers",
  bodyBytes: "body_bytes",
  method: "method",
  url: "url",
  requestHeaders: "request_headers",
  presented: "presented",
  acceptedAt: ms("accepted_at"),
  acceptedEvents: orEmpty("accepted_events"),
});
const keptColumns = columns<typeof rejectionsTable, Pick<Row, "bodyKept">>({ bodyKept: "body_kept" });

const retiredColumns = columns<typeof secrets, RetiredSecret>({
  id: "id",
  sealed: "sealed",
  // The statement reads retired secrets only.
  retiredAt: present(ms("retired_at")),
});

async function list(sql: Sql, source: string): Promise<StoredRejection[]> {
  const rows = await sql<Row[]>`
    select ${select(sql, rowColumns, "newest")},
      case when bytes <= ${rejectionBodiesReadBytesMax} then encode(body, 'base64') end as body,
      case when body is null or bytes <= ${rejectionBodiesReadBytesMax} then ${value(sql, keptColumns, "newest")}
        else 'no_room' end as "bodyKept"
    from (
      select *, sum(octet_length(body)) over (order by at desc, id) as bytes from rejections where source = ${source}
      order by at desc, id limit ${rejectionsPerSourceMax}) newest
    order by at desc, id`;
  return rows.map(({ method, url, requestHeaders, body, bodyKept, presented, ...row }) => ({
    ...row,
    request:
      bodyKept === null
        ? null
        : {
            method: method ?? "POST",
            url,
            headers: requestHeaders ?? {},
            body: body === null ? null : decodeLooseBase64(body),
            bodyKept,
            presented,
          },
  }));
}

async function accepted(
  sql: Sql,
  source: string,
  rejections: readonly AcceptedRejection[],
  { actor, reason }: PersonAct,
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    with given as (
      select * from json_to_recordset(${asJson(rejections)}::text::json) as g(id uuid, events jsonb)
    ), accepted as (
      update rejections r set accepted_at = now(), accepted_events = g.events, method = null, url = null,
        request_headers = null, body = null, body_kept = 'accepted', presented = null
      from given g where r.id = g.id and r.source = ${source} and r.accepted_at is null
      returning r.id, r.accepted_events
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'rejection', id::text, 'accepted', ${actor}, ${reason}::text,
        jsonb_build_object('source', ${source}::text, 'events', accepted_events) from accepted
    )
    select id from accepted`;
  return rows.map(({ id }) => id);
}

async function retired(sql: Sql, source: string): Promise<RetiredSecret[]> {
  return await sql<RetiredSecret[]>`
    select ${select(sql, retiredColumns, "secrets")} from secrets
    where source = ${source} and retired_at is not null order by retired_at desc, id limit ${retiredSecretsTriedMax}`;
}
