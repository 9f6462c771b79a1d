import type { Sql } from "../postgres/connection.ts";

/**
 * Days for which a rejected request's body is stored. A secret is usually corrected sooner, and the body holds
 * customers' texts.
 */
const rejectionRequestsKeptDays = 7;

/**
 * Deletes the stored requests of old rejections. They hold customers' texts and are no longer useful for repairing a
 * source.
 */
export async function expireRejectedBodies(sql: Sql): Promise<void> {
  await sql`
    update rejections set method = null, url = null, request_headers = null, body = null, presented = null,
      body_kept = case when body_kept = 'whole' then 'forgotten' else body_kept end
    where method is not null and at < now() - ${rejectionRequestsKeptDays} * interval '1 day'`;
}
