import type { NotaryDeps } from "../objects/notary/notary.ts";
import { realClock } from "../platform/clock.ts";
import { chainStore } from "../store/audit/chain.ts";
import { keptClient, withDeadline } from "../store/postgres/kept-client.ts";
import { bindingsOf, identity, isolate, log } from "./isolate.ts";

/** Deadline of the notary's statements. After a restore one of them walks through all entries. */
const chainStatementMs = 50_000;

/** The dependencies of the notary object. */
export function notaryDeps(env: unknown): NotaryDeps {
  const { environment, signer, entriesAdded } = isolate(bindingsOf(env));
  const client = keptClient(environment.databaseUrl, entriesAdded);
  return {
    clock: realClock,
    log,
    identity,
    signer,
    chain: withDeadline(client, chainStatementMs, chainStore(client.sql)),
    close: client.drop,
  };
}
