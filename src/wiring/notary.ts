import type { NotaryDeps } from "../objects/notary/notary.ts";
import { realClock } from "../platform/clock.ts";
import { chainStore } from "../store/audit/chain.ts";
import { keptClient, type Patience, withPatience } from "../store/postgres/kept-client.ts";
import { bindingsOf, identity, isolate, log } from "./isolate.ts";

/**
 * Deadlines of the notary's statements. A short one limits how long entries wait on a dead connection. After a restore,
 * one statement walks through all entries and needs the long one.
 */
const chainPatience: Patience = { minMs: 5_000, maxMs: 50_000 };

/** Dependencies of the notary object. */
export function notaryDeps(env: unknown): NotaryDeps {
  const { environment, signer, entriesAdded } = isolate(bindingsOf(env));
  const client = keptClient(environment.databaseUrl, entriesAdded);
  return {
    clock: realClock,
    log,
    identity,
    signer,
    chain: withPatience(client, chainPatience, chainStore(client.sql)),
    close: client.drop,
  };
}
