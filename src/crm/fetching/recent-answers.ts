/** Concurrency limit for GETs, and a cache of recent answers. */
import pLimit from "p-limit";
import type { FetchAnswer } from "../../domain/fetch/fetch.ts";
import { fetchesAtOnceMax } from "../../domain/limits.ts";
import { lru } from "../../platform/lru.ts";
import type { Clock } from "../../ports/runtime.ts";

/** Time for which an answer is shared with other events. */
const fetchCacheMs = 60_000;

/** Size of the cache: answers, and their characters. */
const fetchCacheEntriesMax = 500;
const fetchCacheCharactersMax = 8_388_608;

/** Pause before the next GET after a sender reported an exhausted rate limit. */
const fetchBudgetPauseMs = 1_000;

/** Runs tasks in order, up to a concurrency limit. `rest` delays the tasks that have not started. */
export type FetchGate = (<T>(task: () => Promise<T>) => Promise<T>) & { rest(): void };

/** @param pause Resolves after the given milliseconds. */
export function fetchGate(clock: Clock, pause: (ms: number) => Promise<void>, most = fetchesAtOnceMax): FetchGate {
  const limited = pLimit(most);
  let restUntil = 0;
  const enter = <T>(task: () => Promise<T>): Promise<T> =>
    limited(async () => {
      const rest = restUntil - clock.now();
      if (rest > 0) await pause(rest);
      return await task();
    });
  const rest = (): void => {
    restUntil = clock.now() + fetchBudgetPauseMs;
  };
  return Object.assign(enter, { rest });
}

/** A GET in flight, or its answer. */
type Fetching = { readonly begunAt: number; readonly answer: Promise<FetchAnswer> };

/** Characters that a GET in flight counts as. */
const unknownCharacters = 1;

/**
 * Caches fetched records. An answer is shared only with events that arrived before its GET began. For a later event the
 * record may have changed.
 */
export function recentAnswers(clock: Clock) {
  const recent = lru<Fetching>(fetchCacheEntriesMax, fetchCacheCharactersMax);
  return async (key: string, sinceMs: number, ask: () => Promise<FetchAnswer>): Promise<FetchAnswer> => {
    const nowMs = clock.now();
    const known = recent.get(key);
    if (known !== undefined && known.begunAt >= sinceMs && nowMs - known.begunAt < fetchCacheMs)
      return await known.answer;
    const fetching: Fetching = { begunAt: nowMs, answer: ask() };
    recent.set(key, fetching, unknownCharacters);
    const isCurrent = (): boolean => recent.get(key) === fetching;
    try {
      const answer = await fetching.answer;
      if (isCurrent()) {
        // Only a record is cached. Errors are requested again.
        if (answer.kind === "found") recent.set(key, fetching, JSON.stringify(answer.value).length);
        else recent.delete(key);
      }
      return answer;
    } catch (error) {
      if (isCurrent()) recent.delete(key);
      throw error;
    }
  };
}
