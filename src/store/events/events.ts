/**
 * Events, as their inbox needs them: its two hot statements, and the events that a crash left without a plan.
 *
 * A hot statement is one prepared, autocommitted statement over JSON parameters: one round trip for a batch of any size.
 */

import type { StoredEvent } from "../../domain/events/event.ts";
import { commitBytesMax, statementTimeoutMs } from "../../domain/limits.ts";
import type { EventStore, Foresight } from "../../ports/ingest/events.ts";
import { isPaused } from "../fragments/paused.ts";
import { storedEventColumns } from "../fragments/stored-event.ts";
import { isAway, isNotNow, isRefusal, type Sql } from "../postgres/connection.ts";
import type { KeptClient } from "../postgres/kept-client.ts";
import { commitEvents } from "./commit.ts";
import { fetchQueue } from "./fetches.ts";
import { writePlans } from "./plans.ts";

/**
 * @param client the inbox's kept client
 * @param timeoutMs the deadline of a commit
 */
export function eventStore(client: KeptClient, timeoutMs: number): EventStore {
  return {
    accept: (source, events, foresight = nothingForeseen) =>
      client.within(timeoutMs, (sql) => commitEvents(sql, source, events, foresight)),
    drain: (source, events, foresight = nothingForeseen) =>
      client.within(statementTimeoutMs, (sql) => commitEvents(sql, source, events, foresight)),
    answers: async () => void (await client.within(timeoutMs, (sql) => sql`select 1`)),
    plan: (plans) => client.within(statementTimeoutMs, (sql) => writePlans(sql, plans)),
    refuses: isRefusal,
    isAway,
    isNotNow,
    unplanned: (source, limit) => client.within(statementTimeoutMs, (sql) => unplanned(sql, source, limit)),
    ...fetchQueue(client),
  };
}

const nothingForeseen: Foresight = { sourceVersion: 0, ends: new Map() };

/** The oldest events without a plan: at most `limit`, and as many bytes as an object can hold, but at least one event. */
async function unplanned(sql: Sql, source: string, limit: number): Promise<StoredEvent[]> {
  return await sql<StoredEvent[]>`
    select ${storedEventColumns(sql, "e")}
    from (
      select *, sum(octet_length(body)) over (order by received_at, nth, id) - octet_length(body) as before
      from (select * from events where source = ${source} and state = 'unplanned' and fetch_at is null
          and not ${isPaused(sql, sql`${source}`)}
        order by received_at, nth, id limit ${limit}) oldest
    ) e
    where before < ${commitBytesMax} order by received_at, nth, id`;
}
