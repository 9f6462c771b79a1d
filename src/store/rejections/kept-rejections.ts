/** Refused requests as they are judged again. */
import { rejectionBodiesReadBytesMax, rejectionsPerSourceMax, retiredSecretsTriedMax } from "../../domain/limits.ts";
import { decodeLooseBase64 } from "../../platform/bytes.ts";
import type {
  AcceptedRejection,
  BodyKept,
  KeptRejection,
  KeptRejectionStore,
  Presented,
  RetiredSecret,
} from "../../ports/ingest/rejections.ts";
import type { PersonAct } from "../../ports/people/decisions.ts";
import { asJson, type Sql } from "../postgres/connection.ts";

/** @param sql the request's client */
export function keptRejectionStore(sql: Sql): KeptRejectionStore {
  return {
    list: (source) => list(sql, source),
    accepted: (source, rejections, act) => accepted(sql, source, rejections, act),
    retired: (source) => retired(sql, source),
  };
}

type Row = Pick<
  KeptRejection,
  "id" | "at" | "code" | "detail" | "headers" | "bodyBytes" | "acceptedAt" | "acceptedEvents"
> & {
  method: string | null;
  url: string | null;
  requestHeaders: Record<string, string> | null;
  body: string | null;
  bodyKept: BodyKept | null;
  presented: Presented | null;
};

async function list(sql: Sql, source: string): Promise<KeptRejection[]> {
  const rows = await sql<Row[]>`
    select id, (extract(epoch from at) * 1000)::float8 as at, code, detail, headers, body_bytes as "bodyBytes", method, url,
      request_headers as "requestHeaders", case when bytes <= ${rejectionBodiesReadBytesMax} then encode(body, 'base64') end as body,
      case when body is null or bytes <= ${rejectionBodiesReadBytesMax} then body_kept else 'no_room' end as "bodyKept", presented,
      (extract(epoch from accepted_at) * 1000)::float8 as "acceptedAt", coalesce(accepted_events, '[]') as "acceptedEvents"
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
    ), done as (
      update rejections r set accepted_at = now(), accepted_events = g.events, method = null, url = null, request_headers = null,
        body = null, body_kept = 'accepted', presented = null
      from given g where r.id = g.id and r.source = ${source} and r.accepted_at is null
      returning r.id, r.accepted_events
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'rejection', id::text, 'accepted', ${actor}, ${reason}::text,
        jsonb_build_object('source', ${source}::text, 'events', accepted_events) from done
    )
    select id from done`;
  return rows.map(({ id }) => id);
}

async function retired(sql: Sql, source: string): Promise<RetiredSecret[]> {
  return await sql<RetiredSecret[]>`
    select id, sealed, (extract(epoch from retired_at) * 1000)::float8 as "retiredAt" from secrets
    where source = ${source} and retired_at is not null order by retired_at desc, id limit ${retiredSecretsTriedMax}`;
}
