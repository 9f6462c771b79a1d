/** Objects that an isolate creates once from its environment. Only `src/wiring/` knows both flows and adapters. */

import { webhooks } from "../crm/webhooks.ts";
import { apiSource } from "../domain/plan/direct-call.ts";
import { type Environment, readEnvironment } from "../environment.ts";
import { dispatcherStub } from "../objects/hook-stubs.ts";
import { notaryStub, reach } from "../objects/stubs.ts";
import { taskRunnerStub } from "../objects/task-runner/task-runner-stub.ts";
import { realClock } from "../platform/clock.ts";
import { eventId, randomId, sha256Hex } from "../platform/hashes.ts";
import { createLog } from "../platform/log.ts";
import { createSealer, type Sealer } from "../platform/seal.ts";
import { createSigner } from "../platform/sign.ts";
import type { Notary } from "../ports/audit/chain.ts";
import type { Dispatcher } from "../ports/hooks/dispatcher.ts";
import type { SourceStore } from "../ports/ingest/sources.ts";
import type { TaskWaker } from "../ports/tasks/steps.ts";
import type { EntriesNotice } from "../store/postgres/notifying-client.ts";

export const log = createLog();
export const identity = { eventId, sha256Hex, randomId };

/** Bindings of wrangler.toml, without variables. */
export type Bindings = {
  DIRECTORY: DurableObjectNamespace;
  INBOX: DurableObjectNamespace;
  LINE: DurableObjectNamespace;
  NOTARY: DurableObjectNamespace;
  DISPATCHER: DurableObjectNamespace;
  NOTIFIER: DurableObjectNamespace;
  TASK_RUNNER: DurableObjectNamespace;
};

type Isolate = {
  environment: Environment;
  sealer: Sealer;
  signer: ReturnType<typeof createSigner>;
  webhooks: ReturnType<typeof webhooks>;
  notary: Notary;
  dispatcher: Dispatcher;
  taskRunner: TaskWaker;
  /**
   * Pokes the notary, and the dispatcher if there are hooks. Every Postgres client gets it, so that no write of entries
   * is missed. Never rejects.
   */
  announceEntries: (...notice: Parameters<EntriesNotice>) => Promise<void>;
  /** The same without waiting. */
  entriesAdded: EntriesNotice;
};
const isolates = new WeakMap<object, Isolate>();

/** @returns The same object for the same environment. */
export function isolate(env: Bindings): Isolate {
  const known = isolates.get(env);
  if (known !== undefined) return known;
  const environment = readEnvironment(env);
  const sealer = createSealer(environment.sealingKeys);
  const dispatcher = dispatcherStub(reach(env.DISPATCHER, environment.dbRegion), realClock.now);
  const notary = notaryStub(reach(env.NOTARY, environment.dbRegion), realClock.now);
  const announceEntries = async (when: "before" | "after") => {
    await notary.poke();
    // Before the commit there is nothing to tell.
    if (when === "after" && notary.hasHooks()) await dispatcher.poke();
  };
  const made: Isolate = {
    environment,
    sealer,
    signer: createSigner(environment.receiptKeys),
    webhooks: webhooks(sealer),
    notary,
    dispatcher,
    taskRunner: taskRunnerStub(reach(env.TASK_RUNNER, environment.dbRegion)),
    announceEntries,
    entriesAdded: (when) => void announceEntries(when),
  };
  isolates.set(env, made);
  return made;
}

/** Every entry point gets the bindings of wrangler.toml from the runtime. */
export function bindingsOf(env: unknown): Bindings {
  return env as Bindings;
}

/** Gives the built-in source the service's default country, which applies to directly requested calls. */
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
