/** What an isolate makes once from its environment. The wiring is the only room that knows flows and adapters both. */

import { webhooks } from "../crm/webhooks.ts";
import { apiSource } from "../domain/plan/direct-call.ts";
import { type Environment, readEnvironment } from "../environment.ts";
import { notaryStub, reach } from "../objects/stubs.ts";
import { realClock } from "../platform/clock.ts";
import { eventId, randomId, sha256Hex } from "../platform/hashes.ts";
import { createLog } from "../platform/log.ts";
import { createSealer, type Sealer } from "../platform/seal.ts";
import { createSigner } from "../platform/sign.ts";
import type { Notary } from "../ports/audit/chain.ts";
import type { SourceStore } from "../ports/ingest/sources.ts";

export const log = createLog();
export const identity = { eventId, sha256Hex, randomId };

/** The bindings of wrangler.toml that are no variables. */
export type Bindings = {
  DIRECTORY: DurableObjectNamespace;
  INBOX: DurableObjectNamespace;
  LINE: DurableObjectNamespace;
  NOTARY: DurableObjectNamespace;
};

type Isolate = {
  environment: Environment;
  sealer: Sealer;
  signer: ReturnType<typeof createSigner>;
  webhooks: ReturnType<typeof webhooks>;
  notary: Notary;
  /** Pokes the notary, and waits for nothing. Every client of Postgres is given it, so no write of entries is left out. */
  entriesAdded(): void;
};
const isolates = new WeakMap<object, Isolate>();

/** @returns The same for the same environment. */
export function isolate(env: Bindings): Isolate {
  const known = isolates.get(env);
  if (known !== undefined) return known;
  const environment = readEnvironment(env);
  const sealer = createSealer(environment.sealingKeys);
  const notary = notaryStub(reach(env.NOTARY, environment.dbRegion), realClock.now);
  const made: Isolate = {
    environment,
    sealer,
    signer: createSigner(environment.receiptKeys),
    webhooks: webhooks(sealer),
    notary,
    entriesAdded: () => void notary.poke(),
  };
  isolates.set(env, made);
  return made;
}

/** The runtime gives every entry point the bindings that wrangler.toml declares. */
export function bindingsOf(env: unknown): Bindings {
  return env as Bindings;
}

/** The built-in source has no country of its own. Calls that are asked for directly have the service's. */
export function withCountry(sources: SourceStore, country: string): SourceStore {
  return {
    lines: () => sources.lines(),
    capture: (slug, secret) => sources.capture(slug, secret),
    wentBack: (slug, lost) => sources.wentBack(slug, lost),
    async copy(slug) {
      const copy = await sources.copy(slug);
      return copy !== null && slug === apiSource ? { ...copy, country: copy.country ?? country } : copy;
    },
  };
}
