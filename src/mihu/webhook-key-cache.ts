/**
 * Cache of the lines' webhook keys in one isolate. It holds all of them, because lines are few. A known key costs no query, and unknown
 * keys cost one query per second together.
 *
 * A request on workerd may not await a promise of another request. So requests share plain data only, and a waiting request polls.
 */
import { directoryFreshMs } from "../domain/limits.ts";
import type { OutcomeWebhooks, WebhookLine } from "../ports/calling/outcome-webhooks.ts";
import type { Clock } from "../ports/runtime.ts";

/** Age of the cache from which on an unknown key causes a new query. */
const webhookKeysAgainMs = 1_000;

type WebhookKeyCacheDeps = {
  clock: Clock;
  /** Every key's hash with its line. */
  read(): Promise<ReadonlyMap<string, WebhookLine>>;
  /** Whether a thrown value means that Postgres is unavailable. */
  isAway(error: unknown): boolean;
  pause(ms: number): Promise<void>;
};

/** A query that takes longer has failed, or its request is gone: the next request queries again. */
const queryMaxMs = 6_000;
/** Time for which a webhook waits for another request's query before it is `unavailable`. */
const waitMaxMs = 5_000;
const pollMs = 15;

/**
 * @returns finds the line of a key. While Postgres is down a cached key stays valid, and an unknown key is `unavailable`, because it may
 * be newer than the cache.
 */
export function webhookKeyCache({ clock, read, isAway, pause }: WebhookKeyCacheDeps): OutcomeWebhooks["lineOf"] {
  let cached: ReadonlyMap<string, WebhookLine> | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let queryingSince = Number.NEGATIVE_INFINITY;

  return async (keyHash) => {
    const arrivedAt = clock.now();
    for (;;) {
      const now = clock.now();
      const line = cached?.get(keyHash);
      const freshMs = line === undefined ? webhookKeysAgainMs : directoryFreshMs;
      if (cached !== null && now - readAt < freshMs) return line ?? null;
      if (now - queryingSince < queryMaxMs) {
        if (line !== undefined) return line;
        if (now - arrivedAt >= waitMaxMs) return "unavailable";
        await pause(pollMs);
        continue;
      }
      if (now - failedAt < webhookKeysAgainMs) return line ?? "unavailable";
      queryingSince = now;
      try {
        cached = await read();
        readAt = clock.now();
      } catch (error) {
        failedAt = clock.now();
        if (!isAway(error)) throw error;
      } finally {
        queryingSince = Number.NEGATIVE_INFINITY;
      }
    }
  };
}
