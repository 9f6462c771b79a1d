import { statementTimeoutMs } from "../domain/limits.ts";
import { mihuVoice } from "../mihu/client.ts";
import type { LineDeps } from "../objects/line/line.ts";
import { realClock } from "../platform/clock.ts";
import { callStore } from "../store/calls/calls.ts";
import { keptClient, withDeadline } from "../store/postgres/kept-client.ts";
import { bindingsOf, isolate, log } from "./isolate.ts";

/** The dependencies of a line object. */
export function lineDeps(env: unknown): LineDeps {
  const { config, entriesAdded } = isolate(bindingsOf(env));
  const client = keptClient(config.databaseUrl, entriesAdded);
  return {
    clock: realClock,
    log,
    calls: withDeadline(client, statementTimeoutMs, callStore(client.sql)),
    voice: mihuVoice({ baseUrl: config.mihuBaseUrl, token: config.mihuToken, clock: realClock }),
  };
}
