import type { DirectoryDeps } from "../objects/directory/directory.ts";
import { inboxStubs, reach } from "../objects/stubs.ts";
import { realClock } from "../platform/clock.ts";
import { DeadlineExceeded, withinDeadline } from "../platform/deadline.ts";
import { webhookLines } from "../store/config/lines.ts";
import { sourceNameStore } from "../store/config/source-names.ts";
import { healthLookups } from "../store/lookups/readiness.ts";
import { isAway } from "../store/postgres/connection.ts";
import { keptClient, withDeadline } from "../store/postgres/kept-client.ts";
import { bindingsOf, isolate, log } from "./isolate.ts";

/**
 * Deadline for Postgres and for the inboxes. It is longer than that of a request: a machine busy with a flood must not
 * count as without Postgres.
 */
const readyMs = 3_500;

/** Deadline for the inboxes after Postgres did not answer. */
const inboxesAgainMs = 1_000;

/** Deadline for the names of all sources, and for the keys of all lines. */
const namesMs = 5_000;

/** Dependencies of the directory object. */
export function directoryDeps(env: unknown): DirectoryDeps {
  const bindings = bindingsOf(env);
  const { environment, sealer, entriesAdded } = isolate(bindings);
  const client = keptClient(environment.databaseUrl, entriesAdded);
  const inboxes = inboxStubs(reach(bindings.INBOX, environment.dbRegion), realClock.now);
  return {
    clock: realClock,
    log,
    isAway: (error) => isAway(error) || error instanceof DeadlineExceeded,
    lookups: withDeadline(client, readyMs, {
      readiness: () => healthLookups(client.sql(), sealer.kids, realClock.now, environment.reviewOverdueMs).readiness(),
    }),
    inboxes: { spills: () => withinDeadline(inboxes.spills(), readyMs) },
    inboxesAgain: { spills: () => withinDeadline(inboxes.spills(), inboxesAgainMs) },
    names: withDeadline(client, namesMs, sourceNameStore(client.sql)),
    keys: withDeadline(client, namesMs, { read: () => webhookLines(client.sql()) }),
  };
}
