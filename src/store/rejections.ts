/** Rejections: the newest of each source, written in batches by its inbox. */
import { rejectionsPerSourceMax } from "../domain/limits.ts";
import type { RejectionStore } from "../ports/inbox.ts";
import { asJson, type Sql } from "./connection.ts";

/** @param sql gives the client; an object's may change between statements. */
export function rejectionStore(sql: () => Sql): RejectionStore {
  return {
    async write(source, rejections) {
      const rows = rejections.map(({ bodyBytes, ...row }) => ({ ...row, body_bytes: bodyBytes }));
      await sql()`
        with given as (
          select * from json_to_recordset(${asJson(rows)}::text::json)
            as r(id uuid, at float8, code text, detail text, headers jsonb, body_bytes int)
        ), written as (
          insert into rejections (id, source, at, code, detail, headers, body_bytes)
          select id, ${source}, to_timestamp(at / 1000), code, detail, headers, body_bytes from given
          on conflict do nothing
        )
        delete from rejections where source = ${source} and id in (
          select id from rejections where source = ${source} order by at desc
          offset greatest(0, ${rejectionsPerSourceMax} - (select count(*) from given)))`;
    },
  };
}
