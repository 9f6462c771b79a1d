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

/** Longest time of a sweep. The next one starts after a minute. */
const sweepMs = 55_000;

/** Connection of a sweep. It may take longer to connect than an object's, since no sender waits for it. */
const sweepConnection = { idleSeconds: 5, connectSeconds: 10 };

/** Cron's handler. It waits for the notary's pokes: otherwise the runtime may end the event before they are sent. */
export async function runSweep(env: unknown, context: Pick<ExecutionContext, "waitUntil">): Promise<void> {
  const { environment, announceEntries } = isolate(bindingsOf(env));
  const sql = connect(environment.databaseUrl, sweepConnection, (when) => context.waitUntil(announceEntries(when)));
  try {
    const swept = await withinDeadline(sweep(sweepPorts(env, sql)), sweepMs);
    log.info("swept", swept);
  } catch (error) {
    // The next minute's sweep repeats everything.
    log.error("sweep failed", { error });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Dependencies of one sweep. `sql` is its own, and is closed afterwards. */
export function sweepPorts(env: unknown, sql: Sql): SweepPorts {
  const bindings = bindingsOf(env);
  const { environment, notary, dispatcher, taskRunner } = isolate(bindings);
  const store = sweepStore(sql);
  return {
    sweep: { ...store, check: async () => (await store.check()) + (await checkProofs(sql)) },
    stops: stopStore(sql),
    stopFailed: (stop, error) =>
      log.error("a stop made no progress: its calls still wait, and none rings", { stop, error }),
    fields: fieldStore(sql),
    directory: directoryStub(reach(bindings.DIRECTORY, environment.dbRegion)),
    inboxes: inboxStubs(reach(bindings.INBOX, environment.dbRegion), realClock.now),
    lines: lineStubs(reach(bindings.LINE, environment.dbRegion)),
    notary,
    dispatcher,
    taskRunner,
  };
}
