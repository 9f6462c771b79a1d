/**
 * The directory's list of the keys of Mihu's outcome webhooks. Workers find a key's line in it, so that a guessed key costs no connection.
 *
 * | the list                                      | a key that is not in it                          |
 * | --------------------------------------------- | ------------------------------------------------ |
 * | is as young as the caller wants               | is nobody's: 404                                 |
 * | is older, and Postgres can be asked           | is looked up: the list is read first, once for all |
 * | is older, and Postgres is down                | may be a new one: 503. Listed keys are believed  |
 *
 * A change of a key has the list read again before it is answered. So a guess may be judged by a list that is `guessMaxAgeMs` old, and
 * all guesses of all Workers together cost one query in that time.
 */
import { webhookKeysFreshMs } from "../../domain/limits.ts";
import { withinDeadline } from "../../platform/deadline.ts";
import { sha256Hex } from "../../platform/hashes.ts";
import type { Log } from "../../platform/log.ts";
import type { WebhookLine } from "../../ports/calling/outcome-webhooks.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { Disk } from "../disk.ts";

/** Pause after a reading that failed. */
export const keysPauseMs = 1_000;

/** Time that an answer waits for the list to be read. */
const readWaitMs = 2_000;

/** Added to the time until a key is known, since clocks of objects tick with their I/O. */
const marginMs = 100;

/** Each key's hash with its line. */
type Keys = readonly (readonly [keyHash: string, line: WebhookLine])[];

/** The list as of the moment of the answer. */
export type KeysAnswer = {
  /** Another one for other keys. */
  readonly version: string;
  /** `false`: older than the caller wants, and Postgres could not be asked. */
  readonly complete: boolean;
  /** Time since the list was read from Postgres. */
  readonly ageMs: number;
  /** `null`: the list of the version that the asker has. */
  readonly keys: Keys | null;
};

/** The directory's list of keys as Workers call it. */
export type KeyList = {
  /** @param version of the list that the asker has; `null`: none. @param maxAgeMs the age of a list that is good enough */
  webhookKeys(version: string | null, maxAgeMs: number): Promise<KeysAnswer>;
  /** A key was changed: the list is read again. Rejects if that fails. @returns milliseconds until every Worker judges by the new list */
  rereadWebhookKeys(): Promise<{ readonly knownInMs: number }>;
};

type KeyListDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly kv: Pick<Disk, "get" | "put">;
  /** Every key's hash with its line, from Postgres. */
  readonly read: () => Promise<ReadonlyMap<string, WebhookLine>>;
};

type Stored = { readonly version: string; readonly keys: Keys };
const key = "webhook-keys";
const none: Stored = { version: "none", keys: [] };

export function keyList({ clock, log, kv, read }: KeyListDeps): KeyList {
  let stored = kv.get<Stored>(key) ?? none;
  let readAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  /** The last complete answer: the instance before this one may have given one just now. */
  let servedAt = clock.now();

  async function readOnce(): Promise<void> {
    const askedAt = clock.now();
    try {
      const keys = [...(await read())].sort(([one], [other]) => (one < other ? -1 : 1));
      const version = sha256Hex(JSON.stringify(keys));
      if (version !== stored.version) {
        stored = { version, keys };
        kv.put(key, stored);
      }
      readAt = askedAt;
    } catch (error) {
      failedAt = clock.now();
      throw error;
    }
  }

  /** Reads after the reading that is under way, which may have begun before a change. */
  function readAgain(): Promise<void> {
    const one = (reading ?? Promise.resolve())
      .catch(() => {})
      .then(readOnce)
      .finally(() => {
        if (reading === one) reading = null;
      });
    reading = one;
    return one;
  }

  return {
    async webhookKeys(version, maxAgeMs) {
      const isYoung = () => clock.now() - readAt < maxAgeMs;
      if (!isYoung() && clock.now() - failedAt >= keysPauseMs)
        await withinDeadline(reading ?? readAgain(), readWaitMs).catch((error) =>
          log.warn("keys of outcome webhooks not read from Postgres", { error }),
        );
      const complete = isYoung();
      if (complete) servedAt = clock.now();
      const ageMs = clock.now() - readAt;
      return { version: stored.version, complete, ageMs, keys: version === stored.version ? null : stored.keys };
    },
    async rereadWebhookKeys() {
      await readAgain();
      return { knownInMs: Math.max(0, servedAt + webhookKeysFreshMs + marginMs - clock.now()) };
    },
  };
}
