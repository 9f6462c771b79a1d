import { type SweepPorts, sweep } from "../flows/sweep.ts";
import { directoryStub, inboxStubs, lineStubs, reach } from "../objects/stubs.ts";
import { realClock } from "../platform/clock.ts";
import { withinDeadline } from "../platform/deadline.ts";
import { checkProofs } from "../store/audit/proofs.ts";
import { stopStore } from "../store/calls/stops.ts";
import { fieldStore } from "../store/events/fields.ts";
import { connect, type Sql } from "../store/postgres/connection.ts";
import { sweepStore } from "../store/sweep.ts";
import { bindingsOf, isolate, log } from "./isolate.ts";

/** How long a sweep may take: the next comes after a minute. */
const sweepMs = 55_000;

/** A sweep's connection. It may take longer to connect than an object's, since nobody waits for a sweep. */
const sweepConnection = { idleSeconds: 5, connectSeconds: 10 };

/** Cron's handler. The runtime waits for the notary's pokes: without that it may end the event before they are sent. */
export async function runSweep(env: unknown, context: Pick<ExecutionContext, "waitUntil">): Promise<void> {
  const { environment, notary } = isolate(bindingsOf(env));
  const sql = connect(environment.databaseUrl, sweepConnection, () => context.waitUntil(notary.poke()));
  try {
    const swept = await withinDeadline(sweep(sweepPorts(env, sql)), sweepMs);
    log.info("swept", swept);
  } catch (error) {
    // The next minute's sweep does it all again.
    log.error("sweep failed", { error });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** The dependencies of one sweep. `sql` is its own, and closed after it. */
export function sweepPorts(env: unknown, sql: Sql): SweepPorts {
  const bindings = bindingsOf(env);
  const { environment, notary } = isolate(bindings);
  const store = sweepStore(sql);
  return {
    sweep: { ...store, check: async () => (await store.check()) + (await checkProofs(sql)) },
    stops: stopStore(sql),
    stopFailed: (stop, error) => log.error("a stop was not advanced: its calls wait, and none rings", { stop, error }),
    fields: fieldStore(sql),
    directory: directoryStub(reach(bindings.DIRECTORY, environment.dbRegion)),
    inboxes: inboxStubs(reach(bindings.INBOX, environment.dbRegion), realClock.now),
    lines: lineStubs(reach(bindings.LINE, environment.dbRegion)),
    notary,
  };
}
