/**
 * Readiness for a caller without a token: one object's word. However many ask, it is read at most once in `wordFreshMs`, by one
 * connection, so the answer never tells of connections that its own callers took.
 */
import type { HealthLookups, Problem, ReadinessWord } from "../ports/lookups/readiness.ts";
import type { Clock } from "../ports/runtime.ts";
import type { ReadinessPorts } from "./readiness.ts";
import { abilityOf, databaseUnavailable, type ExplainedProblem, problemsOf, readinessWithout } from "./readiness.ts";

/** Age of the last word from which on it is read anew. */
const wordFreshMs = 1_000;

/** Age from which on a word says nothing any more: the object could not read another one since. */
export const wordKeptMs = 90_000;

/** Nobody could read whether the service works. */
const readinessUnknown: Problem = { code: "readiness_unknown", since: null, count: 0, rows: [] };

/** The word of problems. @param more what else everybody may know */
export function wordOf(
  at: number,
  problems: readonly ExplainedProblem[],
  more: Pick<ReadinessWord, "missingMigrations" | "eventsWait">,
): ReadinessWord {
  const { status, worst, placesCalls, takesWebhooks } = abilityOf(problems);
  const { code, severity } = worst ?? {};
  return {
    at,
    status,
    worst: code === undefined || severity === undefined ? null : { code, severity },
    placesCalls,
    takesWebhooks,
    ...more,
  };
}

/** The word while there is none, or none that counts. */
export function unknownWord(at: number): ReadinessWord {
  const problems = problemsOf({ pausedLines: [], problems: [readinessUnknown] });
  return wordOf(at, problems, { missingMigrations: [], eventsWait: null });
}

export type WordPorts = ReadinessPorts & {
  readonly clock: Clock;
  /** The inboxes once more, with a short deadline. */
  readonly inboxesAgain: ReadinessPorts["inboxes"];
  /** Whether a thrown value means that Postgres is down or does not answer in time. */
  readonly isAway: (error: unknown) => boolean;
};

/** Reads the word. Throws if Postgres answers, and cannot be asked: that is a bug. */
export async function readWord({ clock, lookups, inboxes, inboxesAgain, isAway }: WordPorts): Promise<ReadinessWord> {
  const at = clock.now();
  const [spilled, found] = await Promise.all([readinessWithout({ inboxes }), unlessAway(lookups.readiness(), isAway)]);
  if (found === null) {
    // An event that came while Postgres was waited for is on its inbox's disk by now.
    const again = await readinessWithout({ inboxes: inboxesAgain });
    const problems = problemsOf({ pausedLines: [], problems: [databaseUnavailable, ...again.problems] });
    const eventsWait = again.eventsWait ?? (spilled.eventsWait === true ? true : null);
    return wordOf(at, problems, { missingMigrations: [], eventsWait });
  }
  const problems = problemsOf({ ...found, problems: [...spilled.problems, ...found.problems] });
  return wordOf(at, problems, { missingMigrations: found.missingMigrations, eventsWait: null });
}

async function unlessAway(
  found: ReturnType<HealthLookups["readiness"]>,
  isAway: WordPorts["isAway"],
): Promise<Awaited<typeof found> | null> {
  try {
    return await found;
  } catch (error) {
    if (isAway(error)) return null;
    throw error;
  }
}

/**
 * The last word, read anew when it is asked for and older than `wordFreshMs`. One reading at a time: every caller until its end waits
 * for it.
 *
 * @param read reads the word, within a deadline of its own
 * @param failed told of a reading that failed: the last word stands meanwhile
 * @returns `null`: nothing could be read yet
 */
export function lastWord(
  clock: Clock,
  read: () => Promise<ReadinessWord>,
  failed: (error: unknown) => void,
): () => Promise<ReadinessWord | null> {
  let last: ReadinessWord | null = null;
  let reading: Promise<void> | null = null;
  const readOnce = async (): Promise<void> => {
    try {
      last = await read();
    } catch (error) {
      failed(error);
    } finally {
      reading = null;
    }
  };
  return async () => {
    if (last !== null && clock.now() - last.at < wordFreshMs) return last;
    reading ??= readOnce();
    await reading;
    return last;
  };
}

/**
 * The object's word as an isolate keeps it while it is at most `wordFreshMs` old, so that a flood of questions is a few calls a second.
 * Requests on workerd share plain data only, so each one that finds no fresh word asks by itself.
 */
export function keptWord(clock: Clock, ask: () => Promise<ReadinessWord | null>): () => Promise<ReadinessWord | null> {
  let last: { readonly word: ReadinessWord; readonly askedAt: number } | null = null;
  return async () => {
    const askedAt = clock.now();
    // By both clocks: the object's may be behind this one.
    if (last !== null && askedAt - Math.min(last.askedAt, last.word.at) < wordFreshMs) return last.word;
    const word = await ask();
    if (word !== null) last = { word, askedAt };
    return word;
  };
}
