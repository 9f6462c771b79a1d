/** The statuses of calls that something has stopped. */
import type { CallStatus } from "../../domain/calls/call.ts";
import type { ClaimedOn, StopStore } from "../../ports/calling/stops.ts";
import { columns, present, select } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import type { calls } from "../schema/calls.ts";

/** A claimed call has its line. */
const claimedOnColumns = columns<typeof calls, ClaimedOn>({ id: "id", line: present("line") });

/** @param sql the request's client */
export function stopStore(sql: Sql): StopStore {
  return {
    async claimedOn(lines) {
      return lines.length === 0
        ? []
        : await sql<ClaimedOn[]>`select ${select(sql, claimedOnColumns, "calls")} from calls
            where line in ${sql([...lines])} and status = 'dialing'`;
    },
    async statusesOf(ids) {
      const rows = await sql<{ id: string; status: CallStatus }[]>`
        select c.id, c.status from json_array_elements_text(${asJson(ids)}::text::json) g join calls c on c.id = g::uuid`;
      return new Map(rows.map(({ id, status }) => [id, status]));
    },
  };
}
