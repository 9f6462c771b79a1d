import { statementTimeoutMs } from "../domain/limits.ts";
import type { DispatcherDeps } from "../objects/dispatcher/dispatcher.ts";
import { notifierStubs } from "../objects/hook-stubs.ts";
import { reach } from "../objects/stubs.ts";
import { realClock } from "../platform/clock.ts";
import { dispatchStore } from "../store/hooks/dispatch.ts";
import { outboxStore } from "../store/hooks/outbox.ts";
import { redeliveryStore } from "../store/hooks/redeliveries.ts";
import { keptClient, withDeadline } from "../store/postgres/kept-client.ts";
import { bindingsOf, isolate, log } from "./isolate.ts";

/** Dependencies of the dispatcher object. */
export function dispatcherDeps(env: unknown): DispatcherDeps {
  const bindings = bindingsOf(env);
  const { environment, notary } = isolate(bindings);
  // It reads its own entries in the same step, and so needs no poke.
  const client = keptClient(environment.databaseUrl, () => void notary.poke(), environment.idleConnectionMs, false);
  const bounded = <Store extends object>(store: Store) => withDeadline(client, statementTimeoutMs, store);
  return {
    clock: realClock,
    log,
    random: () => Math.random(),
    publicUrl: environment.publicUrl,
    entryFailed: (entry, error) => log.error("an entry is told to no hook", { entry: entry.id, error }),
    outbox: bounded(outboxStore(client.sql)),
    dispatch: bounded(dispatchStore(client.sql)),
    redeliveries: bounded(redeliveryStore(client.sql)),
    notifiers: notifierStubs(reach(bindings.NOTIFIER, environment.dbRegion)),
    announce: (hasHooks) => notary.announceHooks(hasHooks),
    close: client.drop,
  };
}
