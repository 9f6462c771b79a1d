import type { Environment } from "../environment.ts";
import { createDoor, type DoorDeps } from "../http/door.ts";
import { outcomeWebhooks } from "../mihu/outcome-webhooks.ts";
import { webhookKeyCache } from "../mihu/webhook-key-cache.ts";
import { listedInboxes } from "../objects/listed-inboxes.ts";
import { rejectionBatches } from "../objects/rejection-batches.ts";
import { sourceNames } from "../objects/source-names.ts";
import { directoryStub, hasCopy, inboxStubs, lineStubs, reach } from "../objects/stubs.ts";
import { pause, realClock } from "../platform/clock.ts";
import { webhookLines } from "../store/config/lines.ts";
import { isAway } from "../store/postgres/connection.ts";
import { keptClient } from "../store/postgres/kept-client.ts";
import { bindingsOf, identity, isolate, log } from "./isolate.ts";

/** How long the door's question for the lines' keys may take. */
const keysTimeoutMs = 5_000;

const known = new WeakMap<object, DoorDeps>();

/** The door for webhooks. */
export const door = createDoor((env) => {
  const bindings = bindingsOf(env);
  const deps = known.get(bindings) ?? doorDeps(bindings);
  known.set(bindings, deps);
  return deps;
});

/** The dependencies of the door: the same for every webhook of an isolate. */
export function doorDeps(env: unknown): DoorDeps {
  const bindings = bindingsOf(env);
  const { environment, sealer, webhooks, entriesAdded } = isolate(bindings);
  const lines = lineStubs(reach(bindings.LINE, environment.dbRegion));
  const readKeys = async () => {
    const client = keptClient(environment.databaseUrl, entriesAdded);
    try {
      return await client.within(keysTimeoutMs, webhookLines);
    } finally {
      client.drop();
    }
  };
  const lineOf = webhookKeyCache({ clock: realClock, read: readKeys, isAway, pause });
  const inboxes = inboxStubs(reach(bindings.INBOX, environment.dbRegion), realClock.now);
  const rejections = rejectionBatches({
    now: realClock.now,
    pause,
    send: async (slug, batch, notSent) => await inboxes.rejectMany(slug, [...batch], notSent),
  });
  const directory = directoryStub(reach(bindings.DIRECTORY, environment.dbRegion));
  return {
    clock: realClock,
    identity,
    log,
    inboxes: listedInboxes({
      inboxes: { ...inboxes, reject: rejections.add },
      hasCopy,
      verdict: sourceNames({ clock: realClock, log, directory, pause }),
      now: realClock.now,
      pause,
    }),
    takesEvidence: rejections.hasRoom,
    webhooks,
    outcomes: { clock: realClock, identity, lines, webhooks: outcomeWebhooks(lineOf, sealer) },
    isAway,
    addressOf: (request) => ownAddress(environment, request),
  };
}

/** The service's address. Only on one machine may a request say it: anywhere else its sender could choose it. */
function ownAddress({ publicUrl, mode }: Environment, request: Request): string | null {
  return (
    publicUrl ??
    (mode === "local" ? request.url.slice(0, request.url.indexOf("/", request.url.indexOf("//") + 2)) : null)
  );
}
