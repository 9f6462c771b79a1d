/** Rejections: the newest of each source, written in batches by its inbox. */
import { rejectionsPerSourceMax } from "../../domain/limits.ts";
import { encodeBase64 } from "../../platform/bytes.ts";
import type { Rejection, RejectionStore } from "../../ports/ingest/rejections.ts";
import { asJson, type Sql } from "../postgres/connection.ts";

/** Hours for which counts of rejected requests are stored. */
const refusedMinutesKeptHours = 24;

/** @param sql returns the current client: an object has a new one after it dropped the last */
export function rejectionStore(sql: () => Sql): RejectionStore {
  return {
    async write(source, rejections, minutes) {
      await sql()`
        with given as (
          select * from json_to_recordset(${asJson(rejections.map(rowOf))}::text::json)
            as r(id uuid, at float8, code text, detail text, headers jsonb, body_bytes int, method text, url text,
              request_headers jsonb, body text, body_kept text, presented jsonb)
        ), written as (
          insert into rejections (id, source, at, code, detail, headers, body_bytes, method, url, request_headers, body,
            body_kept, presented)
          select id, ${source}, to_timestamp(at / 1000), code, detail, headers, body_bytes, method, url, request_headers,
            decode(body, 'base64'), body_kept, presented from given
          on conflict do nothing
        ), counted as (
          insert into refused_minutes as m (source, at, refused, failed_signatures, not_stored)
          select ${source}, to_timestamp(at / 1000), refused, "failedSignatures", "notStored"
          from json_to_recordset(${asJson(minutes)}::text::json)
            as r(at float8, refused int, "failedSignatures" int, "notStored" int)
          on conflict (source, at) do update set refused = m.refused + excluded.refused,
            failed_signatures = m.failed_signatures + excluded.failed_signatures, not_stored = m.not_stored + excluded.not_stored
        ), minutes_deleted as (
          delete from refused_minutes
          where source = ${source} and at < now() - ${refusedMinutesKeptHours} * interval '1 hour'
        )
        delete from rejections where source = ${source} and id in (
          select id from rejections where source = ${source} order by at desc
          offset greatest(0, ${rejectionsPerSourceMax} - (select count(*) from given)))`;
    },
  };
}

function rowOf({ id, at, code, detail, headers, bodyBytes, kept }: Rejection) {
  const row = { id, at, code, detail, headers, body_bytes: bodyBytes };
  if (kept === undefined) return row;
  return {
    ...row,
    method: kept.method,
    url: kept.url,
    request_headers: kept.headers,
    body: kept.body === null ? null : encodeBase64(kept.body),
    body_kept: kept.bodyKept,
    presented: kept.presented,
  };
}
