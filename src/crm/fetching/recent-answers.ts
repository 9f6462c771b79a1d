/** GETs that take turns, and answers that serve more than one event. */
import type { FetchAnswer } from "../../domain/fetch/fetch.ts";
import { fetchesAtOnceMax } from "../../domain/limits.ts";
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
  let running = 0;
  let restUntil = 0;
  const queue: (() => void)[] = [];
  const enter = async <T>(task: () => Promise<T>): Promise<T> => {
    if (running >= most) await new Promise<void>((resolve) => queue.push(resolve));
    else running++;
    try {
      const rest = restUntil - clock.now();
      if (rest > 0) await pause(rest);
      return await task();
    } finally {
      // Whoever is next takes the place over.
      const next = queue.shift();
      if (next === undefined) running--;
      else next();
    }
  };
  const rest = (): void => {
    restUntil = clock.now() + fetchBudgetPauseMs;
  };
  return Object.assign(enter, { rest });
}

type Kept = { readonly begunAt: number; readonly answer: Promise<FetchAnswer>; characters: number };

/**
 * Keeps what was found for a while. An answer serves whoever came before it was asked for: to an event that came later it may tell of a
 * record as it was.
 */
export function recentAnswers(clock: Clock) {
  const kept = new Map<string, Kept>();
  let characters = 0;
  const drop = (key: string, entry: Kept): void => {
    if (kept.get(key) !== entry) return;
    kept.delete(key);
    characters -= entry.characters;
  };
  return async (key: string, sinceMs: number, ask: () => Promise<FetchAnswer>): Promise<FetchAnswer> => {
    const nowMs = clock.now();
    const known = kept.get(key);
    if (known !== undefined && known.begunAt >= sinceMs && nowMs - known.begunAt < fetchCacheMs)
      return await known.answer;
    if (known !== undefined) drop(key, known);
    const entry: Kept = { begunAt: nowMs, answer: ask(), characters: 0 };
    kept.set(key, entry);
    try {
      const answer = await entry.answer;
      // A refusal is asked anew by whoever comes next.
      if (answer.kind !== "found") drop(key, entry);
      else if (kept.get(key) === entry) {
        entry.characters = JSON.stringify(answer.value).length;
        characters += entry.characters;
        for (const [oldest, old] of kept) {
          if (kept.size <= fetchCacheEntriesMax && characters <= fetchCacheCharactersMax) break;
          drop(oldest, old);
        }
      }
      return answer;
    } catch (error) {
      drop(key, entry);
      throw error;
    }
  };
}
