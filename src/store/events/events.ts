/**
 * Makes events of an inbox durable. The most frequent statement is one prepared, autocommitted statement over columns,
 * so a batch of any size takes one round trip.
 */

import { conflictsPerEventMax, statementTimeoutMs } from "../../domain/limits.ts";
import { apiSource } from "../../domain/plan/direct-call.ts";
import type { EventStore, Foresight } from "../../ports/ingest/events.ts";
import { isAway, isNotNow, isRefusal } from "../postgres/connection.ts";
import type { KeptClient } from "../postgres/kept-client.ts";
import type { CommitRules } from "./commit.ts";
import { commitEvents } from "./commit-batch.ts";
import { insertNew } from "./insert-new.ts";

/**
 * @param client the inbox's kept client
 * @param timeoutMs the deadline of a commit
 */
export function eventStore(client: KeptClient, timeoutMs: number): EventStore {
  return {
    insert: (source, requests) => client.within(timeoutMs, (sql) => insertNew(sql, source, requests)),
    accept: (source, events, foresight = nothingForeseen) =>
      client.within(timeoutMs, (sql) =>
        // A caller of the API gets an error at once if its key was used with other bytes, and these bytes are not
        // stored.
        commitEvents(sql, source, events, foresight, source === apiSource ? direct : received),
      ),
    drain: (source, events, foresight = nothingForeseen) =>
      client.within(statementTimeoutMs, (sql) => commitEvents(sql, source, events, foresight, acknowledged)),
    answers: async () => void (await client.within(timeoutMs, (sql) => sql`select 1`)),
    refuses: isRefusal,
    isAway,
    isNotNow,
  };
}

const received: CommitRules = { conflictsMax: conflictsPerEventMax, acknowledged: false };
const direct: CommitRules = { conflictsMax: 0, acknowledged: false };
/** Events of a spill were acknowledged, so every event is stored. */
const acknowledged: CommitRules = { conflictsMax: 2_000_000_000, acknowledged: true };

const nothingForeseen: Foresight = { sourceVersion: 0, ends: new Map() };
