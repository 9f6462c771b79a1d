/**
 * What an isolate knows of the lines' webhook keys: all of them, for there are few lines. A webhook costs no question to Postgres, and
 * a stranger's guesses cost one in a second, however many they are.
 *
 * Requests of one isolate must not wait for each other's promises, so what they share is plain data, and who waits looks again.
 */
import { directoryFreshMs } from "../domain/limits.ts";
import type { OutcomeWebhooks, WebhookLine } from "../ports/calling/outcome-webhooks.ts";
import type { Clock } from "../ports/runtime.ts";

/** Age of the known webhook keys from which on an unknown key has them read again. */
const webhookKeysAgainMs = 1_000;

export type WebhookKeyCacheDeps = {
  clock: Clock;
  /** Every key's hash with its line. */
  read(): Promise<ReadonlyMap<string, WebhookLine>>;
  /** Whether a thrown value means that Postgres cannot be asked now. */
  isAway(error: unknown): boolean;
  pause(ms: number): Promise<void>;
};

/** Whoever asks has given up by then, or its request is gone: the next one asks. */
const askingMaxMs = 6_000;
/** How long a webhook waits for another's question before it is told to come again. */
const waitMaxMs = 5_000;
const lookAgainMs = 15;

/**
 * @returns finds the line of a key. A key that is known stays so while Postgres is away, however long; one that is not is
 * `unavailable` then, because it may have been made since.
 */
export function webhookKeyCache({ clock, read, isAway, pause }: WebhookKeyCacheDeps): OutcomeWebhooks["lineOf"] {
  let known: ReadonlyMap<string, WebhookLine> | null = null;
  let knownAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let askingSince = Number.NEGATIVE_INFINITY;

  return async (keyHash) => {
    const cameAt = clock.now();
    for (;;) {
      const now = clock.now();
      const line = known?.get(keyHash);
      const freshMs = line === undefined ? webhookKeysAgainMs : directoryFreshMs;
      if (known !== null && now - knownAt < freshMs) return line ?? null;
      if (now - askingSince < askingMaxMs) {
        if (line !== undefined) return line;
        if (now - cameAt >= waitMaxMs) return "unavailable";
        await pause(lookAgainMs);
        continue;
      }
      if (now - failedAt < webhookKeysAgainMs) return line ?? "unavailable";
      askingSince = now;
      try {
        known = await read();
        knownAt = clock.now();
      } catch (error) {
        failedAt = clock.now();
        if (!isAway(error)) throw error;
      } finally {
        askingSince = Number.NEGATIVE_INFINITY;
      }
    }
  };
}
