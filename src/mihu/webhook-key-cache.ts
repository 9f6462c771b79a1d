/**
 * Cache of all lines' webhook keys in one isolate.
 *
 * The isolate asks the directory at most once per second, for known and unknown keys together. The directory asks
 * Postgres once per `guessMaxAgeMs`, and after each change of a key. So guessed keys cause no load on Postgres.
 *
 * workerd does not let a request await a promise of another request. Requests therefore share only plain data, and a
 * waiting request polls.
 */
import { directoryFreshMs, webhookKeysFreshMs } from "../domain/limits.ts";
import type { OutcomeWebhooks, WebhookLine } from "../ports/calling/outcome-webhooks.ts";
import type { Clock } from "../ports/runtime.ts";

/** Accepted age of the list for a key that is not in it. A change of a key reloads the list at once. */
export const guessMaxAgeMs = directoryFreshMs;

type KnownKeys = {
  /** `false`: the list is older than requested, because Postgres is down. */
  readonly complete: boolean;
  /** Time since the list was read from Postgres. */
  readonly ageMs: number;
  /** Hash of every key, with its line. */
  readonly keys: ReadonlyMap<string, WebhookLine>;
};

type WebhookKeyCacheDeps = {
  clock: Clock;
  /** Requests the list of keys, with a maximum age. */
  read(maxAgeMs: number): Promise<KnownKeys>;
  /** Called after a failed request: the directory is unreachable. */
  failed(error: unknown): void;
  pause(ms: number): Promise<void>;
};

/** Timeout of a query. After it, another request may query: the first one failed or was cancelled. */
const queryMaxMs = 6_000;
/** Time for which a webhook waits for another request's query before it is `unavailable`. */
const waitMaxMs = 5_000;
const pollMs = 15;

/**
 * @returns Finds the line of a key. While Postgres or the directory is down, listed keys stay valid. An unknown key is
 *   `unavailable`, because it may be newer than the list.
 */
export function webhookKeyCache({ clock, read, failed, pause }: WebhookKeyCacheDeps): OutcomeWebhooks["lineOf"] {
  let cached: ReadonlyMap<string, WebhookLine> | null = null;
  /**
   * Times at which the list was read from Postgres, and at which it arrived here. After `webhookKeysFreshMs` since its
   * arrival the list is asked for again, and for a known key also after `directoryFreshMs` since it was read.
   */
  let readAt = Number.NEGATIVE_INFINITY;
  let cameAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let queryingSince = Number.NEGATIVE_INFINITY;

  return async (keyHash) => {
    const arrivedAt = clock.now();
    for (;;) {
      const now = clock.now();
      const line = cached?.get(keyHash);
      // A removed key is valid here until the directory reports otherwise. The directory's list is never older than the
      // last change of a key.
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
