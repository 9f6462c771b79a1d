/** Entries about people who read data that is masked for others. */
import type { ReadingLog } from "../../ports/lookups/entries.ts";
import { asJson, type Sql } from "../postgres/connection.ts";

/** @param sql the request's client */
export function readingLog(sql: Sql): ReadingLog {
  return {
    async noteRead({ subject, subjectId, action, actor, reason, data }) {
      await sql`insert into entries (subject, subject_id, action, actor, reason, data)
        values (${subject}, ${subjectId}, ${action}, ${actor}, ${reason}, ${asJson(data)}::text::jsonb)`;
    },
  };
}
