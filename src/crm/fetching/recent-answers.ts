/** The gate that limits concurrent GETs, and the cache of recent answers. */
import pLimit from "p-limit";
import type { FetchAnswer } from "../../domain/fetch/fetch.ts";
import { fetchesAtOnceMax } from "../../domain/limits.ts";
import { lru } from "../../platform/lru.ts";
import type { Clock } from "../../ports/runtime.ts";

/** Time for which an answer also serves other events that came before it was requested. */
const fetchCacheMs = 60_000;

/** Answers that are cached, and their characters. */
const fetchCacheEntriesMax = 500;
const fetchCacheCharactersMax = 8_388_608;

/** Pause before the next GET when the sender says that its budget is spent. */
const fetchBudgetPauseMs = 1_000;

/** Runs tasks up to a limit of concurrency, in their order. `rest` delays the tasks that have not begun. */
export type FetchGate = (<T>(task: () => Promise<T>) => Promise<T>) & { rest(): void };

/** @param pause resolves after so many milliseconds */
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

/** Weight of a GET in flight. */
const unknownCharacters = 1;

/**
 * Caches records. An answer serves only events that arrived before its GET began: for a later event the record may have changed.
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
        // Only a record is cached. An error is not served again.
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
