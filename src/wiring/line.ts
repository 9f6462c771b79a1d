import { statementTimeoutMs } from "../domain/limits.ts";
import { mihuVoice } from "../mihu/client.ts";
import type { LineDeps } from "../objects/line/line.ts";
import { realClock } from "../platform/clock.ts";
import { claimStore } from "../store/calls/claims.ts";
import { linePauseStore } from "../store/calls/line-pauses.ts";
import { reconciliationStore } from "../store/calls/reconciliations.ts";
import { outcomeReportStore } from "../store/calls/reports.ts";
import { resultStore } from "../store/calls/results.ts";
import { settlementStore } from "../store/calls/settlements.ts";
import { windowStore } from "../store/calls/windows.ts";
import { keptClient, withDeadline } from "../store/postgres/kept-client.ts";
import { bindingsOf, isolate, log } from "./isolate.ts";

/** Dependencies of a line object. */
export function lineDeps(env: unknown): LineDeps {
  const { environment, entriesAdded } = isolate(bindingsOf(env));
  const client = keptClient(environment.databaseUrl, entriesAdded, environment.idleConnectionMs);
  const bounded = <Store extends object>(store: Store) => withDeadline(client, statementTimeoutMs, store);
  return {
    clock: realClock,
    log,
    claims: bounded(claimStore(client.sql)),
    results: bounded(resultStore(client.sql)),
    pauses: bounded(linePauseStore(client.sql)),
    windows: bounded(windowStore(client.sql)),
    settlements: bounded(settlementStore(client.sql)),
    reconciliations: bounded(reconciliationStore(client.sql)),
    reports: bounded(outcomeReportStore(client.sql)),
    voice: mihuVoice({ baseUrl: environment.mihuBaseUrl, token: environment.mihuToken, clock: realClock }),
  };
}
