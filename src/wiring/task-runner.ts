import { fetchGate } from "../crm/fetching/recent-answers.ts";
import { records } from "../crm/fetching/records.ts";
import { statementTimeoutMs } from "../domain/limits.ts";
import { lineStubs, reach } from "../objects/stubs.ts";
import type { TaskRunnerDeps } from "../objects/task-runner/task-runner.ts";
import { pause, realClock } from "../platform/clock.ts";
import { decisionStore } from "../store/calls/decisions.ts";
import { stopStore } from "../store/calls/stops.ts";
import { sourceStore } from "../store/config/sources.ts";
import { replayStore } from "../store/events/replays.ts";
import { keptClient, withDeadline } from "../store/postgres/kept-client.ts";
import { taskSteps } from "../store/tasks/steps.ts";
import { bindingsOf, isolate, log, withCountry } from "./isolate.ts";

/** Dependencies of the task runner object. */
export function taskRunnerDeps(env: unknown): TaskRunnerDeps {
  const bindings = bindingsOf(env);
  const { environment, sealer, entriesAdded } = isolate(bindings);
  const client = keptClient(environment.databaseUrl, entriesAdded, environment.idleConnectionMs);
  const bounded = <Store extends object>(store: Store) => withDeadline(client, statementTimeoutMs, store);
  const gate = fetchGate(realClock, pause);
  const lines = lineStubs(reach(bindings.LINE, environment.dbRegion));
  return {
    clock: realClock,
    log,
    ports() {
      const sql = client.sql();
      return {
        clock: realClock,
        defaultCountry: environment.defaultCountry,
        decisions: bounded(decisionStore(sql)),
        stops: bounded(stopStore(sql)),
        replays: bounded(replayStore(sql)),
        sources: withCountry(bounded(sourceStore(client.sql)), environment.defaultCountry),
        records: records({ sealer, clock: realClock, local: environment.mode === "local", gate }),
        lines,
        steps: bounded(taskSteps(client.sql)),
      };
    },
    close: client.drop,
  };
}
