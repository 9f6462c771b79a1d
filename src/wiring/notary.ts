import { chainStatementMs } from "../domain/limits.ts";
import type { NotaryDeps } from "../objects/notary/notary.ts";
import { realClock } from "../platform/clock.ts";
import { chainStore } from "../store/audit/chain.ts";
import { keptClient, withDeadline } from "../store/postgres/kept-client.ts";
import { bindingsOf, identity, isolate, log } from "./isolate.ts";

/** The dependencies of the notary object. */
export function notaryDeps(env: unknown): NotaryDeps {
  const { config, signer, entriesAdded } = isolate(bindingsOf(env));
  const client = keptClient(config.databaseUrl, entriesAdded);
  return {
    clock: realClock,
    log,
    identity,
    signer,
    chain: withDeadline(client, chainStatementMs, chainStore(client.sql)),
    close: client.drop,
  };
}
