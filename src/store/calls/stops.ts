/** The statuses of calls that something has stopped. */
import type { CallStatus } from "../../domain/calls/call.ts";
import type { StopStore } from "../../ports/calling/stops.ts";
import { asJson, type Sql } from "../postgres/connection.ts";

/** @param sql the request's client */
export function stopStore(sql: Sql): StopStore {
  return {
    async statusesOf(ids) {
      const rows = await sql<{ id: string; status: CallStatus }[]>`
        select c.id, c.status from json_array_elements_text(${asJson(ids)}::text::json) g join calls c on c.id = g::uuid`;
      return new Map(rows.map(({ id, status }) => [id, status]));
    },
  };
}
