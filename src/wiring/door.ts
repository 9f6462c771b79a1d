import type { Environment } from "../environment.ts";
import { createDoor, type DoorDeps } from "../http/door.ts";
import { outcomeWebhooks } from "../mihu/outcome-webhooks.ts";
import { webhookKeyCache } from "../mihu/webhook-key-cache.ts";
import type { KeyList } from "../objects/directory/key-list.ts";
import { listedInboxes } from "../objects/listed-inboxes.ts";
import { rejectionBatches } from "../objects/rejection-batches.ts";
import { sourceNames } from "../objects/source-names.ts";
import { directoryStub, hasCopy, inboxStubs, keyListStub, lineStubs, reach } from "../objects/stubs.ts";
import { pause, realClock } from "../platform/clock.ts";
import { withinDeadline } from "../platform/deadline.ts";
import type { WebhookLine } from "../ports/calling/outcome-webhooks.ts";
import { webhookLines } from "../store/config/lines.ts";
import { isAway } from "../store/postgres/connection.ts";
import { keptClient } from "../store/postgres/kept-client.ts";
import { bindingsOf, identity, isolate, log } from "./isolate.ts";

/** Deadline of the webhook endpoint's request for the lines' keys. */
const keysTimeoutMs = 5_000;

const known = new WeakMap<object, DoorDeps>();

/** The webhook endpoint. */
export const door = createDoor((env) => {
  const bindings = bindingsOf(env);
  const deps = known.get(bindings) ?? doorDeps(bindings);
  known.set(bindings, deps);
  return deps;
});

/** Dependencies of the webhook endpoint, shared by all webhooks of an isolate. */
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
  const keyList = keyListStub(reach(bindings.DIRECTORY, environment.dbRegion), readKeys);
  const lineOf = webhookKeyCache({
    clock: realClock,
    read: keysOf(keyList),
    failed: (error) => log.warn("the directory of keys does not answer", { error }),
    pause,
  });
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

/** Requests the list of keys, and caches the parsed list by its version. */
function keysOf(list: Pick<KeyList, "webhookKeys">) {
  let version: string | null = null;
  let keys: ReadonlyMap<string, WebhookLine> = new Map();
  return async (maxAgeMs: number) => {
    const answer = await withinDeadline(list.webhookKeys(version, maxAgeMs), keysTimeoutMs);
    if (answer.keys !== null) keys = new Map(answer.keys);
    ({ version } = answer);
    return { ...answer, keys };
  };
}

/** The service's base URL. A request may define it in local mode only: elsewhere the sender could choose it. */
function ownAddress({ publicUrl, mode }: Environment, request: Request): string | null {
  return (
    publicUrl ??
    (mode === "local" ? request.url.slice(0, request.url.indexOf("/", request.url.indexOf("//") + 2)) : null)
  );
}
