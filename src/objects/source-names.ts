/**
 * The list of all sources' names in one isolate, from the directory. A listed name needs no request. An unlisted name
 * makes the isolate request the list, at most once a second, however many names are guessed.
 *
 * A request on workerd may not await a promise of another request. So requests share plain data only, and a waiting
 * request polls.
 */
import { namesFreshMs } from "../domain/limits.ts";
import { withinDeadline } from "../platform/deadline.ts";
import type { Log } from "../platform/log.ts";
import type { NameDirectory, NameVerdict } from "../ports/ingest/directory.ts";
import type { Clock } from "../ports/runtime.ts";

/** Deadline of a request for the list. After it the request counts as failed or lost, and the next one asks again. */
const askMaxMs = 4_000;
/** Time that a request waits for another request's answer. */
const waitMaxMs = 5_000;
const pollMs = 15;

type SourceNamesDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly directory: Pick<NameDirectory, "names">;
  readonly pause: (ms: number) => Promise<void>;
};

/** @returns Whether a name belongs to a source. Never rejects. */
export function sourceNames({ clock, log, directory, pause }: SourceNamesDeps): (name: string) => Promise<NameVerdict> {
  /** Names are only added, so lists are merged: the list of a directory that lost its disk removes no name. */
  const names = new Set<string>();
  let version: string | null = null;
  let complete = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let askingSince = Number.NEGATIVE_INFINITY;

  async function ask(): Promise<void> {
    const since = clock.now();
    askingSince = since;
    try {
      const answer = await withinDeadline(directory.names(version), askMaxMs);
      for (const name of answer.names ?? []) names.add(name);
      ({ version, complete } = answer);
      // Counted from the request: the answer may be as old.
      askedAt = since;
    } catch (error) {
      failedAt = clock.now();
      log.warn("the directory of sources does not answer", { error });
    } finally {
      if (askingSince === since) askingSince = Number.NEGATIVE_INFINITY;
    }
  }

  return async (name) => {
    const arrivedAt = clock.now();
    for (;;) {
      if (names.has(name)) return "listed";
      if (askedAt > arrivedAt - namesFreshMs) return complete ? "not_listed" : "unknown";
      const now = clock.now();
      if (now - failedAt < namesFreshMs || now - arrivedAt >= waitMaxMs) return "unknown";
      if (now - askingSince < askMaxMs) await pause(pollMs);
      else await ask();
    }
  };
}
