/**
 * Cache of the lines' webhook keys in one isolate. It holds all of them, because lines are few. Known and unknown keys together cost one
 * question of the directory per second. The directory asks Postgres for them once in `guessMaxAgeMs`, and after each change of a key.
 *
 * A request on workerd may not await a promise of another request. So requests share plain data only, and a waiting request polls.
 */
import { directoryFreshMs, webhookKeysFreshMs } from "../domain/limits.ts";
import type { OutcomeWebhooks, WebhookLine } from "../ports/calling/outcome-webhooks.ts";
import type { Clock } from "../ports/runtime.ts";

/** Age of the directory's list that is good enough for a key that is not in it: a change of a key has the list read again at once. */
export const guessMaxAgeMs = directoryFreshMs;

type KnownKeys = {
  /** `false`: the list is older than wanted, because Postgres could not be asked. */
  readonly complete: boolean;
  /** Time since the list was read from Postgres. */
  readonly ageMs: number;
  /** Every key's hash with its line. */
  readonly keys: ReadonlyMap<string, WebhookLine>;
};

type WebhookKeyCacheDeps = {
  clock: Clock;
  /** Asks for the list of keys, at most so old. */
  read(maxAgeMs: number): Promise<KnownKeys>;
  /** Told of a question that failed: the directory cannot be reached. */
  failed(error: unknown): void;
  pause(ms: number): Promise<void>;
};

/** A query that takes longer has failed, or its request is gone: the next request queries again. */
const queryMaxMs = 6_000;
/** Time for which a webhook waits for another request's query before it is `unavailable`. */
const waitMaxMs = 5_000;
const pollMs = 15;

/**
 * @returns finds the line of a key. While Postgres is down, or the directory, a key of the list stays valid, and an unknown key is
 * `unavailable`, because it may be newer than the list.
 */
export function webhookKeyCache({ clock, read, failed, pause }: WebhookKeyCacheDeps): OutcomeWebhooks["lineOf"] {
  let cached: ReadonlyMap<string, WebhookLine> | null = null;
  /** When the list was read from Postgres, by which a known key is judged; and when it came, by which a guess is. */
  let readAt = Number.NEGATIVE_INFINITY;
  let cameAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let queryingSince = Number.NEGATIVE_INFINITY;

  return async (keyHash) => {
    const arrivedAt = clock.now();
    for (;;) {
      const now = clock.now();
      const line = cached?.get(keyHash);
      // A key that was removed is known here until the directory says otherwise. Its list is as old as the last change of a key.
      const isOld = line !== undefined && now - readAt >= directoryFreshMs;
      if (cached !== null && now - cameAt < webhookKeysFreshMs && !isOld) return line ?? null;
      if (now - queryingSince < queryMaxMs) {
        if (line !== undefined) return line;
        if (now - arrivedAt >= waitMaxMs) return "unavailable";
        await pause(pollMs);
        continue;
      }
      if (now - failedAt < webhookKeysFreshMs) return line ?? "unavailable";
      queryingSince = now;
      try {
        const maxAgeMs = isOld ? webhookKeysFreshMs : guessMaxAgeMs;
        const { complete, ageMs, keys } = await read(maxAgeMs);
        cached = keys;
        if (complete) {
          cameAt = clock.now();
          readAt = cameAt - Math.min(ageMs, maxAgeMs);
        } else failedAt = clock.now();
      } catch (error) {
        failedAt = clock.now();
        failed(error);
      } finally {
        queryingSince = Number.NEGATIVE_INFINITY;
      }
    }
  };
}
