/**
 * The directory's list of the keys of Mihu's outcome webhooks. Workers look up keys in it, so that a guessed key costs
 * no connection.
 *
 * | the list                           | a key that is not in it                                    |
 * | ---------------------------------- | ---------------------------------------------------------- |
 * | is as fresh as the caller requires | is unknown: 404                                            |
 * | is older, and Postgres answers     | is looked up: the list is read first, once for all callers |
 * | is older, and Postgres is down     | may be new: 503. Listed keys are valid                     |
 *
 * A change of a key waits until the list is read again. A guess may therefore be judged by a list that is
 * `guessMaxAgeMs` old, and all guesses of all Workers together cost one query in that time.
 */
import { webhookKeysFreshMs } from "../../domain/limits.ts";
import { withinDeadline } from "../../platform/deadline.ts";
import { sha256Hex } from "../../platform/hashes.ts";
import type { Log } from "../../platform/log.ts";
import type { WebhookLine } from "../../ports/calling/outcome-webhooks.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { Disk } from "../disk.ts";

/** Pause after a failed reading. */
export const keysPauseMs = 1_000;

/** Time that an answer waits for the list to be read. */
const readWaitMs = 2_000;

/**
 * Margin that is added to `knownInMs`. The clock of an object stands still between I/O, so a time that it measures may be
 * too short.
 */
const marginMs = 100;

/** Each key's hash with its line. */
type Keys = readonly (readonly [keyHash: string, line: WebhookLine])[];

/** The list at the time of the answer. */
export type KeysAnswer = {
  /** Changes with the keys. */
  readonly version: string;
  /** False if the list is older than the caller requires, and Postgres did not answer. */
  readonly complete: boolean;
  /** Time since the list was read from Postgres. */
  readonly ageMs: number;
  /** Null if the caller's version is current. */
  readonly keys: Keys | null;
};

/** The directory's list of keys, as Workers call it. */
export type KeyList = {
  /**
   * @param version Version of the caller's list; null if it has none. @param maxAgeMs Oldest acceptable age of the
   *   list.
   */
  webhookKeys(version: string | null, maxAgeMs: number): Promise<KeysAnswer>;
  /**
   * Reads the list again after a change of a key. Rejects if that fails. @returns Milliseconds until every Worker uses
   * the new list.
   */
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
  /** Time of the last complete answer. The previous instance may have given one just now. */
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

  /** Starts a new reading after the current one, which may have begun before a change. */
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
