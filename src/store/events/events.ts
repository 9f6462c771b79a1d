/**
 * Events as their inbox makes them durable. The hot statement is one prepared, autocommitted statement over JSON parameters: one round
 * trip for a batch of any size.
 */

import { statementTimeoutMs } from "../../domain/limits.ts";
import type { EventStore, Foresight } from "../../ports/ingest/events.ts";
import { isAway, isNotNow, isRefusal } from "../postgres/connection.ts";
import type { KeptClient } from "../postgres/kept-client.ts";
import { commitEvents } from "./commit.ts";

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
    refuses: isRefusal,
    isAway,
    isNotNow,
  };
}

const nothingForeseen: Foresight = { sourceVersion: 0, ends: new Map() };
