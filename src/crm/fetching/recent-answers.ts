/** GETs that take turns, and answers that serve more than one event. */
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

/** Runs a task when fewer than its limit are under way. `rest`: the next ones begin a little later. */
export type FetchGate = (<T>(task: () => Promise<T>) => Promise<T>) & { rest(): void };

/** @param pause waits so many milliseconds */
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

/** An answer that came, or is on its way. */
type Asked = { readonly begunAt: number; readonly answer: Promise<FetchAnswer> };

/** What an answer weighs that is on its way. */
const unknownCharacters = 1;

/**
 * Caches records for a while. An answer serves only events that came before it was asked for: for a later event the record may have
 * changed.
 */
export function recentAnswers(clock: Clock) {
  const recent = lru<Asked>(fetchCacheEntriesMax, fetchCacheCharactersMax);
  return async (key: string, sinceMs: number, ask: () => Promise<FetchAnswer>): Promise<FetchAnswer> => {
    const nowMs = clock.now();
    const known = recent.get(key);
    if (known !== undefined && known.begunAt >= sinceMs && nowMs - known.begunAt < fetchCacheMs)
      return await known.answer;
    const asked: Asked = { begunAt: nowMs, answer: ask() };
    recent.set(key, asked, unknownCharacters);
    const isCurrent = (): boolean => recent.get(key) === asked;
    try {
      const answer = await asked.answer;
      if (isCurrent()) {
        // A refusal is not served again.
        if (answer.kind === "found") recent.set(key, asked, JSON.stringify(answer.value).length);
        else recent.delete(key);
      }
      return answer;
    } catch (error) {
      if (isCurrent()) recent.delete(key);
      throw error;
    }
  };
}
