import { fetchGate } from "../crm/fetching/recent-answers.ts";
import { records } from "../crm/fetching/records.ts";
import { statementTimeoutMs } from "../domain/limits.ts";
import type { InboxDeps } from "../objects/inbox/inbox.ts";
import { directoryStub, lineStubs, reach, spillDirectoryStub } from "../objects/stubs.ts";
import { pause, realClock } from "../platform/clock.ts";
import { sourceStore } from "../store/config/sources.ts";
import { eventStore } from "../store/events/events.ts";
import { fetchQueue } from "../store/events/fetches.ts";
import { planStore } from "../store/events/plans.ts";
import { keptClient, withDeadline } from "../store/postgres/kept-client.ts";
import { rejectionStore } from "../store/rejections/rejections.ts";
import { bindingsOf, isolate, log, withCountry } from "./isolate.ts";

/**
 * Deadline of a batch's commit. After it the inbox closes the connection and spills the batch. The strictest senders
 * wait for 3 s.
 */
const commitTimeoutMs = 1_000;

/** Dependencies of an inbox object. */
export function inboxDeps(env: unknown): InboxDeps {
  const bindings = bindingsOf(env);
  const { environment, sealer, entriesAdded } = isolate(bindings);
  const client = keptClient(environment.databaseUrl, entriesAdded, environment.idleConnectionMs);
  const directory = directoryStub(reach(bindings.DIRECTORY, environment.dbRegion));
  const bounded = <Store extends object>(store: Store) => withDeadline(client, statementTimeoutMs, store);
  return {
    clock: realClock,
    log,
    events: { ...eventStore(client, commitTimeoutMs), ...planStore(client), ...fetchQueue(client) },
    sources: withCountry(bounded(sourceStore(client.sql)), environment.defaultCountry),
    rejections: bounded(rejectionStore(client.sql)),
    lines: lineStubs(reach(bindings.LINE, environment.dbRegion)),
    records: records({
      sealer,
      clock: realClock,
      local: environment.mode === "local",
      gate: fetchGate(realClock, pause),
    }),
    names: { add: (names) => directory.add(names) },
    spills: spillDirectoryStub(reach(bindings.INBOX, environment.dbRegion)),
  };
}
